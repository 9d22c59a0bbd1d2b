// The guard asks real issuers about opaque tokens: ours, and one made by others.
import { type IndependentIssuer, startIndependentIssuer, type WireKey, wireKey, wireProof } from 'testkit'
import { asKeyClient, askOwnToken, type IssuerKit, kitApi, kitOtherApi, kitSecret, postForm, startIssuerKit } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuardConfigInput } from '../src/index.ts'
import { type Api, routes, startApi } from './guarded-api.ts'

const now = () => Math.floor(Date.now() / 1000)
const jwkOf = (key: WireKey) => ({ ...key.privateJwk, kid: key.kid, alg: 'ES256' }) as never
const always: GuardConfigInput['routes'] = [...routes, { policy: 'required', path: '/now', introspect: 'always' }]

const guarding = (issuer: string, introspection: GuardConfigInput['introspection'], resource?: string) =>
  startApi({
    config: (url) => ({ issuer, ...(resource && { resource }), baseUrls: [url], routes: always, ...(introspection && { introspection }) }),
    deps: { clock: now, keys: undefined as never },
  })

const callWith = (api: Api, key: WireKey, token: unknown, path = '/notes') => {
  const accessToken = String(token)
  return api.call(path, { token: accessToken, proof: wireProof(key, { url: `${api.url}${path}`, now: now(), accessToken }) })
}

describe('our own issuer', () => {
  let kit: IssuerKit
  let api: Api
  beforeAll(async () => {
    const apis = [
      { identifier: kitApi, name: 'Notes', scopes: ['notes:read', 'notes:write'], accessTokenFormat: 'opaque' as const },
      { identifier: kitOtherApi, name: 'Other', scopes: ['other:read'], accessTokenFormat: 'opaque' as const },
    ]
    kit = await startIssuerKit({ config: { apis } })
    const authentication = { method: 'private_key_jwt' as const, key: jwkOf(kit.clientKey) }
    api = await guarding(kit.issuer, { clientId: 'notes-server', authentication, signed: 'required' }, kitApi)
  })
  afterAll(() => Promise.all([kit.close(), api.close()]))

  const own = async (key: WireKey, resource = kitApi) => {
    const scope: Record<string, string> = resource === kitApi ? { scope: 'notes:read' } : {}
    return (await askOwnToken(kit, key, { resource, ...scope })).json['access_token']
  }

  it('INTRO-2.2-01 INTROJWT-5-01 DPOP-6.2-01: tells in signed form, and the named holder passes', async () => {
    const key = wireKey()
    const answer = await callWith(api, key, await own(key))
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { url: '/notes', subject: 'service', mode: 'dpop' }])
  })

  it('DPOP-7.2-01: a thief with a key of his own does not', async () => {
    expect((await callWith(api, wireKey(), await own(wireKey()))).status).toBe(401)
  })

  it('INTRO-2.2-01 AT-4-03: a token for another API is nothing here', async () => {
    const key = wireKey()
    expect((await callWith(api, key, await own(key, kitOtherApi))).status).toBe(401)
    expect(api.last().rule).toBe('told-token.is-active')
  })

  it('REV-2.1-01: revoked, it is over at once where the route asks always', async () => {
    const key = wireKey()
    const token = await own(key)
    expect((await callWith(api, key, token, '/now')).status).toBe(200)
    await postForm(kit, '/revoke', { token: String(token), ...asKeyClient(kit) })
    expect((await callWith(api, key, token, '/now')).status).toBe(401)
    expect((await callWith(api, key, token)).status).toBe(401)
  })

  it('INTRO-4-01: gone, nobody new passes', async () => {
    const gone = await startIssuerKit()
    const authentication = { method: 'client_secret_basic' as const, secret: kitSecret }
    const alone = await guarding(gone.issuer, { clientId: 'other-server', authentication }, kitOtherApi)
    await gone.close()
    expect((await callWith(alone, wireKey(), `kimei_at_${'A'.repeat(43)}`)).status).toBe(503)
    await alone.close()
  })
})

describe('an issuer of others', () => {
  let issuer: IndependentIssuer
  const resource = 'https://strange-api.example/'
  const clients = (signed: boolean) => [
    {
      client_id: 'job',
      client_secret: kitSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      dpop_bound_access_tokens: true,
    },
    {
      client_id: 'strange-api',
      client_secret: kitSecret,
      grant_types: [],
      redirect_uris: [],
      response_types: [],
      ...(signed && { introspection_signed_response_alg: 'RS256' as const }),
    },
  ]
  const ticket = async (at: IndependentIssuer, key: WireKey, target = resource) => {
    const response = await fetch(`${at.issuer}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`job:${kitSecret}`).toString('base64')}`,
        dpop: wireProof(key, { method: 'POST', url: `${at.issuer}/token`, now: now() }),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: target, scope: 'notes:read' }),
    })
    const body = (await response.json()) as Record<string, unknown>
    expect(body['token_type']).toBe('DPoP')
    return String(body['access_token'])
  }
  const asking = { clientId: 'strange-api', authentication: { method: 'client_secret_basic' as const, secret: kitSecret } }
  const resources = { [resource]: 'notes:read', 'https://elsewhere.example/': 'notes:read' }
  beforeAll(async () => {
    issuer = await startIndependentIssuer({ clients: clients(false), resources, opaque: true })
  })
  afterAll(() => issuer.close())

  it('INTRO-2.2-01 DPOP-6.2-01: its opaque tokens pass with their key, and with no other', async () => {
    const api = await guarding(issuer.issuer, asking, resource)
    const key = wireKey()
    const token = await ticket(issuer, key)
    expect(token).not.toContain('.')
    const answer = await callWith(api, key, token)
    expect([answer.status, JSON.parse(answer.body).subject]).toEqual([200, 'job'])
    const asked = issuer.seen.filter((line) => line.includes('introspection')).length
    expect((await callWith(api, wireKey(), token)).status).toBe(401)
    expect(issuer.seen.filter((line) => line.includes('introspection')).length).toBe(asked)
    expect((await api.send('GET /mixed', [`Authorization: Bearer ${token}`])).status).toBe(401)
    const elsewhere = await ticket(issuer, key, 'https://elsewhere.example/')
    expect([(await callWith(api, key, elsewhere)).status, api.last().rule]).toEqual([401, 'access-token.aud-is-ours'])
    expect((await callWith(api, key, 'invented')).status).toBe(401)
    await api.close()
  })

  it('REV-2.1-01 INTRO-4-01: revoked there, it is refused here', async () => {
    const api = await guarding(issuer.issuer, { ...asking, cacheSeconds: 0 }, resource)
    const key = wireKey()
    const token = await ticket(issuer, key)
    expect((await callWith(api, key, token)).status).toBe(200)
    await fetch(`${issuer.issuer}/token/revocation`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`job:${kitSecret}`).toString('base64')}` },
      body: new URLSearchParams({ token }),
    })
    expect((await callWith(api, key, token)).status).toBe(401)
    await api.close()
  })

  it('INTROJWT-5-01: its signed answers are believed, too', async () => {
    const signing = await startIndependentIssuer({ clients: clients(true), resources, opaque: true })
    const api = await guarding(signing.issuer, { ...asking, signed: 'required' }, resource)
    const key = wireKey()
    const answer = await callWith(api, key, await ticket(signing, key))
    expect([answer.status, api.last().rule]).toEqual([200, undefined])
    await Promise.all([api.close(), signing.close()])
  })
})
