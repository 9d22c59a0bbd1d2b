// Facts that load and contestants must agree on: the client, the keys of the issuer, the API. Made for the bench alone.
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const clientId = 'bench-client'
/** 256 bits, as generated secrets are. */
export const clientSecret = 'b3V0LW9mLXRoZS1ib3gtYmVuY2gtc2VjcmV0LTI1NmI'
export const basic = `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')}`
export const api = 'http://localhost:9999/'
export const issuerOfTokens = 'http://localhost:9998'

export interface Ec {
  readonly privateKey: KeyObject
  readonly publicJwk: { kty: string; crv: string; x: string; y: string }
  readonly jkt: string
}

export function ecKey(): Ec {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return describeKey(privateKey, publicKey.export({ format: 'jwk' }) as Ec['publicJwk'])
}

function describeKey(privateKey: KeyObject, { kty, crv, x, y }: Ec['publicJwk']): Ec {
  const jkt = createHash('sha256').update(`{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`).digest('base64url')
  return { privateKey, publicJwk: { kty, crv, x, y }, jkt }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

export function jws(header: object, claims: object, key: KeyObject): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

let count = 0
/** One fresh proof: 96 bits of jti are cheap enough as process id, counter and random salt. */
const salt = Math.random().toString(36).slice(2)
export function proof(key: Ec, method: string, url: string, accessToken?: string): string {
  const claims = {
    jti: `${process.pid}-${salt}-${count++}`,
    htm: method,
    htu: url,
    iat: Math.floor(Date.now() / 1000),
    ...(accessToken && { ath: createHash('sha256').update(accessToken).digest('base64url') }),
  }
  return jws({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk }, claims, key.privateKey)
}

export const tokenKid = 'bench-token-key'

/** An RFC 9068 access token of {@link issuerOfTokens}, bound to the key. */
export function accessToken(signer: Ec, holder: Ec): string {
  return accessTokenFor(signer, { jkt: holder.jkt })
}

/** The same, bound to whatever `cnf` names. */
export function accessTokenFor(signer: Ec, cnf: object): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: issuerOfTokens,
    sub: clientId,
    aud: api,
    client_id: clientId,
    scope: 'read',
    iat: now,
    exp: now + 3600,
    jti: `t-${count++}`,
    cnf,
  }
  return jws({ typ: 'at+jwt', alg: 'ES256', kid: tokenKid }, claims, signer.privateKey)
}

/** A folder of the bench's own, gone when it ends. */
export function benchFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'kimei-bench-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** The key that signs access tokens for the guarded API: written by the parent, its public half read by contestants. */
export function writeTokenKey(folder: string): Ec {
  const key = ecKey()
  writeFileSync(join(folder, 'token-key.json'), JSON.stringify(key.publicJwk))
  return key
}
export function readTokenKey(folder: string): Ec['publicJwk'] {
  return JSON.parse(readFileSync(join(folder, 'token-key.json'), 'utf8')) as Ec['publicJwk']
}
export { createPrivateKey }
