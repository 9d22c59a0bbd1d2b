// From all records to the seven fields of the posture, with the evidence behind each, and to the overall result.
// The vocabulary and its contradictions stand in `posture.ts`.
import type { Text } from '@kimei/protocol'
import type { Inventory } from '../inventory/inventory.ts'
import type { ApiRecord, IssuerRecord, Observation, ProbeResult, Statement } from '../observation.ts'
import { targetSpent } from '../wire/pacer.ts'
import { branches } from './branches.ts'
import { decide } from './decision-table.ts'
import type { Posture, PostureField } from './posture.ts'
import { coverageTable, type EnforcementFacts, type HypothesisFacts, hypothesisTable, resultTable } from './posture-table.ts'

/** Stands for the operator's own statements in lists of evidence. */
export const inventoryEvidence = 'inventory'

export interface Records {
  readonly inventory: Inventory
  readonly issuers: readonly IssuerRecord[]
  readonly apis: readonly ApiRecord[]
}

export interface Overall {
  readonly posture: Posture
  readonly evidence: Readonly<Record<PostureField, readonly string[]>>
  readonly overall: Observation['overall']
  readonly hypothesis: Observation['hypothesis']
  readonly perClientDifference: Observation['perClientDifference']
  readonly representatives: readonly string[]
  readonly warnings: readonly Text[]
}

export function judgeOverall(records: Records): Overall {
  const { representatives, warnings, complete } = sampleOf(records)
  const sampled = records.apis.filter(({ api }) => representatives.includes(api))
  const mode = modeOf(records.issuers, sampled)
  const asEnforced = all(records.issuers.map(({ asEnforced }) => asEnforced))
  const { rs_enforced, coverage } = decide(coverageTable, enforcementFacts(sampled, representatives, complete)).so
  const base = {
    mode,
    as_enforced: mode === 'bearer' && asEnforced === 'yes' ? 'unknown' : asEnforced,
    rs_enforced,
    coverage,
    replay_protection: replayOf(sampled),
    client_fit: fitOf(records.inventory),
  } as const
  const posture: Posture = { ...base, confidence: confidenceOf(base, sampled) }
  const evidence = evidenceOf(records, sampled)
  return {
    posture: withoutUngrounded(posture, evidence),
    evidence,
    overall: decide(resultTable, posture).so,
    hypothesis: decide(hypothesisTable, hypothesisFacts(posture, records.issuers, sampled)).so,
    perClientDifference: differenceOf(records),
    representatives,
    warnings: [...warnings, ...opaqueWarning(records.issuers), ...unboundWarning(sampled, rs_enforced), ...budgetWarning(records)],
  }
}

/** SEED-TB-76: what cannot be read proves nothing about its binding; only what APIs refuse does. */
function opaqueWarning(issuers: readonly IssuerRecord[]): readonly Text[] {
  if (!issuers.some(({ token }) => token === 'opaque')) return []
  return [
    {
      ja: '切符の中身は読めません。判定は API が断るかどうかによります。',
      en: 'The ticket cannot be read: the verdict rests on what APIs refuse.',
    },
  ]
}

/** Where nobody of the inventory is given an unbound ticket, an API that takes them as well looks like one that does not. */
function unboundWarning(apis: readonly ApiRecord[], enforced: Posture['rs_enforced']): readonly Text[] {
  const asked = apis.some(({ probes }) => probes.some(({ probe, verdict }) => ['U1', 'L8'].includes(probe) && verdict === 'holds'))
  if (enforced !== 'yes' || asked) return []
  return [
    {
      ja: '無記名の切符が通るかは見ていません（ここのクライアントには発行されません）。無記名の切符を受けるクライアントがあれば clients に加えてください。',
      en: 'Not seen: whether a ticket bound to nothing would pass. No client here is given one; if any is, add it to clients.',
    },
  ]
}

function budgetWarning({ inventory, apis, issuers }: Records): readonly Text[] {
  const spent = (probes: readonly ProbeResult[]) => probes.some(({ reason }) => reason === targetSpent)
  const places = new Set([
    ...apis.filter(({ probes }) => spent(probes)).map(({ api }) => api),
    ...issuers.filter(({ probes }) => spent(probes)).map(({ issuer }) => inventory.issuers.find(({ url }) => url === issuer)?.id ?? issuer),
  ])
  if (places.size === 0) return []
  const [named, more] = [[...places].slice(0, 5).join(', '), places.size > 5 ? ', …' : '']
  return [
    {
      ja: `要求の上限に達し、すべては試せませんでした（${named}${more}）。pace.requestsPerApi を上げてください。`,
      en: `The budget of requests ended before everything was asked (${named}${more}): raise pace.requestsPerApi.`,
    },
  ]
}

const rank = { high: 0, mid: 1, low: 2 } as const

/** SEED-TB-30, 46, 72: at least three APIs in falling privilege, GraphQL, batch and admin among them where they exist. */
function sampleOf({ inventory }: Records): { representatives: readonly string[]; warnings: readonly Text[]; complete: boolean } {
  const byPrivilege = [...inventory.apis].sort((a, b) => rank[a.privilege] - rank[b.privilege])
  const chosen = inventory.representatives ?? byPrivilege.map(({ id }) => id)
  const entries = chosen.map((id) => inventory.apis.find((api) => api.id === id)!)
  const warnings: Text[] = []
  if (chosen.length < 3)
    warnings.push({ ja: 'API が三つに満たないので、範囲は言えません。', en: 'Fewer than three APIs: coverage cannot be stated.' })
  if (entries.some((entry, i) => i > 0 && rank[entry.privilege] < rank[entries[i - 1]!.privilege])) {
    warnings.push({
      ja: '代表 API が権限の高い順に並んでいないので、範囲は言えません。',
      en: 'Representatives are not in falling privilege: coverage cannot be stated.',
    })
  }
  const special = inventory.apis.filter(({ kind, id }) => ['graphql', 'batch', 'admin'].includes(kind) && !chosen.includes(id))
  if (special.length > 0) {
    const ids = special.map(({ id }) => id).join(', ')
    warnings.push({
      ja: `GraphQL・バッチ・管理の API が見られていません（${ids}）。`,
      en: `GraphQL, batch or admin APIs are not in the sample (${ids}).`,
    })
  }
  return { representatives: chosen, warnings, complete: warnings.length === 0 }
}

function modeOf(issuers: readonly IssuerRecord[], apis: readonly ApiRecord[]): Posture['mode'] {
  const seen = new Set([...issuers, ...apis].map(({ mode }) => mode).filter((mode) => mode !== 'unknown'))
  if (apis.every(({ mode }) => mode === 'unknown')) return 'unknown'
  return seen.size === 1 ? [...seen][0]! : 'mixed'
}

function all(values: readonly ('yes' | 'no' | 'unknown')[]): 'yes' | 'no' | 'unknown' {
  if (values.includes('no')) return 'no'
  return values.length > 0 && values.every((value) => value === 'yes') ? 'yes' : 'unknown'
}

/** One record of each API must be known: a client that gets no ticket hides nothing when another one does. */
function enforcementFacts(apis: readonly ApiRecord[], sample: readonly string[], complete: boolean): EnforcementFacts {
  const demands = apis.map(demandOf)
  const known = apis.filter((_, i) => demands[i] !== 'unknown')
  const whole = sample.every((id) => known.some(({ api }) => api === id))
  const some = demands.includes('yes') || demands.includes('part')
  const hole = demands.includes('no') || demands.includes('part')
  return {
    demand: hole ? (some ? 'some' : whole ? 'none' : 'holes') : whole && some ? 'all' : apis.some(isLax) ? 'holes' : 'unknown',
    claims: apis.some(isLax) ? 'overlooked' : 'compared',
    sample: complete ? 'good' : 'short',
  }
}

/** Proofs for other requests pass where the name itself is demanded. */
function isLax({ rsEnforced, mode }: ApiRecord): boolean {
  return rsEnforced === 'partial' && mode !== 'mixed'
}

/** `part`: bound tickets are held to their key, unbound ones pass. */
function demandOf(record: ApiRecord): 'yes' | 'no' | 'part' | 'unknown' {
  if (record.rsEnforced === 'partial') return isLax(record) ? (record.rsRequired === 'yes' ? 'yes' : 'unknown') : 'part'
  return record.rsEnforced
}

function replayOf(apis: readonly ApiRecord[]): Posture['replay_protection'] {
  if (apis.some(({ replay }) => replay === 'jti_no')) return 'jti_no'
  return apis.some(({ replay }) => replay === 'jti_yes') ? 'jti_yes' : 'unknown'
}

function fitOf({ clients }: Inventory): Posture['client_fit'] {
  const kinds = new Set(clients.map(({ kind }) => kind))
  if (kinds.has(undefined)) return 'unknown'
  return kinds.size === 1 ? [...kinds][0]! : 'mixed'
}

/** The weakest field decides; what was carried over from another API is no more than inferred. */
function confidenceOf(fields: Omit<Posture, 'confidence'>, apis: readonly ApiRecord[]): Posture['confidence'] {
  if (fields.mode === 'unknown' || fields.rs_enforced === 'unknown') return fields.mode === 'unknown' ? 'unknown' : 'inferred'
  if (apis.some(({ carriedFrom }) => carriedFrom !== undefined)) return 'inferred'
  const seen = fields.as_enforced !== 'unknown' && fields.coverage !== 'unknown'
  // Bearer everywhere has no coverage to state, and is seen directly all the same.
  const bearer = fields.mode === 'bearer' && fields.rs_enforced === 'no'
  return seen || bearer ? 'confirmed' : 'inferred'
}

function hypothesisFacts(posture: Posture, issuers: readonly IssuerRecord[], apis: readonly ApiRecord[]): HypothesisFacts {
  const issued = issuers.some(({ mode }) => mode === 'mtls')
  const used = apis.some(({ mode }) => mode === 'mtls')
  return {
    rs: posture.rs_enforced,
    mode: posture.mode,
    oneSided: issued === used ? 'no' : issued ? 'issuer' : 'api',
    enforcing: apis.some(({ rsEnforced }) => rsEnforced === 'yes') ? 'some' : 'none',
    bound: [...issuers, ...apis].some(({ mode }) => mode === 'dpop' || mode === 'mtls' || mode === 'mixed') ? 'yes' : 'no',
  }
}

/** SEED-TB-61: one client alone says nothing about the others. */
function differenceOf({ apis }: Records): Observation['perClientDifference'] {
  const byApi = Map.groupBy(
    apis.filter(({ rsEnforced }) => rsEnforced !== 'unknown'),
    ({ api }) => api,
  )
  const compared = [...byApi.values()].filter((records) => records.length > 1)
  if (compared.length === 0) return 'unknown'
  return compared.some((records) => new Set(records.map(({ mode, rsEnforced }) => `${mode} ${rsEnforced}`)).size > 1) ? 'found' : 'none'
}

function evidenceOf({ issuers, apis }: Records, sampled: readonly ApiRecord[]): Overall['evidence'] {
  const of = (list: readonly { readonly evidence: readonly string[] }[]) => [...new Set(list.flatMap(({ evidence }) => evidence))]
  const probesOf = (list: readonly (IssuerRecord | ApiRecord)[], ids?: readonly string[]) =>
    of(list.flatMap(({ probes }) => probes.filter(({ probe }) => ids === undefined || ids.includes(probe))))
  const rs = [...probesOf(sampled), ...of(sampled.filter(({ rsEnforced }) => rsEnforced !== 'unknown'))]
  return {
    mode: [...new Set([...of(issuers), ...rs])],
    as_enforced: probesOf(issuers),
    rs_enforced: [...new Set(rs)],
    coverage: [...new Set(rs)],
    replay_protection: probesOf(sampled, ['R1']),
    client_fit: [inventoryEvidence],
    confidence: [...new Set([...probesOf(issuers), ...probesOf(apis), inventoryEvidence])],
  }
}

/** SEED-TB-05, 47: a field that rests on nothing is unknown. */
function withoutUngrounded(posture: Posture, evidence: Overall['evidence']): Posture {
  const fields = Object.keys(posture) as PostureField[]
  const grounded = fields.map((field) => [field, evidence[field].length === 0 ? 'unknown' : posture[field]])
  return Object.fromEntries(grounded) as unknown as Posture
}

/** What may be said, in its tier (SEED-TB-48..50). */
const issuerWords: Readonly<Record<Posture['as_enforced'], Text>> = {
  yes: { ja: '縛って出します', en: 'binds the tickets it gives out' },
  no: { ja: '縛らずにも出します', en: 'gives out tickets that are bound to nothing as well' },
  unknown: { ja: '縛るかどうか、わかりませんでした', en: 'may or may not bind its tickets' },
}
const apiWords: Readonly<Record<Posture['rs_enforced'], Text>> = {
  yes: { ja: 'どこでも確かめます', en: 'Every API that was asked demands the key' },
  partial: { ja: '一部でしか確かめません', en: 'Only some APIs demand the key' },
  no: { ja: '確かめません', en: 'The APIs do not demand the key' },
  unknown: { ja: '確かめるかどうか、わかりませんでした', en: 'Whether the APIs demand the key could not be told' },
}

export function statementsOf(
  { posture, evidence, hypothesis }: Pick<Overall, 'posture' | 'evidence' | 'hypothesis'>,
  issuers: readonly IssuerRecord[],
): Statement[] {
  const tier = posture.confidence === 'confirmed' ? 'confirmed' : 'inferred'
  const direct = (grounds: readonly string[]): Statement['tier'] => (grounds.length > 0 ? tier : 'inferred')
  const open = posture.rs_enforced === 'no' || posture.rs_enforced === 'partial'
  const branch = branches[hypothesis]
  return [
    {
      tier: direct(evidence.rs_enforced),
      text: {
        ja: `発行者は切符を${issuerWords[posture.as_enforced].ja}。API は鍵を${apiWords[posture.rs_enforced].ja}。`,
        en: `The issuer ${issuerWords[posture.as_enforced].en}. ${apiWords[posture.rs_enforced].en}.`,
      },
      grounds: [...evidence.as_enforced, ...evidence.rs_enforced],
    },
    ...unboundStatement(issuers),
    ...(branch ? [{ tier: direct(evidence.rs_enforced), text: branch, grounds: [...evidence.mode] }] : []),
    ...(open
      ? [
          {
            tier: 'inferred' as const,
            text: {
              ja: '盗まれた切符への強さは一部に限られ、Bearer と同じ入口がほかにも残っている見込みがあります。',
              en: 'Resistance to a stolen ticket is local; further entrances that take it as Bearer are likely.',
            },
            grounds: evidence.rs_enforced,
          },
        ]
      : []),
  ]
}

/** SEED-TB-22: by which client and grant an unbound ticket was had. */
function unboundStatement(issuers: readonly IssuerRecord[]): Statement[] {
  const had = issuers.flatMap(({ client, grants }) =>
    grants.filter(({ outcome }) => outcome === 'unbound').map((cell) => ({ client, cell })),
  )
  if (had.length === 0) return []
  const named = had.map(({ client, cell }) => `${client} × ${cell.grant}`).join(', ')
  return [
    {
      tier: 'confirmed',
      text: { ja: `無記名の切符が出た組み合わせ：${named}`, en: `Unbound tickets were had by: ${named}` },
      grounds: [...new Set(had.flatMap(({ cell }) => cell.evidence))],
    },
  ]
}

export const threat: Text = {
  ja: 'ログ・ブラウザ・プロキシ・端末から漏れた切符が、別の環境ですぐに使われること（短命の切符でも）。',
  en: 'A ticket that leaked from a log, browser, proxy or device is used at once in another environment, short-lived or not.',
}

export const notClaimed: Text = {
  ja: '漏れる道筋そのものは、この観測の範囲の外です。回転（17）だけでは、盗まれた切符がその場で使われることを止められません。',
  en: 'How a ticket might leak is outside this observation. Rotation (17) alone does not stop the immediate use of a stolen ticket.',
}
