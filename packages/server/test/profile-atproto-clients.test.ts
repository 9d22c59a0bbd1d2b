// Clients under the atproto profile: what their documents must say, the one for development, and the key that a sign-in keeps.
import { atprotoDevelopmentClient, type ClientDraft, checkAtprotoClient, type Law, wholeLaw } from '@kimei/protocol'
import { wireKey, wireProof } from 'testkit'
import { authorizeUrl, startCodeKit, walkForms } from 'testkit/code'
import { assertionType, type IssuerKit, kitApi, kitAssertion, kitRedirect, postForm } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const clientId = 'https://app.example/client.json'
const terms = {
  issuer: 'https://id.example',
  clientId,
  source: 'document' as const,
  scopes: ['atproto', 'notes:read'],
  resources: [kitApi],
  binding: { kind: 'required' as const },
  dangerouslyAcceptTokenEndpointAudience: false,
  dangerouslyAllowWithoutPkce: false,
}
const sound = {
  client_id: clientId,
  dpop_bound_access_tokens: true,
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  scope: 'atproto',
}
const judged = (change: object, id = clientId, redirectUris: readonly string[] = ['https://app.example/callback'], law: Law = wholeLaw) =>
  checkAtprotoClient(JSON.stringify({ ...sound, ...change }), { clientId: id, redirectUris } as unknown as ClientDraft, law)?.broken

describe('the document of a client', () => {
  it('ATP-CLIENT-01: says that it binds, names its flow and atproto, and stands at a host without port', () => {
    expect(judged({})).toBeUndefined()
    for (const value of [undefined, false, 'true'])
      expect(judged({ dpop_bound_access_tokens: value })).toBe('atproto-client.binds-its-tokens')
    for (const value of [undefined, [], ['refresh_token']]) expect(judged({ grant_types: value })).toBe('atproto-client.names-its-flow')
    expect(judged({ response_types: undefined })).toBe('atproto-client.names-its-flow')
    for (const value of [undefined, '', 'notes:read', 'atprotos']) expect(judged({ scope: value })).toBe('atproto-client.asks-for-atproto')
    expect(judged({}, 'https://app.example:8443/client.json')).toBe('atproto-client.id-has-no-port')
  })

  it('ATP-CLIENT-02: is answered at its own origin, at loopback, or under its host in reverse', () => {
    for (const uri of ['https://app.example/cb', 'http://127.0.0.1/cb', 'example.app:/cb'])
      expect(judged({}, clientId, [uri]), uri).toBeUndefined()
    for (const uri of ['com.evil:/cb', 'https://other.example/cb', 'app.example:/cb', 'example.app://cb']) {
      expect(judged({}, clientId, [uri]), uri).toBe('atproto-client.returns-to-itself')
    }
  })

  it('ATP-CLIENT-01: the client for development is http://localhost and nothing like it', () => {
    const client = (id: string) => atprotoDevelopmentClient({ ...terms, clientId: id })
    expect(client('http://localhost')).toMatchObject({ redirectUris: ['http://127.0.0.1/', 'http://[::1]/'], scopes: ['atproto'] })
    const asked = new URLSearchParams({ redirect_uri: 'http://127.0.0.1/cb', scope: 'atproto notes:read unknown' })
    expect(client(`http://localhost/?${asked}`)).toMatchObject({ redirectUris: ['http://127.0.0.1/cb'], scopes: ['atproto', 'notes:read'] })
    for (const id of [
      'http://localhost:8080',
      'http://localhost/path',
      'http://localhost.evil.example',
      'https://localhost',
      'http://127.0.0.1',
      'http://localhost?scope=notes:read',
      'http://localhost?other=1',
      'http://localhost?redirect_uri=https%3A%2F%2Fevil.example%2Fcb',
      'http://localhost?redirect_uri=http%3A%2F%2Flocalhost%2Fcb',
      'http://localhost#part',
    ]) {
      expect(client(id), id).toBeUndefined()
    }
  })
})

describe('a confidential client', () => {
  let kit: IssuerKit
  const [first, second] = [wireKey('ES256', 'first'), wireKey('ES256', 'second')] as const
  beforeAll(async () => {
    const keys = [first, second].map((key) => ({ ...key.publicJwk, kty: 'EC' as const, kid: key.kid }))
    const client = { clientId: 'web', kind: 'server' as const, name: 'Web', jwks: { keys }, redirectUris: [kitRedirect] }
    kit = await startCodeKit({
      clientKey: first,
      config: { profile: 'atproto', clients: [{ ...client, scopes: ['atproto', 'notes:read'], apis: [kitApi] }] },
    })
  })
  afterAll(() => kit.close())

  const by = (key = first) => ({
    client_assertion_type: assertionType,
    client_assertion: kitAssertion(kit, 'web', { key, header: { kid: key.kid } }),
  })
  /** Posts with a proof; asks again with the nonce that it is given. */
  async function send(path: string, form: () => Record<string, string>, key: ReturnType<typeof wireKey>) {
    const proof = (nonce?: string) =>
      wireProof(key, { method: 'POST', url: `${kit.issuer}${path}`, now: kit.now(), ...(nonce && { nonce }) })
    const first = await postForm(kit, path, form(), { dpop: proof() })
    return postForm(kit, path, form(), { dpop: proof(first.headers.get('dpop-nonce') ?? '') })
  }

  it('ATP-TOK-03, ATP-TOK-02: refreshes once with each token, by the key it began with and the proof key it began with', async () => {
    const key = wireKey()
    const open = authorizeUrl(kit, { clientId: 'web', change: { scope: 'atproto notes:read' } })
    const pushed = await send('/par', () => ({ ...Object.fromEntries(new URL(open.url).searchParams), ...by() }), key)
    const use = new URLSearchParams({ client_id: 'web', request_uri: String(pushed.json['request_uri']) })
    const { landed } = await walkForms(kit, `${kit.issuer}/authorize?${use}`)
    const redeem = { grant_type: 'authorization_code', code: landed.searchParams.get('code') ?? '', code_verifier: open.verifier }
    const tokens = await send('/token', () => ({ ...redeem, redirect_uri: kitRedirect, ...by() }), key)
    expect(tokens.json).toMatchObject({ sub: 'user-hanako', scope: 'atproto notes:read', token_type: 'DPoP' })
    const refresh = (by: Record<string, string>) => ({
      grant_type: 'refresh_token',
      refresh_token: String(tokens.json['refresh_token']),
      ...by,
    })
    const otherKey = await send('/token', () => refresh(by(second)), key)
    expect([otherKey.status, otherKey.json['error']]).toEqual([400, 'invalid_grant'])
    expect(kit.audit.at(-1)).toMatchObject({ rule: 'refresh.client-key-is-the-first' })
    const otherProof = await send('/token', () => refresh(by()), wireKey())
    expect([otherProof.status, otherProof.json['error']]).toEqual([400, 'invalid_grant'])
    const renewed = await send('/token', () => refresh(by()), key)
    expect(renewed.status).toBe(200)
    expect(renewed.json['refresh_token']).not.toBe(tokens.json['refresh_token'])
  })
})
