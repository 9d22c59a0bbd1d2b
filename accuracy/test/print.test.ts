// What the run prints: figures, rows, and plainly what was left out of them, as text and as JSON.
import { describe, expect, it } from 'vitest'
import { accuracyJson, type Figures, isGood, renderAccuracy } from '../print.ts'
import type { Judged, Outcome } from '../score.ts'
import { missingOn, targets } from '../targets/index.ts'

const judged = (outcome: Outcome, control = 'B1'): Judged => {
  return { target: 'a stack', place: 'notes', control, actual: 'enforced', said: 'broken', why: 'accepted', outcome }
}
const figures: Figures = {
  judged: [judged('hit'), judged('right'), judged('unasked', 'B4w'), judged('silent', 'T1')],
  targets: ['a stack'],
  leftOut: [{ target: 'Apache mod_oauth2, no type', missing: ['libapache2-mod-oauth2'] }],
  faults: [],
  notRun: [],
  tooOften: [],
  requests: { whole: 37, known: 5 },
}

describe('what the accuracy run prints', () => {
  it('a machine without mod_oauth2 leaves its targets out, says so by the name of the package, and the figure stays good', () => {
    const without = (path: string) => !path.includes('oauth2')
    const left = targets.filter((target) => missingOn(target, without).length > 0)
    expect(left.map(({ name }) => name)).toEqual(targets.map(({ name }) => name).filter((name) => name.startsWith('Apache mod_oauth2')))
    expect(missingOn(left[0]!, without)).toEqual(['libapache2-mod-oauth2'])
    expect(renderAccuracy(figures)).toContain('left out: Apache mod_oauth2, no type (not on this machine: libapache2-mod-oauth2)')
    expect(JSON.parse(accuracyJson(figures))).toMatchObject({
      left_out: [{ target: 'Apache mod_oauth2, no type', missing: ['libapache2-mod-oauth2'] }],
    })
    expect(isGood(figures)).toBe(true)
  })

  it('nothing of the short run needs Apache; names of targets are told apart', () => {
    expect(targets.filter(({ quick, needs }) => quick && needs.some((need) => need !== 'nginx'))).toEqual([])
    expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length)
  })

  it('JSON holds the figures and the rows that were not said as they are', () => {
    const {
      precision,
      recall,
      targets: count,
      max_requests_per_api,
      max_requests_per_known_api,
      confusion,
    } = JSON.parse(accuracyJson(figures))
    expect({ precision, recall, count, max_requests_per_api, max_requests_per_known_api }).toEqual({
      precision: 1,
      recall: 1,
      count: 1,
      max_requests_per_api: 37,
      max_requests_per_known_api: 5,
    })
    expect(confusion).toEqual([judged('silent', 'T1')])
  })

  it('an API that is asked too often, a target that fails, a false word, and no target at all are not good', () => {
    expect(isGood({ ...figures, requests: { whole: 41, known: 5 } })).toBe(false)
    expect(isGood({ ...figures, requests: { whole: 40, known: 7 } })).toBe(false)
    expect(isGood({ ...figures, faults: [{ target: 'another stack', fault: 'nobody listens' }] })).toBe(false)
    expect(isGood({ ...figures, judged: [judged('alarm')] })).toBe(false)
    expect(isGood({ ...figures, targets: [] })).toBe(false)
    const ended = { ...figures, notRun: ['one', 'two'] }
    expect(isGood(ended)).toBe(false)
    expect(renderAccuracy(ended)).toContain('ended early: 2 targets were not run')
    expect(JSON.parse(accuracyJson(ended))).toMatchObject({ not_run: ['one', 'two'] })
    expect(renderAccuracy({ ...figures, faults: [{ target: 'another stack', fault: 'nobody listens' }] })).toContain(
      'could not be run: another stack: nobody listens',
    )
  })
})
