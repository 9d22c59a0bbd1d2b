// Findings: what is wrong, who repairs it with which control, what to look at next. One per subject and kind.

import type { RuleId } from '@kimei/protocol'
import type { Inventory } from '../inventory/inventory.ts'
import type { ApiRecord, Finding, IssuerRecord, ProbeResult } from '../observation.ts'
import type { Residual } from '../residual.ts'
import { type FindingKind, findingKinds } from './finding-kinds.ts'
import { isLaundered } from './grant-table.ts'
import { sideDoorIds } from './open-side.ts'
import { kindOfOther, withoutImplied } from './other-credentials.ts'
import { inventoryEvidence } from './overall.ts'
import { decidePriority, type PriorityFacts } from './priority.ts'
import { residualKinds } from './residual-kinds.ts'

const byProbe: Readonly<Record<string, FindingKind>> = {
  B1: 'bearer-accepted',
  B2: 'bearer-accepted',
  K1: 'key-not-checked',
  S1: 'key-not-checked',
  X0: 'key-not-checked',
  X1a: 'key-not-checked',
  X1b: 'key-not-checked',
  U1: 'unbound-accepted',
  L7: 'bearer-accepted',
  L6: 'certificate-not-compared',
  L8: 'unbound-accepted',
  L10: 'certificate-not-needed-elsewhere',
  L13: 'certificate-not-needed-elsewhere',
  L2: 'certificate-not-required',
  L4: 'certificate-requested-late',
  L12: 'issued-nameless',
  R1: 'replay-accepted',
  R2: 'replay-accepted',
  R3: 'replay-accepted',
  R6: 'others-shut-out',
  T3: 'window-too-wide',
  'N3-old': 'window-too-wide',
  'N3-issuer': 'nonce-of-another',
  CA1: 'answer-from-cache',
  H3: 'form-not-strict',
  H4: 'form-not-strict',
  H6: 'form-not-strict',
  H5: 'right-spelling-refused',
  H7: 'right-spelling-refused',
  B3: 'form-not-strict',
  T5: 'proof-loosely-read',
  T6: 'proof-loosely-read',
  X4a: 'form-not-strict',
  X4b: 'form-not-strict',
  X4c: 'form-not-strict',
  X5b: 'proof-loosely-read',
  X5c: 'proof-loosely-read',
  X5d: 'proof-loosely-read',
  X6: 'proof-loosely-read',
  X7: 'proof-loosely-read',
  X8: 'proof-loosely-read',
  U2: 'form-not-strict',
  TK5: 'revocation-not-noticed',
  AS1: 'issued-unbound',
  AS9: 'issuer-api-takes-bearer',
  'AS9-introspection': 'issuer-api-takes-bearer',
  'AS9-revocation': 'issuer-api-takes-bearer',
  'AS9-registration': 'issuer-api-takes-bearer',
  'AS9-management': 'issuer-api-takes-bearer',
  'AS9-own': 'issuer-api-takes-bearer',
  'AS5-ahead': 'right-proof-refused',
  'AS-no-credentials': 'client-not-authenticated',
  'AS-wrong-secret': 'client-not-authenticated',
  'AS-assertion-signature': 'client-not-authenticated',
  AS2: 'proof-not-required',
  'AS8-exchange': 'proof-not-required',
  'AS8-vouched': 'proof-not-required',
  'AS8-own-ticket': 'proof-not-required',
  'AS8-device': 'proof-not-required',
  'AS8-backchannel': 'proof-not-required',
}

/** Which kind of finding a violated probe makes. */
function kindOf(probe: ProbeResult, at: 'api' | 'issuer'): FindingKind {
  const named = byProbe[probe.probe] ?? kindOfOther(probe)
  if (named) return named
  if (sideDoorIds.has(probe.probe)) return 'side-door'
  if (probe.issued === 'unbound') return 'proof-not-required'
  if (probe.probe === 'TK1' || probe.probe === 'TK2') return 'ticket-forgeable'
  if (probe.probe.startsWith('TK')) return 'token-not-checked'
  if (probe.probe.startsWith('L9-')) return 'certificate-told-by-anybody'
  if (probe.probe.startsWith('L11-')) return 'certificate-not-needed-elsewhere'
  if (probe.probe === 'L0' || probe.probe === 'L1') return 'certificate-not-requested'
  if (at === 'api') return 'proof-not-compared'
  return loose.has(probe.probe) || probe.level !== 'MUST' ? 'issuer-not-strict' : 'issuer-checks-missing'
}

/** Harmless where the issuer merely overlooks what it was sent beside a request that is right in itself. */
const loose = new Set([
  // RFC 7515 §4 lets a parser take the last of two members.
  'AS5-member-twice',
  'AS5-key-use',
  // RFC 9449 §4.3 lists what is checked; these are rules of every JWT, and none of them lets anybody else in.
  'AS5-crit',
  'AS5-nbf-ahead',
  'AS5-exp-passed',
  'AS5-rsa-short',
  // A right secret, shown in another way than was registered.
  'AS-other-method',
  'AS-resource-malformed',
  'AS-in-query',
  'AS-two-headers',
  'AS-scope-personal',
  'AS-resource-unknown',
  'AZ-registration',
  // OAuth 2.1 §2.3.2 lets it be left out; OpenID Connect alone demands it.
  'AZ-redirect-unnamed',
])

/** Whoever gets in there rules over clients or accounts. */
const rulesClients = new Set(['AS9-registration', 'AS9-management', 'AS9-own'])

export interface FindingsContext {
  readonly inventory: Inventory
  readonly claimed: PriorityFacts['claimed']
  readonly everywhere: boolean
  readonly residual?: readonly Residual[]
}

export function findingsOf(issuers: readonly IssuerRecord[], apis: readonly ApiRecord[], context: FindingsContext): Finding[] {
  const found = [
    ...apis.flatMap((record) => apiFindings(record, context, bindsNothing(issuers, record))),
    ...issuers.flatMap((record) => issuerFindings(record, context)),
    ...sideFindings(issuers, apis, context),
    ...residualFindings(apis, context),
    ...operationFindings(context),
  ]
  const merged = [...Map.groupBy(found, ({ kind, subject }) => `${kind} ${subject}`).values()].map(merge)
  return merged.sort((a, b) => a.priority.localeCompare(b.priority)).map((finding, i) => ({ ...finding, id: `F${i + 1}` }))
}

/** The same finding of several clients is one. */
function merge(same: readonly Finding[]): Finding {
  const first = same[0]!
  const joined = <T>(of: (finding: Finding) => readonly T[]): T[] => [...new Set(same.flatMap(of))]
  const clients = joined((finding) => finding.clients)
  return {
    ...first,
    clients,
    subject: clients.length === 0 ? first.subject : `${first.subject} (${clients.join(', ')})`,
    probes: joined(({ probes }) => probes),
    rules: joined(({ rules }) => rules),
    evidence: joined(({ evidence }) => evidence),
  }
}

interface Ground {
  readonly subject: string
  readonly at: string
  readonly client: string
  readonly probes: readonly ProbeResult[]
  readonly evidence?: readonly string[]
  readonly privileged?: boolean
  readonly tier?: Finding['tier']
  readonly credential?: string | undefined
}

function make(kind: FindingKind, ground: Ground, context: FindingsContext): Finding {
  const { effect, id, ...head } = findingKinds[kind]
  const evidence = [...new Set([...ground.probes.flatMap((probe) => probe.evidence), ...(ground.evidence ?? [])])]
  const facts: PriorityFacts = {
    exposure: effect === 'hollow' ? 'hollow' : effect !== 'exposure' ? 'none' : context.everywhere ? 'everywhere' : 'exception',
    privileged: ground.privileged ?? false,
    claimed: context.claimed,
    weakness: effect === 'proof' || effect === 'form' || effect === 'laundering' ? effect : 'none',
    operations: effect === 'operations' ? 'unclear' : 'clear',
  }
  const { so: priority } = decidePriority(facts)
  return {
    ...head,
    id,
    kind: id,
    at: ground.at,
    clients: ground.client === '' ? [] : [ground.client],
    ...(ground.credential !== undefined && { credential: ground.credential }),
    priority: priority === 'none' ? 'P2' : priority,
    tier: ground.tier ?? (evidence.length > 0 ? 'confirmed' : 'inferred'),
    subject: ground.subject,
    probes: ground.probes.map(({ probe }) => probe),
    rules: [...new Set(ground.probes.flatMap(({ attacks }): readonly RuleId[] => attacks))],
    evidence,
  }
}

function grouped(probes: readonly ProbeResult[], at: 'api' | 'issuer'): Map<FindingKind, ProbeResult[]> {
  return Map.groupBy(
    probes.filter(({ verdict }) => verdict === 'violated'),
    (probe) => kindOf(probe, at),
  )
}

/** The client of this record was given tickets, and none that names a key or certificate. */
function bindsNothing(issuers: readonly IssuerRecord[], { client }: ApiRecord): boolean {
  return issuers.some((record) => record.client === client && record.mode === 'bearer')
}

/** The same hole, and other advice: where nothing is bound yet, or where this API cannot tell a name from a fault. */
function inWords(kind: FindingKind, { mode, probes }: ApiRecord, unbound: boolean): FindingKind {
  if (kind === 'bearer-accepted' && unbound) return 'bearer-everywhere'
  const boundPasses = probes.some(({ probe, verdict }) => verdict === 'violated' && byProbe[probe] === 'bearer-accepted')
  return kind === 'unbound-accepted' && mode === 'bearer' && !boundPasses ? 'unbound-alone' : kind
}

function apiFindings(record: ApiRecord, context: FindingsContext, unbound: boolean): Finding[] {
  const privileged = record.privilege === 'high'
  const ground = { subject: `${record.method} ${record.api}`, at: record.api, client: record.client, privileged }
  const kinds = grouped(withoutImplied(record.probes), 'api')
  // Where the ticket alone passes, nothing is demanded that could be hollow, but for the ticket itself.
  const hollow = (kind: FindingKind) => kind !== 'ticket-forgeable' && findingKinds[kind].effect === 'hollow'
  const told = [...kinds].filter(([kind]) => !kinds.has('bearer-accepted') || !hollow(kind))
  const found = told.flatMap(([kind, probes]) =>
    // Another credential is nobody's ticket: each has its own owner and its own mend.
    [...Map.groupBy(probes, ({ credential }) => credential)].map(([credential, own]) =>
      credential === undefined
        ? make(inWords(kind, record, unbound), { ...ground, probes: own }, context)
        : make(kind, { ...ground, subject: `${ground.subject} (${credential})`, client: '', probes: own, credential }, context),
    ),
  )
  if (record.baseline === 'public') found.push(make('no-ticket-needed', { ...ground, probes: [], evidence: record.evidence }, context))
  const declared = record.declared['dpop_bound_access_tokens_required'] === true
  if (declared && (record.rsEnforced === 'no' || record.rsEnforced === 'partial')) {
    // SEED-TB-52: a claim that is not enforced at all, by whom it was made.
    const claimed = record.rsEnforced === 'no' ? 'here' : 'somewhere'
    found.push(make('declared-not-enforced', { ...ground, probes: [], evidence: record.evidence }, { ...context, claimed }))
  }
  const failing = record.probes.filter(({ verdict, answered }) => verdict === 'holds' && answered === 'refused (500)')
  if (failing.length > 0) found.push(make('wrong-status', { ...ground, probes: failing }, context))
  return found
}

/** Where the issuer demands no certificate at all, that its handshakes ask for none says nothing more. */
function withoutUnasked(probes: readonly ProbeResult[]): readonly ProbeResult[] {
  const undemanded = probes.some(({ probe, verdict }) => probe === 'L2' && verdict === 'violated')
  return undemanded ? probes.filter(({ probe }) => probe !== 'L0' && probe !== 'L1') : probes
}

function issuerFindings(record: IssuerRecord, context: FindingsContext): Finding[] {
  const at = context.inventory.issuers.find(({ url }) => url === record.issuer)?.id ?? record.issuer
  const ground = { subject: record.tokenEndpoint, at, client: record.client }
  const client = context.inventory.clients.find(({ id }) => id === record.client)
  const bound = record.mode === 'dpop' || record.mode === 'mtls'
  const laundering = record.probes.filter((probe) => bound && isLaundered(probe))
  const others = record.probes.filter((probe) => !laundering.includes(probe))
  const found = [...grouped(withoutUnasked(others), 'issuer')].map(([kind, probes]) => ({
    ...make(kind, { ...ground, probes, privileged: probes.some(({ probe }) => rulesClients.has(probe)) }, context),
    // Handshakes at an issuer are the issuer's.
    ...(kind === 'certificate-not-requested' && ({ owner: 'AS' } as const)),
  }))
  if (laundering.length > 0) found.push(make('ticket-laundered', { ...ground, probes: laundering }, context))
  if (client?.refreshTokens === 'not-rotated' && client.kind !== 'server' && record.asEnforced !== 'yes') {
    found.push(make('refresh-not-rotated', { ...ground, probes: [], evidence: [inventoryEvidence], tier: 'inferred' }, context))
  }
  return found
}

/** SEED-TB-35, 37: certificates at issue without certificates at use have no effect; the other way round nobody knows what is meant. */
function sideFindings(issuers: readonly IssuerRecord[], apis: readonly ApiRecord[], context: FindingsContext): Finding[] {
  const issued = issuers.filter(({ mode }) => mode === 'mtls')
  const used = apis.filter(({ mode }) => mode === 'mtls')
  if (issued.length > 0 === used.length > 0) return []
  const [first] = issued
  const ground = first
    ? { subject: first.tokenEndpoint, at: context.inventory.issuers.find(({ url }) => url === first.issuer)?.id ?? first.issuer }
    : { subject: `${used[0]!.method} ${used[0]!.api}`, at: used[0]!.api }
  const evidence = [...issued, ...used].flatMap((record) => record.evidence)
  return [make('certificate-one-sided', { ...ground, client: (first ?? used[0]!).client, probes: [], evidence }, context)]
}

/** SEED-TB-73: a revoked ticket that still passes, and for how long; where it was promised to end at once, that is broken. */
function residualFindings(apis: readonly ApiRecord[], context: FindingsContext): Finding[] {
  return (context.residual ?? []).flatMap((one) => {
    const record = apis.find(({ api }) => api === one.api)
    const ground = { at: one.api, client: one.client, probes: [], evidence: one.evidence, privileged: record?.privilege === 'high' }
    return residualKinds(one).map(({ kind, subject }) =>
      make(kind, { ...ground, subject: `${record?.method ?? ''} ${one.api}, ${subject}` }, context),
    )
  })
}

function operationFindings(context: FindingsContext): Finding[] {
  const { operations } = context.inventory
  const unclear = Object.entries(operations).filter(([, state]) => state === 'unclear')
  if (unclear.length === 0) return []
  const subject = `operations: ${unclear.map(([name]) => name).join(', ')}`
  return [
    make(
      'operations-unclear',
      { subject, at: 'operations', client: '', probes: [], evidence: [inventoryEvidence], tier: 'inferred' },
      context,
    ),
  ]
}
