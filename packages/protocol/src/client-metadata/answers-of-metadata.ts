// From judged client metadata to how the client is answered: signed, encrypted, in which words of the wire.
import type { EncryptionChoice } from '../ids.ts'
import type { ClientRecord } from '../records.ts'
import { isBroken } from '../rule.ts'
import { readEncryption } from './encryption-rules.ts'
import type { SentMetadata } from './metadata-members.ts'

/** Only what differs from the default. Response types other than code are for the operator to give. */
export function answersOfMetadata(metadata: SentMetadata): Pick<ClientRecord, 'authorizationAlg' | 'userinfoAlg' | 'encryption'> {
  const { authorization_signed_response_alg: authorization, userinfo_signed_response_alg: userinfo } = metadata
  const encryption = {
    ...choice('authorization', metadata.authorization_encrypted_response_alg, metadata.authorization_encrypted_response_enc),
    ...choice('idToken', metadata.id_token_encrypted_response_alg, metadata.id_token_encrypted_response_enc),
    ...choice('userinfo', metadata.userinfo_encrypted_response_alg, metadata.userinfo_encrypted_response_enc),
  }
  return {
    ...((authorization === 'ES256' || authorization === 'RS256') && { authorizationAlg: authorization }),
    ...((userinfo === 'ES256' || userinfo === 'RS256') && { userinfoAlg: userinfo }),
    ...(Object.keys(encryption).length > 0 && { encryption }),
  }
}

function choice(kind: string, alg: string | undefined, enc: string | undefined): Readonly<Record<string, EncryptionChoice>> {
  const read = readEncryption(alg, enc)
  return read === undefined || isBroken(read) ? {} : { [kind]: read }
}
