// After sign-out and revocation: the same ticket, with its proof, again and again until it is refused (SEED-TB-73); once also alone, to see
// whether its binding lapsed, and its refresh token. A spare ticket is ended, so that nobody's own one is; what the times mean stands in
// `judgement/`, how access is ended in `end-access.ts`.

import type { Ticket } from '../clients/tickets.ts'
import type { Residual } from '../residual.ts'
import { firstGood, ticketWish } from '../stations/api.ts'
import { type EndingPlace, endAccess, refreshAgain, spareTicket } from './end-access.ts'

/** Seconds after the ending; the last is the expiry of the ticket. */
const moments = [0, 5, 30, 60, 300] as const

/** Clocks differ: an API may take a ticket a little beyond its expiry. */
const leewaySeconds = 60

interface Watch {
  readonly place: EndingPlace
  readonly spare: Ticket
  /** Seconds of its life that are left. */
  readonly lifetimeSeconds: number
  readonly steps: Residual['steps'][number][]
  readonly evidence: string[]
  /** Whether the ticket alone passed before; `undefined` where it names nothing. */
  readonly barePassed: boolean | undefined
  binding: Residual['binding']
  refresh: Residual['refresh']
}

export interface Watching {
  /** Lets time pass. */
  readonly wait: (seconds: number) => Promise<void>
  /** No longer than this. */
  readonly mostSeconds: number
  /** A step whose failure leaves the rest possible. */
  readonly quietly: <T>(step: () => Promise<T>, otherwise: T) => Promise<T>
}

/**
 * All of them at once: the time passes only once. Sign-outs come first, because what a sign-in gave afterwards is of another sign-in.
 */
export async function watchAfterRevocation(places: readonly EndingPlace[], { wait, mostSeconds, quietly }: Watching): Promise<Residual[]> {
  const ordered = [...places].sort((a, b) => Number(b.after === 'sign-out') - Number(a.after === 'sign-out'))
  const watches: Watch[] = []
  for (const place of ordered) {
    const watch = await quietly(() => begin(place), undefined)
    if (watch) watches.push(watch)
  }
  const ends = watches.flatMap(({ lifetimeSeconds }) => [lifetimeSeconds, lifetimeSeconds + leewaySeconds])
  let passed = 0
  for (const moment of [...new Set([...moments, ...ends])].sort((a, b) => a - b)) {
    const due = watches.filter((watch) => moment <= watch.lifetimeSeconds + leewaySeconds && watch.steps.every(({ passes }) => passes))
    if (moment > mostSeconds || due.length === 0) break
    if (moment > passed && !(await quietly(() => wait(moment - passed).then(() => true), false))) break
    passed = moment
    for (const watch of due) await quietly(() => look(watch, moment), undefined)
  }
  return watches.filter(({ steps }) => steps.length > 0).map(residualOf)
}

/** `undefined` where no access can be ended in this way, or the API does not take the ticket before. */
async function begin(place: EndingPlace): Promise<Watch | undefined> {
  const { parts } = place
  const spare = await spareTicket(place)
  if (spare === undefined) return undefined
  const before = await firstGood(parts, spare, shapeOf(spare))
  if (before.answered !== 'good') return undefined
  const bare = spare.type === 'bearer' ? undefined : await firstGood(parts, spare, 'bearer')
  const ended = await endAccess(place, spare)
  if (ended === undefined) return undefined
  const lifetimeSeconds = Math.max(1, spare.expiresAt - parts.line.now(parts.api.url) + 1)
  const evidence = [...before.evidence, ...(bare?.evidence ?? []), ...ended]
  const barePassed = bare && bare.answered === 'good'
  const watch: Watch = { place, spare, lifetimeSeconds, steps: [], evidence, barePassed, binding: 'not-tried', refresh: 'not-tried' }
  await look(watch, 0)
  await lookBeside(watch)
  return watch
}

function shapeOf({ type }: Ticket): 'named' | 'bearer' {
  return type === 'bearer' ? 'bearer' : 'named'
}

async function look({ place: { parts }, spare, steps, evidence }: Watch, seconds: number): Promise<void> {
  if (steps.some((step) => step.seconds === seconds)) return
  const again = await firstGood(parts, spare, shapeOf(spare))
  steps.push({ seconds, passes: again.answered === 'good', answered: again.answered })
  evidence.push(...again.evidence)
}

/** Whether the ticket alone passes now, and whether the old refresh token still gives tickets. */
async function lookBeside(watch: Watch): Promise<void> {
  const { place, spare, evidence, barePassed } = watch
  if (barePassed !== undefined) {
    const bare = await firstGood(place.parts, spare, 'bearer')
    evidence.push(...bare.evidence)
    watch.binding = barePassed ? 'never-held' : bare.answered === 'good' ? 'lapsed' : 'kept'
  }
  if (spare.refreshToken === undefined || place.after === 'access-token' || place.parts.office.client.entry.ticket.from !== 'sign-in')
    return
  const { accepted, evidence: told } = await refreshAgain(place.parts, spare.refreshToken)
  evidence.push(...told)
  const meant = place.after === 'sign-out' && (ticketWish(place.parts).scope ?? '').split(' ').includes('offline_access')
  watch.refresh = accepted ? (meant ? 'meant-to' : 'accepted') : 'refused'
}

function residualOf({ place: { parts, after }, steps, lifetimeSeconds, evidence, binding, refresh }: Watch): Residual {
  const refused = steps.find(({ passes }) => !passes)
  const passed = steps.filter(({ passes }) => passes).at(-1)
  const { api } = parts
  return {
    api: api.id,
    client: parts.office.client.entry.id,
    after,
    promised: api.revocation,
    ...(api.revokedWithinSeconds !== undefined && { promisedSeconds: api.revokedWithinSeconds }),
    residualAccess: passed ? 'yes' : 'no',
    ...(passed && { passedSeconds: passed.seconds }),
    steps,
    ...(refused && { refusedAfterSeconds: refused.seconds }),
    lifetimeSeconds,
    binding,
    refresh,
    evidence,
  }
}
