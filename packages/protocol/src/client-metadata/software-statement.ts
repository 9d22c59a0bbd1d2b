// Software statements (RFC 7591 §2.3): what somebody the operator trusts says of a client. It wins over what the client says itself.
import type { PublicJwk, Seconds } from '../ids.ts'
import { checkJwk, isSignatureAlg, isUntyped, type JsonObject, type ParsedJws, parseCompactJws, verify } from '../jose/index.ts'
import { type Broken, broke, isBroken, type Law, must, namedRules } from '../rule.ts'
import { registrationWhy } from './metadata-members.ts'

const head = { level: 'MUST', unseen: registrationWhy } as const

export const softwareStatementRules = namedRules('software-statement', {
  'software-statement.is-readable': {
    ...head,
    cite: 'RFC7591§2.3',
    says: 'a software statement is a signed JWT that names its issuer',
    rows: ['DCR-3.2.2-01'],
    fixed: 'without an issuer there is no key to verify with',
  },
  'software-statement.is-sent': {
    ...head,
    cite: 'RFC7591§2.3',
    level: 'PRODUCT',
    says: 'a software statement is sent, where the operator asks for one',
    family: 'unapproved-software',
  },
  'software-statement.kind-is-right': {
    ...head,
    cite: 'RFC8725§3.12',
    says: 'typ is absent or JWT: what its issuer signs for another purpose is no software statement',
    rows: ['JWTBCP-3.12-01'],
  },
  'software-statement.issuer-is-trusted': {
    ...head,
    cite: 'RFC7591§3.2.2',
    says: 'the operator trusts the issuer of the software statement',
    rows: ['DCR-3.2.2-01'],
    family: 'unapproved-software',
    fixed: 'an unknown issuer has no keys here',
  },
  'software-statement.signature-verifies': {
    ...head,
    cite: 'RFC7591§2.3',
    says: 'the signature verifies with a key of its issuer',
    rows: ['DCR-3.2.2-01'],
  },
  'software-statement.is-in-time': {
    ...head,
    cite: 'RFC7519§4.1.4',
    says: 'exp and nbf, where present, are numbers and enclose the present',
    byClock: true,
  },
  'software-statement.software-is-approved': {
    ...head,
    cite: 'RFC7591§3.2.2',
    says: 'software_id is one that the operator approved, where the operator lists them',
    rows: ['DCR-3.2.2-01'],
    family: 'unapproved-software',
  },
})

/** Whom the operator trusts, and for which software: absent means any. */
export interface TrustedStatementIssuer {
  readonly issuer: string
  readonly keys: readonly PublicJwk[]
  readonly softwareIds?: readonly string[] | undefined
}

/** Claims of the JWT itself: they say nothing of the client. */
const ownClaims: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'software_statement'])

/** What the statement says of the client, as members of its metadata. */
export async function checkSoftwareStatement(
  statement: unknown,
  trusted: readonly TrustedStatementIssuer[],
  now: Seconds,
  law: Law,
): Promise<JsonObject | Broken> {
  const unreadable = broke(softwareStatementRules, 'software-statement.is-readable')
  if (typeof statement !== 'string' || statement.length > 16_384) return unreadable
  const jws = parseCompactJws(statement, 'software-statement', law)
  if (isBroken(jws)) return jws
  const { iss, exp, nbf, software_id: softwareId } = jws.claims
  if (typeof iss !== 'string') return unreadable
  const issuer = trusted.find((one) => one.issuer === iss)
  if (!issuer)
    return broke(softwareStatementRules, 'software-statement.issuer-is-trusted', {
      expected: 'a trusted issuer',
      received: iss.slice(0, 200),
    })
  const { softwareIds } = issuer
  const approved = softwareIds === undefined || (typeof softwareId === 'string' && softwareIds.includes(softwareId))
  const inTime =
    (exp === undefined || (typeof exp === 'number' && exp > now)) && (nbf === undefined || (typeof nbf === 'number' && nbf <= now))
  return (
    must(softwareStatementRules, 'software-statement.kind-is-right', isUntyped(jws.header['typ']), law) ??
    must(softwareStatementRules, 'software-statement.signature-verifies', await verifies(jws, issuer.keys, law), law) ??
    must(softwareStatementRules, 'software-statement.is-in-time', inTime, law) ??
    must(softwareStatementRules, 'software-statement.software-is-approved', approved, law) ??
    Object.fromEntries(Object.entries(jws.claims).filter(([name]) => !ownClaims.has(name)))
  )
}

async function verifies({ header, signingInput, signature }: ParsedJws, keys: readonly PublicJwk[], law: Law): Promise<boolean> {
  const { alg, kid } = header
  if (!isSignatureAlg(alg)) return false
  for (const jwk of keys.filter((one) => kid === undefined || one.kid === undefined || one.kid === kid)) {
    const ready = await checkJwk(jwk, alg, 'software-statement', law)
    if (!isBroken(ready) && (await verify(alg, ready.key, signingInput, signature))) return true
  }
  return false
}
