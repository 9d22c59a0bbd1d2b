// Findings: what is wrong, who repairs it with which control, what to look at next. One per subject and kind.
import type { RuleId, Text } from '@kimei/protocol'
import type { Inventory } from '../inventory.ts'
import type { ApiRecord, Finding, IssuerRecord, NextStep, Owner, ProbeResult } from '../observation.ts'
import { inventoryEvidence } from './overall.ts'
import { decidePriority, type PriorityFacts } from './priority.ts'

type Effect = 'exposure' | 'proof' | 'form' | 'operations'

interface Kind {
  readonly id: string
  readonly effect: Effect
  readonly owner: Owner
  readonly title: Text
  readonly control: Text
  readonly asvs: readonly string[]
  readonly wstg: readonly string[]
  readonly attack: readonly string[]
  readonly next: readonly NextStep[]
}

const api = { owner: 'RS', wstg: ['WSTG-ATHZ-05', 'WSTG-SESS-10'], attack: ['T1528', 'T1550.001'] } as const
const issuer = { owner: 'AS', wstg: ['WSTG-ATHZ-05.1', 'WSTG-SESS-10'], attack: ['T1528', 'T1550.001'] } as const

export const findingKinds = {
  'no-ticket-needed': {
    ...api,
    id: 'no-ticket-needed',
    effect: 'exposure',
    title: { ja: '札がなくても同じ答えが返る', en: 'The same answer comes without any ticket' },
    control: { ja: 'すべての要求に札を求める', en: 'Demand a ticket on every request' },
    asvs: ['10.3.5'],
    next: ['17', '16', '15'],
  },
  'bearer-accepted': {
    ...api,
    id: 'bearer-accepted',
    effect: 'exposure',
    title: { ja: '札だけで通る（鍵がいらない）', en: 'The ticket alone is enough; no key is needed' },
    control: { ja: 'cnf を必ず読み、証明のない要求を断る', en: 'Always read cnf and refuse requests without its proof' },
    asvs: ['10.3.5', '9.2.2'],
    next: ['17', '16', '15'],
  },
  'key-not-checked': {
    ...api,
    id: 'key-not-checked',
    effect: 'exposure',
    title: { ja: '証明はあるだけでよい（鍵や署名が確かめられない）', en: 'Any proof will do: key or signature is not checked' },
    control: { ja: '署名を検証し、鍵の拇印を cnf.jkt と比べる', en: 'Verify the signature and compare the key thumbprint with cnf.jkt' },
    asvs: ['10.3.5', '9.1.1', '9.1.2'],
    next: ['17', '16'],
  },
  'unbound-accepted': {
    ...api,
    id: 'unbound-accepted',
    effect: 'exposure',
    title: { ja: '名のない札も通る', en: 'Tickets bound to nothing are taken as well' },
    control: { ja: '縛られていない札を断る', en: 'Refuse tickets that are not bound' },
    asvs: ['10.3.5'],
    next: ['17', '16'],
  },
  'declared-not-enforced': {
    ...api,
    id: 'declared-not-enforced',
    effect: 'exposure',
    title: { ja: '必須と公表しているのに、強制していない', en: 'Declared as required, and not enforced' },
    control: { ja: '公表のとおりに強制するか、公表を改める', en: 'Enforce what the metadata declares, or correct the metadata' },
    asvs: ['10.3.5'],
    next: ['16', '15'],
  },
  'proof-not-compared': {
    ...api,
    id: 'proof-not-compared',
    effect: 'proof',
    title: { ja: '証明の中身が比べられていない', en: 'Claims of the proof are not compared' },
    control: { ja: 'htm・htu・ath・iat・nonce をそれぞれ確かめる', en: 'Compare htm, htu, ath, iat and nonce' },
    asvs: ['10.3.5', '9.2.1'],
    next: ['17', '16'],
  },
  'replay-accepted': {
    ...api,
    id: 'replay-accepted',
    effect: 'proof',
    title: { ja: '同じ証明が二度通る', en: 'The same proof passes twice' },
    control: {
      ja: '使われた jti を、証明の有効なあいだ覚えて断る',
      en: 'Remember used jti for as long as the proof is valid, and refuse them',
    },
    asvs: ['10.3.5'],
    next: ['17', '15'],
  },
  'token-not-checked': {
    ...api,
    id: 'token-not-checked',
    effect: 'exposure',
    title: { ja: '札そのものが確かめられていない', en: 'The ticket itself is not checked' },
    control: { ja: '署名・発行者・宛先・期限・種類を確かめる', en: 'Check signature, issuer, audience, expiry and kind' },
    asvs: ['9.1.1', '9.2.2', '9.2.3'],
    next: ['17', '16'],
  },
  'form-not-strict': {
    ...api,
    id: 'form-not-strict',
    effect: 'form',
    title: { ja: 'あいまいな要求が通る', en: 'Ambiguous requests pass' },
    control: { ja: 'ヘッダーを数え、二つあれば断る', en: 'Count headers and refuse two where one is allowed' },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'wrong-status': {
    ...api,
    id: 'wrong-status',
    effect: 'form',
    title: { ja: '断り方が 500 になっている', en: 'Refusals come as 500' },
    control: { ja: '401 と WWW-Authenticate で断る', en: 'Refuse with 401 and WWW-Authenticate' },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'issued-unbound': {
    ...issuer,
    id: 'issued-unbound',
    effect: 'form',
    title: { ja: '証明つきの申請にも名のない札が出る', en: 'Tickets are issued unbound even when a proof is sent' },
    control: { ja: '証明の鍵に札を縛り、cnf を入れる', en: 'Bind the ticket to the key of the proof and say so in cnf' },
    asvs: ['10.4.14'],
    next: ['17', '16', '15'],
  },
  'proof-not-required': {
    ...issuer,
    id: 'proof-not-required',
    effect: 'form',
    title: { ja: '証明がなくても札が出る', en: 'Tickets are issued without a proof' },
    control: { ja: 'このクライアントに証明を必須にする', en: 'Demand a proof from this client' },
    asvs: ['10.4.14'],
    next: ['17', '16'],
  },
  'issuer-checks-missing': {
    ...issuer,
    id: 'issuer-checks-missing',
    effect: 'proof',
    title: { ja: '発行側で確かめられていないことがある', en: 'The issuer leaves something unchecked' },
    control: { ja: '該当する規則を発行側で強制する', en: 'Enforce the rules named here at the issuer' },
    asvs: ['10.4.14', '10.4.16'],
    next: ['17', '16'],
  },
  'operations-unclear': {
    ...issuer,
    id: 'operations-unclear',
    effect: 'operations',
    title: { ja: '運用（鍵の交代・失効・障害時）が明らかでない', en: 'Operations (key rotation, revocation, fallback) are unclear' },
    control: { ja: '鍵の交代、失効、障害時の動きを文書にする', en: 'Document key rotation, revocation and behaviour on failure' },
    asvs: ['9.1.3'],
    next: ['15'],
  },
  'refresh-not-rotated': {
    ...issuer,
    owner: 'AS',
    id: 'refresh-not-rotated',
    effect: 'proof',
    title: { ja: '縛られず回転もしない refresh token がある', en: 'A refresh token is neither bound nor rotated' },
    control: {
      ja: 'まず回転と再利用の検知（17）、つぎに鍵への拘束（18）',
      en: 'First rotation and reuse detection (17), then binding (18)',
    },
    asvs: ['10.4.5'],
    next: ['17'],
  },
} as const satisfies Record<string, Kind>

export type FindingKind = keyof typeof findingKinds

const byProbe: Readonly<Record<string, FindingKind>> = {
  B1: 'bearer-accepted',
  B2: 'bearer-accepted',
  K1: 'key-not-checked',
  S1: 'key-not-checked',
  X0: 'key-not-checked',
  X1a: 'key-not-checked',
  X1b: 'key-not-checked',
  U1: 'unbound-accepted',
  R1: 'replay-accepted',
  B3: 'form-not-strict',
  X4a: 'form-not-strict',
  X4b: 'form-not-strict',
  X4c: 'form-not-strict',
  AS1: 'issued-unbound',
  AS2: 'proof-not-required',
  AS3: 'proof-not-required',
}

/** Which kind of finding a violated probe makes. */
function kindOf(probe: ProbeResult, at: 'api' | 'issuer'): FindingKind {
  const named = byProbe[probe.probe]
  if (named) return named
  if (probe.probe.startsWith('TK')) return 'token-not-checked'
  return at === 'issuer' ? 'issuer-checks-missing' : 'proof-not-compared'
}

export interface FindingsContext {
  readonly inventory: Inventory
  readonly claimed: boolean
  readonly everywhere: boolean
}

export function findingsOf(issuers: readonly IssuerRecord[], apis: readonly ApiRecord[], context: FindingsContext): Finding[] {
  const found = [
    ...apis.flatMap((record) => apiFindings(record, context)),
    ...issuers.flatMap((record) => issuerFindings(record, context)),
    ...operationFindings(context),
  ]
  const merged = [...Map.groupBy(found, ({ id, subject }) => `${id} ${subject}`).values()].map(merge)
  return merged.sort((a, b) => a.priority.localeCompare(b.priority)).map((finding, i) => ({ ...finding, id: `F${i + 1}` }))
}

/** A finding of one client; `id` is still its kind. */
interface ClientFinding extends Finding {
  readonly client: string
}

/** The same finding of several clients is one. */
function merge(same: readonly ClientFinding[]): Finding {
  const { client: _client, ...first } = same[0]!
  const clients = [...new Set(same.map(({ client }) => client))].filter((client) => client !== '')
  const joined = <T>(of: (finding: ClientFinding) => readonly T[]): T[] => [...new Set(same.flatMap(of))]
  return {
    ...first,
    subject: clients.length === 0 ? first.subject : `${first.subject} (${clients.join(', ')})`,
    probes: joined(({ probes }) => probes),
    rules: joined(({ rules }) => rules),
    evidence: joined(({ evidence }) => evidence),
  }
}

interface Ground {
  readonly subject: string
  readonly client: string
  readonly probes: readonly ProbeResult[]
  readonly evidence?: readonly string[]
  readonly privileged?: boolean
  readonly tier?: Finding['tier']
}

function make(kind: FindingKind, ground: Ground, context: FindingsContext): ClientFinding {
  const { effect, id, ...head } = findingKinds[kind]
  const evidence = [...new Set([...ground.probes.flatMap((probe) => probe.evidence), ...(ground.evidence ?? [])])]
  const facts: PriorityFacts = {
    exposure: effect !== 'exposure' ? 'none' : context.everywhere ? 'everywhere' : 'exception',
    privileged: ground.privileged ?? false,
    claimed: context.claimed,
    weakness: effect === 'exposure' || effect === 'operations' ? 'none' : effect,
    operations: effect === 'operations' ? 'unclear' : 'clear',
  }
  const { priority } = decidePriority(facts)
  return {
    ...head,
    id,
    priority: priority === 'none' ? 'P2' : priority,
    tier: ground.tier ?? (evidence.length > 0 ? 'confirmed' : 'inferred'),
    subject: ground.subject,
    client: ground.client,
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

function apiFindings(record: ApiRecord, context: FindingsContext): ClientFinding[] {
  const privileged = record.privilege === 'high'
  const ground = { subject: `${record.method} ${record.api}`, client: record.client, privileged }
  const found = [...grouped(record.probes, 'api')].map(([kind, probes]) => make(kind, { ...ground, probes }, context))
  if (record.baseline === 'public') found.push(make('no-ticket-needed', { ...ground, probes: [], evidence: record.evidence }, context))
  const declared = record.declared['dpop_bound_access_tokens_required'] === true
  if (declared && (record.rsEnforced === 'no' || record.rsEnforced === 'partial')) {
    found.push(make('declared-not-enforced', { ...ground, probes: [], evidence: record.evidence }, { ...context, claimed: true }))
  }
  const failing = record.probes.filter(({ verdict, answered }) => verdict === 'holds' && answered === 'refused (500)')
  if (failing.length > 0) found.push(make('wrong-status', { ...ground, probes: failing }, context))
  return found
}

function issuerFindings(record: IssuerRecord, context: FindingsContext): ClientFinding[] {
  const ground = { subject: record.tokenEndpoint, client: record.client }
  const found = [...grouped(record.probes, 'issuer')].map(([kind, probes]) => make(kind, { ...ground, probes }, context))
  const client = context.inventory.clients.find(({ id }) => id === record.client)
  if (client?.refreshTokens === 'not-rotated' && client.kind !== 'server' && record.asEnforced !== 'yes') {
    found.push(make('refresh-not-rotated', { ...ground, probes: [], evidence: [inventoryEvidence], tier: 'inferred' }, context))
  }
  return found
}

function operationFindings(context: FindingsContext): ClientFinding[] {
  const { operations } = context.inventory
  const unclear = Object.entries(operations).filter(([, state]) => state === 'unclear')
  if (unclear.length === 0) return []
  const subject = `operations: ${unclear.map(([name]) => name).join(', ')}`
  return [make('operations-unclear', { subject, client: '', probes: [], evidence: [inventoryEvidence], tier: 'inferred' }, context)]
}
