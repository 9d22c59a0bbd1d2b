// A guard written without Kimei, on jose and node:crypto, that leaves out exactly what its fault names.
// It shows that each control is seen missing where it is missing, on code that is not ours to observe.
import { createHash, createHmac, createPublicKey, verify } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { calculateJwkThumbprint, createRemoteJWKSet, type JWK, jwtVerify } from 'jose'
import { audience } from '../../packages/observer/test/express-apis.ts'

/** What a guard can leave out, and which controls that breaks. */
export const faults = {
  none: [],
  'bearer-passes': ['B1'],
  'key-not-compared': ['K1'],
  'signature-not-verified': ['S1'],
  'scheme-alone-passes': ['B2'],
  'unbound-passes': ['U1'],
  'bearer-beside-proof-passes': ['B3'],
  'ath-not-compared': ['A1'],
  'ath-not-read': ['A1', 'A2'],
  'htm-not-read': ['M1', 'M2'],
  'htu-host-not-compared': ['H1'],
  'htu-path-not-compared': ['H2', 'H3', 'H4'],
  'htu-not-read': ['H1', 'H2', 'H3', 'H4', 'H6', 'H8'],
  'past-not-limited': ['T1'],
  'future-not-limited': ['T2'],
  'iat-not-read': ['T1', 'T2', 'T4'],
  'jti-not-remembered': ['R1', 'R2', 'R3'],
  'jti-not-read': ['R1', 'R2', 'R3', 'X5a', 'X5b', 'X5c'],
  // What was used is remembered for as long as a proof lives, and not for the tolerance beside it.
  'jti-forgotten-early': ['R3'],
  'jti-shared-by-all': ['R6'],
  'window-wide': ['T3'],
  'alg-none-passes': ['X1a'],
  'alg-hmac-passes': ['X1b'],
  'typ-not-read': ['X3'],
  'private-key-passes': ['X2'],
  'crit-not-read': ['X7'],
  'nbf-not-read': ['T5'],
  'exp-not-read': ['T6'],
  'first-of-two-proofs': ['X4a', 'X4b'],
  'first-of-two-credentials': ['X4c'],
  'members-twice-pass': ['X6'],
  'key-use-not-read': ['X8'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Fault = keyof typeof faults

class Refused extends Error {}
const demand = (held: boolean, says: string): void => {
  if (!held) throw new Refused(says)
}

/** How a guard says no. */
export type Manner = 'challenge' | 'errors-in-200' | 'redirect' | 'plain-403' | 'fault-500'

const manners: Readonly<Record<Manner, RequestHandler>> = {
  challenge: (_request, response) =>
    void response.status(401).set('WWW-Authenticate', 'DPoP error="invalid_token"').json({ error: 'invalid_token' }),
  'errors-in-200': (_request, response) => void response.json({ errors: [{ message: 'no' }] }),
  redirect: (_request, response) => response.redirect('/sign-in'),
  'plain-403': (_request, response) => void response.status(403).type('html').send('<html><body><h1>no</h1></body></html>'),
  // Whoever has nothing is told so; whoever sends a wrong proof meets an exception that nobody caught.
  'fault-500': (request, response) => void response.status(request.headers['dpop'] === undefined ? 401 : 500).json({ error: 'no' }),
}

export function faultyGuard(issuer: string, fault: Fault, manner: Manner = 'challenge'): RequestHandler {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const used = new Map<string, number>()
  return async (request, response, next) => {
    try {
      await check(request, { issuer, keys, used, fault })
      next()
    } catch {
      manners[manner](request, response, next)
    }
  }
}

interface Guarding {
  readonly issuer: string
  readonly keys: ReturnType<typeof createRemoteJWKSet>
  readonly used: Map<string, number>
  readonly fault: Fault
}

async function check(request: IncomingMessage & { originalUrl: string }, { issuer, keys, used, fault }: Guarding): Promise<void> {
  const lines = linesOf(request, 'authorization')
  demand(lines.length === 1 || fault === 'first-of-two-credentials', 'one Authorization line')
  const [scheme = '', token = ''] = (lines[0] ?? '').split(' ')
  const { payload } = await jwtVerify(token, keys, { issuer, audience })
  const { jkt } = (payload['cnf'] ?? {}) as { jkt?: string }
  const proofs = linesOf(request, 'dpop').flatMap((line) => line.split(/,\s*/))
  if (scheme === 'Bearer' && jkt === undefined && fault === 'unbound-passes') return
  if (scheme === 'Bearer' && proofs.length === 0 && fault === 'bearer-passes') return
  demand(scheme === 'DPoP' || fault === 'bearer-beside-proof-passes', 'the scheme is DPoP')
  if (proofs.length === 0 && scheme === 'DPoP' && fault === 'scheme-alone-passes') return
  demand(proofs.length === 1 || (proofs.length > 1 && fault === 'first-of-two-proofs'), 'one proof')
  const proof = readProof(proofs[0]!, fault)
  checkClaims(proof.claims, request, { fault, token })
  const thumbprint = await calculateJwkThumbprint(proof.jwk)
  demand(thumbprint === jkt || fault === 'key-not-compared', 'the key is the one in cnf')
  remember(proof.claims, { used, fault, thumbprint })
}

/** Once for each key, for as long as the proof may still come. */
function remember(
  { jti, iat }: Record<string, unknown>,
  { used, fault, thumbprint }: Pick<Guarding, 'used' | 'fault'> & { readonly thumbprint: string },
): void {
  const now = Math.floor(Date.now() / 1000)
  const id = fault === 'jti-shared-by-all' ? String(jti) : `${thumbprint} ${String(jti)}`
  const fresh = (used.get(id) ?? 0) < now
  demand(fresh || fault === 'jti-not-remembered' || fault === 'jti-not-read', 'jti is new')
  used.set(id, Number(iat) + (fault === 'jti-forgotten-early' ? 30 : windowOf(fault)))
}

const windowOf = (fault: Fault): number => (fault === 'window-wide' ? 900 : 60)

function linesOf(request: IncomingMessage, name: string): string[] {
  return request.rawHeaders.flatMap((line, i) => (i % 2 === 0 && line.toLowerCase() === name ? [request.rawHeaders[i + 1]!] : []))
}

function readProof(text: string, fault: Fault) {
  const [head = '', body = '', signature = ''] = text.split('.')
  const headText = Buffer.from(head, 'base64url').toString()
  const header = JSON.parse(headText) as Record<string, unknown>
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
  demand(fault === 'members-twice-pass' || JSON.stringify(header) === headText, 'no member twice')
  demand(header['typ'] === 'dpop+jwt' || fault === 'typ-not-read', 'typ')
  demand(header['crit'] === undefined || fault === 'crit-not-read', 'crit')
  const jwk = header['jwk'] as JWK
  demand(jwk.d === undefined || fault === 'private-key-passes', 'a public key')
  demand(jwk.use === undefined || jwk.use === 'sig' || fault === 'key-use-not-read', 'a key for signatures')
  const input = Buffer.from(`${head}.${body}`)
  const { alg } = header
  if (alg === 'none' && fault === 'alg-none-passes') return { claims, jwk }
  const hmac = () => createHmac('sha256', JSON.stringify(jwk)).update(input).digest('base64url')
  if (alg === 'HS256' && fault === 'alg-hmac-passes' && signature === hmac()) return { claims, jwk }
  demand(alg === 'ES256', 'alg')
  const { kty, crv, x, y } = jwk
  const key = createPublicKey({ key: { kty, crv, x, y } as JsonWebKey, format: 'jwk' })
  const good = verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
  demand(good || fault === 'signature-not-verified', 'the signature')
  return { claims, jwk }
}

interface Beside {
  readonly fault: Fault
  readonly token: string
}

function checkClaims(claims: Record<string, unknown>, request: IncomingMessage & { originalUrl: string }, { fault, token }: Beside): void {
  const now = Math.floor(Date.now() / 1000)
  const { htm, htu, iat, ath, jti, nbf, exp } = claims
  demand(htm === request.method || fault === 'htm-not-read', 'htm')
  if (fault !== 'htu-not-read') {
    const said = new URL(String(htu))
    demand(said.host === request.headers.host || fault === 'htu-host-not-compared', 'the host of htu')
    demand(said.protocol === 'http:', 'the scheme of htu')
    const path = request.originalUrl.split('?')[0]!
    demand(decodeURI(said.pathname) === decodeURI(path) || fault === 'htu-path-not-compared', 'the path of htu')
  }
  if (fault !== 'iat-not-read') {
    const most = windowOf(fault)
    demand(Number(iat) >= now - most || fault === 'past-not-limited', 'iat is not long ago')
    demand(Number(iat) <= now + most || fault === 'future-not-limited', 'iat is not ahead')
  }
  demand(nbf === undefined || Number(nbf) <= now || fault === 'nbf-not-read', 'nbf')
  demand(exp === undefined || Number(exp) > now || fault === 'exp-not-read', 'exp')
  const hash = createHash('sha256').update(token).digest('base64url')
  demand(ath === hash || fault === 'ath-not-read' || (typeof ath === 'string' && fault === 'ath-not-compared'), 'ath')
  demand((typeof jti === 'string' && jti !== '' && jti.length <= 256) || fault === 'jti-not-read', 'jti')
}
