// client_secret_jwt (OpenID Connect Core §9): assertions under a shared secret, held to every rule of assertions; off unless a client has it.
import { createHmac, randomBytes } from 'node:crypto'
import { isStrongFor, Misuse } from '@kimei/protocol'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { segment, wireKey } from 'testkit'
import { assertionType, type IssuerKit, kitApi, kitRedirect, postForm, startIssuerKit, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type IssuerConfigInput, parseIssuerConfig } from '../src/index.ts'

const secret = randomBytes(32).toString('base64url')
const next = randomBytes(64).toString('base64url')
const serverKeys = [{ id: 'k.1', key: randomBytes(32).toString('base64url') }]
const shared = {
  kind: 'server' as const,
  name: 'Shared',
  authentication: 'client_secret_jwt' as const,
  scopes: ['notes:read'],
  apis: [kitApi],
}
const scope = { scope: 'notes:read', description: 'Read notes' }
const api = { identifier: kitApi, name: 'Notes', scopes: ['notes:read'] }

let kit: IssuerKit
beforeAll(async () => {
  kit = await startIssuerKit({
    config: {
      serverKeys,
      clients: [
        { ...shared, clientId: 'mac', secrets: [secret, next] },
        { ...shared, clientId: 'mac-512', secrets: [next], authenticationAlg: 'HS512' },
      ],
      registration: {
        mode: 'open',
        policy: {
          scopes: ['openid', 'notes:read'],
          apis: [kitApi],
          grants: ['client_credentials', 'authorization_code'],
          authentication: ['client_secret_jwt'],
        },
      },
    },
  })
})
afterAll(() => kit.close())

let count = 0
interface Change {
  readonly alg?: string
  readonly secret?: string
  readonly claims?: object
  readonly clientId?: string
}
function assertion({ alg = 'HS256', secret: by = secret, claims = {}, clientId = 'mac' }: Change = {}): string {
  count += 1
  const now = kit.now()
  const all = { iss: clientId, sub: clientId, aud: kit.issuer, iat: now, exp: now + 60, jti: `mac-${count}`, ...claims }
  const input = `${segment({ alg, typ: 'client-authentication+jwt' })}.${segment(all)}`
  return `${input}.${createHmac(`sha${alg.slice(2)}`, by)
    .update(input)
    .digest('base64url')}`
}
const ask = async (client_assertion: string) => {
  const form = { grant_type: 'client_credentials', scope: 'notes:read', client_assertion_type: assertionType, client_assertion }
  const { status, json } = await postForm(kit, '/token', form, { dpop: tokenProof(kit, wireKey()) })
  return [status, json['error']]
}

describe('an assertion under a shared secret', () => {
  it('OIDC-9-01: is taken under each of its secrets, so that one may follow the other', async () => {
    expect(await ask(assertion())).toEqual([200, undefined])
    expect(await ask(assertion({ secret: next }))).toEqual([200, undefined])
    expect(await ask(assertion({ clientId: 'mac-512', alg: 'HS512', secret: next }))).toEqual([200, undefined])
  })

  it('PKJWT-3-01: is taken once', async () => {
    const one = assertion()
    expect([await ask(one), await ask(one)]).toEqual([
      [200, undefined],
      [401, 'invalid_client'],
    ])
  })

  const bad: Record<string, () => Change> = {
    'PKJWT-3-01 another secret': () => ({ secret: randomBytes(32).toString('base64url') }),
    'PKJWT-3-01 the secret in another spelling': () => ({ secret: Buffer.from(secret, 'base64url').toString('hex') }),
    'PKJWT-3-01 an algorithm that was not registered': () => ({ alg: 'HS512' }),
    'PKJWT-3-01 a shorter algorithm than the registered one': () => ({ clientId: 'mac-512', secret: next }),
    'O21-2.4-02 the token endpoint as audience': () => ({ claims: { aud: `${kit.issuer}/token` } }),
    'PKJWT-3-01 an expired one': () => ({ claims: { exp: kit.now() - 10 } }),
    'PKJWT-3-01 one without jti': () => ({ claims: { jti: undefined } }),
    'PKJWT-3-01 another issuer': () => ({ claims: { iss: 'other' } }),
    'PKJWT-3-01 an unknown client': () => ({ clientId: 'nobody' }),
  }
  for (const [why, change] of Object.entries(bad)) {
    it(`${why}: 401 invalid_client`, async () => {
      expect(await ask(assertion(change()))).toEqual([401, 'invalid_client'])
    })
  }

  it('OIDC-9-01: the secret itself, sent in the body or in a header, authenticates nobody', async () => {
    const form = { grant_type: 'client_credentials', client_id: 'mac', client_secret: secret }
    expect((await postForm(kit, '/token', form, { dpop: tokenProof(kit, wireKey()) })).status).toBe(401)
  })
})

describe('its secrets', () => {
  it('OIDC-16.19-1: are stored sealed under a server key', async () => {
    const client = await kit.storage.records.client(kit.issuer, 'mac')
    expect([client?.sealedSecrets?.length, client?.secretHashes]).toEqual([2, []])
    for (const one of client?.sealedSecrets ?? []) expect(one).toMatch(/^sealed\.k\.1\./)
    expect(JSON.stringify(client)).not.toContain(secret)
  })

  const parse =
    (client: object, more: object = { serverKeys }) =>
    () =>
      parseIssuerConfig({
        issuer: 'https://id.example',
        apis: [api],
        scopes: [scope],
        clients: [{ ...shared, clientId: 'mac', ...client }],
        ...more,
      } as IssuerConfigInput)
  const weak: Record<string, object> = {
    '31 octets': {
      secrets: [
        randomBytes(31)
          .toString('latin1')
          .replace(/[^\x21-\x7e]/g, 'x')
          .slice(0, 31),
      ],
    },
    '32 characters of base64url': { secrets: [randomBytes(24).toString('base64url')] },
    'a word said often': { secrets: ['password'.repeat(10)] },
    '43 octets for HS512': { secrets: [secret], authenticationAlg: 'HS512' },
  }
  for (const [why, change] of Object.entries(weak)) {
    it(`OIDC-16.19-1: ${why} are refused with the reason`, () => {
      expect(parse(change)).toThrow(/too weak for HS(256|512)/)
    })
  }

  it('OIDC-16.19-2: what the issuer generates is strong for every MAC; hex and base64url of enough octets are', () => {
    for (let i = 0; i < 200; i += 1) {
      expect(isStrongFor(randomBytes(64).toString('base64url'), 'HS512')).toBe(true)
      expect(isStrongFor(randomBytes(32).toString('hex'), 'HS256')).toBe(true)
      expect(isStrongFor(randomBytes(32).toString('base64url'), 'HS256')).toBe(true)
    }
  })

  it('OIDC-16.19-1: need server keys, and belong to this method alone', () => {
    expect(parse({ secrets: [secret] }, {})).toThrow(/serverKeys/)
    expect(parse({ secrets: [] })).toThrow(Misuse)
    expect(parse({ secrets: [secret], authenticationAlg: 'ES256' })).toThrow(/HS256, HS384 or HS512/)
    expect(parse({ authentication: 'client_secret_basic', secretHashes: ['A'.repeat(43)], secrets: [secret] })).toThrow(
      /for client_secret_jwt/,
    )
  })
})

describe('who knows of it', () => {
  it('OIDC-9-01: the metadata names it only where some client has it', async () => {
    const methodsOf = async (at: IssuerKit) => {
      const document = (await (await fetch(`${at.issuer}/.well-known/openid-configuration`)).json()) as Record<string, string[]>
      return [
        document['token_endpoint_auth_methods_supported']?.includes('client_secret_jwt'),
        document['token_endpoint_auth_signing_alg_values_supported']?.includes('HS256'),
      ]
    }
    const without = await startIssuerKit({ config: { serverKeys } })
    expect([await methodsOf(kit), await methodsOf(without)]).toEqual([
      [true, true],
      [false, false],
    ])
    await without.close()
  })

  it('DCR-3-01: openid-client registers with it and signs', async () => {
    const config = await openid.dynamicClientRegistration(
      new URL(kit.issuer),
      {
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: 'client_secret_jwt',
        token_endpoint_auth_signing_alg: 'HS256',
      },
      openid.ClientSecretJwt(),
      { execute: [openid.allowInsecureRequests] },
    )
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
    const tokens = await openid.clientCredentialsGrant(config, { scope: 'notes:read', resource: kitApi }, { DPoP })
    expect(tokens.token_type).toBe('dpop')
  })

  it('OIDC-16.19-2 DCRM-2.2-01: oauth4webapi is given 86 characters, which stay through a change', async () => {
    const issuer = new URL(kit.issuer)
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { [oauth.allowInsecureRequests]: true }))
    const metadata = { redirect_uris: [kitRedirect], token_endpoint_auth_method: 'client_secret_jwt' }
    const response = await oauth.dynamicClientRegistrationRequest(as, metadata, { [oauth.allowInsecureRequests]: true })
    const client = await oauth.processDynamicClientRegistrationResponse(response)
    expect([String(client['client_secret']).length, client['client_secret_expires_at']]).toEqual([86, 0])
    const change = await fetch(String(client['registration_client_uri']), {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${client['registration_access_token']}` },
      body: JSON.stringify({ ...metadata, client_id: client.client_id, client_secret: client['client_secret'] }),
    })
    expect([change.status, ((await change.json()) as Record<string, unknown>)['client_secret']]).toEqual([200, client['client_secret']])
  })
})
