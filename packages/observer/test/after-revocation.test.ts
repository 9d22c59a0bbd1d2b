// How long access goes on after it was ended: a ticket revoked, a refresh token revoked, a person signed out; at an API that asks the
// issuer, at one that reads tickets itself, at an issuer that is not ours; whether the binding goes first; and as a picture.
import { findScenario, startScenario } from '@kimei/lab'
import { walk } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Inventory, type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import { residualKinds } from '../src/judgement/residual-kinds.ts'
import type { Observation, SignInAnswer } from '../src/observation.ts'
import { renderHtml } from '../src/report/html/page.ts'
import { observationSchema } from '../src/report/schema.ts'
import { renderText } from '../src/report/text.ts'
import { endings, type Residual } from '../src/residual.ts'
import { observe } from '../src/run/observe.ts'
import { startAppHouse } from './app-house.ts'
import { quick } from './express-apis.ts'

const closers: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

/** Everything but what this is about is left out. */
async function watched(watchSeconds: number): Promise<Observation> {
  const started = await startScenario(findScenario('residual-access')!)
  closers.push(started.close)
  const inventory: Inventory = { ...started.inventory, afterRevocation: { watchSeconds, endings: [...endings] } }
  return observe(inventory, { ...started.observing, only: ['B1'] })
}

const seenOf = ({ residual = [] }: Observation, api: string, after: Residual['after']) =>
  residual.find((one) => one.api === api && one.after === after)!

describe('in the lab', () => {
  let observation: Observation
  beforeAll(async () => {
    observation = await watched(3600)
  })

  it('SEED-TB-73: the old ticket is shown again until it is refused, with the seconds that passed', () => {
    const payments = seenOf(observation, 'payments', 'access-token')
    expect(payments).toMatchObject({ promised: 'immediate', residualAccess: 'yes', binding: 'kept', refresh: 'not-tried' })
    expect(payments.steps[0]).toEqual({ seconds: 0, passes: true, answered: 'good' })
    expect(payments.steps.at(-1)).toMatchObject({ passes: false })
    expect(payments.passedSeconds).toBeGreaterThanOrEqual(payments.lifetimeSeconds)
    // The lab's guard leaves room for clocks that differ; tickets of other APIs may have ended a second earlier or later.
    expect(payments.refusedAfterSeconds).toBeGreaterThan(payments.lifetimeSeconds)
    expect(payments.refusedAfterSeconds).toBeLessThanOrEqual(payments.lifetimeSeconds + 60)
    expect(observation.findings).toContainEqual(expect.objectContaining({ kind: 'revoked-ticket-passes', at: 'payments', priority: 'P1' }))
  })

  it('SEED-TB-73: after sign-out and after revoking the refresh token, too: the ticket passes on, its binding holds, nothing is refreshed', () => {
    const first = observation.residual!.find(({ after }) => after === 'sign-out')!
    for (const after of ['sign-out', 'refresh-token'] as const)
      expect(seenOf(observation, first.api, after), after).toMatchObject({ residualAccess: 'yes', binding: 'kept', refresh: 'refused' })
    expect(observation.findings.some(({ subject }) => subject.includes('signed out'))).toBe(true)
    expect(observation.findings.map(({ kind }) => kind)).not.toContain('binding-lapses')
    expect(observation.findings.map(({ kind }) => kind)).not.toContain('refresh-survives')
  })

  it('SEED-TB-73: where nothing else is promised, the rest of its life is told and is no more than P2', () => {
    const other = observation.residual!.find(({ promised }) => promised === 'at-expiry')!
    expect(other.steps.at(-1)?.passes).toBe(false)
    expect(observation.findings).toContainEqual(expect.objectContaining({ kind: 'residual-access', at: other.api, priority: 'P2' }))
  })

  it('SEED-TB-73: no longer than the inventory allows, and then it is said that nobody knows', async () => {
    const short = await watched(5)
    const payments = seenOf(short, 'payments', 'access-token')
    expect(payments.steps.map(({ seconds }) => seconds)).toEqual([0, 5])
    expect(payments.refusedAfterSeconds).toBeUndefined()
  })

  it('the report has it in words, and as a picture with the table behind, in both languages, and fits its schema', () => {
    expect(observationSchema.safeParse(JSON.parse(JSON.stringify(observation))).error).toBeUndefined()
    const [ja, en] = (['ja', 'en'] as const).map((language) => renderHtml(observation, { language }))
    expect(ja).toContain('取り消しやサインアウトのあと、いつまで通るか')
    expect(en).toMatch(/How long a ticket still passes[\s\S]*signed out[\s\S]*<svg[^>]*aria-label="payments: refused: \d+ s"[\s\S]*<table/)
    expect(renderText(observation, { language: 'en' })).toMatch(/payments \(\w+\) +ticket revoked: passed, last seen after \d+ s/)
    expect(renderText(observation, { language: 'ja' })).toContain('サインアウトのあと')
  })
})

describe('at an issuer that is not ours', () => {
  const redirectUri = 'http://127.0.0.1:9/callback'

  /** A browser that keeps its cookies; it says yes where it is asked whether to sign out. */
  function openDriver(issuer: string) {
    const cookies = new Map<string, string>()
    const page = (error: unknown): SignInAnswer => ({
      page: String(error),
      status: Number(/answered (\d+)/.exec(String(error))?.[1] ?? 500),
    })
    return {
      signIn: (url: string) => walk(url, redirectUri, cookies).then(({ href }): SignInAnswer => ({ redirectedTo: href }), page),
      async signOut(url: string): Promise<SignInAnswer> {
        const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
        const asked = await fetch(url, { headers: { cookie: cookie() } })
        for (const line of asked.headers.getSetCookie()) cookies.set(...(line.split(';')[0]!.split('=') as [string, string]))
        const xsrf = /name="xsrf" value="([^"]+)"/.exec(await asked.text())?.[1] ?? ''
        const body = new URLSearchParams({ xsrf, logout: 'yes' })
        const done = await fetch(`${issuer}/session/end/confirm`, {
          method: 'POST',
          redirect: 'manual',
          headers: { cookie: cookie() },
          body,
        })
        if (done.status < 400) cookies.clear()
        return { page: 'signed out', status: done.status }
      },
    }
  }

  async function endedThere(more: Partial<InventoryInput['apis'][number]> = {}, signsOut = true): Promise<Observation> {
    const { issuer, inventory: house, notesUrl: url } = await startAppHouse(redirectUri)
    const apis = [{ id: 'notes', url, privilege: 'mid' as const, ...more }]
    const inventory = parseInventory({ ...house, apis, afterRevocation: { watchSeconds: 0 } })
    const { signIn, signOut } = openDriver(issuer.issuer)
    return observe(inventory, { pace: quick, only: ['B1'], signIn, ...(signsOut && { signOut }), wait: async () => undefined })
  }

  it('SEED-TB-73: oidc-provider signs out, its refresh token dies with it, and the JWT passes on, still only with its key', async () => {
    const seen = await endedThere()
    expect(seen.residual!.map(({ after }) => after)).toEqual(['sign-out', 'refresh-token'])
    for (const one of seen.residual!)
      expect(one).toMatchObject({ residualAccess: 'yes', passedSeconds: 0, binding: 'kept', refresh: 'refused' })
    expect(seen.findings.filter(({ at }) => at === 'notes').map(({ kind, priority }) => `${kind} ${priority}`)).toEqual([
      'residual-access P2',
      'residual-access P2',
    ])
  }, 60_000)

  it('SEED-TB-73: what ends within the time that its owner states is no finding; what is promised at once is', async () => {
    const kept = await endedThere({ revokedWithinSeconds: 600 })
    expect(kept.residual!.every(({ residualAccess }) => residualAccess === 'yes')).toBe(true)
    expect(kept.findings.filter(({ at }) => at === 'notes')).toEqual([])
    const promised = await endedThere({ revocation: 'immediate' })
    expect(promised.findings.find(({ at }) => at === 'notes')).toMatchObject({ kind: 'revoked-ticket-passes', priority: 'P1' })
  }, 60_000)

  it('without a hand that signs out nobody is signed out; what came beside a ticket never reaches the report', async () => {
    const seen = await endedThere({}, false)
    expect(seen.residual!.map(({ after }) => after)).toEqual(['refresh-token'])
    expect(seen.evidence.filter(({ role }) => role === 'the test account signs out')).toEqual([])
    expect(JSON.stringify(seen)).not.toMatch(/"(?:refreshToken|idToken)"/)
  }, 60_000)
})

describe('what is wrong about it', () => {
  const residual: Residual = {
    api: 'notes',
    client: 'app',
    after: 'sign-out',
    promised: 'at-expiry',
    residualAccess: 'no',
    steps: [{ seconds: 0, passes: false, answered: '401' }],
    refusedAfterSeconds: 0,
    lifetimeSeconds: 300,
    binding: 'kept',
    refresh: 'refused',
    evidence: ['e1'],
  }
  const passing = { residualAccess: 'yes', passedSeconds: 60, steps: [{ seconds: 60, passes: true, answered: 'good' }] } as const
  const kinds = (more: Partial<Residual>) => residualKinds({ ...residual, ...more }).map(({ kind }) => kind)

  it('SEED-TB-73: a promise decides, and a binding that goes before the ticket is a hole of its own', () => {
    expect(kinds({})).toEqual([])
    expect(kinds(passing)).toEqual(['residual-access'])
    expect(kinds({ ...passing, promised: 'immediate' })).toEqual(['revoked-ticket-passes'])
    expect(kinds({ ...passing, promisedSeconds: 60 })).toEqual([])
    expect(kinds({ ...passing, promisedSeconds: 59 })).toEqual(['revoked-ticket-passes'])
    expect(kinds({ binding: 'lapsed' })).toEqual(['binding-lapses'])
    expect(kinds({ binding: 'never-held' })).toEqual([])
    expect(kinds({ refresh: 'accepted' })).toEqual(['refresh-survives'])
    expect(kinds({ refresh: 'meant-to' })).toEqual([])
  })
})
