// Every format of a report, made of a real observation, read back by rules of the format's own; then with hostile texts in it.
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Observation } from '../src/observation.ts'
import { formatNames, formatOfFile, renderReport } from '../src/report/formats.ts'
import { parseObservation } from '../src/report/json.ts'
import { observationJsonSchema } from '../src/report/schema.ts'
import { cleanObservation } from './clean-observation.ts'
import { realObservation, withHostileTexts } from './real-observation.ts'
import { readCsv, readXml, type XmlElement } from './strict-readers.ts'

let real: Observation
let hostile: Observation
beforeAll(async () => {
  const observation = await realObservation({
    accepted: [{ finding: 'no-ticket-needed', at: 'status', owner: 'Platform', reason: 'public on purpose', until: '2999-12-31' }],
  })
  real = {
    ...observation,
    inventoryFile: { path: 'config/kimei observe.yaml', lines: { 'apis.admin': 21, 'issuers.main': 7, operations: 40 } },
  }
  hostile = withHostileTexts(real)
})

describe('JSON', () => {
  it('SEED-TB-46, SEED-TB-47: fits its published schema, whatever stands in it, and can be read back', () => {
    const check = new Ajv2020({ strict: false }).compile(observationJsonSchema())
    for (const observation of [real, hostile, cleanObservation()]) {
      const text = renderReport(observation, 'json')
      expect(check(JSON.parse(text)), JSON.stringify(check.errors)).toBe(true)
      expect(parseObservation(text)).toEqual(JSON.parse(text))
    }
  })

  it('what is no report is refused with the place that is wrong', () => {
    expect(() => parseObservation('{"format":"kimei-observation/1"')).toThrow('no JSON')
    expect(() => parseObservation('[]')).toThrow('report')
    expect(() => parseObservation(JSON.stringify({ ...real, overall: 'fine' }))).toThrow('overall')
    expect(() => parseObservation(JSON.stringify({ ...real, more: 1 }))).toThrow('no report of kimei observe')
  })
})

interface Sarif {
  readonly version: string
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly SarifRule[] } }
    readonly invocations: readonly { readonly executionSuccessful: boolean }[]
    readonly results: readonly SarifResult[]
  }[]
}
interface SarifRule {
  readonly id: string
  readonly name: string
  readonly shortDescription: { readonly text: string }
  readonly fullDescription: { readonly text: string }
  readonly help: { readonly text: string; readonly markdown: string }
  readonly properties: { readonly 'security-severity': string; readonly tags: readonly string[] }
}
interface SarifResult {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly suppressions?: readonly { readonly kind: string; readonly status: string }[]
  readonly partialFingerprints: { readonly primaryLocationLineHash: string }
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: { readonly startLine: number } }
  }[]
}

const sarifOf = (observation: Observation) => JSON.parse(renderReport(observation, 'sarif')) as Sarif

describe('SARIF', () => {
  it('has everything that code scanning asks of rules and results', () => {
    for (const observation of [real, hostile]) {
      const { version, runs } = sarifOf(observation)
      expect(version).toBe('2.1.0')
      const [{ tool, results }] = runs as [Sarif['runs'][number]]
      expect(results).toHaveLength(observation.findings.length)
      for (const rule of tool.driver.rules) {
        expect(rule.id).toMatch(/^[a-z-]{1,255}$/)
        expect(rule.shortDescription.text.length).toBeLessThanOrEqual(1024)
        expect(rule.fullDescription.text.length * rule.help.text.length * rule.help.markdown.length).toBeGreaterThan(0)
        expect(Number(rule.properties['security-severity'])).toBeGreaterThan(0)
        expect(Number(rule.properties['security-severity'])).toBeLessThanOrEqual(10)
        expect(rule.properties.tags).toContain('security')
      }
      for (const result of results) {
        expect(tool.driver.rules[result.ruleIndex]!.id).toBe(result.ruleId)
        expect(['error', 'warning', 'note']).toContain(result.level)
        expect(result.message.text).not.toBe('')
        const [location] = result.locations
        expect(location!.physicalLocation.artifactLocation.uri).toBe('config/kimei%20observe.yaml')
        expect(location!.physicalLocation.region.startLine).toBeGreaterThanOrEqual(1)
        expect(result.partialFingerprints.primaryLocationLineHash).toMatch(/^[0-9a-f]{16}:1$/)
      }
    }
  })

  it('each result stands at the line of its API or issuer in the inventory', () => {
    const lines = Object.fromEntries(
      sarifOf(real).runs[0]!.results.map(({ ruleId, locations }) => [ruleId, locations[0]!.physicalLocation.region.startLine]),
    )
    expect(lines).toMatchObject({ 'bearer-accepted': 21, 'issuer-checks-missing': 7, 'operations-unclear': 40 })
  })

  it('fingerprints stay the same from run to run, and differ between places', async () => {
    const prints = (observation: Observation) =>
      sarifOf(observation).runs[0]!.results.map((one) => one.partialFingerprints.primaryLocationLineHash)
    expect(prints({ ...real, findings: [...real.findings].reverse() }).sort()).toEqual(prints(real).sort())
    expect(new Set(prints(real)).size).toBe(real.findings.length)
  })

  it('stays within what code scanning takes: results of a run, tags of a rule, locations of a result; the most urgent ones stay', () => {
    const [first] = real.findings
    const many = [
      ...Array.from({ length: 25_010 }, (_, index) => ({ ...first!, id: `F${index}`, at: `api-${index}`, priority: 'P2' as const })),
      { ...first!, id: 'F-urgent', at: 'urgent', priority: 'P0' as const },
    ]
    const { results, tool, invocations } = sarifOf({ ...real, findings: many }).runs[0]!
    expect(results).toHaveLength(25_000)
    expect(results[0]!.message.text).toMatch(/^P0 /)
    expect(JSON.stringify(invocations)).toContain('11 further findings are in the JSON report')
    for (const rule of tool.driver.rules) expect(rule.properties.tags.length).toBeLessThanOrEqual(10)
    for (const result of results) expect(result.locations).toHaveLength(1)
  })

  it('what is accepted is suppressed; a run that ended early says so; a clean one has no result', () => {
    const accepted = sarifOf(real).runs[0]!.results.filter(({ suppressions }) => suppressions)
    expect(accepted.map(({ ruleId }) => ruleId)).toEqual(['no-ticket-needed'])
    expect(sarifOf({ ...real, stopped: 'cancelled' }).runs[0]!.invocations[0]!.executionSuccessful).toBe(false)
    expect(sarifOf(cleanObservation()).runs[0]!.results).toEqual([])
  })
})

describe('JUnit', () => {
  it('is well formed, one test case for each place and control, and counts what it holds', () => {
    for (const observation of [real, hostile, cleanObservation()]) {
      const root = readXml(renderReport(observation, 'junit'))
      expect(root.name).toBe('testsuites')
      const cases = root.children.flatMap(({ children }) => children)
      const probes = [...observation.issuers, ...observation.apis].flatMap((record): readonly unknown[] =>
        record.probes.length === 0 ? [undefined] : record.probes,
      )
      expect(cases).toHaveLength(probes.length)
      const fates = (name: string) => String(cases.filter(({ children }) => children[0]?.name === name).length)
      expect(root.attributes).toMatchObject({ tests: String(cases.length), failures: fates('failure'), errors: fates('error') })
    }
  })

  it('has the elements and attributes of the strictest common schema, in either language, and no others', () => {
    const allowed: Readonly<Record<string, readonly string[]>> = {
      testsuites: ['name', 'time', 'tests', 'failures', 'errors'],
      testsuite: ['name', 'tests', 'failures', 'errors', 'time', 'skipped', 'timestamp'],
      testcase: ['name', 'time', 'classname'],
      failure: ['type', 'message'],
      error: ['type', 'message'],
      skipped: ['type', 'message'],
    }
    const visit = ({ name, attributes, children }: XmlElement): void => {
      expect(allowed[name]).toEqual(expect.arrayContaining(Object.keys(attributes)))
      if (attributes['time'] !== undefined) expect(attributes['time']).toMatch(/^\d+\.\d{3}$/)
      if (name === 'testsuite') expect(Object.keys(attributes)).toEqual(expect.arrayContaining(['name', 'tests', 'failures', 'errors']))
      for (const child of children) visit(child)
    }
    for (const language of ['ja', 'en'] as const)
      for (const observation of [real, hostile, cleanObservation()]) visit(readXml(renderReport(observation, 'junit', { language })))
  })

  it('violated fails, inconclusive is an error, accepted is skipped with its owner, moot and not applicable are skipped', () => {
    const text = renderReport(real, 'junit')
    expect(text).toMatch(/<testcase name="B1 [^>]*classname="GET admin \(job\)"[^>]*><failure type="bearer-accepted"/)
    expect(text).toMatch(/classname="GET status \(job\)"[^>]*><skipped message="accepted by Platform until 2999-12-31/)
    const open = cleanObservation()
    const probes = open.apis[0]!.probes.map((probe, i) => ({
      ...probe,
      verdict: 'inconclusive' as const,
      reason: i === 0 ? 'no answer in time' : 'moot: B1 is violated',
    }))
    const inconclusive = renderReport({ ...open, apis: [{ ...open.apis[0]!, probes }] }, 'junit')
    expect(inconclusive).toMatch(/<error type="inconclusive" message="no answer in time"\/>/)
    expect(inconclusive).toMatch(/<skipped message="moot: B1 is violated"\/>/)
    const unreached = renderReport(
      { ...open, apis: [{ ...open.apis[0]!, probes: [], baseline: 'failed', baselineReason: 'the API was not reached' }] },
      'junit',
    )
    expect(unreached).toMatch(/<testcase name="baseline"[^>]*><error type="inconclusive" message="the API was not reached"/)
  })
})

describe('CSV', () => {
  it('RFC 4180: every record has the columns of the first, lines end in CRLF', () => {
    for (const observation of [real, hostile]) {
      const records = readCsv(renderReport(observation, 'csv'))
      const [head] = records
      expect(records.every((record) => record.length === head!.length)).toBe(true)
      expect(records.length - 1).toBe([...observation.issuers, ...observation.apis].flatMap(({ probes }) => probes).length)
    }
  })

  it('no cell begins as a formula', () => {
    const cells = readCsv(renderReport(hostile, 'csv')).flat()
    expect(cells.some((cell) => cell.startsWith("'=1+1"))).toBe(true)
    expect(cells.filter((cell) => /^\s*[=+\-@]/.test(cell))).toEqual([])
  })
})

describe('Markdown', () => {
  it('has the size of a comment, the posture, the four columns and who must act', () => {
    const text = renderReport(real, 'markdown')
    expect(text.length).toBeLessThan(12_000)
    expect(text).toContain(`\`${real.bindingKeyPosture}\``)
    for (const title of ['DPoP', 'TLS certificate', 'policy', 'errors']) expect(text).toContain(title)
    expect(text).toContain('→ API: Always read cnf')
    expect(renderReport(real, 'markdown', { language: 'ja' })).toContain('すぐ直す')
  })

  it('stays a table and a list whatever stands in it: no tag, no mention, no link', () => {
    const text = renderReport(hostile, 'markdown')
    const outside = text.replaceAll('\\`', '').replace(/(`+)[\s\S]*?\1/g, '')
    expect(outside).not.toMatch(/(?<!\\)<(script|img|!--|\/textarea)/)
    expect(outside).not.toMatch(/@everyone|https:\/\/evil|(?<!\\)\[x(?<!\\)\]/)
    const rows = text.split('\n').filter((line) => line.startsWith('|'))
    const pipes = (line: string) => line.replaceAll('\\|', '').split('|').length
    expect(new Set(rows.map(pipes)).size).toBe(1)
  })

  it('a thousand APIs and findings still make one comment', () => {
    const many = {
      ...real,
      apis: Array.from({ length: 1000 }, () => real.apis[0]!),
      findings: Array.from({ length: 1000 }, () => real.findings[0]!),
    }
    const text = renderReport(many, 'markdown')
    expect(text.length).toBeLessThan(20_000)
    expect(text).toContain('… 980 more')
  })
})

describe('HAR', () => {
  it('SEED-TB-70: version 1.2, every exchange, digests in place of tokens and proofs, whether a proof was sent', () => {
    const { log } = JSON.parse(renderReport(real, 'har')) as { log: { version: string; entries: HarEntry[] } }
    expect(log.version).toBe('1.2')
    expect(log.entries).toHaveLength(real.evidence.length)
    for (const entry of log.entries) {
      expect(Number.isNaN(Date.parse(entry.startedDateTime))).toBe(false)
      expect(entry.time).toBe(entry.timings.send + entry.timings.wait + entry.timings.receive)
      expect(new URL(entry.request.url).href).toBe(entry.request.url)
      for (const { value } of entry.request.headers)
        expect(value).toMatch(/^(\S+ )?\[sha256:[0-9a-f]{64} length:\d+\]$|^(\S+=)?\[withheld\]$/)
      expect(entry.response.content.size).toBeGreaterThanOrEqual(0)
      expect([entry.request, entry.response].every((part) => Array.isArray(part.headers) && Array.isArray(part.cookies))).toBe(true)
    }
    expect(log.entries.some(({ request }) => request.headers.some(({ name }) => name === 'DPoP'))).toBe(true)
    expect(log.entries.some(({ _kimei }) => _kimei.proves.length > 0)).toBe(true)
  })

  it('whatever servers answered, it stays JSON', () => {
    expect(() => JSON.parse(renderReport(hostile, 'har'))).not.toThrow()
  })
})

interface HarEntry {
  readonly startedDateTime: string
  readonly time: number
  readonly timings: { readonly send: number; readonly wait: number; readonly receive: number }
  readonly request: {
    readonly url: string
    readonly headers: readonly { readonly name: string; readonly value: string }[]
    readonly cookies: readonly []
  }
  readonly response: { readonly headers: readonly unknown[]; readonly cookies: readonly []; readonly content: { readonly size: number } }
  readonly _kimei: { readonly proves: readonly string[] }
}

describe('all formats', () => {
  it('a file name says which', () => {
    expect(['a.html', 'a.sarif', 'a.sarif.json', 'A.JSON', 'x.xml', 'x.md', 'x.csv', 'x.har', 'x.txt', 'x.pdf'].map(formatOfFile)).toEqual([
      'html',
      'sarif',
      'sarif',
      'json',
      'junit',
      'markdown',
      'csv',
      'har',
      'text',
      undefined,
    ])
  })

  it.each(formatNames)('%s: no control character reaches the reader, in either language', (format) => {
    for (const language of ['ja', 'en'] as const) {
      const text = renderReport(hostile, format, { language })
      expect(/(?![\n\r])\p{Cc}/u.exec(text)?.index).toBeUndefined()
      expect(text.length).toBeGreaterThan(200)
    }
  })
})
