// AS8: every grant of a client without a proof, at an issuer that is not ours (oidc-provider) in good and in bad settings: what is bound
// must not come out unbound by any of them, and the table names the client and the grant where it does.
import { backchannelGrant, deviceGrant, exchangeGrant, type FurtherGrants, startIndependentIssuer, walk } from 'testkit'
import { expect, it, onTestFinished } from 'vitest'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import type { GrantCell, Observation } from '../src/observation.ts'
import { renderHtml } from '../src/report/html/page.ts'
import { observationSchema } from '../src/report/schema.ts'
import { renderText } from '../src/report/text.ts'
import { observe } from '../src/run/observe.ts'
import { openNotes } from './app-house.ts'
import { audience, listen, notesApp, operations, quick } from './express-apis.ts'

const redirectUri = 'http://127.0.0.1:9/callback'
const other = 'https://other.test/'
const secret = 'a secret of two hundred and fifty-six bits'

interface House {
  /** What the clients' metadata says of proofs. */
  readonly demanded: boolean
  readonly exchange: NonNullable<FurtherGrants['exchange']>
}

const authentication = { method: 'client_secret_basic', secret } as const
const byItself = {
  response_types: [],
  redirect_uris: [],
  client_secret: secret,
  token_endpoint_auth_method: 'client_secret_basic',
} as const

function startHouse({ demanded, exchange }: House) {
  const dpop_bound_access_tokens = demanded
  return startIndependentIssuer({
    clients: [
      { ...byItself, client_id: 'job', grant_types: ['client_credentials', exchangeGrant], dpop_bound_access_tokens },
      {
        client_id: 'app',
        redirect_uris: [redirectUri],
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token', deviceGrant],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        dpop_bound_access_tokens,
      },
      {
        ...byItself,
        client_id: 'bank',
        grant_types: ['client_credentials', backchannelGrant],
        backchannel_token_delivery_mode: 'poll',
        dpop_bound_access_tokens,
      },
    ],
    resources: { [audience]: 'read', [other]: 'read' },
    grants: { exchange, devices: true, backchannel: true },
  })
}

function testClients(): InventoryInput['clients'] {
  const wish = { scope: 'read', resource: audience } as const
  const server = { kind: 'server', authentication, ticket: { from: 'client-credentials', ...wish } } as const
  return [
    { ...server, id: 'job', clientId: 'job', exchanges: { to: other } },
    { id: 'app', clientId: 'app', kind: 'mobile', devices: true, ticket: { from: 'sign-in', redirectUri, ...wish } },
    { ...server, id: 'bank', clientId: 'bank', backchannel: { loginHint: 'user-1' } },
  ]
}

async function observed(house: House): Promise<Observation> {
  const issuer = await startHouse(house)
  const url = await openNotes(issuer)
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: testClients(),
    subjects: ['user-1'],
    apis: [{ id: 'notes', url, privilege: 'mid' }],
    operations,
  })
  return observe(inventory, {
    pace: quick,
    only: ['AS1', 'AS2', 'AS8-exchange', 'AS8-device', 'AS8-backchannel', 'RF-no-proof', 'RD-announced-unproven'],
    signIn: async (url) => ({ redirectedTo: (await walk(url, redirectUri)).href }),
    allowDevice: ({ userCode }) => issuer.allowDevice(userCode, 'app'),
    wait: async () => undefined,
  })
}

const cells = ({ issuers }: Observation): Record<string, GrantCell['outcome']> =>
  Object.fromEntries(
    issuers.flatMap(({ client, grants }) =>
      grants.map(({ grant, outcome }): [string, GrantCell['outcome']] => [`${client} ${grant}`, outcome]),
    ),
  )

it('SEED-TB-22: where proofs are demanded by every grant, nothing unbound is had, and an exchange that carries the key on is no hole', async () => {
  const seen = await observed({ demanded: true, exchange: 'carries' })
  expect(cells(seen)).toEqual({
    'job client_credentials': 'refused',
    'job token-exchange': 'bound',
    'app authorization_code': 'refused',
    'app refresh_token': 'refused',
    'app device_code': 'refused',
    'bank client_credentials': 'refused',
    'bank ciba': 'refused',
  })
  expect(seen.issuers.map(({ asEnforced }) => asEnforced)).toEqual(['yes', 'yes', 'yes'])
  expect(seen.posture.as_enforced).toBe('yes')
  expect(seen.findings.filter(({ owner }) => owner === 'AS')).toEqual([])
}, 60_000)

it('SEED-TB-22: one exchange that forgets the key makes an unbound twin: P0, as_enforced no, and the table names client and grant', async () => {
  const seen = await observed({ demanded: true, exchange: 'forgets' })
  expect(cells(seen)).toMatchObject({ 'job client_credentials': 'refused', 'job token-exchange': 'unbound', 'app device_code': 'refused' })
  const job = seen.issuers.find(({ client }) => client === 'job')!
  expect(job).toMatchObject({ mode: 'dpop', asEnforced: 'no', asRequired: 'no' })
  expect(job.grants.find(({ grant }) => grant === 'token-exchange')).toMatchObject({ laundered: true, probes: ['AS8-exchange'] })
  expect(seen.posture.as_enforced).toBe('no')
  expect(seen.findings[0]).toMatchObject({
    kind: 'ticket-laundered',
    priority: 'P0',
    owner: 'AS',
    clients: ['job'],
    probes: ['AS8-exchange'],
  })
  expect(seen.record.action_priority).toBe('P0')
  expect(observationSchema.safeParse(JSON.parse(JSON.stringify(seen))).error).toBeUndefined()
  const [ja, en] = (['ja', 'en'] as const).map((language) => renderText(seen, { language }))
  expect(en).toMatch(/job +token-exchange +unbound/)
  expect(ja).toMatch(/job +token-exchange +無記名/)
  expect(renderHtml(seen, { language: 'ja', both: true })).toContain('token-exchange')
}, 60_000)

it('SEED-TB-22: where no proof is demanded, every grant is named by which an unbound ticket comes, and a bound refresh token still holds', async () => {
  const seen = await observed({ demanded: false, exchange: 'carries' })
  expect(cells(seen)).toEqual({
    'job client_credentials': 'unbound',
    'job token-exchange': 'bound',
    'app authorization_code': 'unbound',
    'app refresh_token': 'refused',
    'app device_code': 'unbound',
    'bank client_credentials': 'unbound',
    'bank ciba': 'unbound',
  })
  expect(seen.issuers.map(({ asEnforced }) => asEnforced)).toEqual(['no', 'no', 'no'])
  // Nothing that was bound came out unbound: clients may ask for unbound tickets, and that is a matter of form here.
  expect(seen.findings.map(({ kind }) => kind)).not.toContain('ticket-laundered')
  expect(seen.findings.find(({ kind }) => kind === 'proof-not-required')).toMatchObject({ priority: 'P2', clients: ['job', 'app', 'bank'] })
}, 60_000)

it('a device that nobody but a person could allow is left open, never green', async () => {
  const issuer = await startIndependentIssuer({
    clients: [{ ...byItself, client_id: 'tv', grant_types: [deviceGrant, 'client_credentials'] }],
    resources: { [audience]: 'read' },
    grants: { devices: true },
  })
  const api = await listen(notesApp({ '/notes': undefined }))
  onTestFinished(async () => {
    await Promise.all([issuer.close(), api.close()])
  })
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: [
      {
        id: 'tv',
        clientId: 'tv',
        authentication,
        devices: true,
        ticket: { from: 'client-credentials', scope: 'read', resource: audience },
      },
    ],
    apis: [{ id: 'notes', url: `${api.url}/notes`, privilege: 'mid' }],
    operations,
  })
  const seen = await observe(inventory, { pace: quick, only: ['AS1', 'AS8-device'] })
  const [tv] = seen.issuers
  expect(tv!.grants.find(({ grant }) => grant === 'device_code')).toMatchObject({
    outcome: 'unknown',
    reason: expect.stringContaining('person'),
  })
  expect(tv!.asEnforced).toBe('unknown')
}, 30_000)
