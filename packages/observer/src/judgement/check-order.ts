// What two faults at once tell about the order of checks, and which APIs answer alike. Nothing here is a finding or a verdict.
import { type CheckedBefore, type CheckOrder, type FaultProbe, faults } from '../check-order.ts'
import type { ApiRecord } from '../observation.ts'

/** How an answer reads to the word; `undefined` where there was none that could be compared. */
export interface PairAnswers {
  readonly one: string | undefined
  readonly other: string | undefined
  readonly both: string | undefined
}

/** The check whose answer came is made first. Where both faults alone are answered alike, or both together otherwise, nobody knows. */
export function firstOf([one, other]: readonly [FaultProbe, FaultProbe], answers: PairAnswers): CheckedBefore | undefined {
  const { both } = answers
  if (both === undefined || answers.one === undefined || answers.other === undefined || answers.one === answers.other) return undefined
  const [ofOne, ofOther] = [faults[one].check, faults[other].check]
  if (both === answers.one) return { check: ofOne, before: ofOther }
  return both === answers.other ? { check: ofOther, before: ofOne } : undefined
}

/** Fewer agree by chance. */
const enoughToCompare = 3

/** Names, for each API, the others whose checks came in the same order. */
export function withLikeOrders(records: readonly ApiRecord[]): ApiRecord[] {
  const told = records.flatMap(({ api, checkOrder }) => (checkOrder ? [{ api, key: keyOf(checkOrder) }] : []))
  return records.map((record) => {
    const { checkOrder } = record
    if (checkOrder === undefined || checkOrder.pairs.length < enoughToCompare) return record
    const like = told.filter(({ api, key }) => api !== record.api && key === keyOf(checkOrder)).map(({ api }) => api)
    return { ...record, checkOrder: { ...checkOrder, like: [...new Set(like)] } }
  })
}

const keyOf = ({ pairs }: CheckOrder): string => JSON.stringify(pairs.map(({ check, before }) => `${check} ${before}`).sort())
