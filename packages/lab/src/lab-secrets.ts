// Keys and passwords of one lab, made at its start and gone with it. None is ever read from outside.
import { argon2Sync, createHash, generateKeyPairSync, randomBytes } from 'node:crypto'

export type Jwk = Record<string, unknown>

/** Secrets of one lab. They end with it. */
export interface LabSecrets {
  readonly jobKey: Jwk
  readonly webKey: Jwk
  /** Of another issuer, whose word the lab's issuer takes. */
  readonly vouchingKey: Jwk
  readonly toolSecret: string
  readonly person: { readonly username: string; readonly password: string; readonly passwordHash: string }
}

export function makeSecrets(): LabSecrets {
  const password = randomBytes(18).toString('base64url')
  return {
    jobKey: makeJwk('job-1'),
    webKey: makeJwk('web-1'),
    vouchingKey: makeJwk('vouching-1'),
    toolSecret: randomBytes(32).toString('base64url'),
    person: { username: 'lab', password, passwordHash: quickHash(password) },
  }
}

function makeJwk(kid: string): Jwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256' }
}

/** argon2id at its smallest: the password is random and lives for one lab. */
function quickHash(password: string): string {
  const nonce = randomBytes(16)
  const tag = argon2Sync('argon2id', { message: password, nonce, parallelism: 1, tagLength: 32, memory: 64, passes: 1 })
  const plain = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=64,t=1,p=1$${plain(nonce)}$${plain(tag)}`
}

export function publicJwk({ kty, crv, x, y, kid, alg }: Jwk): { kty: 'EC' } & Jwk {
  return { kty: kty as 'EC', crv, x, y, kid, alg, use: 'sig' }
}

/** As an issuer stores a secret. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
