// Probes that move a time stated by the sender: where nobody knows whose clock is right, what they find is called broken of nobody.
// That the right probes are meant follows from their rules; here each edit is applied, and what it did to the times is looked at.
import { catalogue } from '@kimei/protocol'
import { describe, expect, it } from 'vitest'
import { makeKey } from '../src/edits/keys.ts'
import { type ApiCall, assertionPlan, type FormCall, proofPlan } from '../src/edits/plans.ts'
import { type EditKit, type EditProbe, isNotApplicable, type Stations } from '../src/probe.ts'
import { probesAt } from '../src/probes/index.ts'
import { judged } from '../src/run/sandwich.ts'

const now = 1_800_000_000
const key = makeKey()
const url = 'https://as.test/token'
const proof = () => proofPlan({ key, method: 'POST', url, now, jti: 'id-of-the-proof', accessToken: 'ticket' })

const call: ApiCall = {
  method: 'GET',
  url,
  credentials: [{ scheme: 'DPoP', token: 'ticket' }],
  proofs: [proof()],
  joinProofs: false,
  headers: [],
}
const form: FormCall = {
  url,
  method: 'POST',
  form: [['grant_type', 'client_credentials']],
  proofs: [proof()],
  assertion: assertionPlan({ key, clientId: 'job', audience: 'https://as.test', now, jti: 'id-of-the-assertion' }),
  joinProofs: false,
  headers: [],
}

function kitOf(clockInDoubt: boolean): EditKit {
  return {
    key,
    otherKey: makeKey(),
    random: () => 'random',
    now: () => now,
    clockInDoubt: () => clockInDoubt,
    nonceDemanded: false,
    unboundToken: async () => undefined,
    otherTicket: async () => undefined,
    forge: undefined,
    revokedTicket: async () => undefined,
    send: async () => {
      throw new Error('nothing is sent here')
    },
    wait: undefined,
    freshCode: async () => undefined,
    facts: {},
  }
}

const times = ['iat', 'nbf', 'exp'] as const
type Signed = Partial<Pick<FormCall, 'proofs' | 'assertion'>>

/** A time is another, more than the seconds that a request takes. */
function movesTime(plan: Signed, good: Signed): boolean {
  const pairs = [
    [plan.proofs?.[0]?.claims, good.proofs?.[0]?.claims],
    [plan.assertion?.claims, good.assertion?.claims],
  ] as const
  return pairs.some(([edited, right]) =>
    times.some((name) => {
      const [is, was] = [edited?.[name], right?.[name]]
      return typeof is === 'number' && Math.abs(is - (typeof was === 'number' ? was : now)) > 5
    }),
  )
}

/** A clock a few seconds fast is right: refusing it is what would be wrong. */
const rightTimes = new Set(['AS5-ahead'])

async function moving<S extends 'api' | 'token-request'>(station: S, good: Stations[S] & Signed): Promise<readonly EditProbe<S>[]> {
  const found: EditProbe<S>[] = []
  for (const probe of probesAt(station)) {
    // What sends something before its edit moves no time.
    const plan = await Promise.resolve(probe.edit(good, kitOf(false))).catch(() => ({ notApplicable: 'it sends something' }))
    if (!isNotApplicable(plan) && movesTime(plan as Signed, good)) found.push(probe)
  }
  return found.filter(({ id }) => !rightTimes.has(id))
}

describe('a probe that moves a time', () => {
  it('attacks a rule that compares clocks, so that doubt about a clock reaches its verdict', async () => {
    const all = [...(await moving('api', call)), ...(await moving('token-request', form))]
    const ids = all.map(({ id }) => id)
    for (const id of ['T1', 'T2', 'T5', 'T6', 'AS5-old', 'AS5-future', 'AS-assertion-expired', 'AS-assertion-far', 'AS-assertion-future'])
      expect(ids).toContain(id)
    const deaf = all.filter(({ attacks }) => !attacks.some((rule) => catalogue.get(rule)?.byClock))
    expect(deaf.map(({ id }) => id)).toEqual([])
    for (const probe of all) {
      expect([probe.id, judged(probe, { answered: { kind: 'accepted' } }, kitOf(true)).verdict]).toEqual([probe.id, 'inconclusive'])
      expect([probe.id, judged(probe, { answered: { kind: 'refused', by: '401' } }, kitOf(true)).verdict]).toEqual([probe.id, 'holds'])
      expect([probe.id, judged(probe, { answered: { kind: 'accepted' } }, kitOf(false)).verdict]).not.toEqual([probe.id, 'inconclusive'])
    }
  })

  it('and what the issuer counts by its own clock alone, like the life of a code, stays a verdict', () => {
    const code = probesAt('redemption').find(({ id }) => id === 'RD-code-expired')!
    expect(judged(code, { answered: { kind: 'accepted' } }, kitOf(true)).verdict).toBe('violated')
  })
})
