// Reports: one screen before the detail, four columns, both languages, and nothing incomplete that passes.

import { describe, expect, it } from 'vitest'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import { asvsPoints, guidelineBlock, guidelineMistakes } from '../src/judgement/guidelines.ts'
import type { ApiRecord, Observation } from '../src/observation.ts'
import { claimsTheftPath, observationMistakes } from '../src/report/complete.ts'
import { renderText } from '../src/report/text.ts'
import { cleanObservation } from './clean-observation.ts'
import { cells } from './display-cells.ts'
import { apiRecord, bearerApi, result } from './records.ts'

const plainText = (observation: Observation, language: 'ja' | 'en') => renderText(observation, { language })
const firstScreen = (text: string, head: string) => text.slice(0, text.indexOf(`\n${head}\n`)).split('\n')

/** Of a row, what begins at a cell. */
function slice(row: string, from: number): string {
  let at = 0
  const start = [...row].findIndex((character) => {
    const here = at
    at += cells(character)
    return here >= from
  })
  return start < 0 ? '' : [...row].slice(start).join('')
}

const open = { dpop: 'not-required', errorBehaviour: '401 dpop+bearer; Bearer accepted', tlsCertificateRequest: 'not-tested' } as const

describe('text', () => {
  it.each([
    ['en', 'Detail'],
    ['ja', '詳細'],
  ] as const)('%s: result, table and findings fit one screen; the detail follows', (language, head) => {
    const screen = firstScreen(plainText(cleanObservation(), language), head)
    expect(screen.length).toBeLessThanOrEqual(24)
    expect(Math.max(...screen.map(cells))).toBeLessThanOrEqual(110)
  })

  it.each([
    ['en', 80],
    ['en', 100],
    ['ja', 80],
    ['ja', 100],
  ] as const)(
    'SEED-TB-75: %s, %d columns wide: DPoP, TLS certificate request, policy difference and error behaviour in every row',
    (language, width) => {
      const apis = [
        apiRecord('admin', { ...bearerApi, privilege: 'high', columns: { ...open, policy: 'differs' } }),
        apiRecord('orders', { probes: [{ ...result('B1', 'holds'), answered: 'refused (401 invalid_token)' }] }),
      ]
      const lines = renderText({ ...cleanObservation(), apis }, { language, width, detail: false }).split('\n')
      const at = lines.findIndex((line) => line.includes('DPoP'))
      const [above, titles, first, second] = lines.slice(at - 1, at + 3) as [string, string, string, string]
      const column = (title: string, row: string) => slice(row, cells(titles.slice(0, titles.indexOf(title))))
      const words = {
        en: {
          certificate: 'certificate',
          policy: 'policy',
          errors: 'errors',
          admin: ['not asked', 'not tried', 'differs', 'none'],
          dpop: 'required',
        },
        ja: { certificate: '証明書', policy: '方針', errors: '断り方', admin: ['求めない', '未確認', '違う', '断らない'], dpop: '必須' },
      }[language]
      expect(column(words.certificate, above)).toMatch(/^TLS/)
      for (const [index, title] of ['DPoP', words.certificate, words.policy, words.errors].entries())
        expect(column(title, first).startsWith(words.admin[index]!)).toBe(true)
      expect(column('DPoP', second)).toMatch(new RegExp(`^${words.dpop}`))
      expect(column(words.errors, second)).toMatch(/^401/)
      expect(Math.max(...lines.map(cells))).toBeLessThanOrEqual(width)
    },
  )

  it('the API that is open stands first, and what is not on the screen is counted', () => {
    const apis = [...Array.from({ length: 999 }, (_, index) => apiRecord(`sound-${index}`)), apiRecord('open', bearerApi)]
    const lines = renderText({ ...cleanObservation(), apis }, { width: 80, detail: false }).split('\n')
    expect(lines.filter((line) => /^ {2}[✓✗~?] {2}/.test(line))[0]).toMatch(/✗ {2}GET open +mid +passes/)
    expect(lines).toContain('  … 988 more: 988 ✓ refused')
    expect(lines.length).toBeLessThan(40)
  })

  it('sound, and yet something urgent to repair, does not look sound; what is only to be tidied does', () => {
    const urgent = renderText({ ...cleanObservation(), findings: [findingOf()] }, { detail: false })
    expect(urgent).toMatch(/result +! only named tickets pass, and there is something to repair/)
    const tidy = renderText({ ...cleanObservation(), findings: [{ ...findingOf(), priority: 'P2' }] }, { detail: false })
    expect(tidy).toMatch(/result +✓ only named tickets pass: at all 3 APIs/)
  })

  it('an API that treats its clients alike is one row; where they differ, each has its own, by name', () => {
    const twice = (api: string, more: Partial<ApiRecord>) => [apiRecord(api), apiRecord(api, { client: 'partner', ...more })]
    const text = renderText(
      { ...cleanObservation(), apis: [...twice('same', {}), ...twice('exempt', bearerApi)] },
      { width: 80, detail: false },
    )
    expect(text).toContain('APIs  asked as job, partner\n')
    const rows = text.split('\n').filter((line) => /^ {2}[✓✗~?] {2}/.test(line))
    expect(rows.map((line) => /GET \S+(?: \(\w+\))?/.exec(line)?.[0])).toEqual(['GET exempt (partner)', 'GET same', 'GET exempt (job)'])
  })

  it('a name that is wider than its column stands above its row, whole', () => {
    const name = `a-very-long-name-${'x'.repeat(90)}-end`
    const text = renderText({ ...cleanObservation(), apis: [apiRecord(name), apiRecord('b')] }, { width: 80, detail: false })
    expect(text.replaceAll(/\n +/g, '')).toContain(`GET${name}`)
    expect(Math.max(...text.split('\n').map(cells))).toBeLessThanOrEqual(80)
  })

  it('the same finding at many places is one, with the first of them by name and what to do', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ ...findingOf(), id: `F${index + 1}`, subject: `GET n${index + 1}` }))
    const text = renderText({ ...cleanObservation(), findings: many }, { width: 80, detail: false })
    expect(text).toContain(
      '  F1  P1  The same proof passes twice\n          GET n1, GET n2, GET n3 … 37 more\n          → API: Remember and refuse',
    )
  })

  it('columns are aligned, Japanese included: every row has its second column at the same cell', () => {
    const rows = plainText(cleanObservation(), 'ja')
      .split('\n')
      .filter((line) => /^ {2}[✓✗~?] {2}GET/.test(line))
    expect(rows.length).toBe(3)
    expect(new Set(rows.map((row) => cells(row.slice(0, row.search(/[高中低]/))))).size).toBe(1)
  })

  it('nothing that comes from outside can steer the terminal', () => {
    const observation = cleanObservation()
    const api = { ...observation.apis[0]!, api: 'x\u001b[2J\u0007y\nz' }
    expect(renderText({ ...observation, apis: [api] })).not.toMatch(/(?!\n)\p{Cc}/u)
  })

  it('colours come only when asked for, and every mark has its word', () => {
    expect(renderText(cleanObservation(), { colour: true })).toContain('\u001b[')
    expect(plainText(cleanObservation(), 'en')).toMatch(/✓ holds/)
    expect(plainText(cleanObservation(), 'ja')).toMatch(/✓ 守られている/)
  })
})

describe('completeness', () => {
  const without = (part: keyof Observation['guidelines']) =>
    observationMistakes({ ...cleanObservation(), guidelines: { ...guidelineBlock(), [part]: [] } as never })

  it('a clean observation lacks nothing and exits 0', () => {
    expect(observationMistakes(cleanObservation())).toEqual([])
    expect(exitCodeOf(cleanObservation())).toBe(0)
  })

  it('SEED-TB-01: each of the four parts of the guideline block is needed', () => {
    for (const part of ['asvs', 'wstg', 'attack'] as const) expect(without(part)).toEqual([`guidelines.${part} is missing`])
    expect(without('ptes').length).toBeGreaterThan(0)
  })

  it('SEED-TB-02, SEED-TB-04: ids outside the lists are refused', () => {
    const block = guidelineBlock()
    expect(guidelineMistakes({ ...block, asvs: [{ id: '11.1.1', point: '' }] })).toEqual(['guidelines.asvs: 11.1.1 is not a known id'])
    expect(guidelineMistakes({ ...block, wstg: [{ id: 'WSTG-SESS-12', title: '' }] })).toEqual([
      'guidelines.wstg: WSTG-SESS-12 is not a known id',
    ])
    expect(Object.keys(asvsPoints)).toEqual(expect.arrayContaining(['10.3.5', '10.4.14', '10.4.5', '10.4.16', '10.4.10', '9.1.1', '9.2.4']))
  })

  it('SEED-TB-06: the phases are the two of the seed, and one line links 16, 17 and 18', () => {
    const block = guidelineBlock()
    expect(guidelineMistakes({ ...block, ptes: { ...block.ptes, phases: ['Exploitation'] } })).toHaveLength(2)
    expect(block.ptes.linkage.en).toMatch(/17.*18.*16/)
  })

  it('SEED-TB-07: techniques carry the version of ATT&CK, and T1550.001 its place in v19', () => {
    const block = guidelineBlock()
    const only = (tactics: string[], version = 'v19') => guidelineMistakes({ ...block, attack: [{ id: 'T1550.001', version, tactics }] })
    expect(only(['Defense Evasion'])).toHaveLength(1)
    expect(only(['Defense Evasion', 'Lateral Movement'])).toEqual([])
    expect(only(['Lateral Movement'], '')).toHaveLength(1)
  })

  it('SEED-TB-10, SEED-TB-11: a finding without owner, control or next step is a gap', () => {
    const finding = { ...findingOf(), owner: 'system' as never, control: { ja: '', en: '' }, next: [] }
    expect(observationMistakes({ ...cleanObservation(), findings: [finding] })).toEqual([
      'F1: no owner',
      'F1: no control',
      'F1: no next step',
    ])
  })

  it('SEED-TB-02: a finding without ASVS id is a gap', () => {
    expect(observationMistakes({ ...cleanObservation(), findings: [{ ...findingOf(), asvs: [] }] })).toEqual(['F1: no ASVS id'])
  })

  it('SEED-TB-43: jti_yes needs a replay that was tried', () => {
    const observation = cleanObservation()
    const apis = observation.apis.map((record) => ({ ...record, replay: 'unknown' as const }))
    expect(observationMistakes({ ...observation, apis })).toEqual(['posture.replay_protection: no replay was tried'])
  })

  it('SEED-TB-46, SEED-TB-47, SEED-TB-05: fields without evidence, and evidence that is not there, are gaps', () => {
    const observation = cleanObservation()
    const bare = { ...observation.postureEvidence, rs_enforced: [], mode: ['e999'] }
    expect(observationMistakes({ ...observation, postureEvidence: bare })).toEqual([
      'posture.rs_enforced cites no evidence',
      'posture.mode: no evidence e999',
    ])
    expect(observationMistakes({ ...observation, record: { ...observation.record, api_endpoints: [] } })).toEqual([
      'record.api_endpoints is missing',
    ])
  })

  it('SEED-TB-48: confirmed without evidence is a gap', () => {
    expect(observationMistakes({ ...cleanObservation(), findings: [{ ...findingOf(), evidence: [] }] })).toEqual([
      'F1: confirmed without evidence',
    ])
  })

  it('SEED-TB-17, SEED-TB-50: no text claims how a ticket was stolen', () => {
    expect(claimsTheftPath('The token was stolen by XSS')).toBe(true)
    expect(claimsTheftPath('端末が侵害されました')).toBe(true)
    const observation = cleanObservation()
    const texts = [observation.threat, observation.notClaimed, ...observation.statements.map(({ text }) => text)]
    expect(texts.filter(({ ja, en }) => claimsTheftPath(ja) || claimsTheftPath(en))).toEqual([])
    const statement = { tier: 'confirmed', text: { ja: 'x', en: 'tickets leak through XSS' }, grounds: ['e1'] } as const
    expect(observationMistakes({ ...observation, statements: [statement] })).toEqual(['claims a theft path: tickets leak through XSS'])
  })

  it('SEED-TB-49: an inferred statement without grounds is a gap', () => {
    const statement = { tier: 'inferred', text: { ja: 'x', en: 'y' }, grounds: [] } as const
    expect(observationMistakes({ ...cleanObservation(), statements: [statement] })).toEqual(['no grounds: y'])
  })
})

describe('exit codes', () => {
  it('0 clean, 1 findings, 2 open, 3 error', () => {
    const clean = cleanObservation()
    expect(exitCodeOf(clean)).toBe(0)
    expect(exitCodeOf({ ...clean, findings: [findingOf()] })).toBe(1)
    expect(exitCodeOf({ ...clean, overall: 'unknown' })).toBe(2)
    expect(exitCodeOf({ ...clean, complete: false })).toBe(2)
    expect(exitCodeOf(new Error('x'))).toBe(3)
  })
})

function findingOf(): Observation['findings'][number] {
  return {
    id: 'F1',
    kind: 'replay-accepted',
    at: 'notes',
    clients: ['job'],
    priority: 'P1',
    tier: 'confirmed',
    owner: 'RS',
    subject: 'GET notes',
    title: { ja: '同じ証明が二度通る', en: 'The same proof passes twice' },
    control: { ja: '覚えて断る', en: 'Remember and refuse' },
    probes: ['R1'],
    rules: ['dpop.jti-is-first-use'],
    evidence: ['e1'],
    asvs: ['10.3.5'],
    wstg: ['WSTG-SESS-10'],
    attack: ['T1528'],
    next: ['17'],
  }
}
