// Pairwise clients: each sector knows a person by another name, everywhere the same one, and nobody learns the person's own.
import { createHash } from 'node:crypto'
import { createIssuer, type IssuerConfigInput, parseIssuerConfig } from '@kimei/server'
import { createMemoryStorage, type Storage } from '@kimei/storage'
import { fixedClock, type OutsideServer, sendJson, sha256u, startOutside, wireKey, wireProof } from 'testkit'
import { authorizeUrl, getTokens, type HeldTokens, refresh, startCodeKit } from 'testkit/code'
import { soundDocument, startDocumentKit } from 'testkit/documents'
import { exchangeGrant, withExchanges } from 'testkit/exchange'
import { asKeyClient, claimsOfJwt, type IssuerKit, kitApi, kitOtherApi, kitSecret, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const redirects = {
  'a-1': 'https://a.example/callback',
  'a-2': 'https://a.example/other',
  b: 'https://b.example/callback',
} as const
const secretHashes = [createHash('sha256').update(kitSecret).digest('base64url')]

function pairwise(clientId: string, redirectUris: readonly string[], more: object = {}): object {
  const scopes = ['openid', 'profile', 'offline_access', 'notes:read']
  return { clientId, kind: 'spa', name: clientId, redirectUris, scopes, apis: [kitApi], subjectType: 'pairwise', ...more }
}
const apiServer = {
  clientId: 'notes-server',
  kind: 'server',
  name: 'Notes',
  authentication: 'client_secret_basic',
  secretHashes,
  introspects: [kitApi],
}
const configOf = (...clients: object[]): IssuerConfigInput['clients'] => [...clients, apiServer] as IssuerConfigInput['clients']

/** A start, without a listener. */
async function declare(issuer: string, storage: Storage, more: object): Promise<void> {
  const apis = [{ identifier: kitApi, name: 'Notes', scopes: ['notes:read'] }]
  const scopes = [{ scope: 'notes:read', description: 'Read notes' }]
  const { context } = await createIssuer({ config: parseIssuerConfig({ issuer, apis, scopes, ...more }), storage })
  await context.keys.complete
}

let kit: IssuerKit
const clock = fixedClock()
beforeAll(async () => {
  const plain = { ...pairwise('plain', ['https://a.example/plain']), subjectType: 'public' }
  const clients = configOf(
    ...Object.entries(redirects).map(([id, uri]) => pairwise(id, [uri], { responseTypes: ['code', 'code id_token'] })),
    plain,
  )
  kit = await startCodeKit({ clock, config: { clients } })
})
afterAll(() => kit.close())

const tokensOf = (
  clientId: keyof typeof redirects | 'plain',
  username = 'hanako',
  change: Record<string, string> = {},
): Promise<HeldTokens> =>
  getTokens(
    kit,
    { clientId, redirectUri: clientId === 'plain' ? 'https://a.example/plain' : redirects[clientId], change },
    undefined,
    username,
  )
const subOf = (held: HeldTokens): unknown => claimsOfJwt(held.answer.json['id_token'])['sub']
const basic = { authorization: `Basic ${Buffer.from(`notes-server:${kitSecret}`).toString('base64')}` }

async function userinfo(held: HeldTokens): Promise<Record<string, unknown>> {
  const token = String(held.answer.json['access_token'])
  const dpop = wireProof(held.key, { method: 'GET', url: `${kit.issuer}/userinfo`, now: kit.now(), claims: { ath: sha256u(token) } })
  const answer = await fetch(`${kit.issuer}/userinfo`, { headers: { authorization: `DPoP ${token}`, dpop } })
  return (await answer.json()) as Record<string, unknown>
}

describe('a pairwise subject', () => {
  it('OIDC-8.1-01 OIDC-17.3-1: is the same in one sector, another in every other, another for every person, and nobody’s own', async () => {
    // One person signs in after the other: several at once would be taken for guessing.
    const one = await tokensOf('a-1')
    const again = await tokensOf('a-1')
    const sibling = await tokensOf('a-2')
    const other = await tokensOf('b')
    const taro = await tokensOf('a-1', 'taro')
    const own = await tokensOf('plain')
    expect(subOf(one)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect([subOf(again), subOf(sibling)]).toEqual([subOf(one), subOf(one)])
    expect(new Set([subOf(one), subOf(other), subOf(taro), subOf(own)]).size).toBe(4)
    expect(subOf(own)).toBe('user-hanako')
  })

  it('OIDC-8.1-01: is the one of every token and answer of the client; the audit log knows the person', async () => {
    const held = await tokensOf('b', 'hanako', { scope: 'openid profile offline_access notes:read', prompt: 'consent' })
    const sub = subOf(held)
    expect(claimsOfJwt(held.answer.json['access_token'])['sub']).toBe(sub)
    expect(await userinfo(held)).toMatchObject({ sub, name: '花子' })
    const told = await postForm(kit, '/introspect', { token: String(held.answer.json['access_token']) }, basic)
    expect(told.json).toMatchObject({ active: true, sub })
    const later = await refresh(kit, held, held.answer.json['refresh_token'])
    expect([later.status, claimsOfJwt(later.json['access_token'])['sub']]).toEqual([200, sub])
    expect(JSON.stringify([held.answer.json, later.json, told.json])).not.toContain('user-hanako')
    expect(kit.audit.findLast(({ event }) => event === 'token_issued')).toMatchObject({ clientId: 'b', subject: 'user-hanako' })
  })

  it('OIDC-8.1-01: is also the one of an ID token that comes through the browser', async () => {
    const { browser } = await tokensOf('b')
    const change = { response_type: 'code id_token', response_mode: 'fragment' }
    const page = await browser.open(authorizeUrl(kit, { clientId: 'b', redirectUri: redirects.b, change }).url)
    const beside = new URLSearchParams(page.url.hash.slice(1)).get('id_token')
    expect(claimsOfJwt(beside)['sub']).toBe(subOf(await tokensOf('b')))
  })

  it('OIDC-3.1.2.2-01: an id_token_hint names the person by the client’s own name', async () => {
    const held = await tokensOf('b')
    const ask = (hint: unknown) =>
      held.browser.open(
        authorizeUrl(kit, { clientId: 'b', redirectUri: redirects.b, change: { id_token_hint: String(hint), prompt: 'none' } }).url,
      )
    expect((await ask(held.answer.json['id_token'])).url.searchParams.get('code')).not.toBeNull()
    const taro = await tokensOf('b', 'taro')
    expect((await ask(taro.answer.json['id_token'])).url.searchParams.get('error')).toBe('login_required')
  })

  it('is made with a secret that no rotation changes, and that no restart makes anew', async () => {
    const before = subOf(await tokensOf('b'))
    await kit.server.rotateKeys({ force: true })
    await kit.server.rotateKeys({ force: true })
    expect(subOf(await tokensOf('b'))).toBe(before)
    const kept = (await kit.storage.records.keys(kit.issuer)).filter(({ state }) => state === 'kept')
    expect(kept).toMatchObject([{ kid: 'pairwise', version: 1 }])
    const jwks = await (await fetch(`${kit.issuer}/jwks`)).text()
    expect(jwks).not.toContain('pairwise')
  })

  it('metadata offers both types', async () => {
    const document = await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json()
    expect(document).toMatchObject({ subject_types_supported: ['public', 'pairwise'] })
  })
})

describe('its sector', () => {
  let site: OutsideServer
  let listed: unknown = ['https://a.example/callback', 'https://b.example/callback']
  beforeAll(async () => {
    site = await startOutside((_request, response) => sendJson(response, listed))
  })
  afterAll(() => site.close())
  const sectored = (redirectUris: readonly string[], more: object = {}) =>
    pairwise('many', redirectUris, { sectorIdentifierUri: `${site.origin}/sector.json`, ...more })
  const config = (client: object) => ({ outbound: { allow: [{ origin: site.origin }] }, clients: configOf(client) })

  it('OIDC-8.1-01: may span hosts where its document lists every redirect URI; it is asked once, not at every start', async () => {
    const client = sectored(['https://a.example/callback', 'https://b.example/callback'])
    const own = await startCodeKit({ config: config(client) })
    const one = await getTokens(own, { clientId: 'many', redirectUri: 'https://a.example/callback' })
    const other = await getTokens(own, { clientId: 'many', redirectUri: 'https://b.example/callback' })
    expect(subOf(one)).toBe(subOf(other))
    const asked = site.asked.length
    await declare(own.issuer, own.storage, config(client))
    expect(site.asked).toHaveLength(asked)
    expect(await own.storage.records.client(own.issuer, 'many')).toMatchObject({ sector: '127.0.0.1', version: 1 })
    await own.close()
  })

  it.each([
    ['lacks a redirect URI', ['https://a.example/callback'], 'registration.sector-lists-redirects'],
    ['is no list', { uris: [] }, 'registration.sector-is-readable'],
    ['is a list of other things', [1, 2], 'registration.sector-is-readable'],
  ])('OIDC-8.1-01: a document that %s stops the start', async (_what, document, rule) => {
    const before = listed
    listed = document
    const client = sectored(['https://a.example/callback', 'https://b.example/callback'])
    await expect(declare('https://id.example', createMemoryStorage(), config(client))).rejects.toThrow(rule)
    listed = before
  })

  it('a document that cannot be had stops the start, by the name of the reason', async () => {
    const client = sectored(['https://a.example/callback'], { sectorIdentifierUri: 'https://127.0.0.1/sector.json' })
    await expect(declare('https://id.example', createMemoryStorage(), config(client))).rejects.toThrow('outbound.addresses-are-public')
  })

  it('OIDC-8.1-01: does not become another one unnoticed', async () => {
    const storage = createMemoryStorage()
    const issuer = 'https://id.example'
    await declare(issuer, storage, { clients: configOf(pairwise('moving', ['https://old.example/cb'])) })
    const moved = pairwise('moving', ['https://new.example/cb'])
    await expect(declare(issuer, storage, { clients: configOf(moved) })).rejects.toThrow('its people strangers')
    await declare(issuer, storage, { clients: configOf({ ...moved, dangerouslyChangeSubjects: true }) })
    expect(await storage.records.client(issuer, 'moving')).toMatchObject({ sector: 'new.example' })
    await storage.close()
  })
})

it('OIDC-8.1-01: a token that is exchanged is about the same person, by the name that the new holder knows', async () => {
  const own = await startCodeKit({
    extend: (whole) => {
      const extended = withExchanges(whole)
      return { ...extended, clients: [...(extended.clients ?? []), pairwise('a-1', [redirects['a-1']])] as IssuerConfigInput['clients'] }
    },
  })
  const held = await getTokens(own, {
    clientId: 'a-1',
    redirectUri: redirects['a-1'],
    change: { scope: 'notes:read', resource: kitApi },
  })
  expect(claimsOfJwt(held.answer.json['access_token'])['sub']).not.toBe('user-hanako')
  const form = {
    grant_type: exchangeGrant,
    subject_token: String(held.answer.json['access_token']),
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    resource: kitOtherApi,
    ...asKeyClient(own, 'front'),
  }
  const answer = await postForm(own, '/token', form, { dpop: tokenProof(own, wireKey()) })
  expect([answer.status, claimsOfJwt(answer.json['access_token'])['sub']]).toEqual([200, 'user-hanako'])
  await own.close()
})

describe('clients that describe themselves', () => {
  const metadata = { redirect_uris: ['https://c.example/cb'], subject_type: 'pairwise', token_endpoint_auth_method: 'none' }
  const sectorOf = async (at: IssuerKit, clientId: string) => (await at.storage.records.client(at.issuer, clientId))?.sector

  it('OIDC-8.1-01: a registered one has its sector, and is refused without one', async () => {
    const policy = { scopes: ['openid', 'notes:read'], apis: [kitApi], authentication: ['none'] }
    const registration = { mode: 'open', policy } as unknown as NonNullable<IssuerConfigInput['registration']>
    const open = await startCodeKit({ config: { registration } })
    const register = async (body: object) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${open.issuer}/register`, { method: 'POST', headers, body: JSON.stringify(body) })
      return (await answer.json()) as Record<string, unknown>
    }
    const clientId = String((await register(metadata))['client_id'])
    const held = await getTokens(open, { clientId, redirectUri: 'https://c.example/cb', change: { scope: 'openid notes:read' } })
    expect([subOf(held), await sectorOf(open, clientId)]).toEqual([expect.stringMatching(/^[\w-]{43}$/), 'c.example'])
    const shared = { ...metadata, redirect_uris: ['http://127.0.0.1/cb'], application_type: 'native' }
    expect(await register(shared)).toMatchObject({ error: 'invalid_client_metadata' })
    await open.close()
  })

  it('OIDC-8.1-01: one that comes by a document, too; a sector of somebody else is refused', async () => {
    const made = await startDocumentKit()
    const clientId = made.publish('/app.json', { ...soundDocument, ...metadata })
    const held = await getTokens(made.kit, { clientId, redirectUri: 'https://c.example/cb' })
    expect([subOf(held), await sectorOf(made.kit, clientId)]).toEqual([expect.stringMatching(/^[\w-]{43}$/), 'c.example'])
    const sector_identifier_uri = made.answerAt('/sector.json', (response) => sendJson(response, ['https://victim.example/cb']))
    const thief = made.publish('/thief.json', { ...soundDocument, ...metadata, sector_identifier_uri })
    const { url } = authorizeUrl(made.kit, { clientId: thief, redirectUri: 'https://c.example/cb' })
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(400)
    expect(made.kit.audit.at(-1)?.rule).toBe('registration.sector-lists-redirects')
    await made.close()
  })
})
