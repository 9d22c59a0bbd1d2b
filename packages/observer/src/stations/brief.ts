// The short look at one API behind a guard that is known already: without a ticket, with a good one, what decides, and the good one again.
// Six requests, one for each other credential, and a few more where something was accepted that should not be. What the guard was asked
// elsewhere, or with another client, stands there; the whole battery in `api.ts`.
import { type Fingerprint, fingerprint, readAnswer } from '../baseline.ts'
import type { Ticket } from '../clients/tickets.ts'
import { writeApiCall } from '../edits/plans.ts'
import type { ApiEntry } from '../inventory/inventory.ts'
import { type EditProbe, isNotApplicable } from '../probe.ts'
import { judged, type Outcome, type Station, skipped } from '../run/sandwich.ts'
import type { Line, Sent } from '../wire/line.ts'
import { headerValues } from '../wire/raw-client.ts'
import { apiStation, type First, firstGood, type NoPlace, type PlaceParts, type Shape, shapesFor, ticketFor } from './api.ts'
import { bareCall } from './bare-call.ts'
import type { Ground } from './ground.ts'
import { compareWell, type NowAndThen } from './taken-again.ts'

/** No credentials, a good ticket, what decides (three), the good one again. */
export const briefRequests = 6

/** What tells one guard from another: the host, everything about how it answers whoever has nothing, and what else it may take. */
export function guardOf({ url, issuer }: ApiEntry, none: Fingerprint, others: readonly string[]): string {
  const { status, contentType, looks, challenge, via } = none
  return JSON.stringify([new URL(url).host, issuer, status, contentType, looks.shape, challenge, via, others])
}

/** The first request of every survey. */
export function askWithoutTicket(api: ApiEntry, line: Line): Promise<Sent> {
  return line.send(api.id, 'no credentials', writeApiCall(bareCall(api)))
}

/** The ground of a short look: nothing but the answer to no credentials. */
export function briefGround({ answer, evidence }: Sent): Ground {
  const none = fingerprint(answer)
  return { none, garbage: none, missing: none, challengeLines: headerValues(answer.headers, 'www-authenticate'), evidence: [evidence] }
}

export interface BriefPlace {
  readonly kind: 'ready'
  readonly ticket: Ticket
  readonly shape: Shape
  readonly bearer: boolean
  readonly open: boolean
  readonly nowAndThen?: NowAndThen
  /** For what has to be asked again. */
  readonly station: Station<'api'>
  readonly evidence: readonly string[]
  readonly outcomes: readonly { readonly probe: EditProbe<'api'>; readonly outcome: Outcome }[]
}

/**
 * @param probes what decides: B1, K1 and U1, or L7, L6 and L8.
 * @param further what the owner wants tried everywhere: beyond the six.
 */
export async function askBriefly(
  parts: PlaceParts,
  probes: (ticket: Ticket) => readonly EditProbe<'api'>[],
  further: readonly EditProbe<'api'>[] = [],
): Promise<BriefPlace | NoPlace> {
  const ticket = await ticketFor(parts)
  if ('none' in ticket) return { kind: 'failed', reason: `no ticket: ${ticket.none}`, evidence: ticket.evidence }
  const found = await firstShape(parts, ticket)
  if ('kind' in found) return found
  const { shape, first } = found
  const { line, api, ground } = parts
  const ok = fingerprint(first.sent.answer)
  // Between the two good requests nobody judges yet: how alike they are is only known after the second.
  const station = apiStation(parts, {
    ticket,
    shape,
    baseline: { ok, closeness: 'outline', refused: [ground.none] },
    challenged: first.challenged,
  })
  const asked = await askEach(parts, station, shape === 'named' || shape === 'bearer-with-proof' ? [...probes(ticket), ...further] : [])
  const last = await line.send(api.id, 'good ticket again', writeApiCall(await station.build()))
  const evidence = [...ground.evidence, ...ticket.evidence, ...first.evidence, last.evidence]
  const compared = await compareWell(parts, { ticket, shape, first: ok, second: fingerprint(last.answer) })
  if (typeof compared === 'string') return { kind: 'failed', reason: compared, ticket, evidence: [...new Set(evidence)] }
  const { closeness, open, nowAndThen } = compared
  const baseline = { ok, closeness, refused: [ground.none] }
  const between = (sent: Sent) => [first.sent.evidence, sent.evidence, last.evidence]
  return {
    kind: 'ready',
    station: apiStation(parts, { ticket, shape, baseline, challenged: first.challenged }),
    ticket,
    shape,
    bearer: shape === 'bearer',
    open,
    ...(nowAndThen && { nowAndThen }),
    evidence: [...new Set([...evidence, ...compared.evidence])],
    outcomes: asked.map(({ probe, sent, otherwise }) => ({
      probe,
      outcome:
        sent === undefined
          ? otherwise
          : { ...judged(probe, { answered: readAnswer(sent.answer, baseline) }, station.kit), evidence: between(sent) },
    })),
  }
}

interface Asked {
  readonly probe: EditProbe<'api'>
  readonly sent: Sent | undefined
  /** Where nothing was sent. */
  readonly otherwise: Outcome
}

async function askEach({ line, api }: PlaceParts, station: Station<'api'>, probes: readonly EditProbe<'api'>[]): Promise<Asked[]> {
  const asked: Asked[] = []
  let faults = 0
  for (const probe of probes) {
    // Faults in a row look like an API in distress: a good request first, and no further one.
    if (faults === 2) {
      asked.push({
        probe,
        sent: undefined,
        otherwise: { verdict: 'inconclusive', reason: 'not asked: two faults in a row', answered: '', evidence: [] },
      })
      continue
    }
    const plan = await probe.edit(await station.build(), station.kit)
    if (isNotApplicable(plan)) {
      asked.push({ probe, sent: undefined, otherwise: skipped(plan.notApplicable) })
      continue
    }
    const sent = await line.send(api.id, probe.id, writeApiCall(plan))
    faults = sent.answer.status >= 500 ? faults + 1 : 0
    asked.push({ probe, sent, otherwise: skipped('') })
  }
  return asked
}

/** The shape in which the good ticket is taken, as the whole look finds it. */
async function firstShape(parts: PlaceParts, ticket: Ticket): Promise<{ readonly shape: Shape; readonly first: First } | NoPlace> {
  const evidence: string[] = []
  let answered: string | undefined
  for (const shape of shapesFor(parts, ticket)) {
    const first = await firstGood(parts, ticket, shape)
    if (first.answered === 'good') return { shape, first }
    evidence.push(...first.evidence)
    answered ??= first.answered
  }
  return { kind: 'failed', reason: `a good ticket was answered ${answered}`, ticket, evidence }
}
