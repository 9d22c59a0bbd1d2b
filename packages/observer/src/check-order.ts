// In which order an API checks a proof, as far as two faults at once have shown it: as it is recorded, and in words for reports.
// It tells one guard from another. It says nothing about whether anything is checked rightly, and is never a finding.
import type { Text } from '@kimei/protocol'

/** What can be wrong with a proof, by the probe whose fault it is. */
export const faults = {
  S1: { check: 'signature', ja: '署名', en: 'signature' },
  K1: { check: 'key', ja: '鍵', en: 'key' },
  M1: { check: 'method', ja: 'メソッド', en: 'method' },
  H2: { check: 'address', ja: '宛先', en: 'address' },
  T1: { check: 'time', ja: '時刻', en: 'time' },
  A1: { check: 'ticket-hash', ja: '切符のハッシュ', en: 'hash of the ticket' },
} as const
export type FaultProbe = keyof typeof faults
export const checkNames = Object.values(faults).map(({ check }) => check)
export type Check = (typeof checkNames)[number]

/** Two faults at once were answered as that of `check` alone is. */
export interface CheckedBefore {
  readonly check: Check
  readonly before: Check
}

export interface CheckOrder {
  readonly pairs: readonly CheckedBefore[]
  /** Ids of other APIs of the report that answered alike: perhaps the same guard stands before them. */
  readonly like: readonly string[]
  readonly evidence: readonly string[]
}

const words = new Map<Check, Text>(Object.values(faults).map(({ check, ja, en }) => [check, { ja, en }]))

/** `signature before address and key; method before address` */
export function checkOrderWords({ pairs, like }: CheckOrder): Text {
  const groups = [...Map.groupBy(pairs, ({ check }) => check)]
  const en = groups.map(
    ([first, after]) => `${words.get(first)!.en} before ${after.map(({ before }) => words.get(before)!.en).join(' and ')}`,
  )
  const ja = groups.map(([first, after]) => `${words.get(first)!.ja}→${after.map(({ before }) => words.get(before)!.ja).join('・')}`)
  const [sameJa, sameEn] =
    like.length === 0
      ? ['', '']
      : [`。${like.join('、')} と同じ：同じ番人かもしれない`, `; as at ${like.join(', ')}: perhaps the same guard`]
  return { ja: `${ja.join('、')}${sameJa}`, en: `${en.join(', ')}${sameEn}` }
}
