// Other credentials in every format of the report: which one passes where, who acts, and never its value.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Inventory, parseInventory } from '../src/inventory/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { compareObservations } from '../src/report/compare.ts'
import { renderExplanation } from '../src/report/explain.ts'
import { renderReport } from '../src/report/formats.ts'
import { cellWords, matrixOf } from '../src/report/matrix.ts'
import { renderPlan } from '../src/report/plan-text.ts'
import { entranceOf, entranceWords, resultWords } from '../src/report/words.ts'
import { observe } from '../src/run/observe.ts'
import { planObservation } from '../src/run/plan.ts'
import { quick } from './express-apis.ts'
import { apiKey, expired, personal, session, startOtherWorld } from './other-world.ts'

let world: Awaited<ReturnType<typeof startOtherWorld>>
let inventory: Inventory
let observation: Observation
beforeAll(async () => {
  world = await startOtherWorld()
  inventory = parseInventory(world.written)
  observation = await observe(inventory, { pace: quick, readSecret: async () => apiKey })
})
afterAll(() => world.close())

const formats = ['text', 'json', 'html', 'sarif', 'junit', 'markdown', 'csv', 'har'] as const

describe('other credentials in reports', () => {
  it.each(formats)('SEED-TB-47: %s shows which credential, in both languages, and no secret', (format) => {
    for (const language of ['ja', 'en'] as const) {
      const text = renderReport(observation, format, { language })
      for (const secret of [apiKey, personal, session, expired, 'correct horse battery']) expect(text.includes(secret), secret).toBe(false)
      expect(text).toContain(format === 'har' ? 'PRIVATE-TOKEN' : 'partner')
    }
  })

  it('SEED-TB-29: the matrix has a column for each way, and says passes where one does', () => {
    const { carriers, rows } = matrixOf(observation.apis)
    const state = (api: string, id: string) =>
      rows.find(({ record }) => record.api === api)!.cells[carriers.findIndex((carrier) => carrier.id === id)]!.state
    expect(cellWords[state('key', 'other')].word.en).toBe('passes')
    expect([state('any', 'made-up'), state('early', 'beside-other'), state('signed-in', 'beside-other')]).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ])
    expect([state('shut', 'other'), state('shut', 'made-up'), state('unknown', 'other')]).toEqual(['refused', 'refused', 'unclear'])
  })

  it('SARIF tells credentials at one API apart, JUnit fails with its kind, and CSV names it', () => {
    const sarif = JSON.parse(renderReport(observation, 'sarif', {})) as {
      runs: { results: { ruleId: string; partialFingerprints: Record<string, string> }[] }[]
    }
    const own = sarif.runs[0]!.results.filter(({ ruleId }) => ruleId === 'other-credential-accepted')
    expect(new Set(own.map(({ partialFingerprints }) => partialFingerprints['kimeiFinding/v1'])).size).toBe(own.length)
    expect(renderReport(observation, 'junit', {})).toMatch(/<testcase name="OT1-api-key [^>]*>\s*<failure type="other-credential-accepted"/)
    const csv = renderReport(observation, 'csv', {}).split('\r\n')
    expect(csv.find((line) => line.includes('OT3-personal-access-token') && line.includes('binding-skipped'))).toMatch(/ci"?$/)
  })

  it('what is explained is shown again by a command that holds no secret', () => {
    const options = { now: 0, inventory }
    expect(renderExplanation(observation, 'other-credential-accepted', options)).toContain('-H "X-API-Key: $KIMEI_CREDENTIAL"')
    const skipped = renderExplanation(observation, 'binding-skipped', options)
    expect(skipped).toContain('-H "Authorization: Bearer $KIMEI_TOKEN" -H "PRIVATE-TOKEN: made-up-0123456789"')
    expect(skipped).toContain('-H "Cookie: sid=$KIMEI_CREDENTIAL"')
    expect(skipped).toContain('PRIVATE-TOKEN: …')
    expect(skipped).toContain('Cookie: sid=…')
  })

  it('two runs are compared credential by credential', () => {
    const before = { ...observation, findings: observation.findings.filter(({ credential }) => credential !== 'in-url') }
    expect(compareObservations(before, observation).findings.new.map(({ credential }) => credential)).toEqual(['in-url'])
  })

  it('the plan says what would be sent with which of them, within the width of a terminal', () => {
    const text = renderPlan(planObservation(inventory), { width: 100 })
    expect(text).toContain('the personal access token ci alone does not pass')
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  it('where a key passes and no ticket does, nobody is told that a stolen ticket does', () => {
    const shown = (api: string) => entranceWords[entranceOf(observation.apis.find((record) => record.api === api)!)].word.en
    expect([shown('key'), shown('early'), shown('shut'), shown('unknown')]).toEqual(['other key', 'partly', 'refused', 'unclear'])
    expect(resultWords(observation, 'en')).toBe('✗ not only named tickets pass: at 7 of 10 APIs')
    const alone = { ...observation, apis: observation.apis.filter(({ api }) => ['key', 'cookie', 'shut'].includes(api)) }
    expect(resultWords(alone, 'en')).toBe('✗ a key or cookie passes in place of a ticket: at 2 of 3 APIs')
  })

  it('what nobody could tell is warned of, with what settles it', () => {
    expect(observation.warnings.map(({ en }) => en).filter((one) => one.startsWith('old:'))).toEqual([expect.stringContaining('worksAt')])
  })
})
