// Request objects by reference over real HTTP (RFC 9101 §5.2.3, OpenID Connect Core §6.2): what is fetched, and above all what is not.
import { Misuse } from '@kimei/protocol'
import { type OutsideServer, sha256u, startOutside } from 'testkit'
import { walkForms } from 'testkit/code'
import { kitRedirect, postForm } from 'testkit/issuer'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'
import { ask, carryUrl, type RequestKit, signedRequest, startRequestKit } from './request-kit.ts'

let kit: RequestKit
let outside: OutsideServer
let content: { readonly type: string; readonly text: string; readonly status?: number }
beforeAll(async () => {
  outside = await startOutside((_request, response) => {
    response.writeHead(content.status ?? 200, { 'content-type': content.type, location: 'http://127.0.0.1:1/' }).end(content.text)
  })
  const { origin } = outside
  const requestUris = [`${origin}/request`, `${origin}/pinned#${sha256u('pinned')}`, 'http://127.0.0.1:9/unlisted']
  kit = await startRequestKit({ config: { outbound: { allow: [{ origin }] } } }, [{ clientId: 'referring', requestUris }])
})
afterAll(async () => {
  await kit.close()
  await outside.close()
})
beforeEach(() => {
  outside.asked.length = 0
  publish(signedRequest(kit, { clientId: 'referring' }).object)
})

function publish(text: string, type = 'application/oauth-authz-req+jwt', status?: number): void {
  content = { text, type, ...(status !== undefined && { status }) }
}
const refer = (requestUri: string, more: Record<string, string> = {}) =>
  ask(carryUrl(kit, { client_id: 'referring', request_uri: requestUri, redirect_uri: kitRedirect, state: 'outside', ...more }))
const errorOf = async (requestUri: string, more: Record<string, string> = {}) =>
  (await refer(requestUri, more)).to?.searchParams.get('error')

describe('a registered request_uri', () => {
  it('JAR-5.2-01 JAR-4-01: is fetched, and only what is inside is used', async () => {
    const url = carryUrl(kit, { client_id: 'referring', request_uri: `${outside.origin}/request`, scope: 'admin', state: 'outside' })
    const { landed } = await walkForms(kit, url)
    expect([landed.searchParams.get('state'), landed.searchParams.get('code')?.length]).toEqual(['state-1', 43])
    expect(outside.asked).toEqual(['/request'])
  })

  it('JAR-5.2-01: a fragment is the hash of the content, which then is fetched once', async () => {
    const { object } = signedRequest(kit, { clientId: 'referring' })
    publish(object, 'application/jwt')
    const uri = `${outside.origin}/request#${sha256u(object)}`
    for (let i = 0; i < 3; i += 1) expect((await refer(uri)).to?.pathname).toBe('/signin')
    expect(outside.asked).toEqual(['/request'])
    expect(await errorOf(`${outside.origin}/request#${sha256u('other')}`)).toBe('invalid_request_uri')
  })

  it('JAR-6.2-01: what is fetched is judged like what is sent', async () => {
    for (const text of ['', 'nonsense', 'eyJhbGciOiJub25lIn0.e30.', signedRequest(kit, { clientId: 'other' }).object]) {
      publish(text)
      expect(await errorOf(`${outside.origin}/request`), text.slice(0, 20)).toBe('invalid_request_object')
    }
    publish(signedRequest(kit, { clientId: 'referring', claims: { request_uri: `${outside.origin}/request` } }).object)
    expect(await errorOf(`${outside.origin}/request`)).toBe('invalid_request_object')
    expect(outside.asked).toHaveLength(5)
  })

  it('JAR-5.2-01: another media type, another status, a redirect or too much is invalid_request_uri, with one sentence for all', async () => {
    const { object } = signedRequest(kit, { clientId: 'referring' })
    const said = new Set<string | null | undefined>()
    for (const how of [
      [object, 'text/html'],
      [object, 'application/jwt', 404],
      [object, 'application/jwt', 302],
      ['x'.repeat(40_000), 'application/jwt'],
    ] as const) {
      publish(how[0], how[1], how[2])
      const { to } = await refer(`${outside.origin}/request`)
      expect([to?.searchParams.get('error'), to?.searchParams.get('state')]).toEqual(['invalid_request_uri', 'outside'])
      said.add(to?.searchParams.get('error_description'))
    }
    expect(await errorOf('http://127.0.0.1:9/unlisted')).toBe('invalid_request_uri')
    expect(said.size).toBe(1)
  })
})

describe('any other request_uri', () => {
  it('JAR-5.2-01: that is not registered character by character is invalid_request_uri, with no fetch', async () => {
    const { origin } = outside
    const others = [
      `${origin}/request/`,
      `${origin}/request?x=1`,
      `${origin}/Request`,
      `${origin}/re%71uest`,
      `${origin}/pinned`,
      `${origin}/pinned#${sha256u('other')}`,
      `${origin.replace('127.0.0.1', 'localhost')}/request`,
      'http://169.254.169.254/latest/meta-data/',
      'https://evil.example/request',
      'file:///etc/passwd',
      'urn:other:request',
      'urn:ietf:params:oauth:request_ur:x',
      'x',
    ]
    for (const uri of others) expect(await errorOf(uri), uri).toBe('invalid_request_uri')
    expect(await errorOf(`${origin}/request`, { client_id: 'signer' })).toBe('invalid_request_uri')
    expect(outside.asked).toEqual([])
  })

  it('JAR-5-01: beside request, twice, for nobody, or pushed: refused, with no fetch', async () => {
    const uri = `${outside.origin}/request`
    expect(await errorOf(uri, { request: 'e30.e30.e30' })).toBe('invalid_request')
    const twice = `${carryUrl(kit, { client_id: 'referring', request_uri: uri })}&request_uri=${encodeURIComponent(uri)}`
    expect((await ask(twice)).status).toBe(400)
    expect((await refer(uri, { client_id: 'nobody' })).status).toBe(400)
    const pushed = await postForm(kit, '/par', { client_id: 'referring', request_uri: uri })
    expect([pushed.status, pushed.json['error']]).toEqual([400, 'invalid_request'])
    expect(outside.asked).toEqual([])
  })

  it('JAR-5.2-01: only https, or a program on this computer, can be declared', () => {
    const client = { clientId: 'x', kind: 'spa' as const, name: 'X', redirectUris: [kitRedirect], scopes: ['openid'] }
    const declared = (uri: string) => () =>
      parseIssuerConfig({ issuer: 'https://id.example', clients: [{ ...client, requestUris: [uri] }] })
    for (const uri of [
      'http://app.example/r',
      'https://u:p@app.example/r',
      'urn:x',
      'https://app.example/r#short',
      'https://app.example/r#a#b',
      `https://app.example/${'x'.repeat(500)}`,
    ]) {
      expect(declared(uri), uri).toThrow(Misuse)
    }
    for (const uri of ['https://app.example/r', `https://app.example/r#${sha256u('x')}`, 'http://127.0.0.1:8080/r'])
      expect(declared(uri), uri).not.toThrow()
  })
})
