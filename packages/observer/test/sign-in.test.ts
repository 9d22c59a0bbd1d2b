// A test account signs in at an issuer that is not ours: codes, refresh and revocation are observed there like anywhere.
import { startIndependentIssuer, walk } from 'testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { IssuerRecord, Observation, SignInAnswer } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { appMetadata } from './app-house.ts'
import { audience, listen, notesApp, operations, peerGuard, quick } from './express-apis.ts'

const redirectUri = 'http://127.0.0.1:9/callback'
const closers: (() => unknown)[] = []
let observation: Observation

afterAll(async () => {
  for (const close of closers) await close()
})

/** A browser without a person: the issuer signs its one account in by itself. */
async function signIn(url: string): Promise<SignInAnswer> {
  try {
    return { redirectedTo: (await walk(url, redirectUri)).href }
  } catch (error) {
    return { page: String(error), status: Number(/answered (\d+)/.exec(String(error))?.[1]) }
  }
}

beforeAll(async () => {
  const issuer = await startIndependentIssuer({
    clients: ['app', 'twin'].map((id) => appMetadata(redirectUri, { id })),
    resources: { [audience]: 'read' },
  })
  const api = await listen(notesApp({ '/notes': peerGuard(issuer.issuer, { enabled: true, required: true }) }))
  closers.push(issuer.close, api.close)
  const ticket = { from: 'sign-in', redirectUri, scope: 'read offline_access openid', resource: audience } as const
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: [
      { id: 'app', clientId: 'app', kind: 'mobile', unasked: 'profile', ticket },
      { id: 'twin', clientId: 'twin', kind: 'mobile', ticket },
    ],
    subjects: ['user-1'],
    apis: [{ id: 'notes', url: `${api.url}/notes`, privilege: 'mid', clients: ['app'] }],
    operations,
  })
  observation = await observe(inventory, { pace: quick, depth: 'full', signIn })
}, 120_000)

const verdicts = ({ probes }: IssuerRecord) => Object.fromEntries(probes.map(({ probe, verdict }) => [probe, verdict]))

it('what every issuer must check about codes, refresh and revocation holds there', () => {
  const app = verdicts(observation.issuers[0]!)
  const must = [
    'AZ-redirect-other',
    'AZ-plain-challenge',
    'RD-other-client',
    'RD-wrong-verifier',
    'RD-no-verifier',
    'RD-code-twice',
    'RD-announced-other',
  ]
  const refresh = ['RF-other-client', 'RF-other-key', 'RF-rotated', 'RF-revoke-other', 'AS2']
  expect([...must, ...refresh].map((probe) => [probe, app[probe]])).toEqual([...must, ...refresh].map((probe) => [probe, 'holds']))
})

it('its findings at the issuer are of form alone: no rule that is a MUST for everybody is broken', () => {
  expect(observation.findings.filter(({ owner, priority }) => owner === 'AS' && priority !== 'P2')).toEqual([])
  expect(observation.issuers[0]).toMatchObject({ mode: 'dpop', asRequired: 'yes', asEnforced: 'yes', token: 'jwt' })
})

it('a way of answering that nobody knows is refused there, too', () => {
  expect(verdicts(observation.issuers[0]!)).toMatchObject({ 'AZ-mode-unknown': 'holds' })
})

it('AS3 alone never says that proofs are not demanded: the code may be looked at first', () => {
  expect(verdicts(observation.issuers[0]!)).toMatchObject({ AS3: 'inconclusive', AS2: 'holds' })
})
