// Working exchanges as plans: everything that will go over the wire, before it is written down, so that an edit can change one thing.
import type { HeaderLines, RawRequest } from '../wire/raw-client.ts'
import { type HeldKey, type JwsPlan, sha256, writeJws } from './keys.ts'

export interface Credential {
  readonly scheme: string
  readonly token: string
}

/** A call of an API. */
export interface ApiCall {
  readonly method: string
  readonly url: string
  readonly credentials: readonly Credential[]
  readonly proofs: readonly JwsPlan[]
  /** Several proofs in one line, as some proxies make of two. */
  readonly joinProofs: boolean
  readonly headers: HeaderLines
  readonly body?: string
  /** Path and query as they are written on the wire. Left out: those of `url`. */
  readonly target?: string
  /** IP address to connect to, in place of what the name of the host resolves to. */
  readonly address?: string
  readonly tls?: RawRequest['tls']
}

/** A request at the token endpoint, or another endpoint that takes a form from a client. */
export interface FormCall {
  readonly url: string
  readonly method: string
  readonly form: readonly (readonly [name: string, value: string])[]
  readonly basic?: { readonly user: string; readonly password: string }
  /** A second Authorization header line. */
  readonly basicAgain?: { readonly user: string; readonly password: string }
  readonly assertion?: JwsPlan
  readonly assertionType?: string
  readonly proofs: readonly JwsPlan[]
  readonly joinProofs: boolean
  readonly headers: HeaderLines
  /** Sent instead of the encoded form. */
  readonly verbatimBody?: string
  readonly tls?: RawRequest['tls']
}

export interface ProofFacts {
  readonly key: HeldKey
  readonly method: string
  readonly url: string
  readonly now: number
  readonly jti: string
  readonly nonce?: string | undefined
  readonly accessToken?: string
}

/** A right proof (RFC 9449 §4.2). */
export function proofPlan(facts: ProofFacts): JwsPlan {
  const target = new URL(facts.url)
  return {
    header: { typ: 'dpop+jwt', alg: facts.key.alg, jwk: facts.key.publicJwk },
    claims: {
      jti: facts.jti,
      htm: facts.method,
      htu: `${target.origin}${target.pathname}`,
      iat: facts.now,
      ...(facts.accessToken !== undefined && { ath: sha256(facts.accessToken) }),
      ...(facts.nonce !== undefined && { nonce: facts.nonce }),
    },
    key: facts.key,
    signature: 'good',
  }
}

export interface AssertionFacts {
  readonly key: HeldKey
  readonly kid?: string | undefined
  readonly clientId: string
  readonly audience: string
  readonly now: number
  readonly jti: string
}

/** A right client assertion (RFC 7523 §3; the audience is the issuer alone). */
export function assertionPlan(facts: AssertionFacts): JwsPlan {
  return {
    header: { typ: 'client-authentication+jwt', alg: facts.key.alg, ...(facts.kid !== undefined && { kid: facts.kid }) },
    claims: { iss: facts.clientId, sub: facts.clientId, aud: facts.audience, jti: facts.jti, iat: facts.now, exp: facts.now + 60 },
    key: facts.key,
    signature: 'good',
  }
}

function proofLines(proofs: readonly JwsPlan[], join: boolean): HeaderLines {
  const written = proofs.map(writeJws)
  if (written.length === 0) return []
  return join ? [['DPoP', written.join(', ')]] : written.map((proof) => ['DPoP', proof] as const)
}

export function writeApiCall(call: ApiCall): RawRequest {
  return {
    method: call.method,
    url: call.url,
    headers: [
      ...call.headers,
      ...call.credentials.map(({ scheme, token }) => ['Authorization', `${scheme} ${token}`] as const),
      ...proofLines(call.proofs, call.joinProofs),
    ],
    ...(call.body !== undefined && { body: call.body }),
    ...(call.target !== undefined && { target: call.target }),
    ...(call.address !== undefined && { address: call.address }),
    ...(call.tls && { tls: call.tls }),
  }
}

export function writeFormCall(call: FormCall): RawRequest {
  const form = new URLSearchParams(call.form.map(([name, value]): [string, string] => [name, value]))
  if (call.assertion) {
    form.append('client_assertion_type', call.assertionType ?? 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    form.append('client_assertion', writeJws(call.assertion))
  }
  const basic = [call.basic, call.basicAgain].flatMap((given) => (given ? [['Authorization', writeBasic(given)] as const] : []))
  const named = call.headers.some(([name]) => name.toLowerCase() === 'content-type')
  return {
    method: call.method,
    url: call.url,
    headers: [
      ...call.headers,
      ...(named ? [] : [['Content-Type', 'application/x-www-form-urlencoded'] as const]),
      ...basic,
      ...proofLines(call.proofs, call.joinProofs),
    ],
    body: call.verbatimBody ?? form.toString(),
    ...(call.tls && { tls: call.tls }),
  }
}

/** RFC 6749 §2.3.1: user and password are form-encoded before they are joined. */
function writeBasic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${formEncode(user)}:${formEncode(password)}`).toString('base64')}`
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

/** The same place under a URL that no cache has an answer for. */
export function withUnknownParameter(written: string, value: string): string {
  const url = new URL(written)
  url.searchParams.set('_', value)
  return url.href
}

/** The plan with its only proof changed. */
export function withProof<P extends { readonly proofs: readonly JwsPlan[] }>(plan: P, change: (proof: JwsPlan) => JwsPlan): P {
  return { ...plan, proofs: plan.proofs.map(change) }
}

/** The JWS with some claims set; `undefined` leaves one out. */
export function withClaims(plan: JwsPlan, claims: Readonly<Record<string, unknown>>): JwsPlan {
  return { ...plan, claims: { ...plan.claims, ...claims } }
}

/** The JWS with some header members set; `undefined` leaves one out. */
export function withHeader(plan: JwsPlan, header: Readonly<Record<string, unknown>>): JwsPlan {
  return { ...plan, header: { ...plan.header, ...header } }
}
