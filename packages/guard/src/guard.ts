// The guard: wires its parts once, then turns each judgement into a verdict, an audit event and a count.
// The order of judgement stands in `judge-request.ts`.
import {
  type AuditEvent,
  type Broken,
  broke,
  Fault,
  Misuse,
  makeAccessTokenMemory,
  randomId,
  readinessRules,
  type VerifiedAccessToken,
  wholeLaw,
  wireErrors,
} from '@kimei/protocol'
import { StorageUnavailable } from '@kimei/storage'
import { type AuditMaker, type Knowledge, makeAudit } from './audit.ts'
import { makeCertificateSource } from './certificates/certificate-source.ts'
import { makeRefusalRenderer, type RefusalRenderer } from './challenge.ts'
import { parseGuardConfig } from './config/parse-config.ts'
import type { GuardConfig, GuardConfigInput } from './config/schema.ts'
import type { Guard, GuardAnswer, GuardDeps } from './contract.ts'
import { type Cors, makeCors } from './cors.ts'
import { makeCounter } from './counter.ts'
import type { Admitted, AdmittedToken, Refused, RequestFacts, Verdict } from './facts.ts'
import { readHeaderLines } from './header-lines.ts'
import { makeIssuerLookup } from './introspection/ask-issuer.ts'
import { IntrospectionUnavailable } from './introspection/token-lookup.ts'
import { type GuardParts, judgeRequest, pathOf, type Trail } from './judge-request.ts'
import { KeysUnavailable } from './keys/key-source.ts'
import { makeKeySource } from './keys/make-key-source.ts'
import { makeNonces } from './nonces.ts'
import { makeRoutes, viewRoute } from './policy.ts'
import { makePublicUrls } from './public-url.ts'
import { makeResourceMetadata, type ResourceMetadata } from './resource-metadata.ts'
import { compileRoutes } from './route-table.ts'

/**
 * Makes a guard. `config` is what `parseGuardConfig` answered, or what it would accept.
 * @throws Misuse when the configuration is wrong, or when several replicas would each remember used proofs alone.
 */
export function createGuard(config: GuardConfig | GuardConfigInput, deps: GuardDeps): Guard {
  const checked = parseGuardConfig(config)
  if (checked.replicas > 1 && deps.replay.reach === 'process') {
    throw new Misuse([`replicas: ${checked.replicas} guards need a shared memory of used proofs; this one is known to its process alone`])
  }
  const routes = makeRoutes(checked)
  const match = compileRoutes(routes.map((route) => ({ path: route.config.path, methods: route.config.methods, route })))
  const keys = deps.keys ?? makeKeySource(checked, deps)
  const law = deps.law ?? wholeLaw
  const lookup =
    deps.lookup ?? makeIssuerLookup({ config: checked, keys, law, random: deps.random, ...(deps.fetch && { fetch: deps.fetch }) })
  const metadata = makeResourceMetadata(checked, routes)
  const counter = makeCounter()
  const bench: Bench = {
    deps,
    parts: {
      config: checked,
      law,
      keys,
      certificates: deps.certificates ?? makeCertificateSource(checked.certificates, law),
      lookup,
      replay: deps.replay,
      nonces: makeNonces(checked, deps.random),
      urls: makePublicUrls(checked),
      audiences: [checked.resource, ...checked.audiences],
      match,
      memory: checked.accessTokens.cache === 0 ? undefined : makeAccessTokenMemory(checked.accessTokens.cache),
    },
    render: makeRefusalRenderer(checked, metadata?.url),
    cors: makeCors(checked, match),
    audit: makeAudit(checked.issuer, checked.resource),
    counter,
    nextId: requestIds(deps.random),
  }
  return {
    resource: checked.resource,
    verify: (facts) => verify(bench, facts),
    answer: (facts) => (facts.method === 'OPTIONS' ? bench.cors.preflight(facts) : answerMetadata(metadata, facts, deps)),
    certificateHeaders: bench.parts.certificates.headers ?? [],
    metadata,
    routes: () => {
      const now = deps.clock()
      return routes.map((route) => viewRoute(route, now))
    },
    counts: () => counter.counts(),
    warm: async () => keys.warm?.(),
  }
}

interface Bench {
  readonly deps: GuardDeps
  readonly parts: GuardParts
  readonly render: RefusalRenderer
  readonly cors: Cors
  readonly audit: AuditMaker
  readonly counter: ReturnType<typeof makeCounter>
  readonly nextId: () => string
}

/** Random once, counted after: unique without asking for randomness on every request. */
function requestIds(random: (bytes: number) => Uint8Array): () => string {
  const start = randomId(random(9))
  let count = 0
  return () => `${start}-${(count++).toString(36)}`
}

function answerMetadata(metadata: ResourceMetadata | undefined, facts: RequestFacts, deps: GuardDeps): GuardAnswer | undefined {
  if (metadata === undefined || facts.target !== metadata.target) return undefined
  if (facts.method !== 'GET' && facts.method !== 'HEAD') return undefined
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'max-age=300'],
      ['Access-Control-Allow-Origin', '*'],
    ],
    body: JSON.stringify(metadata.document(deps.clock())),
  }
}

async function verify(bench: Bench, facts: RequestFacts): Promise<Verdict> {
  const requestId = facts.requestId ?? bench.nextId()
  let trail: Trail | undefined
  try {
    trail = startTrail(facts, bench.deps.clock())
    trail.withheld = bench.parts.certificates.withhold?.(facts)
    if (trail.withheld?.ignored) bench.counter.ignoredCertificate()
    const broken = await judgeRequest(bench.parts, trail)
    return broken ? await refuse(bench, trail, requestId, broken) : await admit(bench, trail, requestId)
  } catch (fault) {
    return closeDoor(bench, trail, facts, requestId, fault)
  }
}

function startTrail(facts: RequestFacts, now: number): Trail {
  return {
    facts,
    lines: readHeaderLines(facts),
    now,
    route: undefined,
    attempted: undefined,
    unbound: 'refused',
    nonce: undefined,
    proof: undefined,
    token: undefined,
    certificate: undefined,
    overlooked: undefined,
    withheld: undefined,
  }
}

function knowledge(trail: Trail, requestId: string): Knowledge {
  return {
    at: trail.now,
    requestId,
    method: trail.facts.method,
    route: trail.route?.name,
    token: trail.token,
    proof: trail.proof,
    certificate: trail.certificate ? 'presented' : 'absent',
    ignored: trail.withheld?.ignored,
  }
}

async function admit(bench: Bench, trail: Trail, requestId: string): Promise<Admitted> {
  const route = trail.route!
  const withheld = trail.withheld?.names
  const known = knowledge(trail, requestId)
  const mode = route.kind === 'public' ? 'none' : modeOf(trail.token!)
  if (trail.overlooked) {
    bench.counter.overlooked(route.name)
    await bench.deps.audit(bench.audit.wouldRefuse(known, trail.overlooked))
  }
  const audit = bench.audit.admitted(known, mode)
  const recorded = bench.deps.audit(audit)
  if (recorded) await recorded
  const headers = [...bench.cors.headers(trail.lines.origin)]
  // Renewed on success, so that a client is never surprised by an expired nonce (RFC 9449 §8.2).
  if (trail.nonce?.nonce === 'current' && trail.nonce.renew) headers.push(['DPoP-Nonce', await bench.parts.nonces.make(trail.now)])
  // Chosen by what no header of the request says (RFC 9440 §2.4): no cache may give it to somebody else.
  if (trail.certificate) headers.push(['Vary', '*'])
  bench.counter.admitted()
  return {
    admitted: true,
    route: route.name,
    mode,
    url: trail.proof?.htu ?? bench.parts.urls.targets(trail.facts, pathOf(trail.facts.target))[0]!,
    requestId,
    ...(route.config.upgrade && { upgrade: route.config.upgrade }),
    ...(trail.token && { token: describeToken(trail.token) }),
    headers,
    ...(trail.certificate && { certificate: trail.certificate }),
    ...(withheld !== undefined && withheld.length > 0 && { withheld }),
    audit,
  }
}

function modeOf(token: VerifiedAccessToken): Admitted['mode'] {
  const { confirmation } = token
  if (confirmation === undefined) return 'bearer'
  if (confirmation.jkt === undefined) return 'mtls'
  return confirmation['x5t#S256'] === undefined ? 'dpop' : 'mixed'
}

function describeToken(token: VerifiedAccessToken): AdmittedToken {
  const { issuer, subject, clientId, scopes, audience, expiresAt, confirmation, claims } = token
  return {
    issuer,
    subject,
    clientId,
    scopes,
    audience,
    expiresAt,
    confirmation,
    jkt: confirmation?.jkt,
    x5t: confirmation?.['x5t#S256'],
    claims,
  }
}

async function refuse(bench: Bench, trail: Trail, requestId: string, broken: Broken): Promise<Refused> {
  const { parts } = bench
  const more = broken.broken === 'dpop.htu-is-request-target' ? parts.urls.explain(trail.facts) : undefined
  const audit = bench.audit.refused(knowledge(trail, requestId), broken, more)
  const refused = await renderRefusal(bench, trail, broken, audit)
  bench.counter.refused(broken.broken)
  // A refusal stands whether or not it could be recorded.
  try {
    await bench.deps.audit(audit)
  } catch {
    bench.counter.refused('guard.can-decide')
  }
  return refused
}

async function renderRefusal(bench: Bench, trail: Trail, broken: Broken, audit: AuditEvent): Promise<Refused> {
  const route = trail.route?.kind === 'guarded' ? trail.route : undefined
  const answer = bench.render({ broken, attempted: trail.attempted, route, unbound: trail.unbound })
  const headers = [...answer.headers, ...bench.cors.headers(trail.lines.origin)]
  // `off` never sends one, `required` always tells the next one with a challenge (RFC 9449 §9).
  if (route?.nonce === 'required' && answer.status === 401) headers.push(['DPoP-Nonce', await bench.parts.nonces.make(trail.now)])
  return { admitted: false, status: answer.status, headers, body: answer.body, rule: broken.broken, audit }
}

/** Something of ours failed. Nobody passes, and nothing of the failure shows. */
async function closeDoor(bench: Bench, trail: Trail | undefined, facts: RequestFacts, requestId: string, fault: unknown): Promise<Refused> {
  const broken = broke(readinessRules, 'guard.can-decide')
  const known: Knowledge = trail
    ? knowledge(trail, requestId)
    : {
        at: 0,
        requestId,
        method: facts.method,
        route: undefined,
        token: undefined,
        proof: undefined,
        certificate: 'absent',
        ignored: undefined,
      }
  const audit = bench.audit.refused(known, broken, { fault: sayFault(fault) })
  const answer = bench.render({ broken, attempted: undefined, route: undefined, unbound: 'refused' })
  bench.counter.refused(broken.broken)
  try {
    await bench.deps.audit(audit)
  } catch {
    // The log is what failed, or it failed too: the count above is what remains.
  }
  const headers = [...answer.headers, ...(trail ? bench.cors.headers(trail.lines.origin) : [])]
  return { admitted: false, status: wireErrors.api.unavailable.status, headers, body: answer.body, rule: broken.broken, audit }
}

/** Messages of errors we made ourselves; of others only the name, since a message may quote what it choked on. */
function sayFault(fault: unknown): string {
  const own = [StorageUnavailable, KeysUnavailable, IntrospectionUnavailable, Fault]
  if (fault instanceof Error && own.some((kind) => fault instanceof kind)) {
    return `${fault.name}: ${fault.message}`.slice(0, 300)
  }
  return fault instanceof Error ? fault.name : 'unknown'
}
