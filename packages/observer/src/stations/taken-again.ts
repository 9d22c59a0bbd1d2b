// A place whose nodes may not agree: what let somebody in once is asked again before it is believed, and what did not let them in the second
// time as well. Which wrong requests are asked again stands in `run/wavering.ts`.
import { type Closeness, closenessOf, compareGood, type Fingerprint, fingerprint, type GoodAnswers, sameAnswer } from '../baseline.ts'
import type { Ticket } from '../clients/tickets.ts'
import { writeApiCall } from '../edits/plans.ts'
import { endOf } from '../run/end-of.ts'
import { firstGood, type PlaceParts, type Shape } from './api.ts'
import { bareCall } from './bare-call.ts'

const furtherTimes = 2

/** How often somebody was let in, where it was not each time. */
export interface NowAndThen {
  readonly accepted: number
  readonly of: number
  /** What came where nobody was let in. */
  readonly refused: Fingerprint
}

export interface ComparedGood extends GoodAnswers {
  readonly nowAndThen?: NowAndThen
  readonly evidence: readonly string[]
}

export interface GoodPair {
  readonly ticket: Ticket
  readonly shape: Shape
  readonly first: Fingerprint
  readonly second: Fingerprint
}

/** @returns a sentence where nothing can be told */
export async function compareWell(parts: PlaceParts, pair: GoodPair): Promise<ComparedGood | string> {
  const { none, garbage } = parts.ground
  const compared = compareGood([pair.first, pair.second], [none, garbage])
  if (typeof compared === 'string') return (await takenAloneAgain(parts, pair)) ?? compared
  return compared.open ? openAgain(parts, pair.first, compared.closeness) : { ...compared, evidence: [] }
}

/** A bound ticket that passed alone once and was refused then: `undefined` where it never passes again in the same way. */
async function takenAloneAgain(parts: PlaceParts, { ticket, shape, first, second }: GoodPair): Promise<ComparedGood | undefined> {
  if (shape !== 'bearer' || ticket.type === 'bearer') return undefined
  const asked = await each(async () => {
    const { sent, answered, evidence } = await firstGood(parts, ticket, shape)
    return { print: fingerprint(sent.answer), good: answered === 'good', evidence }
  })
  const like = asked.filter(({ print, good }) => good && closenessOf(first, print) !== undefined)
  if (like.length === 0 || like.some(({ print }) => sameAnswer(print, parts.ground.none, 'outline'))) return undefined
  return {
    closeness: like.every(({ print }) => closenessOf(first, print) === 'shape') ? 'shape' : 'outline',
    open: false,
    nowAndThen: { accepted: 1 + like.length, of: 2 + asked.length, refused: second },
    evidence: asked.flatMap(({ evidence }) => evidence),
  }
}

/** No ticket at all, where that was answered like a good one. */
async function openAgain(parts: PlaceParts, ok: Fingerprint, closeness: Closeness): Promise<ComparedGood> {
  const { line, api } = parts
  const asked = await each(async () => line.send(api.id, 'no credentials, again', writeApiCall(bareCall(api))))
  const prints = asked.map(({ answer }) => fingerprint(answer))
  const refused = prints.find((print) => !sameAnswer(print, ok, closeness))
  const accepted = 1 + prints.filter((print) => sameAnswer(print, ok, closeness)).length
  return {
    closeness,
    open: true,
    evidence: asked.map(({ evidence }) => evidence),
    ...(refused && { nowAndThen: { accepted, of: 1 + asked.length, refused } }),
  }
}

async function each<T>(ask: () => Promise<T>): Promise<T[]> {
  const asked: T[] = []
  for (let time = 0; time < furtherTimes; time += 1) {
    try {
      asked.push(await ask())
    } catch (error) {
      endOf(error)
      break
    }
  }
  return asked
}
