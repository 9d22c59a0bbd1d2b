// The page of a report: of a size that opens however many APIs there are, with what proves a finding in it.
import { beforeAll, describe, expect, it } from 'vitest'
import { inventoryEvidence } from '../src/judgement/overall.ts'
import type { ApiRecord, Observation } from '../src/observation.ts'
import { renderReport } from '../src/report/formats.ts'
import { matrixOf } from '../src/report/matrix.ts'
import { cleanObservation } from './clean-observation.ts'
import { realObservation } from './real-observation.ts'
import { apiRecord, result } from './records.ts'

let real: Observation
beforeAll(async () => {
  real = await realObservation()
})

describe('the matrix', () => {
  const byCertificate: Partial<ApiRecord> = { mode: 'mtls', probes: [result('L7', 'violated'), result('L6', 'holds')] }
  const ids = (apis: readonly ApiRecord[]) => matrixOf(apis).carriers.map(({ id }) => id)

  it('ways that are none for any API are left out; beside an API with proofs they do not apply to one with certificates', () => {
    expect(ids([apiRecord('a', byCertificate)])).toEqual(['none', 'no-certificate', 'other-certificate'])
    const { carriers, rows } = matrixOf([apiRecord('a', byCertificate), apiRecord('b')])
    const bearer = carriers.findIndex(({ id }) => id === 'bearer')
    expect(rows.map(({ cells }) => cells[bearer]!.state)).toEqual(['not-applicable', 'refused'])
  })

  it('what was never asked of an API with proofs stays visible', () => {
    expect(ids([apiRecord('a', { probes: [result('B1', 'holds')] })])).toContain('replay')
  })
})

describe('HTML of many', () => {
  const many = (count: number): Observation => {
    const finding = real.findings.find(({ kind }) => kind === 'bearer-accepted')!
    const record = real.apis.find(({ api }) => api === 'admin')!
    const sound = cleanObservation().apis[0]!
    return {
      ...real,
      apis: Array.from({ length: count }, (_, i) => ({ ...(i < count / 2 ? record : sound), api: `api-${i}` })),
      findings: Array.from({ length: count / 2 }, (_, i) => ({
        ...finding,
        id: `F${i + 1}`,
        at: `api-${i}`,
        subject: `GET api-${i} (job)`,
      })),
      evidence: Array.from({ length: count * 6 }, (_, i) => ({ ...real.evidence[i % real.evidence.length]!, id: `e${i + 1}` })),
    }
  }

  it('a thousand APIs and five hundred findings: a page of a size that opens, the open ones first, all of them by name', () => {
    const page = renderReport(many(1000), 'html', { both: true })
    expect(page.length).toBeLessThan(4_000_000)
    for (const id of ['api-0', 'api-499', 'api-999']) expect(page).toContain(`GET ${id}`)
    expect(page.match(/<article class="finding/g)).toHaveLength(2)
    expect(page).toContain('500 places')
    expect(page).toContain('all are in the JSON and HAR reports')
  })

  it('each link to a finding leads somewhere, and every exchange that proves one is there', () => {
    for (const observation of [real, many(60)]) {
      const page = renderReport(observation, 'html', { language: 'en' })
      for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${id}"`)
      const shown = page.slice(page.indexOf('<article'), page.lastIndexOf('</article>'))
      for (const id of observation.findings.flatMap(({ evidence }) => evidence).filter((one) => one !== inventoryEvidence))
        expect(shown).toContain(`<span class="mono">${id}</span>`)
    }
  })
})
