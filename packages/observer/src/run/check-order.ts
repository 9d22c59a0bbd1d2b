// Sends two faults at once, where each alone was refused in words of its own: the answer tells which is looked at first.
// Part of the whole look alone, after everything that is judged; what it tells stands in `judgement/check-order.ts`.
import type { CheckedBefore, CheckOrder, FaultProbe } from '../check-order.ts'
import { firstOf } from '../judgement/check-order.ts'
import type { ProbeResult } from '../observation.ts'
import { isNotApplicable } from '../probe.ts'
import { probesAt } from '../probes/index.ts'
import type { ApiPlace } from '../stations/api.ts'
import { quietly } from './end-of.ts'
import type { Run } from './run.ts'
import { control } from './sandwich.ts'

/** Where guards are known to differ. Each costs one request. */
export const faultPairs: readonly (readonly [FaultProbe, FaultProbe])[] = [
  ['S1', 'H2'],
  ['S1', 'K1'],
  ['H2', 'K1'],
  ['M1', 'H2'],
  ['H2', 'T1'],
  ['A1', 'K1'],
]

/** With the good request after them. */
export const orderRequests = faultPairs.length + 1

/** `undefined` where nothing was told. Should requests run out on the way, nothing stands: no good request came after. */
export function askCheckOrder(run: Run, api: string, place: ApiPlace, found: readonly ProbeResult[]): Promise<CheckOrder | undefined> {
  const { depth, only } = run.options
  if (depth !== 'full' || only !== undefined || place.shape !== 'named') return Promise.resolve(undefined)
  return quietly(() => ask(run, api, place, found), undefined)
}

async function ask(run: Run, api: string, { station }: ApiPlace, found: readonly ProbeResult[]): Promise<CheckOrder | undefined> {
  const { told } = station
  const alone = (id: FaultProbe) => {
    const refused = found.some(({ probe, verdict }) => probe === id && verdict === 'holds')
    return refused ? (told?.get(`${id}, with nonce`) ?? told?.get(id)) : undefined
  }
  const worth = faultPairs.filter(([one, other]) => {
    const [first, second] = [alone(one), alone(other)]
    return first !== undefined && second !== undefined && first !== second
  })
  if (worth.length === 0) return undefined
  run.options.onStep?.({ target: api, probe: 'order' })
  const before = station.lastControl ?? (await control(station, 'control before'))
  station.lastControl = undefined
  if (before.answered.kind !== 'accepted') return undefined
  const pairs: CheckedBefore[] = []
  const evidence = [...before.evidence]
  for (const pair of worth) {
    const both = await sendBoth(pair, station)
    if (both === undefined) continue
    const first = firstOf(pair, { one: alone(pair[0]), other: alone(pair[1]), both: both.words })
    if (first === undefined) continue
    pairs.push(first)
    evidence.push(...both.evidence)
  }
  const after = await control(station, 'control after')
  if (after.answered.kind !== 'accepted' || pairs.length === 0) return undefined
  station.lastControl = after
  return { pairs, like: [], evidence: [...evidence, ...after.evidence] }
}

async function sendBoth([one, other]: readonly [FaultProbe, FaultProbe], station: ApiPlace['station']) {
  let plan = await station.build()
  for (const id of [one, other]) {
    const edited = await probesAt('api')
      .find((probe) => probe.id === id)!
      .edit(plan, station.kit)
    if (isNotApplicable(edited)) return undefined
    plan = edited
  }
  const role = `${one} and ${other}`
  const { answered, evidence } = await station.perform(plan, role)
  return { words: answered.kind === 'refused' ? station.told?.get(role) : undefined, evidence }
}
