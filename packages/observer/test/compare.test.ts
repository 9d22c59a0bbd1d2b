// Two runs compared: new, gone, changed and unseen findings, and whether it became worse. On real runs and on edited ones.
import { beforeAll, describe, expect, it } from 'vitest'
import type { ApiRecord, Observation } from '../src/observation.ts'
import { compareObservations, exitCodeOfDifference } from '../src/report/compare.ts'
import { renderDifference } from '../src/report/compare-text.ts'
import { parseObservation, renderJson } from '../src/report/json.ts'
import { cleanObservation } from './clean-observation.ts'
import { hostileText, realObservation, withHostileTexts } from './real-observation.ts'

let real: Observation
beforeAll(async () => {
  real = parseObservation(renderJson(await realObservation()))
})

const withApi = (observation: Observation, at: string, edit: (record: ApiRecord) => ApiRecord | undefined): Observation => ({
  ...observation,
  apis: observation.apis.flatMap((record) => (record.api === at ? (edit(record) ?? []) : record)),
})
/** At once and over new connections: both show the same finding. */
const replays = ['R1', 'R2', 'R3']
const mended = (observation: Observation): Observation => ({
  ...withApi(observation, 'notes', (record) => ({
    ...record,
    probes: record.probes.map((probe) => (replays.includes(probe.probe) ? { ...probe, verdict: 'holds' as const } : probe)),
  })),
  findings: observation.findings.filter(({ kind, at }) => kind !== 'replay-accepted' || at !== 'notes'),
})

describe('what a difference says', () => {
  it('a report from before grants were told apart can still be compared', () => {
    const issuers = real.issuers.map(({ grants: _, ...rest }) => rest)
    const before = parseObservation(JSON.stringify({ ...real, issuers }))
    expect(before.issuers.map(({ grants }) => grants)).toEqual(issuers.map(() => []))
    expect(exitCodeOfDifference(compareObservations(before, real))).toBe(0)
  })

  it('two real runs of the same systems: nothing new, nothing gone, exit code 0', async () => {
    const again = await realObservation()
    const difference = compareObservations(real, again)
    expect(difference).toMatchObject({ worse: false, fields: [], findings: { new: [], gone: [], changed: [] } })
    // The ports of the second run are others, so its issuer is another place.
    const same = compareObservations(real, real)
    expect(same).toMatchObject({ worse: false, lost: false, controls: [] })
    expect(exitCodeOfDifference(same)).toBe(0)
  })

  it('a finding that was mended is gone; the same backwards is worse, exit code 1', () => {
    const better = compareObservations(real, mended(real))
    expect(better.findings.gone.map(({ kind, at }) => `${kind} ${at}`)).toEqual(['replay-accepted notes'])
    expect(exitCodeOfDifference(better)).toBe(0)
    const worse = compareObservations(mended(real), real)
    expect(worse.findings.new.map(({ at }) => at)).toEqual(['notes'])
    expect(worse.controls).toContainEqual({ place: 'GET notes (job)', probe: 'R1', before: 'holds', after: 'violated', turn: 'worse' })
    expect(exitCodeOfDifference(worse)).toBe(1)
  })

  it('a finding whose API was not observed again is unseen, not gone: exit code 2', () => {
    const without = withApi(mended(real), 'notes', () => undefined)
    const difference = compareObservations(real, without)
    expect(difference.findings.gone).toEqual([])
    expect(difference.findings.unseen.map(({ at }) => at)).toEqual(['notes'])
    expect(exitCodeOfDifference(difference)).toBe(2)
    expect(renderDifference(difference)).toContain('Not seen again, so not known to be gone')
  })

  it('an inconclusive control is not a mended one', () => {
    const open = withApi(mended(real), 'notes', (record) => ({
      ...record,
      probes: record.probes.map((probe) => (probe.probe === 'R1' ? { ...probe, verdict: 'inconclusive' as const } : probe)),
    }))
    expect(compareObservations(real, open).findings.unseen.map(({ kind }) => kind)).toEqual(['replay-accepted'])
  })

  it('a raised priority, a further client and an acceptance that ended are worse; an acceptance alone is not', () => {
    const edit = (change: object): Observation => ({
      ...real,
      findings: real.findings.map((one, i) => (i === 1 ? { ...one, ...change } : one)),
    })
    const acceptance = { owner: 'x', reason: 'y', until: '2999-12-31', ended: false }
    const code = (before: Observation, after: Observation) => exitCodeOfDifference(compareObservations(before, after))
    expect(code(real, edit({ priority: 'P0' }))).toBe(1)
    expect(code(edit({ priority: 'P0' }), real)).toBe(0)
    expect(code(real, edit({ clients: ['job', 'partner'] }))).toBe(1)
    expect(code(real, edit({ acceptance }))).toBe(0)
    expect(code(edit({ acceptance }), edit({ acceptance: { ...acceptance, ended: true } }))).toBe(1)
    expect(code(edit({ acceptance }), real)).toBe(1)
  })

  it('a new finding that is accepted from the start is shown, and not worse', () => {
    const accepted = {
      ...real,
      findings: real.findings.map((one) => ({ ...one, acceptance: { owner: 'x', reason: 'y', until: '2999-12-31', ended: false } })),
    }
    const difference = compareObservations({ ...accepted, findings: [] }, accepted)
    expect(difference.findings.new.length).toBeGreaterThan(5)
    expect(difference.worse).toBe(false)
  })

  it.each([
    ['overall', 'named', 'exposed', 'worse'],
    ['overall', 'named', 'unknown', 'lost'],
    ['mode', 'dpop', 'mixed', 'worse'],
    ['mode', 'dpop', 'mtls', 'other'],
    ['as_enforced', 'yes', 'no', 'worse'],
    ['rs_enforced', 'partial', 'yes', 'better'],
    ['rs_enforced', 'yes', 'unknown', 'lost'],
    ['coverage', 'all_api', 'partial_api', 'worse'],
    ['replay_protection', 'jti_yes', 'jti_no', 'worse'],
    ['confidence', 'confirmed', 'inferred', 'lost'],
    ['client_fit', 'server', 'spa', 'other'],
  ])('%s from %s to %s: %s', (field, before, after, turn) => {
    const clean = cleanObservation()
    const set = (value: string): Observation =>
      (field === 'overall' ? { ...clean, overall: value } : { ...clean, posture: { ...clean.posture, [field]: value } }) as Observation
    expect(compareObservations(set(before), set(after)).fields).toEqual([{ field, before, after, turn }])
  })

  it('a run that ended early is no all-clear', () => {
    expect(exitCodeOfDifference(compareObservations(real, { ...real, stopped: 'cancelled' }))).toBe(2)
    const part = { host: 'api.example', why: 'faults', last: '503', at: 0, untested: [] } as const
    const without = compareObservations(real, { ...real, givenUp: [part, { ...part, host: 'gateway', target: 'notes' }] })
    expect(exitCodeOfDifference(without)).toBe(2)
    expect(renderDifference(without)).toContain('The one after did not see everything: api.example, notes (gateway)')
    expect(renderDifference(without, { language: 'ja' })).toContain('「後」は終わりまで見ていません（api.example, notes (gateway)）')
  })
})

describe('the text of a difference', () => {
  it('answers first, in both languages, and nothing from outside steers the terminal', () => {
    const worse = compareObservations(mended(real), real)
    expect(renderDifference(worse)).toMatch(/^✗ it became worse\n/)
    expect(renderDifference(worse, { language: 'ja' })).toMatch(/^✗ 悪くなった\n/)
    const difference = compareObservations(mended(real), withHostileTexts(real))
    for (const language of ['ja', 'en'] as const) {
      const text = renderDifference(difference, { language })
      expect(text).toContain('<script>')
      expect(/(?!\n)\p{Cc}/u.exec(text)?.index).toBeUndefined()
    }
    expect(JSON.stringify(difference)).toContain(JSON.stringify(hostileText).slice(1, 20))
  })
})
