// The order at the guard, step by step: everything is checked first, the proof's single use is claimed last.
// The rules themselves are the law's; answers and audit events are made in `guard.ts`.
import {
  type AccessTokenMemory,
  type Broken,
  bindingDemandRules,
  broke,
  checkAccessToken,
  checkAth,
  checkAudience,
  checkBinding,
  checkBound,
  checkProof,
  checkToldToken,
  isBroken,
  judge,
  type Law,
  looksLikeJwt,
  must,
  type NonceVerdict,
  type PresentedCertificate,
  parseProof,
  pathRules,
  permissionRules,
  proofShapeRules,
  routeRules,
  type Seconds,
  type VerifiedAccessToken,
  type VerifiedProof,
} from '@kimei/protocol'
import type { ReplayGuard } from '@kimei/storage'
import type { CertificateSource, Withheld } from './certificates/certificate-source.ts'
import type { GuardConfig } from './config/schema.ts'
import type { RequestFacts } from './facts.ts'
import type { HeaderLines } from './header-lines.ts'
import type { LookupOrder, TokenLookup } from './introspection/token-lookup.ts'
import type { KeySource } from './keys/key-source.ts'
import type { Nonces } from './nonces.ts'
import { type GuardedRoute, type Route, type UnboundFate, unboundFate } from './policy.ts'
import type { PublicUrls } from './public-url.ts'
import { readToken, type Scheme } from './read-token.ts'
import type { RouteMatch } from './route-table.ts'

/** What a guard is made of, ready before the first request. */
export interface GuardParts {
  readonly config: GuardConfig
  readonly law: Law
  readonly keys: KeySource
  readonly certificates: CertificateSource
  /** `undefined`: only JWTs are taken. */
  readonly lookup: TokenLookup | undefined
  readonly replay: ReplayGuard
  readonly nonces: Nonces
  readonly urls: PublicUrls
  readonly audiences: readonly string[]
  readonly match: (method: string, path: string) => RouteMatch<Route>
  /** Verified signatures by hash of the token; a key that was withdrawn takes them with it. */
  readonly memory: AccessTokenMemory | undefined
}

/** What is known so far; a refusal or a fault is recorded with as much of it as there is. */
export interface Trail {
  readonly facts: RequestFacts
  readonly lines: HeaderLines
  readonly now: Seconds
  route: Route | undefined
  attempted: Scheme | undefined
  unbound: UnboundFate
  nonce: NonceVerdict | undefined
  proof: VerifiedProof | undefined
  token: VerifiedAccessToken | undefined
  certificate: PresentedCertificate | undefined
  /** What report-only let pass. */
  overlooked: Broken | undefined
  /** Header lines of certificates that the application must not see, and whether a stranger wrote them. */
  withheld: Withheld | undefined
}

/** Judges one request and fills the trail; `undefined`: nothing is broken. */
export async function judgeRequest(parts: GuardParts, trail: Trail): Promise<Broken | undefined> {
  const { facts, lines, now } = trail
  const path = pathOf(facts.target)
  const unclear = judge(pathRules, { target: facts.target, path }, parts.law)
  if (unclear) return unclear
  const match = parts.match(facts.method, path)
  if (match === 'several') return broke(routeRules, 'route.is-the-only-one')
  if (match === 'none') return broke(routeRules, 'route.has-policy')
  const { route } = match
  trail.route = route
  if (route.kind === 'public') return undefined
  trail.unbound = unboundFate(route, now)

  const presented = readToken(lines.authorization, parts.law)
  trail.attempted = presented.scheme
  if (presented.broken) return presented.broken
  const { scheme, token } = presented
  // A proof beside a Bearer token is judged too: whoever sends one must send a sound one.
  if (scheme === 'dpop' || lines.dpop.length > 0) {
    const broken = await proveKey(parts, trail, route, path)
    if (broken) return broken
  }
  return (await checkToken(parts, trail, route, token)) ?? (await checkHolder(parts, trail, route, scheme)) ?? claimProof(parts, trail)
}

export function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query < 0 ? target : target.slice(0, query)
}

/** RFC 9449 §4.3: header count, shape, signature, htm, htu, nonce, iat. */
async function proveKey(parts: GuardParts, trail: Trail, route: GuardedRoute, path: string): Promise<Broken | undefined> {
  const { config, law } = parts
  const { facts, now } = trail
  const parsed = parseProof(trail.lines.dpop, law)
  if (isBroken(parsed)) return parsed
  if (route.nonce === 'required') trail.nonce = await parts.nonces.judge(parsed.nonce, now)
  const proof = await checkProof(
    parsed,
    {
      owner: config.resource,
      method: facts.method,
      targets: parts.urls.targets(facts, path),
      now,
      window: config.dpop,
      algorithms: config.dpop.algorithms,
      nonce: trail.nonce ? { mode: 'required', verdict: trail.nonce } : { mode: 'off' },
    },
    law,
  )
  if (isBroken(proof)) return proof
  trail.proof = proof
  return undefined
}

/** The token itself, whom it is for, then RFC 9449 §4.3 item 12a. */
async function checkToken(parts: GuardParts, trail: Trail, route: GuardedRoute, token: string): Promise<Broken | undefined> {
  const verified = await verifyToken(parts, trail.now, route, token)
  if (isBroken(verified)) return verified
  trail.token = verified
  return checkAudience(verified, parts.audiences, parts.law) ?? (trail.proof && checkAth(trail.proof, token, parts.law))
}

type Asked = GuardParts & { readonly lookup: TokenLookup }

/** A JWT by RFC 9068 §4; any other token, and every token where the route says so, by asking its issuer (RFC 7662). */
async function verifyToken(parts: GuardParts, now: Seconds, route: GuardedRoute, token: string): Promise<VerifiedAccessToken | Broken> {
  const { lookup } = parts
  if (!lookup || looksLikeJwt(token)) {
    const verified = await verifyJwt(parts, now, token)
    if (isBroken(verified) || !lookup || route.config.introspect !== 'always') return verified
    // Asked for nothing but whether it still lives: what it says, it has said under a signature.
    const alive = await askIssuer({ ...parts, lookup }, { now, fresh: true }, token)
    return isBroken(alive) ? alive : verified
  }
  return askIssuer({ ...parts, lookup }, { now, fresh: route.config.introspect === 'always' }, token)
}

async function askIssuer({ config, law, lookup }: Asked, order: LookupOrder, token: string): Promise<VerifiedAccessToken | Broken> {
  const told = await lookup.ask(token, order)
  if (isBroken(told)) return told
  return checkToldToken(told, { issuer: config.issuer, now: order.now, leewaySeconds: config.accessTokens.leewaySeconds }, law)
}

function verifyJwt({ config, law, keys, memory }: GuardParts, now: Seconds, token: string): Promise<VerifiedAccessToken | Broken> {
  const { leewaySeconds, algorithms } = config.accessTokens
  const expect = { issuer: config.issuer, now, leewaySeconds, algorithms, ...(memory && { memory }) }
  return checkAccessToken(token, { ...expect, keyFor: (question) => keys.keyFor(question) }, law)
}

/** Binding first, then what the route demands, then what the token may do. */
async function checkHolder(parts: GuardParts, trail: Trail, route: GuardedRoute, scheme: Scheme): Promise<Broken | undefined> {
  const { law } = parts
  const token = trail.token!
  const { confirmation, scopes, claims } = token
  if (confirmation?.['x5t#S256'] !== undefined) {
    const certificate = await parts.certificates(trail.facts)
    if (isBroken(certificate)) return certificate
    trail.certificate = certificate
  }

  const foreign = checkBinding({ confirmation, scheme, proof: trail.proof, certificate: trail.certificate }, law)
  const unnamed = foreign ?? (trail.unbound === 'taken' ? undefined : checkBound(confirmation, law))
  // Report-only relaxes the demand on unbound tokens and nothing else: whatever has a `cnf` is enforced as ever.
  if (unnamed && (confirmation !== undefined || trail.unbound !== 'reported')) return unnamed
  trail.overlooked = unnamed

  const access = {
    policy: route.demand,
    dpop: confirmation?.jkt !== undefined,
    mtls: confirmation?.['x5t#S256'] !== undefined,
    scopes,
    acr: claims['acr'],
    authTime: claims['auth_time'],
    now: trail.now,
  }
  return judge(bindingDemandRules, access, law) ?? judge(permissionRules, access, law)
}

/** RFC 9449 §11.1. Last: a proof refused for any other reason is not used up. */
async function claimProof(parts: GuardParts, trail: Trail): Promise<Broken | undefined> {
  const { proof, now } = trail
  if (!proof) return undefined
  const answer = await parts.replay.claim('proof', proof.replayId, proof.replayUntil, now)
  return must(proofShapeRules, 'dpop.jti-is-first-use', answer === 'first', parts.law)
}
