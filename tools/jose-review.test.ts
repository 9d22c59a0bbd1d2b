// The review of the JOSE considerations is kept, whole, and points at things that exist; without it nothing is packed.
import { expect, it } from 'vitest'
import { judgeReview, reviewedPoints, wrongReview } from './jose-review.ts'

const row = (point: string, answer = '`jose.is-compact`', shown = '[x](../packages/protocol/test/jwk.test.ts)') =>
  `| ${point} | what | ${answer} | ${shown} |`
const whole = (rows: readonly string[], date = 'Reviewed: 2026-01-01') => [date, '', ...rows].join('\n')
const now = new Date('2026-06-01')

it('OIDC-16.13-1: docs/jose-review.md says what answers each consideration of RFC 8725, 7515, 7516, 7518 and 7519', () => {
  expect(wrongReview()).toEqual([])
})

it('OIDC-16.13-1: a point left out, a rule or test that is none, and a review of long ago are told', () => {
  const rows = reviewedPoints.map((point) => row(point))
  expect(judgeReview(whole(rows), now)).toEqual([])
  expect(judgeReview(whole(rows.slice(1)), now)).toEqual(['RFC8725§3.1 is not reviewed'])
  expect(judgeReview(whole([row('RFC8725§3.1', '`jose.is-nothing`'), ...rows.slice(1)]), now)).toHaveLength(1)
  expect(judgeReview(whole([row('RFC8725§3.1', '', '[x](../packages/none.test.ts)'), ...rows.slice(1)]), now)).toHaveLength(1)
  expect(judgeReview(whole([row('RFC8725§3.1', '', ''), ...rows.slice(1)]), now)).toEqual(['RFC8725§3.1 names no test'])
  expect(judgeReview(whole(rows, 'Reviewed: 2024-01-01'), now)).toHaveLength(1)
  expect(judgeReview(whole(rows, ''), now)).toHaveLength(1)
})
