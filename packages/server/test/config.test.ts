// Configuration: unknown keys refused, every mistake at once, contradictions found, the JSON Schema of what may be written.

import { Misuse } from '@kimei/protocol'
import { issuerJsonSchema, parseIssuerConfig } from '@kimei/server'
import { createMemoryStorage } from '@kimei/storage'
import fc from 'fast-check'
import { kitApi, kitRedirect, startIssuerKit } from 'testkit/issuer'
import { describe, expect, it } from 'vitest'

const issuer = 'https://id.example'
const mistakesOf = (input: unknown): readonly string[] => {
  try {
    parseIssuerConfig(input)
    return []
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    return error.mistakes
  }
}
const api = { identifier: kitApi, name: 'Notes', scopes: ['notes:read'] }
const scopes = [{ scope: 'notes:read', description: { ja: '読む', en: 'Read' } }]
const spa = { clientId: 'spa', kind: 'spa', name: 'Spa', redirectUris: [kitRedirect], scopes: ['openid', 'notes:read'], apis: [kitApi] }
const withClient = (change: object) => mistakesOf({ issuer, apis: [api], scopes, clients: [{ ...spa, ...change }] }).join('\n')

describe('the configuration', () => {
  it('is complete with an issuer alone, and safe by default', () => {
    const config = parseIssuerConfig({ issuer })
    expect(config).toMatchObject({
      profile: 'oauth21',
      lifetimes: { codeSeconds: 60, accessTokenSeconds: 300 },
      refresh: { repeatWindowSeconds: 60, unboundRepeatWindowSeconds: 10 },
    })
    expect(config.dpop).toMatchObject({ proofPastSeconds: 60, proofFutureSeconds: 15, nonce: { token: 'off', userinfo: 'off' } })
    expect(parseIssuerConfig({ issuer, apis: [api], scopes, clients: [spa] }).clients[0]?.binding).toBe('required')
  })

  it('tells every mistake at once, unknown keys by name', () => {
    const mistakes = mistakesOf({
      issuer,
      lifetime: 1,
      lifetimes: { codeSeconds: 5, typo: 1 },
      dpop: { algorithms: ['RS256'] },
      clients: [{ clientId: 'a b' }],
    })
    expect(mistakes.length).toBeGreaterThanOrEqual(6)
    for (const part of [
      '"lifetime" is not a known key',
      '"typo" is not a known key',
      'codeSeconds',
      'algorithms',
      'clients[0].clientId',
      'clients[0].kind',
    ]) {
      expect(
        mistakes.some((mistake) => mistake.includes(part)),
        part,
      ).toBe(true)
    }
  })

  it('O21-1.5-01 ISS-2-01: an issuer is https, loopback aside, in its one spelling', () => {
    for (const fine of [
      'https://id.example',
      'https://id.example/tenants/a',
      'https://id.example:8443',
      'http://localhost:4444',
      'http://127.0.0.1:4444',
      'http://[::1]:4444',
    ]) {
      expect(mistakesOf({ issuer: fine }), fine).toEqual([])
    }
    for (const bad of [
      'http://id.example',
      'id.example',
      'https://id.example/',
      'https://id.example?x',
      'https://id.example#x',
      'https://u:p@id.example',
      'https://ID.example',
      'https://id.example:443',
      'https://id.example/a/../b',
      'http://localhost.evil.example',
      'ftp://id.example',
    ]) {
      expect(mistakesOf({ issuer: bad }), bad).not.toEqual([])
    }
  })

  it('compares lifetimes with each other', () => {
    const said = (change: object) => mistakesOf({ issuer, ...change }).join('\n')
    expect(said({ lifetimes: { refreshIdleSeconds: 10_000_000 } })).toContain('refreshIdleSeconds is longer')
    expect(said({ lifetimes: { sessionIdleSeconds: 90_000 } })).toContain('sessionIdleSeconds is longer')
    expect(said({ refresh: { repeatWindowSeconds: 5 } })).toContain('unboundRepeatWindowSeconds is longer')
    expect(said({ keys: { publishSeconds: 60 } })).toContain('publishSeconds is shorter')
    // OIDC-16.18-1: what cannot be revoked everywhere must be short.
    expect(said({ lifetimes: { accessTokenSeconds: 1200 } })).toContain('dangerouslyAllowLongAccessTokens')
    expect(said({ lifetimes: { accessTokenSeconds: 1200 }, dangerouslyAllowLongAccessTokens: true })).toBe('')
    expect(said({ apis: [{ ...api, accessTokenLifetimeSeconds: 1200 }], scopes })).toContain('dangerouslyAllowLongAccessTokens')
  })

  it('ASVS-9.2.4: APIs that only look different are refused, and so are unknown scopes', () => {
    const said = (apis: object[]) => mistakesOf({ issuer, scopes, apis }).join('\n')
    expect(said([api, { ...api, identifier: 'https://API.example' }])).toContain('differ only in spelling')
    expect(said([api, api])).toContain('declared twice')
    expect(said([{ ...api, scopes: ['other'] }])).toContain('not declared under scopes')
    expect(said([{ ...api, scopes: ['openid'] }])).toContain('belongs to the issuer')
    expect(said([{ ...api, identifier: 'notes' }])).toContain('absolute URI')
    expect(said([{ ...api, identifier: issuer }])).toContain('the issuer itself')
  })

  it('O21-2.3-01 O21-2.3.1-02 ASVS-10.4.1 FAPI2-5.3.2.2-02: redirect URIs', () => {
    for (const uri of [
      'https://app.example/cb',
      'http://127.0.0.1/cb',
      'http://localhost:3000/cb',
      'http://[::1]/cb',
      'https://app.example/cb?x=1',
    ]) {
      expect(withClient({ redirectUris: [uri] }), uri).toBe('')
    }
    for (const uri of [
      'http://app.example/cb',
      '/cb',
      'https://app.example/cb#x',
      'https://*.app.example/cb',
      'myapp:/cb',
      'javascript:alert(1)',
      'https://u@app.example/cb',
      'https://app.example/c b',
      'com.example.app:/cb',
      'https://app.example/cb?code=1',
      'data:text/html,x',
      'http://localhost.evil.example/cb',
    ]) {
      expect(withClient({ redirectUris: [uri] }).match(/client "spa"/g), uri).toHaveLength(1)
    }
    const mobile = (uri: string) => withClient({ kind: 'mobile', redirectUris: [uri] })
    expect(mobile('com.example.app:/oauth/cb')).toBe('')
    for (const uri of ['com.example.app://cb', 'app:/cb', 'com.example.app:cb', 'COM.example.app:/cb'])
      expect(mobile(uri), uri).toContain('redirect')
  })

  it('NATIVE-8.5-01 O21-4.2-01 ASVS-10.4.4: kinds, methods and grants fit', () => {
    const hash = 'A'.repeat(43)
    expect(withClient({ authentication: 'client_secret_basic', secretHashes: [hash] })).toContain('public-kind-has-no-secret')
    expect(withClient({ kind: 'mobile', secretHashes: [hash] })).toContain('public-kind-has-no-secret')
    expect(withClient({ kind: 'server', authentication: 'none' })).toContain('server-authenticates')
    expect(withClient({ kind: 'server' })).toContain('keys-are-declared')
    expect(withClient({ kind: 'server', authentication: 'client_secret_post' })).toContain('secret-is-declared')
    expect(withClient({ grants: ['client_credentials', 'authorization_code'] })).toContain('grants-fit-kind')
    expect(withClient({ grants: ['refresh_token'] })).toContain('refresh-needs-code')
    expect(withClient({ redirectUris: [] })).toContain('code-needs-redirect')
    expect(withClient({ kind: 'server', jwks: { keys: [{ kty: 'EC', d: 'x' }] } })).toContain('keys-are-public')
    expect(withClient({ apis: [], scopes: [] })).toContain('has-a-target')
    expect(withClient({ scopes: ['nothing'] })).toContain('"nothing", which is not declared')
    expect(withClient({ apis: ['https://nothing.example/'] })).toContain('which is not declared')
    expect(withClient({ dangerouslyAcceptTokenEndpointAudience: true })).toContain('audience-exception-has-a-use')
  })

  it('INTRO-2.1-01: the server of an API authenticates, and its API is declared; it needs no tickets of its own', () => {
    const secretHashes = ['A'.repeat(43)]
    const server = { kind: 'server', secretHashes, redirectUris: [], apis: [], scopes: [] }
    expect(withClient({ ...server, introspects: [api.identifier] })).toBe('')
    expect(withClient({ ...server, introspects: [api.identifier], grants: ['client_credentials'] })).toContain('has-a-target')
    expect(withClient({ ...server, introspects: ['https://nothing.example/'] })).toContain('which is not declared')
    expect(withClient({ introspects: [api.identifier] })).toContain('api-server-authenticates')
  })

  it('JAR-5.2-01: private origins are listed exactly, plain http on loopback alone', () => {
    const said = (origin: string, more = {}) => mistakesOf({ issuer, outbound: { allow: [{ origin, ...more }] } }).join('\n')
    for (const origin of ['https://keys.internal:8443', 'http://127.0.0.1:9000', 'http://localhost', 'http://[::1]:9']) {
      expect(said(origin)).toBe('')
    }
    for (const origin of [
      'http://keys.internal',
      'https://keys.internal/',
      'https://*.internal',
      'https://KEYS.internal',
      'keys',
      'https://a@b',
    ]) {
      expect(said(origin), origin).toContain('outbound.allow')
    }
    expect(said('https://keys.internal', { addresses: ['10.0.0.0/33'] })).toContain('range')
    expect(mistakesOf({ issuer, outbound: { ca: ['a.pem'] } }).join('')).toContain('PEM')
  })

  it('DCR-2-01: keys are declared one way, and fetched from https or a listed loopback origin', () => {
    const server = { kind: 'server', redirectUris: [], jwksUri: 'https://app.example/keys.json' }
    expect(withClient(server)).toBe('')
    expect(withClient({ ...server, jwks: { keys: [{ kty: 'EC' }] } })).toContain('keys-come-one-way')
    for (const jwksUri of ['http://app.example/keys', 'https://a:b@app.example/', 'https://app.example/#x', 'keys.json', 'file:///keys']) {
      expect(withClient({ ...server, jwksUri }), jwksUri).toContain('keys-uri-is-https')
    }
    expect(withClient({ ...server, jwksUri: 'http://127.0.0.1:9/keys' })).toContain('not listed in outbound.allow')
  })

  it('CIMD-8.6-01: what clients with documents may have is declared, and where they may come from is an origin', () => {
    const said = (documents: object) => mistakesOf({ issuer, apis: [api], scopes, clientIdMetadataDocuments: documents }).join('\n')
    expect(
      said({ enabled: true, scopes: ['openid'], apis: [api.identifier], allow: ['https://app.example', 'https://*.app.example:8443'] }),
    ).toBe('')
    expect(said({ enabled: true })).toContain('neither an API nor openid')
    expect(said({ enabled: true, scopes: ['openid', 'nothing'] })).toContain('"nothing", which is not declared')
    expect(said({ enabled: true, apis: ['https://nothing.example/'] })).toContain('which is not declared')
    for (const origin of ['http://app.example', 'https://app.example/', 'https://*', 'https://a.*.example', '*']) {
      expect(said({ allow: [origin] }), origin).toContain('clientIdMetadataDocuments.allow')
    }
    expect(said({ binding: 'bearer' })).toContain('clientIdMetadataDocuments.binding')
  })

  it('OIDC-8.1-01: a pairwise client has one sector', () => {
    const said = (more: object) => withClient({ subjectType: 'pairwise', ...more })
    const two = ['https://a.example/cb', 'https://b.example/cb']
    expect(said({ redirectUris: ['https://a.example/cb', 'https://a.example/2'] })).toBe('')
    expect(said({ redirectUris: two, sectorIdentifierUri: 'https://a.example/sector.json' })).toBe('')
    expect(said({ redirectUris: two })).toContain('pairwise-has-one-sector')
    // Every app of a device shares these.
    expect(said({ kind: 'mobile', redirectUris: ['http://127.0.0.1/cb'] })).toContain('pairwise-has-one-sector')
    expect(said({ kind: 'mobile', redirectUris: ['example.app:/cb'] })).toContain('pairwise-has-one-sector')
    expect(said({ sectorIdentifierUri: 'http://a.example/' })).toContain('sector-uri-is-https')
    expect(said({ sectorIdentifierUri: 'http://127.0.0.1:9/' })).toContain('not listed in outbound.allow')
  })

  it('bearer tokens need a reason', () => {
    expect(withClient({ binding: 'bearer' })).not.toBe('')
    expect(withClient({ binding: { kind: 'bearer' } })).not.toBe('')
    expect(withClient({ binding: { kind: 'bearer', reason: 'an old printer' } })).toBe('')
  })

  it('O21-7.4-01: no client looks like a person', () => {
    const users = [{ username: 'u', subject: 'spa', passwordHash: '$argon2id$x' }]
    expect(mistakesOf({ issuer, apis: [api], scopes, clients: [spa], users }).join('\n')).toContain("id of a user's subject")
  })

  it('publishes its JSON Schema, which knows no other keys', () => {
    const schema = issuerJsonSchema() as { required: string[]; additionalProperties: boolean; properties: Record<string, unknown> }
    expect(schema.required).toEqual(['issuer'])
    expect(schema.additionalProperties).toBe(false)
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['issuer', 'clients', 'apis', 'scopes', 'users', 'dpop']))
  })

  it('answers any input with a configuration or with mistakes', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(Array.isArray(mistakesOf(input))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe('declaring', () => {
  it('puts what changed, disables what is gone, keeps what is as it was', async () => {
    const storage = createMemoryStorage()
    const first = await startIssuerKit({ storage })
    await first.close()
    const port = Number(new URL(first.issuer).port)
    const before = await storage.records.clients(first.issuer)
    await (await startIssuerKit({ storage, port, config: {} })).close()
    const same = await storage.records.clients(first.issuer)
    // The kit makes a new client key each time: clients with keys moved on, the others did not.
    expect(same.filter((client) => client.jwks.length === 0)).toEqual(before.filter((client) => client.jwks.length === 0))
    await (await startIssuerKit({ storage, port, config: { clients: [spa] as never } })).close()
    const after = await storage.records.clients(first.issuer)
    expect(after.filter((client) => !client.disabled).map((client) => client.clientId)).toEqual(['spa'])
    await storage.close()
  })
})

describe('what a client declares for signing out and consenting', () => {
  it.each([
    ['a post-logout redirect URI with a fragment', { postLogoutRedirectUris: ['https://app.example/bye#x'] }, 'post-logout-uris-are-sound'],
    ['a post-logout redirect URI over http', { postLogoutRedirectUris: ['http://app.example/bye'] }, 'post-logout-uris-are-sound'],
    ['a post-logout redirect URI that is script', { postLogoutRedirectUris: ['javascript:alert(1)'] }, 'post-logout-uris-are-sound'],
    ['a back-channel address over http', { backchannelLogoutUri: 'http://app.example/out' }, 'backchannel-uri-is-sound'],
    ['a back-channel address with a fragment', { backchannelLogoutUri: 'https://app.example/out#x' }, 'backchannel-uri-is-sound'],
    [
      'a front-channel address elsewhere',
      { frontchannelLogoutUri: 'https://else.example/out' },
      'frontchannel-uri-is-of-a-redirect-origin',
    ],
    ['an optional scope of others', { optionalScopes: ['email'] }, 'optional-scopes-are-its-own'],
    ['openid as an optional scope', { optionalScopes: ['openid'] }, 'optional-scopes-are-its-own'],
  ])('RPLO-3-01 BCLO-2.5-01 O21-7.9-01: %s is refused', (_what, change, rule) => {
    expect(withClient(change)).toContain(rule)
  })

  it('RPLO-3-01: sound ones are taken', () => {
    const sound = {
      postLogoutRedirectUris: ['https://app.example/bye?from=kimei'],
      backchannelLogoutUri: 'https://elsewhere.example/out?client=spa',
      frontchannelLogoutUri: `${new URL(kitRedirect).origin}/out`,
      purposes: { openid: { ja: '本人確認', en: 'to know you' } },
    }
    expect(withClient(sound)).toBe('')
  })
})
