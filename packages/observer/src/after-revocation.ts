// After sign-out and revocation: the same ticket, with its proof, again and again until it is refused (SEED-TB-73).
// A spare ticket is revoked, so that nobody's own one ends; what the times mean stands in `judgement/`.

import { formCall } from './clients.ts'
import { writeFormCall } from './edits/plans.ts'
import type { Residual } from './residual.ts'
import { firstGood, type PlaceParts, ticketWish } from './stations/api.ts'
import type { Ticket } from './tickets.ts'

/** Seconds after the revocation; the last is the expiry of the ticket. */
const moments = [0, 5, 30, 60, 300] as const

/** Clocks differ: an API may take a ticket a little beyond its expiry. */
const leewaySeconds = 60

interface Watch {
  readonly parts: PlaceParts
  readonly spare: Ticket
  /** Seconds of its life that are left. */
  readonly lifetimeSeconds: number
  readonly steps: Residual['steps'][number][]
  readonly evidence: string[]
}

export interface Watching {
  /** Lets time pass. */
  readonly wait: (seconds: number) => Promise<void>
  /** No longer than this. */
  readonly mostSeconds: number
}

/** All of them at once: the time passes only once. */
export async function watchAfterRevocation(places: readonly PlaceParts[], { wait, mostSeconds }: Watching): Promise<Residual[]> {
  const watches: Watch[] = []
  for (const parts of places) {
    const watch = await revokeSpare(parts)
    if (watch) watches.push(watch)
  }
  const ends = watches.flatMap(({ lifetimeSeconds }) => [lifetimeSeconds, lifetimeSeconds + leewaySeconds])
  let passed = 0
  for (const moment of [...new Set([...moments, ...ends])].sort((a, b) => a - b)) {
    const due = watches.filter((watch) => moment <= watch.lifetimeSeconds + leewaySeconds && watch.steps.every(({ passes }) => passes))
    if (moment > mostSeconds || due.length === 0) break
    if (moment > passed) await wait(moment - passed)
    passed = moment
    for (const watch of due) await look(watch, moment)
  }
  return watches.filter(({ steps }) => steps.length > 0).map(residualOf)
}

/** `undefined` where no ticket can be revoked, or the API does not take it before. */
async function revokeSpare(parts: PlaceParts): Promise<Watch | undefined> {
  const { api, line, office } = parts
  const url = parts.facts?.['revocationEndpoint']
  const spare = url === undefined ? undefined : await office.spare(ticketWish(parts))
  if (url === undefined || spare === undefined || 'none' in spare) return undefined
  const before = await firstGood(parts, spare, shapeOf(spare))
  if (before.answered !== 'good') return undefined
  const form = [['token', spare.accessToken]] as const
  const call = formCall(office.client, { url, form, proof: false }, line)
  const revoked = await line.send(api.id, 'revocation of a spare ticket', writeFormCall(call))
  if (revoked.answer.status !== 200) return undefined
  const lifetimeSeconds = Math.max(1, spare.expiresAt - line.now(api.url) + 1)
  return { parts, spare, lifetimeSeconds, steps: [], evidence: [...before.evidence, revoked.evidence] }
}

function shapeOf({ type }: Ticket): 'named' | 'bearer' {
  return type === 'dpop' ? 'named' : 'bearer'
}

async function look({ parts, spare, steps, evidence }: Watch, seconds: number): Promise<void> {
  const again = await firstGood(parts, spare, shapeOf(spare))
  steps.push({ seconds, passes: again.answered === 'good', answered: again.answered })
  evidence.push(...again.evidence)
}

function residualOf({ parts, steps, lifetimeSeconds, evidence }: Watch): Residual {
  const refused = steps.find(({ passes }) => !passes)
  return {
    api: parts.api.id,
    client: parts.office.client.entry.id,
    promised: parts.api.revocation,
    steps,
    ...(refused && { refusedAfterSeconds: refused.seconds }),
    lifetimeSeconds,
    evidence,
  }
}
