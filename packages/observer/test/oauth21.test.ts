// Readiness for OAuth 2.1, of issuers that are not ours: a strict one and a deliberately loose one.
import { startIndependentIssuer, walk } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import type { Observation, SignInAnswer } from '../src/observation.ts'
import { line } from '../src/readiness/checks.ts'
import { silentIssLine } from '../src/readiness/readiness.ts'
import { nearMisses } from '../src/readiness/redirects.ts'
import { observationSchema } from '../src/report/schema.ts'
import { renderText } from '../src/report/text.ts'
import { observe } from '../src/run/observe.ts'
import { cleanObservation } from './clean-observation.ts'
import { audience, listen, notesApp, operations, peerGuard, quick } from './express-apis.ts'

const redirectUri = 'http://127.0.0.1:9/callback'
const closers: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

async function signIn(url: string): Promise<SignInAnswer> {
  try {
    return { redirectedTo: (await walk(url, redirectUri)).href }
  } catch (error) {
    return { page: String(error), status: Number(/answered (\d+)/.exec(String(error))?.[1]) }
  }
}

async function observeIssuer(loose: boolean): Promise<Observation> {
  const issuer = await startIndependentIssuer({
    clients: [
      {
        client_id: 'app',
        redirect_uris: [redirectUri],
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token', ...(loose ? ['implicit'] : [])],
        response_types: loose ? ['code', 'code id_token token'] : ['code'],
        token_endpoint_auth_method: 'none',
        dpop_bound_access_tokens: !loose,
      },
    ],
    resources: { [audience]: 'read' },
    loose,
  })
  const api = await listen(notesApp({ '/notes': peerGuard(issuer.issuer, { enabled: !loose, required: !loose }) }))
  closers.push(issuer.close, api.close)
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: [
      {
        id: 'app',
        clientId: 'app',
        kind: 'mobile',
        ticket: { from: 'sign-in', redirectUri, scope: 'read offline_access openid', resource: audience },
      },
    ],
    subjects: ['user-1'],
    apis: [{ id: 'notes', url: `${api.url}/notes`, privilege: 'mid' }],
    operations,
  })
  return observe(inventory, { pace: quick, oauth21: true, signIn })
}

const verdictsOf = ({ issuers }: Observation) =>
  Object.fromEntries((issuers[0]!.readiness ?? []).map(({ check, verdict, seen }) => [check, `${verdict}: ${seen}`]))
const notReady = (observation: Observation) =>
  issuerLines(observation).flatMap(({ check, verdict }) => (verdict === 'not-ready' ? [check] : []))
const issuerLines = ({ issuers }: Observation) => issuers[0]!.readiness ?? []

describe('a strict issuer', () => {
  let observation: Observation
  beforeAll(async () => {
    observation = await observeIssuer(false)
  }, 120_000)

  it('SEED-O21-01, SEED-O21-02, SEED-O21-03: nothing is called not ready', () => {
    expect(notReady(observation)).toEqual([])
    const open = issuerLines(observation).filter(({ verdict }) => verdict === 'not-observable')
    // A public client has neither credentials nor assertions.
    expect(open.map(({ check }) => check)).toEqual(['credentials-demanded', 'assertion-audience'])
  })

  it('the report says it in both languages, and its JSON keeps the published shape', () => {
    expect(renderText(observation, { language: 'en' })).toContain('Ready for OAuth 2.1')
    expect(renderText(observation, { language: 'ja' })).toContain('OAuth 2.1 の準備')
    expect(observationSchema.safeParse(observation).error).toBeUndefined()
  })
})

describe('a loose issuer', () => {
  it('SEED-O21-02, SEED-O21-05, SEED-O21-09: each removed or missing thing is named, with its mend and its evidence', async () => {
    const observation = await observeIssuer(true)
    expect([notReady(observation), verdictsOf(observation)]).toEqual([
      ['implicit-not-declared', 'implicit-refused', 'pkce-required', 'refresh-restricted'],
      expect.anything(),
    ])
    for (const { verdict, mend, evidence } of issuerLines(observation))
      if (verdict === 'not-ready') expect([mend !== undefined, evidence.length > 0]).toEqual([true, true])
  }, 120_000)
})

describe('no false alarm', () => {
  const answered = (location: string) => silentIssLine({ status: 302, location, evidence: 'e1' }, redirectUri, 'https://as.test').verdict

  it('O21-4.1.2-02: an issuer that shows its own page instead has not left iss out', () => {
    expect(answered('/login')).toBe('not-observable')
    expect(answered('https://as.test/login?x=1')).toBe('not-observable')
  })

  it('O21-4.1.2-02: iss is looked at in the response to the client, and must be exact', () => {
    expect(answered(`${redirectUri}?error=login_required&iss=https%3A%2F%2Fas.test`)).toBe('ready')
    expect(answered(`${redirectUri}?error=login_required&iss=https%3A%2F%2Fas.test%2F`)).toBe('not-ready')
    expect(answered(`${redirectUri}?error=login_required`)).toBe('not-ready')
  })

  it('what is not ready is the outcome of the command', () => {
    const clean = cleanObservation()
    const issuers = clean.issuers.map((record) => ({ ...record, readiness: [line('pkce-required', 'not-ready', 'accepted', ['e1'])] }))
    expect([exitCodeOf(clean), exitCodeOf({ ...clean, issuers })]).toEqual([0, 1])
  })
})

describe('near misses', () => {
  it('O21-2.3.1-01: each differs from the registered URI in one way', () => {
    const misses = nearMisses('https://app.example/cb')
    expect(misses.map(([name]) => name)).toEqual(['path suffix', 'slash', 'case', 'encoded', 'query', 'userinfo', 'port', 'subdomain'])
    expect(new Set(misses.map(([, uri]) => uri)).size).toBe(misses.length)
    expect(misses.map(([, uri]) => uri)).not.toContain('https://app.example/cb')
  })

  it('O21-2.3.1-01: another port of a loopback redirect is no near miss', () => {
    expect(nearMisses(redirectUri).map(([name]) => name)).not.toContain('port')
  })
})
