// A place that refuses good requests now and then: what was refused there once may have been refused by chance, and is asked again.
// How one probe is asked and judged stands in `sandwich.ts`.
import { type EditProbe, isNotApplicable, type StationName } from '../probe.ts'
import { attemptOrSilence, control, judged, type Outcome, type Station } from './sandwich.ts'

/** With the first answer three in a row: one node of three that says no to everything cannot give them all. */
const furtherTimes = 2
/** One of these should fall on a node that is well. */
const triesForControl = 3

/** Asks again, made anew each time. One acceptance is an acceptance; what is not refused each time stays open. */
export async function askAgain<S extends StationName>(station: Station<S>, probe: EditProbe<S>): Promise<Outcome> {
  const asked = await furtherOutcomes(station, probe)
  const evidence = asked.flatMap((outcome) => outcome.evidence)
  const worst =
    asked.find(({ verdict }) => verdict === 'violated') ??
    asked.find(({ verdict }) => verdict !== 'holds') ??
    ({ verdict: 'holds', answered: 'refused each time, where good requests are refused now and then' } as const)
  for (let tries = 0; tries < triesForControl; tries += 1) {
    const after = await control(station, 'control after')
    evidence.push(...after.evidence)
    if (after.answered.kind === 'accepted') return { ...worst, evidence }
  }
  return { verdict: 'inconclusive', reason: 'good requests are refused now and then, and so were those after it', answered: '', evidence }
}

async function furtherOutcomes<S extends StationName>(station: Station<S>, probe: EditProbe<S>): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let time = 0; time < furtherTimes; time += 1) {
    const performed = await attemptOrSilence(station, probe)
    if (isNotApplicable(performed)) return [{ verdict: 'inconclusive', reason: performed.notApplicable, answered: '', evidence: [] }]
    outcomes.push({ ...judged(probe, performed, station.kit), evidence: performed.evidence })
  }
  return outcomes
}
