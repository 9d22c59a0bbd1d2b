// How a client registers that answers to it are encrypted: `…_encrypted_response_alg` and `…_enc`, for four kinds of answers.
// Whether it has a key to encrypt to is judged with the rest of its metadata.
import type { EncryptionChoice } from '../ids.ts'
import { defaultEncryption, isContentEncryption, isKeyManagementAlg } from '../jose/index.ts'
import { type Broken, broke, namedRules } from '../rule.ts'

const unseen = 'judged when a client is declared, before the issuer serves it'

export const encryptionRules = namedRules('request', {
  'client-metadata.enc-comes-with-alg': {
    cite: 'JARM§3',
    level: 'MUST',
    says: 'an encryption enc is registered together with its alg',
    rows: ['JARM-3-01'],
    unseen,
  },
  'client-metadata.encryption-is-served': {
    cite: 'RFC7518§4.1',
    level: 'MUST',
    says: 'encryption alg and enc are ones that the issuer uses: RSA-OAEP or ECDH-ES, and AES in CBC with HMAC or in GCM',
    unseen,
  },
})

/** `undefined`: nothing is encrypted. Without `enc` the default of OIDC Registration §2. */
export function readEncryption(alg: string | undefined, enc: string | undefined): EncryptionChoice | undefined | Broken {
  if (alg === undefined) return enc === undefined ? undefined : broke(encryptionRules, 'client-metadata.enc-comes-with-alg')
  const content = enc ?? defaultEncryption
  if (!isKeyManagementAlg(alg) || !isContentEncryption(content)) return broke(encryptionRules, 'client-metadata.encryption-is-served')
  return { alg, enc: content }
}
