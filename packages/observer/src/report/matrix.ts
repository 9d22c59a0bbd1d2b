// The coverage matrix: each API, method and client against every way to carry a ticket, and whether that way is refused.
// How it is drawn stands with each format.
import type { Text } from '@kimei/protocol'
import type { ApiRecord, ProbeResult } from '../observation.ts'

/** `refused` is what should be; `unclear` was asked without a verdict; `not-asked` was never sent. */
export type CellState = 'refused' | 'accepted' | 'unclear' | 'not-asked' | 'not-applicable'

export interface Carrier {
  readonly id: string
  /** The probe that asks it; without one, the answer to a request without any ticket. */
  readonly probe?: string
  /** Another that asks the same in another way. */
  readonly also?: string
  readonly title: Text
  /** Only where some API was asked. */
  readonly rare?: boolean
}

export const carriers: readonly Carrier[] = [
  { id: 'none', title: { ja: '切符なし', en: 'no ticket' } },
  { id: 'bearer', probe: 'B1', title: { ja: '記名の切符を Bearer で', en: 'named ticket as Bearer' } },
  { id: 'scheme', probe: 'B2', title: { ja: 'DPoP で、証明なし', en: 'DPoP without a proof' } },
  { id: 'mixed', probe: 'B3', title: { ja: 'Bearer に証明を添えて', en: 'Bearer beside a proof' }, rare: true },
  { id: 'other-key', probe: 'K1', title: { ja: '別の鍵の証明', en: 'proof of another key' } },
  { id: 'signature', probe: 'S1', title: { ja: '署名が壊れた証明', en: 'proof with a broken signature' } },
  { id: 'replay', probe: 'R1', title: { ja: '使い終えた証明', en: 'a proof used before' } },
  { id: 'unbound', probe: 'U1', title: { ja: '無記名の切符', en: 'a ticket bound to nothing' } },
  { id: 'no-certificate', probe: 'L7', title: { ja: '証明書なし', en: 'no certificate' }, rare: true },
  { id: 'other-certificate', probe: 'L6', title: { ja: '別の証明書', en: 'another certificate' }, rare: true },
  { id: 'forged-certificate', probe: 'L9', title: { ja: 'ヘッダーで名乗る証明書', en: 'certificate claimed in a header' }, rare: true },
  { id: 'other', probe: 'OT1', title: { ja: 'ほかの鍵や Cookie だけ', en: 'another key or cookie alone' }, rare: true },
  { id: 'made-up', probe: 'OT2', title: { ja: '偽の鍵や Cookie', en: 'a made-up key or cookie' }, rare: true },
  {
    id: 'beside-other',
    probe: 'OT3',
    also: 'OT4',
    title: { ja: '切符と、ほかの鍵か偽の鍵', en: 'ticket beside a made-up or other key' },
    rare: true,
  },
]

export interface MatrixCell {
  readonly carrier: Carrier
  readonly state: CellState
  /** In the words of the run: what was answered, or why nothing is known. */
  readonly detail: string
}

export interface MatrixRow {
  readonly record: ApiRecord
  readonly cells: readonly MatrixCell[]
}

export interface Matrix {
  readonly carriers: readonly Carrier[]
  readonly rows: readonly MatrixRow[]
}

export function matrixOf(apis: readonly ApiRecord[]): Matrix {
  const shown = carriers.filter((carrier) => !carrier.rare || apis.some((record) => isKnown(probeOf(record, carrier))))
  const rows = apis.map((record) => ({ record, cells: shown.map((carrier) => cellOf(record, carrier)) }))
  // A way that is none for any of these APIs tells nothing.
  const kept = shown.map((_, index) => rows.length === 0 || rows.some(({ cells }) => cells[index]!.state !== 'not-applicable'))
  return {
    carriers: shown.filter((_, index) => kept[index]),
    rows: rows.map(({ record, cells }) => ({ record, cells: cells.filter((_, index) => kept[index]) })),
  }
}

const worst = ['violated', 'inconclusive', 'holds', 'not-applicable'] as const

function probeOf({ probes }: ApiRecord, { probe: id, also = id }: Carrier): ProbeResult | undefined {
  if (id === undefined || also === undefined) return undefined
  // A family of probes, one for each header: the worst of them stands for all.
  const family = probes.filter(({ probe }) => [id, also].some((one) => probe === one || probe.startsWith(`${one}-`)))
  return worst.map((verdict) => family.find((one) => one.verdict === verdict)).find((one) => one !== undefined)
}

function isKnown(result: ProbeResult | undefined): boolean {
  return result !== undefined && result.verdict !== 'not-applicable'
}

function cellOf(record: ApiRecord, carrier: Carrier): MatrixCell {
  if (carrier.probe === undefined) return withoutTicket(record, carrier)
  const result = probeOf(record, carrier)
  // Whoever holds it is no client of the issuer: it was asked once, with the first client.
  if (result === undefined && carrier.probe.startsWith('OT')) return { carrier, state: 'not-applicable', detail: '' }
  // A ticket that names a certificate has no proof to leave out or to forge.
  if (result === undefined && !carrier.rare && byCertificate(record)) return { carrier, state: 'not-applicable', detail: '' }
  if (result === undefined) return { carrier, state: 'not-asked', detail: record.baselineReason ?? '' }
  const { verdict, answered, reason, evidence } = result
  if (verdict === 'holds') return { carrier, state: 'refused', detail: answered }
  if (verdict === 'violated') return { carrier, state: 'accepted', detail: answered }
  if (verdict === 'not-applicable') return { carrier, state: 'not-applicable', detail: reason ?? '' }
  return { carrier, state: evidence.length === 0 ? 'not-asked' : 'unclear', detail: reason ?? answered }
}

function byCertificate({ probes }: ApiRecord): boolean {
  return probes.some(({ probe }) => probe === 'L7') && !probes.some(({ probe }) => probe === 'B1')
}

function withoutTicket(record: ApiRecord, carrier: Carrier): MatrixCell {
  if (record.baseline === 'public') return { carrier, state: 'accepted', detail: '' }
  if (record.baseline === 'good') return { carrier, state: 'refused', detail: record.columns.errorBehaviour.split(';')[0]! }
  return { carrier, state: 'unclear', detail: record.baselineReason ?? '' }
}

export const cellWords: Readonly<Record<CellState, { readonly mark: string; readonly word: Text }>> = {
  refused: { mark: '✓', word: { ja: '断る', en: 'refused' } },
  accepted: { mark: '✗', word: { ja: '通る', en: 'passes' } },
  unclear: { mark: '?', word: { ja: '判定できない', en: 'unclear' } },
  'not-asked': { mark: '·', word: { ja: '未確認', en: 'not asked' } },
  'not-applicable': { mark: '–', word: { ja: '対象外', en: 'does not apply' } },
}
