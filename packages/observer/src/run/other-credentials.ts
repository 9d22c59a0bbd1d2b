// Other credentials in a run: whether each is good at all, which of them are asked at which API, and what a refusal is worth.
// The requests themselves stand in `probes/others/`.
import { fingerprint, sameAnswer, saysNoInside } from '../baseline.ts'
import { carrying, type OtherCredential, prepareOtherCredentials, tellingPartsOf } from '../clients/other-credentials.ts'
import { type ApiCall, writeApiCall } from '../edits/plans.ts'
import type { ApiEntry } from '../inventory/inventory.ts'
import type { ProbeResult } from '../observation.ts'
import type { EditProbe } from '../probe.ts'
import { isSideDoor } from '../probes/elsewhere/side-doors.ts'
import { listedAs, probesWith } from '../probes/others/other-credentials.ts'
import { endOf } from './end-of.ts'
import type { Run } from './run.ts'
import type { Station } from './sandwich.ts'

export interface CredentialDesk {
  /** Ids of those that are tried at this API. */
  at(api: ApiEntry): readonly string[]
  /** With what is asked with them, where everything is asked: after what decides, before what is asked as far as the budget reaches. */
  among(asked: readonly EditProbe<'api'>[], api: ApiEntry): readonly EditProbe<'api'>[]
  /** What is asked where only a few requests are left. */
  briefProbes(api: ApiEntry): readonly EditProbe<'api'>[]
  /** Results as they may stand: the refusal of a credential that may have ended says nothing. */
  weighed(results: readonly ProbeResult[]): readonly ProbeResult[]
  /** Beside the ticket, where one is not known to pass alone. */
  askBeside(api: ApiEntry, station: Station<'api'>, results: readonly ProbeResult[]): Promise<readonly ProbeResult[]>
}

/** Why a credential is not known to be good; nothing where it is. */
type Doubt = string | undefined

const nowhereSeen = 'refused, and nothing shows that it is still good: name an address that it opens (worksAt)'

/** @throws Misuse when a secret cannot be read. */
export async function openCredentialDesk(run: Run): Promise<CredentialDesk> {
  const credentials = await prepareOtherCredentials(run.inventory, run.options.readSecret)
  const doubts = new Map<string, Doubt>()
  for (const credential of credentials) for (const part of tellingPartsOf(credential)) run.ledger.withheld.keep(part)
  for (const credential of credentials) doubts.set(credential.id, await doubtOf(run, credential))

  const wants = (probe: EditProbe<'api'>) => run.wants(probe) || run.wants({ ...probe, id: listedAs(probe) })
  const tried = ({ id }: ApiEntry) => credentials.filter(({ apis }) => apis === undefined || apis.includes(id))
  const alone = (probe: EditProbe<'api'>) => probe.id.startsWith('OT1')
  // Whether it is refused alone decides whether it is asked beside the ticket.
  const needed = (probe: EditProbe<'api'>) => wants(probe) || (alone(probe) && wants({ ...probe, id: probe.id.replace('OT1', 'OT4') }))
  return {
    at: (api) => tried(api).map(({ id }) => id),
    among(asked, api) {
      const own = probesWith(tried(api), 'first').filter(needed)
      const door = asked.findIndex((probe) => isSideDoor(probe))
      return door < 0 ? [...asked, ...own] : asked.toSpliced(door, 0, ...own)
    },
    briefProbes: (api) => probesWith(tried(api), 'first').filter((probe) => wants(probe) && alone(probe)),
    weighed(results) {
      for (const { probe, credential, verdict } of results)
        if (credential !== undefined && probe.startsWith('OT1') && verdict === 'violated') doubts.set(credential, undefined)
      return results.map((result) => {
        const { credential, probe, verdict } = result
        const doubt = credential === undefined ? undefined : doubts.get(credential)
        if (doubt === undefined || verdict !== 'holds' || !probe.startsWith('OT1')) return result
        return { ...result, verdict: 'inconclusive', state: 'not_observable', reason: doubt }
      })
    },
    async askBeside(api, station, results) {
      const notRefused = results.filter(({ probe, verdict }) => probe.startsWith('OT1') && verdict !== 'holds').map((one) => one.credential)
      const asked = probesWith(tried(api), 'afterwards').filter((probe) => wants(probe) && !notRefused.includes(probe.credential))
      return asked.length === 0 ? [] : run.runAll(api.id, asked, station)
    },
  }
}

/** Two requests at the address that it is said to open: with it, and without. */
async function doubtOf({ line }: Run, credential: OtherCredential): Promise<Doubt> {
  const { id, secret, worksAt } = credential
  if (secret === undefined || worksAt === undefined) return nowhereSeen
  const bare: ApiCall = { method: 'GET', url: worksAt, credentials: [], proofs: [], joinProofs: false, headers: [] }
  const target = `otherCredentials.${id}`
  try {
    const without = await line.send(target, `${id}, where it works: without it`, writeApiCall(bare))
    const good = await line.send(target, `${id}, where it works`, writeApiCall(carrying(bare, credential, secret)))
    const { status, body } = good.answer
    if (status < 200 || status > 299 || saysNoInside(body))
      return `refused, as it is where it should work (${status === 0 ? 'no answer' : status})`
    const same = sameAnswer(fingerprint(without.answer), fingerprint(good.answer), 'words')
    return same ? 'refused, and the address that it should open answers everybody alike' : undefined
  } catch (error) {
    return `refused, and whether it is good could not be told: ${endOf(error)}`
  }
}
