// Client × grant: the two decision tables enumerated, and which grants of the inventory make which cells.
import { describe, expect, it } from 'vitest'
import { type ClientEntry, parseInventory } from '../src/inventory/inventory.ts'
import { decide } from '../src/judgement/decision-table.ts'
import { type CellFacts, cellsAsFact, cellTable, grantCells, type IssuanceFacts, issuanceTable } from '../src/judgement/grant-table.ts'
import type { GrantCell, ProbeResult } from '../src/observation.ts'
import { result } from './records.ts'

const cellFacts: readonly CellFacts[] = (['had', 'not-had'] as const).flatMap((unbound) =>
  (['had', 'not-had'] as const).flatMap((bound) =>
    (['yes', 'no'] as const).flatMap((refused) => (['yes', 'no', 'nothing'] as const).map((asked) => ({ unbound, bound, refused, asked }))),
  ),
)
const issuanceFacts: readonly IssuanceFacts[] = (['unbound', 'told', 'open', 'none'] as const).flatMap((cells) =>
  (['bound', 'unbound', 'unreadable', 'none'] as const).map((ticket) => ({ cells, ticket })),
)

describe('one cell', () => {
  it('every combination of 24 is decided, and every row decides some', () => {
    expect(cellFacts).toHaveLength(24)
    const used = new Set(cellFacts.map((facts) => decide(cellTable, facts)))
    expect(cellTable.filter((row) => !used.has(row))).toEqual([])
  })

  it('one unbound ticket decides, whatever else was answered; what was not told is never a refusal', () => {
    for (const facts of cellFacts) {
      const { so } = decide(cellTable, facts)
      expect(so === 'unbound', JSON.stringify(facts)).toBe(facts.unbound === 'had')
      if (facts.refused === 'no' && facts.bound === 'not-had') expect(['unbound', 'unknown', 'not-tried', 'no-such-ticket']).toContain(so)
    }
  })
})

describe('as_enforced of one client', () => {
  it('SEED-TB-22: every combination of 16 is decided, and every row decides some', () => {
    expect(issuanceFacts).toHaveLength(16)
    const used = new Set(issuanceFacts.map((facts) => decide(issuanceTable, facts)))
    expect(issuanceTable.filter((row) => !used.has(row))).toEqual([])
  })

  it('SEED-TB-22: any unbound ticket by any grant is no; yes needs every grant told and a ticket that is seen to be bound', () => {
    for (const facts of issuanceFacts) {
      const { so } = decide(issuanceTable, facts)
      const holed = facts.cells === 'unbound' || facts.ticket === 'unbound'
      expect(so === 'no', JSON.stringify(facts)).toBe(holed)
      expect(so === 'yes', JSON.stringify(facts)).toBe(facts.cells === 'told' && facts.ticket === 'bound')
    }
  })

  it('SEED-TB-23: a ticket that cannot be read proves no binding', () => {
    expect(decide(issuanceTable, { cells: 'told', ticket: 'unreadable' }).so).toBe('unknown')
  })

  it('one combination that was not asked leaves it open; one that yields no ticket at all does not', () => {
    const of = (...outcomes: GrantCell['outcome'][]) => cellsAsFact(outcomes.map((outcome) => ({ outcome })))
    expect(of('refused', 'bound')).toBe('told')
    expect(of('refused', 'no-such-ticket')).toBe('told')
    expect(of('refused', 'not-tried')).toBe('open')
    expect(of('refused', 'unknown')).toBe('open')
    expect(of('refused', 'not-tried', 'unbound')).toBe('unbound')
    expect(of('not-tried')).toBe('none')
    expect(of()).toBe('none')
  })
})

describe('the cells of a client', () => {
  const redirectUri = 'http://127.0.0.1:9/cb'
  const entry = (more: object): ClientEntry =>
    parseInventory({
      version: 1,
      contact: 'tests@example.com',
      issuers: [{ id: 'main', url: 'http://127.0.0.1:9', tokenEndpoint: 'http://127.0.0.1:9/token' }],
      clients: [{ id: 'one', clientId: 'one', ticket: { from: 'client-credentials' }, ...more } as never],
      apis: [{ id: 'a', url: 'http://127.0.0.1:9/a', privilege: 'low' }],
    }).clients[0]!
  const grantsOf = (more: object, probes: readonly ProbeResult[] = []) =>
    grantCells({ entry: entry(more), bound: true }, probes).map(({ grant, outcome }) => `${grant} ${outcome}`)

  it('only grants that the inventory says a client may use have a cell', () => {
    expect(grantsOf({})).toEqual(['client_credentials not-tried'])
    expect(grantsOf({ ticket: { from: 'pasted', accessToken: 'x', subject: 's' } })).toEqual([])
    expect(grantsOf({ ticket: { from: 'device' } })).toEqual(['device_code not-tried'])
    expect(grantsOf({ ticket: { from: 'sign-in', redirectUri }, refreshTokens: 'none' })).toEqual(['authorization_code not-tried'])
    const much = { ticket: { from: 'sign-in', redirectUri }, devices: true, exchanges: { to: 'x' }, backchannel: { loginHint: 'x' } }
    expect(grantsOf(much).map((said) => said.split(' ')[0])).toEqual([
      'authorization_code',
      'refresh_token',
      'device_code',
      'token-exchange',
      'ciba',
    ])
  })

  it('a probe that brings something bound counts where it finds a hole, and proves nothing about the rest of its grant', () => {
    const code = { ticket: { from: 'sign-in', redirectUri }, refreshTokens: 'none' }
    expect(grantsOf(code, [result('RD-announced-unproven', 'holds')])).toEqual(['authorization_code not-tried'])
    expect(grantsOf(code, [result('AS2', 'holds'), result('RD-announced-unproven', 'violated')])).toEqual(['authorization_code unbound'])
  })

  it('AS3 can show that a proof is demanded, and never that none is', () => {
    expect(grantsOf({}, [result('AS3', 'holds')])).toEqual(['client_credentials refused'])
    expect(grantsOf({}, [result('AS3', 'inconclusive')])).toEqual(['client_credentials not-tried'])
    expect(grantsOf({}, [result('AS3', 'inconclusive'), result('AS2', 'holds')])).toEqual(['client_credentials refused'])
  })

  it('a ticket that calls itself DPoP and cannot be read is no refusal', () => {
    const unread: ProbeResult = { ...result('AS2', 'inconclusive'), issued: 'unreadable', reason: 'cannot be read' }
    expect(grantCells({ entry: entry({}), bound: true }, [unread])).toMatchObject([{ outcome: 'unknown', reason: 'cannot be read' }])
  })

  it('laundered is said only where something bound went in, an unbound ticket came out, and tickets are bound at all', () => {
    const hole: ProbeResult = { ...result('AS8-exchange', 'violated'), issued: 'unbound' }
    const more = { exchanges: { to: 'x' } }
    expect(grantCells({ entry: entry(more), bound: true }, [hole])[1]).toMatchObject({ outcome: 'unbound', laundered: true })
    expect(grantCells({ entry: entry(more), bound: false }, [hole])[1]).not.toHaveProperty('laundered')
    expect(grantCells({ entry: entry({}), bound: true }, [{ ...result('AS2', 'violated'), issued: 'unbound' }])[0]).not.toHaveProperty(
      'laundered',
    )
  })
})
