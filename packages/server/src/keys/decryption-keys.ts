// The issuer's keys that others encrypt to (RFC 7517 §4.2: use enc): made like signing keys, published beside them, and never sign.
import { generateSigningKey, type KeyPair, type KeyRecord, type PrivateJwk, type Seconds } from '@kimei/protocol'
import { openPrivate, type ServerKey } from './sealing.ts'

export type EncryptionKeyAlg = 'RSA-OAEP-256' | 'ECDH-ES'
export const encryptionKeyAlgs: readonly EncryptionKeyAlg[] = ['RSA-OAEP-256', 'ECDH-ES']

export function isEncryptionKeyAlg(alg: string): alg is EncryptionKeyAlg {
  return (encryptionKeyAlgs as readonly string[]).includes(alg)
}

/** An RSA key of 2048 bits, or a point on P-256: which algorithm it is for is written beside it. */
export function generateEncryptionKey(alg: EncryptionKeyAlg): Promise<KeyPair> {
  return generateSigningKey(alg === 'RSA-OAEP-256' ? 'RS256' : 'ES256')
}

export interface DecryptionKey {
  readonly jwk: PrivateJwk
  /** Last second at which something may still come that was encrypted to it. */
  readonly removeAt: Seconds | null
}

/** Those that are published, in use or retired, newest first: others encrypt to whichever they know. */
export async function loadDecryptionKeys(
  records: readonly KeyRecord[],
  offered: readonly EncryptionKeyAlg[],
  serverKeys: readonly ServerKey[],
): Promise<readonly DecryptionKey[]> {
  const ours = records.filter(({ alg }) => isEncryptionKeyAlg(alg) && offered.includes(alg)).sort((a, b) => b.createdAt - a.createdAt)
  return Promise.all(
    ours.map(async ({ kid, alg, sealedPrivateJwk, removeAt }) => {
      const { key_ops: _ops, ext: _ext, ...jwk } = await openPrivate(sealedPrivateJwk, kid, serverKeys)
      return { jwk: { ...jwk, kid, alg, use: 'enc' } as PrivateJwk, removeAt }
    }),
  )
}
