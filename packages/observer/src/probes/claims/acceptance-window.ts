// T3: for how long before and after its own time a proof passes, found by halving: at most six requests on each side.
// That there is a limit at all, T1 and T2 ask.
import { moved } from '../../edits/proof-edits.ts'
import { type AcceptanceWindow, type WindowEdge, windowWords } from '../../freshness.ts'
import type { ApiSequencePlace, SequenceProbe } from '../../probe.ts'
import { control, type Outcome, type Performed } from '../../run/sandwich.ts'

/** An hour: what passes then is without a limit. */
const hour = 3600

/** A second on either side of the limits that people choose: 31 places between now and an hour, so that five halvings find one. */
const past = [1, 4, 6, 9, 11, 14, 16, 29, 31, 59, 61, 64, 66, 89, 91, 119, 121, 179, 181, 299, 301, 329, 331, 359, 361, 599, 601, 899, 901]
const places = [...past, 1799, 1801]

/** RFC 9449 §11.1: seconds or minutes. FAPI 2.0 §5.3.2.1 refuses what is dated more than a minute ahead. */
const widest = { past: 300, future: 60 } as const

const clockInDoubt = 'its Date is not our time, and which of the two it lives in is not known'

interface Side {
  readonly edge?: WindowEdge
  /** Why there is none. */
  readonly open?: 'no limit' | 'unclear'
  readonly evidence: readonly string[]
}

/**
 * The last place that is accepted and the first that is not; `undefined` where one answer is neither.
 * @param at in rising order; before the first everything is accepted, and `end` is refused.
 */
export async function halve(
  at: readonly number[],
  end: number,
  accepts: (seconds: number) => Promise<boolean | undefined>,
): Promise<WindowEdge | undefined> {
  let [low, high] = [-1, at.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    const accepted = await accepts(at[middle]!)
    if (accepted === undefined) return undefined
    if (accepted) low = middle
    else high = middle
  }
  return { accepted: at[low] ?? 0, refused: at[high] ?? end }
}

async function sideOf({ station }: ApiSequencePlace, direction: -1 | 1): Promise<Side> {
  const evidence: string[] = []
  // The clock is read to the second: a lead looks a second shorter to the other side, an age a second longer.
  const shift = direction === 1 ? 1 : 0
  const accepts = async (seconds: number): Promise<boolean | undefined> => {
    const asked: Performed = await station.perform(
      moved(direction * seconds)(await station.build(), station.kit),
      `T3, ${seconds} s ${direction === 1 ? 'ahead' : 'ago'}`,
    )
    evidence.push(...asked.evidence)
    // Faults in a row look like an API in distress: a good request between them.
    const fault = asked.answered.kind === 'refused' && asked.answered.by.startsWith('5')
    if (fault) evidence.push(...(await control(station, 'T3, a good request')).evidence)
    return asked.answered.kind === 'unclear' ? undefined : asked.answered.kind === 'accepted'
  }
  const whole = await accepts(hour)
  if (whole === undefined) return { open: 'unclear', evidence }
  if (whole) return { open: 'no limit', evidence }
  const edge = await halve(
    places.map((one) => one + shift),
    hour,
    accepts,
  )
  if (edge === undefined) return { open: 'unclear', evidence }
  return { edge: { accepted: Math.max(0, edge.accepted - shift), refused: edge.refused - shift }, evidence }
}

export const isTooWide = ({ past: back, future }: AcceptanceWindow): boolean =>
  back.accepted > widest.past || future.accepted > widest.future

/** Measures it and writes it down. Also for whoever needs the window and was not preceded by T3. */
export async function measureWindow(place: ApiSequencePlace): Promise<Outcome> {
  const { kit } = place.station
  // A window around another time than the other side lives in would be measured wrong on both sides.
  if (kit.clockInDoubt?.()) return { verdict: 'inconclusive', reason: clockInDoubt, answered: '', evidence: [] }
  // Whether a nonce is demanded, the good request before has shown.
  const back = await sideOf(place, -1)
  const ahead = back.open === 'no limit' && kit.nonceDemanded ? { evidence: [] } : await sideOf(place, 1)
  const evidence = [...back.evidence, ...ahead.evidence]
  if (back.open === 'no limit' && kit.nonceDemanded)
    return { verdict: 'not-applicable', reason: 'freshness rests on the nonce here', answered: '', evidence }
  if (back.open === 'unclear' || ahead.open === 'unclear')
    return { verdict: 'inconclusive', reason: 'an answer was neither yes nor no', answered: '', evidence }
  if (!back.edge || !ahead.edge)
    return { verdict: 'not-applicable', reason: 'there is no limit within an hour: T1 and T2 say so', answered: '', evidence }
  const window = { past: back.edge, future: ahead.edge }
  place.measured.window = window
  return { verdict: isTooWide(window) ? 'violated' : 'holds', answered: windowWords(window).en, evidence }
}

export const acceptanceWindow: SequenceProbe = {
  station: 'sequence',
  id: 'T3',
  topic: 'claims',
  // How wide is the choice of whoever guards; that there is a limit is the rule.
  attacks: [],
  level: 'SHOULD',
  cite: 'RFC9449§11.1',
  says: {
    ja: '証明が通るのは、作られてから 5 分まで、先の日付なら 1 分まで',
    en: 'a proof passes for no longer than five minutes, and no more than a minute ahead of its time',
  },
  proves: {
    ja: '証明はどれだけ古くて、どれだけ先の日付でもよいか。よくある限度なら秒単位で',
    en: 'how old and how far ahead a proof may be, to the second where the limit is a usual one',
  },
  doesNotProve: { ja: '使われた証明を、同じだけ長く覚えているか', en: 'that used proofs are remembered for as long' },
  depth: 'full',
  priority: 'P2',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  requests: 12,
  run: measureWindow,
}
