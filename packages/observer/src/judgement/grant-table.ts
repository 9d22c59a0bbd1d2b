// Client × grant: whether an unbound ticket can be had, cell by cell, and what that makes of the issuer (SEED-TB-22, 23).
// Only grants that the inventory says a client may use; which probe asks for each stands here, how it asks in `probes/`.
import type { ClientEntry } from '../inventory/inventory.ts'
import type { GrantCell, GrantName, ProbeResult, Yes } from '../observation.ts'
import { decide, type Row } from './decision-table.ts'

interface Asked {
  /** One of them told is enough. */
  readonly by: readonly string[]
  /** They ask about something bound that goes in: only a hole that they find counts. */
  readonly also?: readonly string[]
}

const ownBy: Readonly<Record<ClientEntry['ticket']['from'], GrantName | undefined>> = {
  'client-credentials': 'client_credentials',
  'sign-in': 'authorization_code',
  refresh: 'refresh_token',
  device: undefined,
  pasted: undefined,
}
const asksOwn = ['AS2', 'L2', 'AS3'] as const
const asksDevice: Asked = { by: ['AS8-device'] }

/** What goes in is bound: a ticket, a code or a request with an announced key, a refresh token of a public client (RFC 9449 §5). */
const bringBound: ReadonlySet<string> = new Set(['AS8-exchange', 'AS8-own-ticket', 'RD-announced-unproven', 'RF-no-proof'])

function askedOf({
  ticket,
  devices,
  exchanges,
  vouched,
  backchannel,
  refreshTokens,
}: ClientEntry): readonly (readonly [GrantName, Asked])[] {
  const own = ownBy[ticket.from]
  const code = ticket.from === 'sign-in'
  return [
    ...(own ? [[own, { by: asksOwn, ...(code && { also: ['RD-announced-unproven'] }) }] as const] : []),
    ...(code && refreshTokens !== 'none' ? [['refresh_token', { by: ['RF-no-proof', 'RF-unbound'] }] as const] : []),
    ...(devices || ticket.from === 'device' ? [['device_code', asksDevice] as const] : []),
    ...(exchanges ? [['token-exchange', { by: ['AS8-exchange'] }] as const] : []),
    ...(vouched ? [['jwt-bearer', { by: ['AS8-vouched'], also: ['AS8-own-ticket'] }] as const] : []),
    ...(backchannel ? [['ciba', { by: ['AS8-backchannel'] }] as const] : []),
  ]
}

export interface CellFacts {
  readonly unbound: 'had' | 'not-had'
  readonly bound: 'had' | 'not-had'
  readonly refused: 'yes' | 'no'
  /** `nothing`: the grant yields nothing for this client, so there is nothing to ask. */
  readonly asked: 'yes' | 'no' | 'nothing'
}

export const cellTable: readonly Row<CellFacts, GrantCell['outcome']>[] = [
  { when: { unbound: 'had' }, so: 'unbound', because: 'a ticket came that is bound to nothing' },
  { when: { bound: 'had' }, so: 'bound', because: 'a ticket came without a proof, and is bound all the same' },
  { when: { refused: 'yes' }, so: 'refused', because: 'nothing came without a proof' },
  { when: { asked: 'yes' }, so: 'unknown', because: 'it was asked, and the answer did not tell' },
  { when: { asked: 'nothing' }, so: 'no-such-ticket', because: 'this client gets nothing by this grant' },
  { when: {}, so: 'not-tried', because: 'it was not asked' },
]

export interface Grantee {
  readonly entry: ClientEntry
  /** Whether its tickets are bound at all: only then anything can be laundered. */
  readonly bound: boolean
}

export function grantCells(client: Grantee, probes: readonly ProbeResult[]): GrantCell[] {
  return askedOf(client.entry).map(([grant, { by, also = [] }]) => {
    const own = probes.filter(({ probe }) => by.includes(probe))
    const holes = probes.filter(({ probe, verdict }) => also.includes(probe) && verdict === 'violated')
    const { so: outcome } = decide(cellTable, cellFacts([...own, ...holes]))
    const shown = [...own, ...holes].filter(({ verdict }) => verdict === behind[outcome])
    const laundered = client.bound && [...own, ...holes].some((one) => isLaundered(one))
    const reason = outcome === 'unknown' || outcome === 'not-tried' || outcome === 'no-such-ticket' ? whyOf(client, own) : undefined
    return {
      grant,
      outcome,
      ...(laundered && { laundered }),
      probes: shown.map(({ probe }) => probe),
      ...(reason !== undefined && { reason }),
      evidence: [...new Set(shown.flatMap(({ evidence }) => evidence))],
    }
  })
}

/** The verdict that a cell rests on. */
const behind: Readonly<Record<GrantCell['outcome'], ProbeResult['verdict'] | undefined>> = {
  unbound: 'violated',
  bound: 'holds',
  refused: 'holds',
  unknown: 'inconclusive',
  'not-tried': undefined,
  'no-such-ticket': undefined,
}

function cellFacts(results: readonly ProbeResult[]): CellFacts {
  // AS3 can show a demand, and never that there is none.
  const told = results.filter(({ probe, verdict }) => probe !== 'AS3' || verdict === 'holds')
  const some = (test: (one: ProbeResult) => boolean) => told.some(test)
  const nothing = some(({ reason, verdict }) => verdict === 'not-applicable' && reason === getsNoRefreshToken)
  return {
    unbound: some(({ verdict }) => verdict === 'violated') ? 'had' : 'not-had',
    bound: some(({ verdict, issued }) => verdict === 'holds' && issued === 'bound') ? 'had' : 'not-had',
    refused: some(({ verdict }) => verdict === 'holds') ? 'yes' : 'no',
    asked: some(({ verdict, evidence }) => verdict === 'inconclusive' && evidence.length > 0) ? 'yes' : nothing ? 'nothing' : 'no',
  }
}

export const getsNoRefreshToken = 'this client gets no refresh token'

export function isLaundered({ probe, issued, verdict }: ProbeResult): boolean {
  return bringBound.has(probe) && verdict === 'violated' && issued === 'unbound'
}

function whyOf({ entry: { ticket, backchannel }, bound }: Grantee, results: readonly ProbeResult[]): string {
  const said = results.find(({ reason }) => reason !== undefined)?.reason
  if (said !== undefined) return said
  if (!bound) return 'no bound ticket of this client was had'
  if (ticket.from === 'sign-in') return 'nobody signs the test account in for probes'
  return backchannel || ticket.from === 'device' ? 'it was not asked, or the issuer does not say where' : 'it was not asked in this run'
}

export interface IssuanceFacts {
  /** Of all cells: one had, all told, some open, none told. */
  readonly cells: 'unbound' | 'told' | 'open' | 'none'
  /** What came when it was asked for with all that it is to name. */
  readonly ticket: 'bound' | 'unbound' | 'unreadable' | 'none'
}

export const issuanceTable: readonly Row<IssuanceFacts, Yes>[] = [
  { when: { cells: 'unbound' }, so: 'no', because: 'a client has a grant by which it gets an unbound ticket' },
  { when: { ticket: 'unbound' }, so: 'no', because: 'a ticket asked for with its proof came unbound' },
  { when: { ticket: 'unreadable' }, so: 'unknown', because: 'a ticket that cannot be read proves no binding' },
  { when: { ticket: 'none' }, so: 'unknown', because: 'no ticket was had' },
  { when: { cells: 'open' }, so: 'unknown', because: 'a grant that the client may use could not be told' },
  { when: { cells: 'none' }, so: 'unknown', because: 'nothing was asked for without a proof' },
  { when: {}, so: 'yes', because: 'tickets are bound, and by no grant is an unbound one to be had' },
]

export function cellsAsFact(cells: readonly Pick<GrantCell, 'outcome'>[]): IssuanceFacts['cells'] {
  const outcomes = cells.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'no-such-ticket')
  if (outcomes.includes('unbound')) return 'unbound'
  const told = outcomes.filter((outcome) => outcome === 'bound' || outcome === 'refused')
  if (told.length === 0) return 'none'
  return told.length === outcomes.length ? 'told' : 'open'
}
