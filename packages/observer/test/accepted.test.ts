// Accepted exceptions: shown, not counted; named when their day has passed, when a new client joins, and when nothing is left to accept.
import { beforeAll, describe, expect, it } from 'vitest'
import { type Acceptance, parseAcceptances, withAcceptances } from '../src/inventory/acceptance.ts'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import type { Finding, Observation } from '../src/observation.ts'
import { renderText } from '../src/report/text.ts'
import { observe } from '../src/run/observe.ts'
import { operations, quick } from './express-apis.ts'
import { startStrangers } from './real-observation.ts'

const owner = { owner: 'Platform team', reason: 'until the move is done' }
const now = Date.parse('2026-06-30T12:00:00Z') / 1000

const finding: Finding = {
  id: 'F1',
  kind: 'bearer-accepted',
  at: 'admin',
  clients: ['job', 'partner'],
  priority: 'P0',
  tier: 'confirmed',
  owner: 'RS',
  subject: 'GET admin (job, partner)',
  title: { ja: '切符だけで通る', en: 'The ticket alone is enough' },
  control: { ja: '断る', en: 'Refuse' },
  probes: ['B1'],
  rules: ['binding.named-token-is-not-bearer'],
  evidence: ['e1'],
  asvs: ['10.3.5'],
  wstg: [],
  attack: [],
  next: ['17'],
}
const acceptance: Acceptance = { finding: 'bearer-accepted', at: 'admin', until: '2026-06-30', ...owner }

describe('which finding an acceptance fits', () => {
  const after = (given: readonly Acceptance[], at = now) => withAcceptances([finding], given, at)

  it('kind and place; the last day belongs to it', () => {
    expect(after([acceptance]).findings[0]!.acceptance).toEqual({ ...owner, until: '2026-06-30', ended: false })
    expect(after([acceptance]).warnings).toEqual([])
  })

  it('the day after, it is open again and the report names whose acceptance ended', () => {
    const { findings, warnings } = after([acceptance], now + 86_400)
    expect(findings[0]!.acceptance!.ended).toBe(true)
    expect(warnings[0]!.en).toBe('the acceptance of F1 (bearer-accepted at admin) by Platform team ended on 2026-06-30')
  })

  it('another place, another kind, or a client that nobody named: not accepted, and the idle acceptance is named', () => {
    for (const other of [{ at: 'notes' }, { finding: 'replay-accepted' }, { clients: ['job'] }]) {
      const { findings, warnings } = after([{ ...acceptance, ...other }])
      expect(findings[0]!.acceptance).toBeUndefined()
      expect(warnings[0]!.en).toContain('was not found: its acceptance by Platform team can go')
    }
    expect(after([{ ...acceptance, clients: ['partner', 'job'] }]).findings[0]!.acceptance!.ended).toBe(false)
  })

  it('one that is in force counts beside one that has ended', () => {
    const { findings } = after([{ ...acceptance, until: '2020-01-01' }, acceptance])
    expect(findings[0]!.acceptance!.ended).toBe(false)
  })
})

describe('a file of acceptances', () => {
  it('says every mistake at once, with its place', () => {
    const bad = { accepted: [{ finding: 'F1', at: 'admin', owner: ' ', until: '30.6.2026' }], more: true }
    expect(() => parseAcceptances(bad)).toThrow(/accepted\.0\.finding.*accepted\.0\.owner.*accepted\.0\.reason.*accepted\.0\.until.*more/s)
    expect(() => parseAcceptances({})).toThrow('accepted')
    expect(parseAcceptances({ accepted: [acceptance] })).toEqual([acceptance])
  })

  it('an inventory refuses one for an API that it does not have', () => {
    const inventory: InventoryInput = {
      version: 1,
      contact: 'tests@example.com',
      issuers: [{ id: 'main', url: 'http://127.0.0.1:1', tokenEndpoint: 'http://127.0.0.1:1/token' }],
      clients: [{ id: 'job', clientId: 'job', ticket: { from: 'client-credentials' } }],
      apis: [{ id: 'notes', url: 'http://127.0.0.1:1/notes', privilege: 'mid' }],
      accepted: [{ ...acceptance, at: 'nowhere' }],
    }
    expect(() => parseInventory(inventory)).toThrow('accepted.0: no API or issuer nowhere')
    for (const at of ['notes', 'main', 'operations'])
      expect(parseInventory({ ...inventory, accepted: [{ ...acceptance, at }] })).toBeTruthy()
  })
})

describe('a real observation of an open API', () => {
  let open: Observation
  let accepted: Observation
  let ended: Observation
  beforeAll(async () => {
    const { written, close } = await startStrangers()
    const only: InventoryInput = {
      ...written,
      issuers: written.issuers.map((one) => ({ ...one, claims: 'unknown' })),
      apis: written.apis.slice(3),
      operations,
    }
    const run = (until?: string) => {
      const list = until === undefined ? [] : [{ finding: 'no-ticket-needed', at: 'status', until, ...owner }]
      // Issuance is not what this is about.
      const inventory = parseInventory({ ...only, clients: only.clients.slice(0, 1), accepted: list })
      return observe(inventory, { pace: quick, only: ['B1', 'AS1'] })
    }
    open = await run()
    accepted = await run('2999-12-31')
    ended = await run('2020-01-01')
    await close()
  })

  it('open: exit code 1; accepted: shown with its owner, and the exit code is that of the rest', () => {
    expect(exitCodeOf(open)).toBe(1)
    expect(accepted.findings.map(({ kind, acceptance: given }) => [kind, given?.owner])).toEqual([['no-ticket-needed', 'Platform team']])
    // Nothing else was found; what the whole is stays unknown with one API.
    expect(exitCodeOf(accepted)).not.toBe(1)
    expect(renderText(accepted)).toContain('(P0)')
    expect(renderText(accepted)).toContain('Platform team, until 2999-12-31: until the move is done')
    expect(accepted.posture).toEqual(open.posture)
    expect(accepted.record.action_priority).toBe(open.record.action_priority)
  })

  it('ended: it counts again, and text says whose it was', () => {
    expect(exitCodeOf(ended)).toBe(1)
    expect(renderText(ended)).toContain('by Platform team ended on 2020-01-01')
    expect(renderText(ended, { language: 'ja' })).toContain('例外は 2020-01-01 で終わりました')
  })
})
