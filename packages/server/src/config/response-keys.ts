// The keys of a client that say how it is answered: response types, signed and encrypted answers.
import {
  type ClientEncryption,
  contentEncryptions,
  encryptionRules,
  isBroken,
  keyManagementAlgorithms,
  readEncryption,
} from '@kimei/protocol'
import { z } from 'zod'
import type { ClientDeclaration } from './records.ts'
import type { ClientConfig } from './schema.ts'

const signature = z.enum(['RS256', 'ES256'])
const alg = (what: string) => z.enum(keyManagementAlgorithms).optional().describe(`Encrypts ${what} to a public key of the client.`)
const enc = z.enum(contentEncryptions).optional().describe('A128CBC-HS256 where it is not given.')

export const responseKeys = {
  responseTypes: z
    .array(z.enum(['code', 'code id_token']))
    .min(1)
    .default(['code'])
    .describe('What the browser may bring back. code id_token adds an ID token to the code: only for clients that cannot do without.'),
  authorizationSignedResponseAlg: signature
    .optional()
    .describe('Signs the authorization responses it asks for in signed form (JARM). RS256 where it is not given, ES256 under FAPI.'),
  authorizationEncryptedResponseAlg: alg('signed authorization responses'),
  authorizationEncryptedResponseEnc: enc,
  idTokenEncryptedResponseAlg: alg('ID tokens'),
  idTokenEncryptedResponseEnc: enc,
  userinfoSignedResponseAlg: signature.optional().describe('Signs what UserInfo answers; plain JSON where it is not given.'),
  userinfoEncryptedResponseAlg: alg('what UserInfo answers'),
  userinfoEncryptedResponseEnc: enc,
  introspectionEncryptedResponseAlg: alg('signed answers about tokens'),
  introspectionEncryptedResponseEnc: enc,
} as const

const kinds = ['authorization', 'idToken', 'userinfo', 'introspection'] as const

function choicesOf(client: ClientConfig) {
  return kinds.map((kind) => {
    const registered = [client[`${kind}EncryptedResponseAlg`], client[`${kind}EncryptedResponseEnc`]] as const
    return [kind, readEncryption(...registered)] as const
  })
}

/** What is wrong with how it wants answers encrypted. */
export function checkEncryption(client: ClientConfig): readonly string[] {
  return choicesOf(client).flatMap(([kind, choice]) =>
    choice !== undefined && isBroken(choice)
      ? [
          `${kind}EncryptedResponseEnc: ${encryptionRules.rules[choice.broken as 'client-metadata.enc-comes-with-alg'].says} (${choice.broken})`,
        ]
      : [],
  )
}

/** Only what differs from the default is remembered. */
export function declareResponses(
  client: ClientConfig,
): Pick<ClientDeclaration, 'responseTypes' | 'authorizationAlg' | 'userinfoAlg' | 'encryption'> {
  const encryption: ClientEncryption = Object.fromEntries(
    choicesOf(client).filter(([, choice]) => choice !== undefined && !isBroken(choice)),
  )
  return {
    ...(client.responseTypes.includes('code id_token') && { responseTypes: [...new Set(client.responseTypes)] }),
    ...(client.authorizationSignedResponseAlg && { authorizationAlg: client.authorizationSignedResponseAlg }),
    ...(client.userinfoSignedResponseAlg && { userinfoAlg: client.userinfoSignedResponseAlg }),
    ...(Object.keys(encryption).length > 0 && { encryption }),
  }
}
