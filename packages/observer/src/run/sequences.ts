// Sequences at one API, after the edits: what needs several requests to be judged, each between two good ones.
// Which there are stands in `probes/`; how one is held between good requests, in `sandwich.ts`.
import type { Desk } from '../clients/desk.ts'
import type { Ticket } from '../clients/tickets.ts'
import { writeApiCall } from '../edits/plans.ts'
import type { AcceptanceWindow } from '../freshness.ts'
import type { ApiEntry } from '../inventory/inventory.ts'
import { notSent } from '../judgement/probe-result.ts'
import type { ProbeResult } from '../observation.ts'
import { type ApiSequencePlace, fits } from '../probe.ts'
import { probesAt, sequences } from '../probes/index.ts'
import { type ApiPlace, type PlaceParts, ticketFor, ticketWish } from '../stations/api.ts'
import { ticketOfOtherKey } from '../stations/further-tickets.ts'
import type { Run } from './run.ts'
import { sequenced } from './sandwich.ts'

export interface SequencesSeen {
  readonly results: readonly ProbeResult[]
  readonly window?: AcceptanceWindow
}

export interface SequenceTask {
  readonly api: ApiEntry
  readonly parts: PlaceParts
  readonly place: ApiPlace
  readonly desk: Desk
  readonly desks: ReadonlyMap<string, Desk>
  /** Of further clients only what decides is asked. */
  readonly scope: 'all' | 'comparison'
  /** What the edits found. */
  readonly found: readonly ProbeResult[]
}

/** Only where everything is asked, and the good ticket is held to what it names. */
export async function sequencesAt(run: Run, task: SequenceTask): Promise<SequencesSeen> {
  const { api, place, found, scope } = task
  if (scope !== 'all' || place.open || place.bearer || place.shape === 'beside') return { results: [] }
  const named = { key: place.ticket.type !== 'mtls', certificate: place.ticket.type === 'mtls' || place.ticket.x5t !== undefined }
  const wanted = sequences().filter((probe) => run.wants(probe) && fits(probe, named) && (!probe.perNode || api.nodes.length > 0))
  const moot = run.options.only === undefined ? mootBy(found) : undefined
  const there = sequencePlace(run, task)
  const results: ProbeResult[] = []
  for (const probe of wanted)
    results.push(
      moot === undefined
        ? await run.guarded(api.id, probe, () => sequenced(place.station, () => probe.run(there)))
        : notSent(probe, `moot: ${moot} is violated`),
    )
  return { results, ...(there.measured.window && { window: there.measured.window }) }
}

function mootBy(found: readonly ProbeResult[]): string | undefined {
  const decisive = new Set(probesAt('api').flatMap(({ id, decisive: decides }) => (decides ? [id] : [])))
  return found.find(({ probe, verdict }) => verdict === 'violated' && decisive.has(probe))?.probe
}

function sequencePlace(run: Run, { api, parts, place, desk, desks }: SequenceTask): ApiSequencePlace {
  const { line } = parts
  const others = api.clients.filter((id) => id !== desk.client.entry.id).map((id) => desks.get(id)!)
  return {
    station: place.station,
    send: (role, call) => line.send(api.id, role, writeApiCall(call)),
    otherHolder: () => otherHolder(run, parts, others),
    nodes: api.nodes,
    measured: {},
    waitFor: run.waitFor,
    async ticketLife() {
      const ticket = await ticketFor(parts)
      return 'none' in ticket ? 0 : ticket.expiresAt - line.now(api.url)
    },
  }
}

/** Another client of the API whose tickets name a key, or the same one with another key. */
async function otherHolder(run: Run, parts: PlaceParts, others: readonly Desk[]): Promise<Ticket | undefined> {
  for (const { office } of others) {
    const got = await office.ticket(ticketWish({ ...parts, office }))
    if (!('none' in got) && got.type === 'dpop' && got.x5t === undefined) return got
  }
  return ticketOfOtherKey(parts, run.inventory.subjects)
}
