// What the API says of itself (RFC 9728), and that it never says more than it does.
import fc from 'fast-check'
import { linesOf } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { metadataLocation } from '../src/index.ts'
import { type Api, challenges, issuer, routes, startApi } from './guarded-api.ts'

describe('its place', () => {
  it.each([
    ['https://h', 'https://h/.well-known/oauth-protected-resource'],
    ['https://h/', 'https://h/.well-known/oauth-protected-resource'],
    ['https://h/mcp', 'https://h/.well-known/oauth-protected-resource/mcp'],
    ['https://h/mcp/', 'https://h/.well-known/oauth-protected-resource/mcp/'],
    ['https://h:8443/a/b?tenant=1', 'https://h:8443/.well-known/oauth-protected-resource/a/b?tenant=1'],
    ['https://h?tenant=1', 'https://h/.well-known/oauth-protected-resource?tenant=1'],
    ['http://localhost:4445/', 'http://localhost:4445/.well-known/oauth-protected-resource'],
  ])('PRM-3-01: of %s is %s', (resource, url) => {
    expect(metadataLocation(resource).url).toBe(url)
  })

  it('PRM-3-01: taking the well-known part out again gives the identifier back', () => {
    fc.assert(
      fc.property(fc.webUrl({ validSchemes: ['https'], withQueryParameters: true }), (resource) => {
        const { url, target } = metadataLocation(resource)
        const back = url.replace('/.well-known/oauth-protected-resource', '')
        expect([back, back.replace(/^(https:\/\/[^/?]+)/, '$1/')]).toContain(resource)
        expect(url.endsWith(target)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})

describe('the document', () => {
  let api: Api
  beforeAll(async () => {
    api = await startApi({ config: { routes: routes.slice(0, 2), metadata: { name: 'Notes', documentation: 'https://docs.example/' } } })
  })
  afterAll(() => api.close())
  const path = '/.well-known/oauth-protected-resource'

  it('PRM-2-01 PRM-3.2-01 MCP-DISC-01: says who issues, what is signed how, and that binding is required', async () => {
    const answer = await api.send(`GET ${path}`)
    expect(answer.status).toBe(200)
    expect(linesOf(answer, 'content-type')).toEqual(['application/json'])
    expect(JSON.parse(answer.body)).toEqual({
      resource: api.resource,
      authorization_servers: [issuer],
      scopes_supported: ['notes:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Notes',
      resource_documentation: 'https://docs.example/',
      dpop_signing_alg_values_supported: ['ES256', 'ES384', 'ES512', 'PS256', 'EdDSA', 'Ed25519'],
      dpop_bound_access_tokens_required: true,
    })
    expect((await api.send(`HEAD ${path}`)).body).toBe('')
  })

  it('PRM-5.1-01: a challenge names exactly the place where it is served', async () => {
    const url = /resource_metadata="([^"]+)"/.exec(challenges(await api.send('GET /notes'))[0]!)![1]!
    expect(((await (await fetch(url)).json()) as { resource: string }).resource).toBe(api.resource)
  })

  it('is served at its place alone: neither beside it, nor to other methods', async () => {
    for (const start of [`GET ${path}/`, `GET ${path}?x`, `GET ${path}/notes`, `POST ${path}`, `GET /x${path}`]) {
      expect((await api.send(start)).status, start).toBe(401)
    }
  })
})

describe('required is said only while every route requires', () => {
  const reason = 'two apps cannot make proofs yet'
  const until = 1_800_000_100
  const required = { policy: 'required', path: '/a' } as const

  const says = async (config: object, now?: number): Promise<unknown> => {
    const api = await startApi({ config: { routes: [required], ...config } })
    if (now !== undefined) api.clock.set(now)
    const answer = await api.send('GET /.well-known/oauth-protected-resource')
    await api.close()
    return JSON.parse(answer.body).dpop_bound_access_tokens_required
  }

  it('PRM-2-01: optional, dated, report-only and certificate routes all silence it; public ones do not', async () => {
    expect(await says({})).toBe(true)
    expect(await says({ routes: [required, { policy: 'public', path: '/b' }] })).toBe(true)
    expect(await says({ routes: [required, { policy: 'optional', path: '/b', reason }] })).toBeUndefined()
    expect(await says({ routes: [required, { policy: 'bearer-allowed', path: '/b', reason, until }] })).toBeUndefined()
    expect(await says({ enforcement: { mode: 'report-only', reason, until } })).toBeUndefined()
    expect(
      await says({ routes: [required, { ...required, path: '/b', enforcement: { mode: 'report-only', reason, until } }] }),
    ).toBeUndefined()
    expect(await says({ constraint: 'either' })).toBeUndefined()
    expect(await says({ routes: [{ policy: 'public', path: '/b' }] })).toBeUndefined()
  })

  it('PRM-2-01: and it is said from the second on at which the last exception has ended', async () => {
    const config = { enforcement: { mode: 'report-only', reason, until } }
    expect(await says(config, until)).toBeUndefined()
    expect(await says(config, until + 1)).toBe(true)
  })

  it('PRM-3.2-01: empty members are left out, and off means off', async () => {
    const bare = await startApi({ config: { routes: [required] } })
    expect(JSON.parse((await bare.send('GET /.well-known/oauth-protected-resource')).body)).not.toHaveProperty('scopes_supported')
    await bare.close()
    const off = await startApi({ config: { routes: [required], metadata: 'off' } })
    expect((await off.send('GET /.well-known/oauth-protected-resource')).status).toBe(401)
    expect(challenges(await off.send('GET /a'))[0]).toBe('DPoP algs="ES256 ES384 ES512 PS256 EdDSA Ed25519"')
    await off.close()
  })

  it('certificate-bound tokens are announced where a route takes them', async () => {
    const api = await startApi({ config: { constraint: 'mtls', routes: [required] } })
    const document = JSON.parse((await api.send('GET /.well-known/oauth-protected-resource')).body)
    expect(document).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
    expect(document).not.toHaveProperty('dpop_signing_alg_values_supported')
    expect(challenges(await api.send('GET /a'))).toEqual([`Bearer resource_metadata="${api.url}/.well-known/oauth-protected-resource"`])
    await api.close()
  })
})
