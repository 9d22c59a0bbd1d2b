// What is kept of clients that come by a document: freshness, keys, consents; and what a person is told of them.
import { wireKey } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, getTokens, kitPassword, redemption, refresh, walkForms } from 'testkit/code'
import { type DocumentKit, documentRedirect, soundDocument, startDocumentKit } from 'testkit/documents'
import { assertionType, kitAssertion, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let made: DocumentKit
let now = 1_800_000_000
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

describe('its keys', () => {
  const keyed = (key: ReturnType<typeof wireKey>, more: object = {}) => ({
    ...soundDocument,
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...key.publicJwk, kid: key.kid }] },
    ...more,
  })

  it('CIMD-8.2-01: a client that signs has to sign, with a key of its document', async () => {
    const key = wireKey('ES256', 'document-key')
    const clientId = made.publish(nextPath(), keyed(key))
    const proofKey = wireKey()
    const opened = authorizeUrl(made.kit, { clientId, redirectUri: documentRedirect })
    const { landed } = await walkForms(made.kit, opened.url)
    const { client_id: _, ...form } = redemption(made.kit, opened, landed.searchParams.get('code') ?? '')
    const send = (who: Record<string, string>) =>
      postForm(made.kit, '/token', { ...form, ...who }, { dpop: tokenProof(made.kit, proofKey) })
    const signed = (by: typeof key) => ({
      client_assertion_type: assertionType,
      client_assertion: kitAssertion(made.kit, clientId, { key: by, header: { kid: by.kid } }),
    })
    expect(await send({ client_id: clientId })).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    expect(await send(signed(wireKey('ES256', 'document-key')))).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    expect((await send(signed(key))).status).toBe(200)
  })

  it('CIMD-8.2-01: keys may stand at its jwks_uri, and the plural of the method is read', async () => {
    const key = wireKey('ES256', 'remote-key')
    const jwks_uri = made.answerAt(nextPath(), (response) =>
      response
        .writeHead(200, { 'content-type': 'application/jwk-set+json' })
        .end(JSON.stringify({ keys: [{ ...key.publicJwk, kid: key.kid }] })),
    )
    const { token_endpoint_auth_method: _, ...document } = soundDocument
    const clientId = made.publish(nextPath(), { ...document, jwks_uri, token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'] })
    const client_assertion = kitAssertion(made.kit, clientId, { key, header: { kid: key.kid } })
    const refused = await postForm(made.kit, '/token', {
      grant_type: 'client_credentials',
      client_assertion_type: assertionType,
      client_assertion,
    })
    // Known by its key; client credentials are not for strangers.
    expect([refused.status, refused.json['error']]).toEqual([400, 'unauthorized_client'])
    expect(timesAsked(jwks_uri)).toBe(1)
  })

  it('CIMD-8.2-01: when all its keys are others, earlier grants end and the person is asked again; a rotation changes nothing', async () => {
    const [first, second, third] = [wireKey('ES256', 'k1'), wireKey('ES256', 'k2'), wireKey('ES256', 'k3')]
    const path = nextPath()
    const set = (...keys: (typeof first)[]) => ({ keys: keys.map((key) => ({ ...key.publicJwk, kid: key.kid })) })
    const clientId = made.publish(path, keyed(first))
    const proofKey = wireKey()
    const opened = authorizeUrl(made.kit, { clientId, redirectUri: documentRedirect })
    const { landed, browser } = await walkForms(made.kit, opened.url)
    const send = (form: Record<string, string>, by: typeof first) => {
      const client_assertion = kitAssertion(made.kit, clientId, { key: by, header: { kid: by.kid } })
      const { client_id: _, ...rest } = form
      return postForm(
        made.kit,
        '/token',
        { ...rest, client_assertion_type: assertionType, client_assertion },
        { dpop: tokenProof(made.kit, proofKey) },
      )
    }
    const tokens = await send(redemption(made.kit, opened, landed.searchParams.get('code') ?? ''), first)
    const refreshing = { grant_type: 'refresh_token', refresh_token: String(tokens.json['refresh_token']) }
    made.publish(path, keyed(first, { jwks: set(first, second) }))
    now += 601
    expect((await send(refreshing, second)).status).toBe(200)
    const silent = () => browser.open(authorizeUrl(made.kit, { clientId, redirectUri: documentRedirect }).url)
    expect((await silent()).url.searchParams.get('code')).not.toBeNull()
    made.publish(path, keyed(third))
    now += 601
    expect(await send(refreshing, third)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(made.kit.audit.at(-1)?.rule).toBe('refresh.grant-is-of-these-keys')
    expect(made.kit.audit.filter(({ event, clientId: of }) => event === 'client_document_changed' && of === clientId)).toMatchObject([
      { keys: true },
    ])
    expect((await silent()).text).toContain('id="consent-allow"')
  })
})

describe('keeping it', () => {
  it('CIMD-5.2-01: as long as it says within bounds; an error is never kept, and asked about rarely', async () => {
    const path = nextPath()
    const clientId = made.publish(path, soundDocument, { 'cache-control': 'max-age=5' })
    const silently = async () => (await open(ask(clientId).url)).status
    expect([await silently(), await silently(), timesAsked(clientId)]).toEqual([303, 303, 1])
    now += 60
    made.answerAt(path, (response) => response.writeHead(500).end())
    expect([await silently(), await silently(), timesAsked(clientId)]).toEqual([400, 400, 2])
    expect(lastRefusal()?.rule).toBe('client-document.is-asked-for-rarely')
    made.publish(path, soundDocument)
    now += 5
    expect([await silently(), timesAsked(clientId)]).toEqual([303, 3])
  })

  it('requests that come at the same moment share one fetch', async () => {
    const clientId = publish()
    const answers = await Promise.all(Array.from({ length: 12 }, () => open(ask(clientId).url)))
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(303))
    expect(timesAsked(clientId)).toBe(1)
  })

  it('CIMD-8.2-01: other redirect URIs hold at once, and the person is asked again', async () => {
    const path = nextPath()
    const clientId = made.publish(path, soundDocument)
    const { browser } = await walkForms(made.kit, ask(clientId).url)
    expect((await browser.open(ask(clientId).url)).url.searchParams.get('code')).not.toBeNull()
    made.publish(path, { ...soundDocument, redirect_uris: ['https://clients.example/moved'] })
    now += 601
    expect((await open(ask(clientId).url)).status).toBe(400)
    const moved = authorizeUrl(made.kit, { clientId, redirectUri: 'https://clients.example/moved' })
    expect((await browser.open(moved.url)).text).toContain('id="consent-allow"')
  })

  it('a client that people agreed to outlives an outage of its site for a day, but not its own word that it is gone', async () => {
    const path = nextPath()
    const clientId = made.publish(path, soundDocument)
    const held = await getTokens(made.kit, {
      clientId,
      redirectUri: documentRedirect,
      change: { scope: 'openid offline_access', prompt: 'consent' },
    })
    made.answerAt(path, (response) => response.socket?.destroy())
    now += 700
    const again = await refresh(made.kit, held, held.answer.json['refresh_token'])
    expect(again.status).toBe(200)
    made.answerAt(path, (response) => response.writeHead(410).end())
    now += 10
    expect(await refresh(made.kit, held, again.json['refresh_token'])).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    made.answerAt(path, (response) => response.socket?.destroy())
    now += 86_400
    expect((await refresh(made.kit, held, again.json['refresh_token'])).status).toBe(401)
  })
})

describe('what a person is told', () => {
  const consentOf = async (language: string, change: object = {}) => {
    const who = formBrowser(made.kit.issuer, { 'accept-language': language })
    const page = await who.open(ask(publish(change)).url)
    return (await who.press(page, 'login-submit', { username: 'hanako', password: kitPassword })).text
  }

  it('CIMD-8.5-01: where the app is published, where the answer goes, and that its name is its own word; no picture of its', async () => {
    const text = await consentOf('en', { logo_uri: 'https://clients.example/logo.png', client_name: 'Your Bank' })
    expect(text).toContain('Your Bank asks for your permission')
    expect(text).toContain('The app chose this name itself')
    expect(text).toContain(`<strong>clients.example:${made.site.port}</strong>`)
    expect(text).toContain('<strong>clients.example</strong>')
    expect(text).not.toContain('logo.png')
    const japanese = await consentOf('ja', { 'client_name#ja': 'あなたの銀行' })
    expect(japanese).toContain('「あなたの銀行」が次の許可を求めています')
    expect(japanese).toContain('アプリの公開元')
  })

  it('a client without a name is called by its host', async () => {
    expect(await consentOf('en', { client_name: undefined })).toContain(`clients.example:${made.site.port} asks for your permission`)
  })
})
