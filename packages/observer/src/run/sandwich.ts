// Baseline, mutation, baseline: the one way in which an edit probe is run and judged.
// A verdict stands only between two controls that were accepted; everything else is inconclusive, with its reason.
import { isDeepStrictEqual } from 'node:util'
import { catalogue } from '@kimei/protocol'
import type { Answered, Issued } from '../baseline.ts'
import type { Verdict } from '../observation.ts'
import { type EditKit, type EditProbe, isNotApplicable, type NotApplicable, type StationName, type Stations } from '../probe.ts'

/** One exchange that was performed. */
export interface Performed {
  readonly answered: Answered
  readonly evidence: readonly string[]
  /** What was asked besides, to tell why the mutation was accepted. */
  readonly besides?: string
  /** The identical bytes once more. */
  readonly repeat: () => Promise<Performed>
}

/** A place where a working exchange can be built and performed again and again. */
export interface Station<S extends StationName> {
  readonly name: S
  /** A right plan: fresh `jti`, current time, current nonce. */
  build(): Promise<Stations[S]>
  perform(plan: Stations[S], role: string): Promise<Performed>
  readonly kit: EditKit
  /** Remembers that a nonce was demanded here. */
  nonceDemanded(): void
  /** How each request was answered to the word, by its role; the last one where there were several. */
  readonly told?: ReadonlyMap<string, string>
  /** The last request here, if it was an accepted control: it also serves as the next `before`. */
  lastControl?: Performed | undefined
  /** `refused`: the last good request was. `unsteady`: one was and a later one was not, so that a single refusal proves nothing. */
  goodRequests?: 'refused' | 'unsteady'
  /** The same wrong request was accepted here and refused here: nodes that do not agree. */
  wavers?: boolean
}

export interface Outcome {
  readonly verdict: Verdict
  readonly reason?: string
  readonly answered: string
  /** Of a ticket that came out of the mutated request. */
  readonly issued?: Issued
  readonly evidence: readonly string[]
}

/** Runs a sequence between two good requests. */
export async function sequenced(station: Station<'api'>, run: () => Promise<Outcome>): Promise<Outcome> {
  const before = station.lastControl ?? (await control(station, 'control before'))
  station.lastControl = undefined
  if (before.answered.kind !== 'accepted') return undecided('control before', before, [])
  const outcome = await run()
  if (outcome.evidence.length === 0) {
    station.lastControl = before
    return outcome
  }
  const after = await control(station, 'control after')
  const evidence = [...before.evidence, ...outcome.evidence, ...after.evidence]
  if (after.answered.kind !== 'accepted') return undecided('control after', after, evidence)
  station.lastControl = after
  return { ...outcome, evidence }
}

export const skipped = (reason: string): Outcome => ({ verdict: 'not-applicable', reason, answered: '', evidence: [] })

/** Runs one probe at its station. */
export async function sandwich<S extends StationName>(station: Station<S>, probe: EditProbe<S>): Promise<Outcome> {
  const before = station.lastControl ?? (await control(station, 'control before'))
  station.lastControl = undefined
  if (before.answered.kind !== 'accepted') return undecided('control before', before, [])
  const mutated = await attemptOrSilence(station, probe)
  if ('notApplicable' in mutated) {
    station.lastControl = before
    return skipped(mutated.notApplicable)
  }
  const after = await control(station, 'control after')
  const evidence = [...before.evidence, ...mutated.evidence, ...after.evidence]
  if (after.answered.kind !== 'accepted') return undecided('control after', after, evidence)
  station.lastControl = after
  return { ...judged(probe, mutated, station.kit), evidence }
}

function undecided(which: string, performed: Performed, evidence: readonly string[]): Outcome {
  return {
    verdict: 'inconclusive',
    reason: `${which} failed: ${describe(performed.answered)}`,
    answered: '',
    evidence: evidence.length > 0 ? evidence : performed.evidence,
  }
}

/**
 * Runs several probes between shared controls: each mutation is single, and each verdict stands between two good controls.
 * Where a control after is not accepted, nobody knows since when: each probe since the one before is then asked alone.
 */
export async function sandwichTogether<S extends StationName>(station: Station<S>, probes: readonly EditProbe<S>[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  while (outcomes.length < probes.length) outcomes.push(...(await untilNextControl(station, probes.slice(outcomes.length))))
  return outcomes
}

async function untilNextControl<S extends StationName>(station: Station<S>, probes: readonly EditProbe<S>[]): Promise<Outcome[]> {
  const before = station.lastControl ?? (await control(station, 'control before'))
  station.lastControl = undefined
  if (before.answered.kind !== 'accepted') return probes.map(() => undecided('control before', before, []))
  const mutations: (Performed | NotApplicable)[] = []
  let odd = 0
  for (const probe of probes) {
    const mutated = await attemptOrSilence(station, probe)
    mutations.push(mutated)
    odd = !isNotApplicable(mutated) && isOdd(mutated.answered) ? odd + 1 : 0
    // Faults in a row look like an API in distress: a good request first.
    if (odd === 2) break
  }
  if (mutations.every(isNotApplicable)) {
    station.lastControl = before
    return mutations.map(({ notApplicable: reason }) => skipped(reason))
  }
  const after = await control(station, 'control after')
  if (after.answered.kind !== 'accepted') return eachAlone(station, probes.slice(0, mutations.length))
  station.lastControl = after
  return mutations.map((mutated, i) => {
    if (isNotApplicable(mutated)) return skipped(mutated.notApplicable)
    return { ...judged(probes[i]!, mutated, station.kit), evidence: [...before.evidence, ...mutated.evidence, ...after.evidence] }
  })
}

function isOdd(answered: Answered): boolean {
  return answered.kind === 'unclear' || (answered.kind === 'refused' && answered.by.startsWith('5'))
}

async function eachAlone<S extends StationName>(station: Station<S>, probes: readonly EditProbe<S>[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const probe of probes) outcomes.push(await sandwich(station, probe))
  return outcomes
}

const tooLarge: ReadonlySet<number> = new Set([413, 414, 431])

type Judging = Pick<EditProbe, 'attacks' | 'excused' | 'passes' | 'elsewhere' | 'asksSize' | 'asksForUnbound'>

/** The verdict on one answer between two good controls. */
export function judged(
  probe: Judging,
  { answered, besides }: Pick<Performed, 'answered' | 'besides'>,
  kit: EditKit,
): Omit<Outcome, 'evidence'> {
  const words = besides === undefined ? describe(answered) : `${describe(answered)}; ${besides}`
  if (answered.kind === 'unclear' && probe.asksSize && tooLarge.has(answered.status ?? 0))
    return { verdict: 'holds', answered: `refused (${answered.status})` }
  if (answered.kind === 'unclear') {
    if (probe.elsewhere) return { verdict: 'not-applicable', reason: `nothing is there: ${words}`, answered: words }
    return { verdict: 'inconclusive', reason: words, answered: words }
  }
  if (probe.passes) return { verdict: answered.kind === 'accepted' ? 'holds' : 'violated', answered: words }
  if (answered.kind !== 'accepted') return { verdict: 'holds', answered: words }
  if (probe.asksForUnbound && answered.issued !== undefined) return judgedByTicket(answered.issued)
  // What is an hour old by its Date may be of this minute by its clock.
  if (kit.clockInDoubt?.() && probe.attacks.some((rule) => catalogue.get(rule)?.byClock))
    return { verdict: 'inconclusive', reason: 'its Date is not our time, and which of the two it lives in is not known', answered: words }
  const excuse = probe.excused?.(kit)
  return excuse === undefined ? { verdict: 'violated', answered: words } : { verdict: 'not-applicable', reason: excuse, answered: words }
}

/** Without a proof, a ticket that is bound all the same is as good as none. */
function judgedByTicket(issued: Issued): Omit<Outcome, 'evidence'> {
  if (issued === 'unbound') return { verdict: 'violated', answered: 'accepted', issued }
  if (issued === 'bound') return { verdict: 'holds', answered: 'issued, and bound all the same', issued }
  const reason = 'a ticket came that calls itself DPoP and cannot be read'
  return { verdict: 'inconclusive', reason, answered: 'issued as DPoP', issued }
}

export function describe(answered: Answered): string {
  switch (answered.kind) {
    case 'accepted':
      return 'accepted'
    case 'refused':
      return `refused (${answered.by})`
    case 'nonce-challenge':
      return 'refused (use_dpop_nonce)'
    case 'unclear':
      return answered.because
  }
}

/** One right request. A nonce challenge is a step: the second try carries the nonce. */
export async function control<S extends StationName>(station: Station<S>, role: string): Promise<Performed> {
  const performed = await rightRequest(station, role)
  const { kind } = performed.answered
  if (kind === 'refused' && station.goodRequests !== 'unsteady') station.goodRequests = 'refused'
  // Refused for good is a ticket that has ended; what came before it was judged between good answers.
  if (kind === 'accepted' && station.goodRequests === 'refused') station.goodRequests = 'unsteady'
  return performed
}

async function rightRequest<S extends StationName>(station: Station<S>, role: string): Promise<Performed> {
  const first = await station.perform(await station.build(), role)
  if (first.answered.kind !== 'nonce-challenge') return first
  station.nonceDemanded()
  return station.perform(await station.build(), `${role}, with nonce`)
}

/** An edit that gets no answer at all is neither accepted nor refused; whether the API still stands, the control after tells. */
export async function attemptOrSilence<S extends StationName>(
  station: Station<S>,
  probe: EditProbe<S>,
): Promise<Performed | NotApplicable> {
  try {
    return await attempt(station, probe)
  } catch (error) {
    if (!isSilence(error)) throw error
    const because = `no answer: ${error.code}`
    return { answered: { kind: 'unclear', because }, evidence: [], repeat: () => Promise.reject(error) }
  }
}

function isSilence(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

interface Tried<S extends StationName> {
  readonly plan: Stations[S]
  readonly performed: Performed
}

async function attempt<S extends StationName>(station: Station<S>, probe: EditProbe<S>): Promise<Performed | NotApplicable> {
  const first = await edited(station, probe, probe.id)
  if ('notApplicable' in first) return first
  const demanded = first.performed.answered.kind === 'nonce-challenge'
  if (demanded) station.nonceDemanded()
  const challenged = demanded && probe.judgesNonceChallenge === undefined
  const settled = challenged ? await edited(station, probe, `${probe.id}, with nonce`) : first
  if ('notApplicable' in settled) return settled
  if (probe.besides && settled.performed.answered.kind === 'accepted') return askBesides(station, probe, settled)
  if (probe.sends === 'twice') return secondUse(station, probe, settled)
  return typeof probe.sends === 'number' ? furtherUses(probe, settled, probe.sends - 1) : settled.performed
}

/** One more request, which changes no verdict. */
async function askBesides<S extends StationName>(
  station: Station<S>,
  probe: EditProbe<S>,
  { plan, performed }: Tried<S>,
): Promise<Performed> {
  const { words, change } = probe.besides!
  const further = await station.perform(change(plan, station.kit), `${probe.id}, ${words}`)
  const besides = `${words}: ${describe(further.answered)}`
  return { ...performed, besides, evidence: [...performed.evidence, ...further.evidence] }
}

async function secondUse<S extends StationName>(
  station: Station<S>,
  probe: EditProbe<S>,
  { plan, performed }: Tried<S>,
): Promise<Performed> {
  if (performed.answered.kind !== 'accepted') {
    return { ...performed, answered: { kind: 'unclear', because: `first use was not accepted: ${describe(performed.answered)}` } }
  }
  const second = probe.carry
    ? await station.perform(probe.carry(plan, await station.build()), `${probe.id}, second use`)
    : await performed.repeat()
  return { ...second, evidence: [...performed.evidence, ...second.evidence] }
}

/** The identical bytes again and again; one that is accepted decides. */
async function furtherUses<S extends StationName>(probe: EditProbe<S>, { performed }: Tried<S>, times: number): Promise<Performed> {
  if (performed.answered.kind !== 'accepted') {
    return { ...performed, answered: { kind: 'unclear', because: `first use was not accepted: ${describe(performed.answered)}` } }
  }
  const uses: Performed[] = []
  for (let use = 0; use < times && uses.filter(({ answered }) => isOdd(answered)).length < 2; use += 1) uses.push(await performed.repeat())
  const evidence = [...performed.evidence, ...uses.flatMap((one) => one.evidence)]
  const worst =
    uses.find(({ answered }) => answered.kind === 'accepted') ?? uses.find(({ answered }) => answered.kind === 'unclear') ?? uses[0]
  if (worst === undefined) throw new Error(`${probe.id} uses nothing again`)
  return { ...worst, evidence }
}

async function edited<S extends StationName>(station: Station<S>, probe: EditProbe<S>, role: string): Promise<Tried<S> | NotApplicable> {
  const good = await station.build()
  const plan = await probe.edit(good, station.kit)
  if (isNotApplicable(plan)) return plan
  // A request that is still right proves nothing when it is accepted.
  if (probe.sends !== 'twice' && isDeepStrictEqual(plan, good)) return { notApplicable: 'there is nothing here that this probe changes' }
  return { plan, performed: await station.perform(plan, role) }
}
