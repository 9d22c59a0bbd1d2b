// What a report may show of a ticket and of a proof: claims that say what it was for, never what would make it work.
// Identifiers that are used once are shown by a short digest, so that a replay is recognized.
import { createHash } from 'node:crypto'
import { readJsonObject } from '../read-json.ts'
import { shownUrl } from './shown-url.ts'

export type ShownClaims = Readonly<Record<string, string | number>>

const longest = 120

/** Claims of an access token; nothing where it cannot be read. */
export function ticketClaims(token: string): ShownClaims | undefined {
  const parts = token.split('.')
  const claims = parts.length === 3 ? readPart(parts[1]!) : undefined
  if (claims === undefined) return undefined
  const { iss, aud, client_id, scope, iat, exp, cnf } = claims
  const binding = typeof cnf === 'object' && cnf !== null ? (cnf as Record<string, unknown>) : {}
  return shown({
    iss,
    aud: Array.isArray(aud) ? aud.join(' ') : aud,
    client_id,
    scope,
    iat,
    exp,
    'cnf.jkt': binding['jkt'],
    'cnf.x5t#S256': binding['x5t#S256'],
  })
}

/** Header and claims of a DPoP proof. */
export function proofClaims(proof: string): ShownClaims | undefined {
  const parts = proof.split('.')
  const header = parts.length === 3 ? readPart(parts[0]!) : undefined
  const claims = parts.length === 3 ? readPart(parts[1]!) : undefined
  if (header === undefined || claims === undefined) return undefined
  return shown({
    typ: header['typ'],
    alg: header['alg'],
    jkt: thumbprintOf(header['jwk']),
    htm: claims['htm'],
    htu: safeUrl(claims['htu']),
    iat: claims['iat'],
    jti: shortDigest(claims['jti']),
    ath: shortDigest(claims['ath']),
    nonce: shortDigest(claims['nonce']),
  })
}

function readPart(part: string): Readonly<Record<string, unknown>> | undefined {
  return readJsonObject(Buffer.from(part, 'base64url').toString('utf8'))
}

function shown(claims: Readonly<Record<string, unknown>>): ShownClaims {
  return Object.fromEntries(
    Object.entries(claims).flatMap(([name, value]): [string, string | number][] => {
      if (typeof value === 'number') return [[name, value]]
      if (typeof value !== 'string') return []
      return [[name, value.length > longest ? `${value.slice(0, longest)}…` : value]]
    }),
  )
}

function shortDigest(value: unknown): string | undefined {
  return typeof value === 'string' ? `#${createHash('sha256').update(value).digest('hex').slice(0, 8)}` : undefined
}

/** A proof may name any URL; a query in it may hold anything. */
function safeUrl(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  return URL.canParse(value) ? shownUrl(value) : value.split(/[?#]/)[0]
}

const members: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
  OKP: ['crv', 'kty', 'x'],
}

/** RFC 7638; nothing for what is no public key. */
export function thumbprintOf(jwk: unknown): string | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  const key = jwk as Record<string, unknown>
  const names = members[String(key['kty'])]
  if (names === undefined || !names.every((name) => typeof key[name] === 'string')) return undefined
  const canonical = JSON.stringify(Object.fromEntries(names.map((name) => [name, key[name]])))
  return createHash('sha256').update(canonical).digest('base64url')
}
