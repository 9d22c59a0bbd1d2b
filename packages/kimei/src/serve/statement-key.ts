// The key that signs what a guard says of itself: a private JWK in a file, as `kimei config make-key` writes it.
import { readFileSync } from 'node:fs'
import { jwkThumbprint, type KeyPair, Misuse, signerFrom } from '@kimei/protocol'

/** `name`: as the configuration calls it. @throws Misuse where it is no private ES256 key. */
export async function readStatementKey(path: string, name: string): Promise<KeyPair & { readonly kid: string }> {
  try {
    const jwk = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>
    const { kty = '', crv = '', x = '', y = '', d = '', kid } = jwk
    if (kty !== 'EC' || crv !== 'P-256' || [x, y, d].includes('')) throw new Error('another kind')
    const publicJwk = { kty, crv, x, y } as KeyPair['publicJwk']
    const key = {
      alg: 'ES256',
      publicJwk,
      privateJwk: { ...publicJwk, d } as KeyPair['privateJwk'],
      kid: kid ?? (await jwkThumbprint(publicJwk)),
    } as const
    await signerFrom(key.privateJwk, key.alg, key.kid)
    return key
  } catch (error) {
    // The cause may quote the key.
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'is no private JWK for ES256 (kimei config make-key)'
    throw new Misuse([`statement.keyFile: ${name} ${why}`])
  }
}
