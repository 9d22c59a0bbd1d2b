// Clients whose id is the URL of a document about them (CIMD): found, refused, kept, and what a person is told of them.

import { authorizeUrl, getTokens, refresh } from 'testkit/code'
import { type DocumentKit, documentRedirect, soundDocument, startDocumentKit } from 'testkit/documents'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let made: DocumentKit
const now = 1_800_000_000
beforeAll(async () => {
  made = await startDocumentKit({ clock: () => now })
})
afterAll(() => made.close())

let paths = 0
const nextPath = (): string => {
  paths += 1
  return `/app-${paths}.json`
}
const publish = (change: object = {}, headers?: Record<string, string>): string =>
  made.publish(nextPath(), { ...soundDocument, ...change }, headers)
const ask = (clientId: string, change: Record<string, string> = {}) =>
  authorizeUrl(made.kit, { clientId, redirectUri: documentRedirect, change })
const open = (url: string) => fetch(url, { redirect: 'manual' })
const timesAsked = (clientId: string): number => made.site.asked.filter((path) => path === new URL(clientId).pathname).length
const lastRefusal = () => made.kit.audit.findLast(({ event }) => event === 'authorization_refused')

/** What an authorization request of this client comes to. */
async function refusalOf(clientId: string): Promise<unknown[]> {
  const answer = await open(ask(clientId).url)
  const text = await answer.text()
  expect(text).not.toContain('secret-of-the-site')
  const rule = lastRefusal()?.rule
  // The page tells its publisher what is wrong with a document, and nobody what the issuer can reach.
  expect(text.includes(String(rule))).toBe(!rule?.startsWith('outbound.'))
  return [answer.status, rule]
}

describe('the document', () => {
  it('CIMD-6-01: metadata says that they are served; without the switch it says nothing, and nothing is fetched', async () => {
    const at = (issuer: string) => fetch(`${issuer}/.well-known/oauth-authorization-server`).then((answer) => answer.json())
    expect(await at(made.kit.issuer)).toMatchObject({ client_id_metadata_document_supported: true })
    const off = await startDocumentKit({ documents: { enabled: false } })
    expect(await at(off.kit.issuer)).not.toHaveProperty('client_id_metadata_document_supported')
    const clientId = off.publish('/app.json', soundDocument)
    const { url } = authorizeUrl(off.kit, { clientId, redirectUri: documentRedirect })
    expect([(await open(url)).status, off.site.asked]).toEqual([400, []])
    await off.close()
  })

  it('CIMD-4-01: a client that nobody registered signs its person in, and refreshes', async () => {
    const clientId = publish()
    const held = await getTokens(made.kit, {
      clientId,
      redirectUri: documentRedirect,
      change: { scope: 'openid offline_access notes:read', prompt: 'consent' },
    })
    expect([held.answer.status, held.answer.json['token_type']]).toEqual([200, 'DPoP'])
    expect((await refresh(made.kit, held, held.answer.json['refresh_token'])).status).toBe(200)
    expect(timesAsked(clientId)).toBe(1)
    const stored = await made.kit.storage.records.client(made.kit.issuer, clientId)
    expect(stored).toMatchObject({ source: 'document', version: 1, kind: 'spa', secretHashes: [] })
  })

  it('nothing is stored for a client that no person has agreed to', async () => {
    const clientId = publish()
    expect((await open(ask(clientId).url)).status).toBe(303)
    expect(await made.kit.storage.records.client(made.kit.issuer, clientId)).toBeUndefined()
  })

  it('members that the issuer does not know or does not do are passed over, as are links to other places', async () => {
    const clientId = publish({
      client_uri: 'https://elsewhere.example/',
      logo_uri: 'https://elsewhere.example/logo.svg',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code', 'client_credentials', 'magic'],
      response_types: ['code', 'token'],
      scope: 'notes:read magic:scope',
      client_name: 'From elsewhere',
      future_member: { deep: [1, 2] },
    })
    expect((await open(ask(clientId, { scope: 'notes:read' }).url)).status).toBe(303)
    const client = await made.kit.server.context.directory.client(clientId)
    expect(client).toMatchObject({ grants: ['authorization_code', 'refresh_token'], scopes: ['notes:read'] })
  })

  it('a desktop app with an https and loopback redirect URIs, any port, the way editors publish theirs', async () => {
    const { application_type: _, ...document } = soundDocument
    const clientId = made.publish(nextPath(), {
      ...document,
      redirect_uris: ['https://clients.example/redirect', 'http://127.0.0.1:33418/', 'http://localhost/cb'],
    })
    for (const redirectUri of ['https://clients.example/redirect', 'http://127.0.0.1:50000/', 'http://localhost:50000/cb']) {
      expect((await open(authorizeUrl(made.kit, { clientId, redirectUri }).url)).status).toBe(303)
    }
    const { url } = authorizeUrl(made.kit, { clientId, redirectUri: 'http://127.0.0.1:50000/other' })
    expect((await open(url)).status).toBe(400)
  })

  it.each([
    ['another client id', { client_id: 'https://clients.example/other.json' }, 'client-document.client-id-is-its-url'],
    ['no client id', { client_id: undefined }, 'client-document.client-id-is-its-url'],
    ['a secret method', { token_endpoint_auth_method: 'client_secret_basic' }, 'client-document.has-no-shared-secret'],
    ['a secret method by JWT', { token_endpoint_auth_method: 'client_secret_jwt' }, 'client-document.has-no-shared-secret'],
    ['a secret', { client_secret: 'secret-of-the-site' }, 'client-document.has-no-shared-secret'],
    ['the end of a secret', { client_secret_expires_at: 0 }, 'client-document.has-no-shared-secret'],
    ['a private key', { jwks: { keys: [{ kty: 'EC', crv: 'P-256', d: 'secret-of-the-site' }] } }, 'client-metadata.keys-are-public'],
    ['keys both ways', { jwks: { keys: [] }, jwks_uri: 'https://clients.example/k' }, 'registration.keys-come-one-way'],
    ['a method that signs, and no keys', { token_endpoint_auth_method: 'private_key_jwt' }, 'client-document.describes-a-sound-client'],
    ['no redirect URI', { redirect_uris: [] }, 'client-document.describes-a-sound-client'],
    ['a redirect URI with a script', { redirect_uris: ['javascript:alert(1)'] }, 'redirect-uri.scheme-is-safe'],
    ['a list that is a text', { redirect_uris: documentRedirect }, 'registration.members-have-their-types'],
  ])('CIMD-4.1-01, CIMD-4-01: with %s it is refused', async (_what, change, rule) => {
    expect(await refusalOf(publish(change))).toEqual([400, rule])
  })

  it.each([
    ['a redirect', 301, 'outbound.is-not-redirected'],
    ['no content', 204, 'outbound.status-is-success'],
    ['not found', 404, 'outbound.status-is-success'],
    ['a fault', 500, 'outbound.status-is-success'],
  ])('CIMD-4-01: %s instead of it is refused', async (_what, status, rule) => {
    const clientId = made.answerAt(nextPath(), (response) => response.writeHead(status, { location: '/app-1.json' }).end())
    expect(await refusalOf(clientId)).toEqual([400, rule])
  })

  it('CIMD-8.6-01: too long, not JSON, JSON twice over, HTML: refused', async () => {
    expect(await refusalOf(publish({ padding: 'x'.repeat(5200) }))).toEqual([400, 'outbound.body-is-bounded'])
    const says = (text: string, type = 'application/json') =>
      made.answerAt(nextPath(), (response) => response.writeHead(200, { 'content-type': type }).end(text))
    expect(await refusalOf(says('{"client_id":'))).toEqual([400, 'client-document.is-a-json-object'])
    expect(await refusalOf(says('[]'))).toEqual([400, 'client-document.is-a-json-object'])
    expect(await refusalOf(says('{"client_id":"a","client_id":"b"}'))).toEqual([400, 'client-document.is-a-json-object'])
    expect(await refusalOf(says('<p>secret-of-the-site</p>', 'text/html'))).toEqual([400, 'outbound.content-type-is-asked-for'])
  })

  it.each([
    ['http://clients.example/app', 'client-id.is-an-https-url'],
    ['HTTPS://clients.example/app', 'client-id.is-an-https-url'],
    ['https://clients.example', 'client-id.has-a-path'],
    ['https://clients.example/a/../app', 'client-id.path-has-no-dots'],
    ['https://clients.example/./app', 'client-id.path-has-no-dots'],
    ['https://clients.example/a/%2E%2e/app', 'client-id.path-has-no-dots'],
    ['https://someone@clients.example/app', 'client-id.has-no-user-information'],
    ['https://clients.example/app#part', 'client-id.has-no-fragment'],
    ['https://10.0.0.1/app', 'outbound.addresses-are-public'],
    ['https://[::ffff:169.254.169.254]/app', 'outbound.addresses-are-public'],
    ['https://clients.example:8443/app', 'outbound.port-is-usual'],
  ])('CIMD-3-01, CIMD-8.6-01: %s is refused, and nobody is asked', async (clientId, rule) => {
    const before = made.site.asked.length
    expect(await refusalOf(clientId)).toEqual([400, rule])
    expect(made.site.asked).toHaveLength(before)
  })

  it('CIMD-3-01: another spelling of the same address is another client, which the document does not name', async () => {
    const clientId = publish()
    expect(await refusalOf(clientId.replace('clients.example', 'CLIENTS.example'))).toEqual([400, 'client-document.client-id-is-its-url'])
    expect(await refusalOf(`${clientId}?`)).toEqual([400, 'client-document.client-id-is-its-url'])
  })

  it('only origins that the operator allows are asked', async () => {
    const picky = await startDocumentKit({ documents: { allow: ['https://app.example', 'https://*.apps.example'] } })
    const { url } = authorizeUrl(picky.kit, { clientId: picky.publish('/app.json', soundDocument), redirectUri: documentRedirect })
    expect((await open(url)).status).toBe(400)
    expect(picky.site.asked).toEqual([])
    expect(picky.kit.audit.at(-1)?.rule).toBe('client-id.origin-is-allowed')
    await picky.close()
  })
})
