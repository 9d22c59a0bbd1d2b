// Records of reviews are kept, whole, and point at things that exist; without them nothing is packed.
import { expect, it } from 'vitest'
import { judgeRecord, reviewedPoints, wrongRecords } from './review-records.ts'

const row = (point: string, answer = '`jose.is-compact`', shown = '[x](../packages/protocol/test/jwk.test.ts)') =>
  `| ${point} | what | ${answer} | ${shown} |`
const whole = (rows: readonly string[], date = 'Reviewed: 2026-01-01') => [date, '', ...rows].join('\n')
const now = new Date('2026-06-01')

it('OIDC-16.13-1 FAPIATT-GOAL-01: each consideration of JOSE, and each attacker of FAPI with each goal, has an answer and a test', () => {
  expect(wrongRecords()).toEqual([])
})

it.each(Object.entries(reviewedPoints))(
  'OIDC-16.13-1 FAPIATT-GOAL-01: %s: a point left out, a rule or test that is none, and a review of long ago are told',
  (_path, points) => {
    const judge = (document: string) => judgeRecord(document, points, now)
    const [first = '', ...others] = points
    const rows = points.map((point) => row(point))
    const rest = others.map((point) => row(point))
    expect(judge(whole(rows))).toEqual([])
    expect(judge(whole(rest))).toEqual([`${first} is not reviewed`])
    expect(judge(whole([...rows, row(first)]))).toEqual([`${first} is listed twice`])
    expect(judge(whole([row(first, '`jose.is-nothing`'), ...rest]))).toHaveLength(1)
    expect(judge(whole([row(first, '', '[x](../packages/none.test.ts)'), ...rest]))).toHaveLength(1)
    expect(judge(whole([row(first, '', ''), ...rest]))).toEqual([`${first} names no test`])
    expect(judge(whole(rows, 'Reviewed: 2024-01-01'))).toHaveLength(1)
    expect(judge(whole(rows, ''))).toHaveLength(1)
  },
)
