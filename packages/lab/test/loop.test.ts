// The loop that proves everything: for each rule an outsider can see, the product without it is called violated by the rule's
// probes, between two accepted controls; the untouched product is called holding by the same probes.
import { type Observation, observe, type ProbeResult, probes } from '@kimei/observer'
import { catalogue, type RuleId } from '@kimei/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Lab, onceOnlyRules, startLab } from '../src/index.ts'

const unbounded = { requestsPerSecond: Number.POSITIVE_INFINITY, requestsPerApi: 5000, budget: 50_000 }
const onceOnly: readonly RuleId[] = onceOnlyRules

/** Every rule the lab can remove and an outsider can see. */
const seen = [...catalogue.values()].filter(
  ({ id, unseen, fixed }) => unseen === undefined && (fixed === undefined || onceOnly.includes(id)),
)

const probesOf = (rule: RuleId) => probes.filter(({ attacks }) => attacks.includes(rule))

/** What clients of the lab may do by permission: there, an unbound ticket is no fault. */
const permitted = ['tool AS2', 'loose AS2', 'loose AS3', 'loose AS8-device', 'optional U1', 'userinfo U1']

async function look(lab: Lab, only?: readonly string[]): Promise<Observation> {
  const { allowDevice, clock, forgeAccessToken, signIn, wait } = lab
  const atApis = only === undefined || probes.some(({ id, station }) => station === 'api' && only.includes(id))
  // Probes of the issuer need no API but the one that an inventory must have.
  const inventory = atApis ? lab.inventory : { ...lab.inventory, apis: lab.inventory.apis.slice(0, 1) }
  return observe(inventory, { depth: 'full', pace: unbounded, clock, forgeAccessToken, signIn, allowDevice, wait, ...(only && { only }) })
}

interface Placed extends ProbeResult {
  readonly place: string
}

const resultsOf = ({ issuers, apis }: Observation): Placed[] => [
  ...issuers.flatMap(({ client, probes: own }) => own.map((result) => ({ ...result, place: client }))),
  ...apis.flatMap(({ api, probes: own }) => own.map((result) => ({ ...result, place: api }))),
]

describe('the untouched lab', () => {
  let results: Placed[]
  beforeAll(async () => {
    const lab = await startLab({ without: [] })
    results = resultsOf(await look(lab))
    await lab.close()
    // Some thousand requests: time enough even where every core is taken.
  }, 300_000)

  it('holds on every probe at every place, but for what is permitted by name', () => {
    const others = results.filter(({ verdict }) => verdict === 'violated' || verdict === 'inconclusive')
    expect(others.map(({ place, probe }) => `${place} ${probe}`).sort()).toEqual([...permitted].sort())
  })

  it('is judged by every probe somewhere: no probe is left out as not applicable everywhere', () => {
    const judged = new Set(results.filter(({ verdict }) => verdict === 'holds').map(({ probe }) => probe))
    // The lab has no form, no WebSocket, no numbered version, no second address, no second issuer and no issuer with nonces, registers no
    // clients and has no API of administration at its issuer: houses have (houses.test.ts). Asking somebody on a device of their own is
    // nothing that the product does; a test of the observer has an issuer that does.
    const nonces = ['AS6-nonce-absent', 'AS6-nonce-random', 'AS6-nonce-stale']
    const atIssuer = [...nonces, 'AS8-backchannel', 'AS9-own', 'AS9-registration', 'AS9-management']
    // Nor does its inventory name a key or cookie beside tickets: houses do, and all of these are asked there.
    const others = probes.filter(({ topic }) => topic === 'others').map(({ id }) => id)
    const nowhere = [...atIssuer, ...others, 'B4b', 'B4w', 'P5', 'TK6', 'ND', 'N3-issuer']
    expect(probes.map(({ id }) => id).filter((id) => !judged.has(id))).toEqual(nowhere)
  })
})

describe('the lab without one rule', { timeout: 120_000 }, () => {
  it('every rule that an outsider can see has a probe, and every probe attacks rules of the catalogue', () => {
    expect(seen.filter(({ id }) => probesOf(id).length === 0).map(({ id }) => id)).toEqual([])
    expect(probes.flatMap(({ attacks }) => attacks).filter((id) => !catalogue.has(id))).toEqual([])
    expect(seen.length).toBeGreaterThan(80)
  })

  it.each(seen.map(({ id, says }) => [id, says] as const))('%s: %s', async (id) => {
    const lab = await startLab({ without: [id] })
    const wanted = probesOf(id).map((probe) => probe.id)
    const results = resultsOf(await look(lab, wanted)).filter(({ place, probe }) => !permitted.includes(`${place} ${probe}`))
    await lab.close()
    const violated = results.filter(({ verdict }) => verdict === 'violated')
    expect([...new Set(violated.map(({ probe }) => probe))].sort()).toEqual([...wanted].sort())
    // Control, mutation, control: a verdict without its two baselines is none.
    for (const { evidence } of violated) expect(evidence.length).toBeGreaterThanOrEqual(3)
  })
})
