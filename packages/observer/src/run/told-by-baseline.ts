// What the good request of an API has already told: it was accepted without what its ticket names.
// What has to be asked for stands in `wanted-probes.ts`.
import type { ApiEntry } from '../inventory/inventory.ts'
import type { ProbeResult } from '../observation.ts'
import type { EditProbe } from '../probe.ts'
import type { ApiPlace } from '../stations/api.ts'
import type { Run } from './run.ts'
import { comparedProbes } from './wanted-probes.ts'
import { inTries } from './wavering.ts'

/** SEED-TB-18: a good ticket taken as plain Bearer is the whole answer of B1, and of L7 where it names a certificate. */
export function barePass(
  run: Run,
  api: ApiEntry,
  place: Pick<ApiPlace, 'ticket' | 'evidence' | 'nameless' | 'nowAndThen'>,
): Promise<ProbeResult[]> {
  const { ticket, evidence, nameless, nowAndThen } = place
  const told = nameless ? 'U1' : ticket.type === 'mtls' ? 'L7' : 'B1'
  const probes = comparedProbes(run, ticket).filter(({ id }) => id === told)
  const how = ticket.type === 'mtls' ? 'without its certificate' : 'as Bearer, without proof'
  const times = nowAndThen === undefined ? '' : `, ${inTries(nowAndThen)}`
  const answered = nameless ? 'only a ticket that is bound to nothing was accepted' : `the good ticket was accepted ${how}${times}`
  return toldByBaseline(run, api, { probes, answered, evidence })
}

interface ToldByBaseline extends Pick<ApiPlace, 'evidence'> {
  readonly probes: readonly EditProbe<'api'>[]
  readonly answered: string
}

export function toldByBaseline(run: Run, api: ApiEntry, { probes, answered, evidence }: ToldByBaseline): Promise<ProbeResult[]> {
  return Promise.all(
    probes.map((probe) => run.guarded(api.id, probe, async () => ({ verdict: 'violated', answered, evidence: evidence.slice(-2) }))),
  )
}
