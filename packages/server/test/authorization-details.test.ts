// Rich authorization requests over real HTTP (RFC 9396): asked for, shown, granted, narrowed, told to the API.
import { Misuse } from '@kimei/protocol'
import * as oauth from 'oauth4webapi'
import { wireKey } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, type CodeAsk, getTokens, kitPassword, redemption, refresh, startCodeKit, walkForms } from 'testkit/code'
import { detailsText, payment, paymentType, recordsHere, recordsThere, recordsType, withDetails } from 'testkit/details'
import { askAbout, askOwnToken, claimsOfJwt, type IssuerKit, kitApi, kitOtherApi, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({ extend: withDetails })
})
afterAll(() => kit.close())

const asking = (...details: object[]): CodeAsk => ({ change: { authorization_details: detailsText(...details) } })
const land = async (url: string, at = kit) => {
  const response = await fetch(url, { redirect: 'manual' })
  return { status: response.status, location: new URL(response.headers.get('location') ?? at.issuer) }
}
const words = (text: string) =>
  text
    .replace(/<details>[\s\S]*<\/details>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

const bad: Record<string, string> = {
  'no JSON': '[{"type":',
  'not an array': JSON.stringify(payment),
  'an unknown type': detailsText({ ...payment, type: 'nobody_knows' }),
  'an unknown field': detailsText({ ...payment, debtorName: 'Merchant A' }),
  'an unknown field inside': detailsText({ ...payment, creditorAccount: { iban: 'DE1', bic: 'X' } }),
  'a field of the wrong type': detailsText({ ...payment, urgent: 'yes' }),
  'a bad value': detailsText({ ...payment, instructedAmount: { amount: '123.50', currency: 'ABC' } }),
  'a missing field': detailsText({ type: 'payment_initiation', instructedAmount: payment.instructedAmount }),
  'one bad object among good ones': detailsText(payment, { type: 'records', actions: 'read' }),
  'a field under the name __proto__': '[{"type":"records","__proto__":{"actions":["read"]}}]',
  'a location elsewhere': detailsText({ type: 'records', locations: ['https://unknown.example/'] }),
  'too many objects': detailsText(...Array.from({ length: 40 }, () => recordsHere)),
  'too much nesting': `[{"type":"records","identifier":${'['.repeat(50)}${']'.repeat(50)}}]`,
}

describe('bad details', () => {
  for (const [why, details] of Object.entries(bad)) {
    it(`RAR-5-01: ${why}: invalid_authorization_details by redirect, at the push and at the token endpoint`, async () => {
      const { url } = authorizeUrl(kit, { change: { authorization_details: details } })
      const { status, location } = await land(url)
      const { error, state, iss } = Object.fromEntries(location.searchParams)
      expect([status, error, state, iss]).toEqual([303, 'invalid_authorization_details', 'state-1', kit.issuer])
      const pushed = await postForm(kit, '/par', new URL(url).search.slice(1))
      expect([pushed.status, pushed.json['error']]).toEqual([400, 'invalid_authorization_details'])
      const own = await askOwnToken(kit, wireKey(), { authorization_details: details })
      expect([own.status, own.json['error'], own.json['access_token']]).toEqual([400, 'invalid_authorization_details', undefined])
    })
  }

  it('RAR-5-01: sent twice: invalid_request', async () => {
    const { url } = authorizeUrl(kit, asking(payment))
    const { location } = await land(`${url}&authorization_details=${encodeURIComponent(detailsText(payment))}`)
    expect(location.searchParams.get('error')).toBe('invalid_request')
  })

  it('RAR-5-01: a type that is not assigned to the client is refused', async () => {
    const { location } = await land(authorizeUrl(kit, { ...asking(payment), clientId: 'old-spa' }).url)
    expect(location.searchParams.get('error')).toBe('invalid_authorization_details')
  })

  it('what was wrong stands in the audit log, the value does not', async () => {
    await land(authorizeUrl(kit, asking({ ...payment, creditorAccount: { iban: 'X'.repeat(40) } })).url)
    const event = kit.audit.findLast(({ event: name }) => name === 'authorization_refused')
    expect([event?.rule, event?.received]).toEqual([
      'details.fit-their-type',
      '/creditorAccount/iban must NOT have more than 34 characters',
    ])
  })
})

describe('the consent page', () => {
  const consentOf = async (language: string, ask: CodeAsk) => {
    const who = formBrowser(kit.issuer, { 'accept-language': language })
    const signIn = await who.open(authorizeUrl(kit, ask).url)
    return { who, page: await who.press(signIn, 'login-submit', { username: 'taro', password: kitPassword }) }
  }

  it('RAR-3-01: shows scope and details together, every field in words, in both languages', async () => {
    const ask = asking(
      { ...payment, urgent: true },
      { ...recordsHere, datatypes: ['notes', 'images'], identifier: 'ledger-7', privileges: [] },
    )
    const english = words((await consentOf('en', ask)).page.text)
    const expected = ['Read notes', 'Payment', 'Amount: 123.50', 'Currency: EUR', 'To account: DE02100100109307118603', 'urgent: yes']
    const common = ['Records', 'Actions: read', 'Where: Notes', 'Kinds of data: notes, images', 'Concerning: ledger-7', 'Privileges: none']
    for (const part of [...expected, ...common]) expect(english).toContain(part)
    const japanese = words((await consentOf('ja', ask)).page.text)
    const written = ['メモを読む', '送金の指図', '金額：123.50', '受取口座：DE02100100109307118603', 'urgent：はい', 'できること：read']
    for (const part of [...written, 'アクセス先：Notes', '情報の種類：notes、images', '権限：なし']) expect(japanese).toContain(part)
  })

  it('RAR-3-01: details without scope are asked about, too, and what they say cannot disguise itself', async () => {
    const hostile = { ...recordsHere, identifier: '<img src=x>\u202Egnihton' }
    const { page } = await consentOf('en', { change: { scope: undefined, authorization_details: detailsText(hostile) } })
    expect(page.text).toContain('Concerning: &lt;img src=x&gt;\uFFFDgnihton')
    expect(page.text).not.toContain('\u202E')
  })

  it('RAR-3-01: remembers a consent for the very same details only', async () => {
    const { who, page } = await consentOf('en', asking(recordsHere))
    expect((await who.press(page, 'consent-allow')).url.searchParams.get('code')).toBeTruthy()
    const web = { clientId: 'web' }
    const first = await who.open(authorizeUrl(kit, { ...web, ...asking(recordsHere, payment) }).url)
    await who.press(first, 'consent-allow')
    const again = async (...details: object[]) => (await who.open(authorizeUrl(kit, { ...web, ...asking(...details) }).url)).text
    expect(await again(payment, recordsHere)).toBe('')
    for (const changed of [[payment], [payment, { ...recordsHere, actions: ['read', 'write'] }], [payment, recordsHere, recordsThere]]) {
      expect(await again(...changed)).toContain('id="consent-allow"')
    }
    expect((await who.open(authorizeUrl(kit, web).url)).status).toBe(0)
    const silent = { ...web, change: { ...asking({ ...payment, urgent: true }).change, prompt: 'none' } }
    expect((await who.open(authorizeUrl(kit, silent).url)).url.searchParams.get('error')).toBe('consent_required')
  })
})

describe('granted details', () => {
  it('RAR-7-01: stand in the token response, in the access token, in introspection, and after every refresh', async () => {
    const held = await getTokens(kit, asking(payment, recordsHere))
    expect(held.answer.json['authorization_details']).toEqual([payment, recordsHere])
    expect(claimsOfJwt(held.answer.json['access_token'])).toMatchObject({
      authorization_details: [payment, recordsHere],
      aud: [kitApi, kit.issuer],
    })
    const about = await askAbout(kit, held.answer.json['access_token'])
    expect(about.json['authorization_details']).toEqual([payment, recordsHere])
    const renewed = await refresh(kit, held, held.answer.json['refresh_token'])
    expect(renewed.json['authorization_details']).toEqual([payment, recordsHere])
    const narrow = await refresh(kit, held, renewed.json['refresh_token'], { authorization_details: detailsText(recordsHere) })
    expect(claimsOfJwt(narrow.json['access_token'])['authorization_details']).toEqual([recordsHere])
    const whole = await refresh(kit, held, narrow.json['refresh_token'])
    expect(whole.json['authorization_details']).toEqual([payment, recordsHere])
    expect(JSON.stringify(kit.audit)).not.toContain(payment.creditorAccount.iban)
  })

  it('RAR-7-01 RAR-5-01: what was not granted is refused when the code is redeemed and at a refresh, and nothing is used up', async () => {
    const key = wireKey()
    const open = authorizeUrl(kit, { key, ...asking(payment) })
    const { landed } = await walkForms(kit, open.url)
    const form = redemption(kit, open, landed.searchParams.get('code') ?? '')
    const more = { ...payment, instructedAmount: { amount: '999', currency: 'EUR' } }
    const redeem = (details?: string) =>
      postForm(kit, '/token', { ...form, ...(details && { authorization_details: details }) }, { dpop: tokenProof(kit, key) })
    for (const details of [detailsText(more), detailsText(payment, recordsHere), '{}']) {
      const { status, json } = await redeem(details)
      expect([status, json['error']]).toEqual([400, 'invalid_authorization_details'])
    }
    const answer = await redeem(detailsText(payment))
    expect([answer.status, answer.json['authorization_details']]).toEqual([200, [payment]])
    for (const details of [detailsText(more), 'x']) {
      const refused = await refresh(kit, { key, open }, answer.json['refresh_token'], { authorization_details: details })
      expect([refused.status, refused.json['error']]).toEqual([400, 'invalid_authorization_details'])
    }
    expect((await refresh(kit, { key, open }, answer.json['refresh_token'])).status).toBe(200)
  })

  it('RAR-7-01: a repeated refresh that asks for other details is no repeat', async () => {
    const held = await getTokens(kit, asking(payment, recordsHere))
    const token = held.answer.json['refresh_token']
    const first = await refresh(kit, held, token)
    expect((await refresh(kit, held, token)).json['refresh_token']).toBe(first.json['refresh_token'])
    const other = await refresh(kit, held, token, { authorization_details: detailsText(payment) })
    expect([other.status, other.json['error']]).toEqual([400, 'invalid_grant'])
  })

  it('RES-2-02 RAR-7-01: a token for one API carries what is for that API', async () => {
    const held = await getTokens(kit, asking(recordsHere, recordsThere, payment))
    expect(claimsOfJwt(held.answer.json['access_token'])['aud']).toEqual([kitApi, kitOtherApi, kit.issuer])
    const there = await refresh(kit, held, held.answer.json['refresh_token'], { resource: kitOtherApi, scope: 'openid' })
    expect([claimsOfJwt(there.json['access_token'])['aud'], there.json['authorization_details']]).toEqual([kitOtherApi, [recordsThere]])
  })

  it('RAR-7-01: client credentials take them, too, and without scope they are all that is given', async () => {
    const { json } = await askOwnToken(kit, wireKey(), { authorization_details: detailsText(recordsThere) })
    expect([json['authorization_details'], json['scope']]).toEqual([[recordsThere], undefined])
    expect(claimsOfJwt(json['access_token'])).toMatchObject({ aud: kitOtherApi, authorization_details: [recordsThere] })
    const both = await askOwnToken(kit, wireKey(), { scope: 'notes:read', authorization_details: detailsText(payment) })
    expect([both.json['scope'], both.json['authorization_details']]).toEqual(['notes:read', [payment]])
  })

  it('RAR-7-01: an independent client pushes them and reads them back', async () => {
    const issuer = new URL(kit.issuer)
    const insecure = { [oauth.allowInsecureRequests]: true }
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
    expect(as['authorization_details_types_supported']).toEqual(['payment_initiation', 'records'])
    const client: oauth.Client = { client_id: 'cli' }
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const verifier = oauth.generateRandomCodeVerifier()
    const redirectUri = 'http://127.0.0.1:49152/callback'
    const parameters = {
      redirect_uri: redirectUri,
      response_type: 'code',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      authorization_details: detailsText(payment),
    }
    const pushed = await oauth.processPushedAuthorizationResponse(
      as,
      client,
      await oauth.pushedAuthorizationRequest(as, client, oauth.None(), parameters, { DPoP, ...insecure }),
    )
    const query = new URLSearchParams({ client_id: 'cli', request_uri: pushed.request_uri })
    const { landed } = await walkForms(kit, `${as.authorization_endpoint}?${query}`)
    const callback = oauth.validateAuthResponse(as, client, landed, oauth.expectNoState)
    const response = await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), callback, redirectUri, verifier, {
      DPoP,
      ...insecure,
    })
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response)
    expect(tokens.authorization_details).toEqual([payment])
  })
})

describe('stricter types', () => {
  it('RAR-12-01 ASVS-10.4.15: where they must come untampered, the open front channel is invalid_request and a push is taken', async () => {
    const guarded = await startCodeKit({
      extend: (config) => {
        const open = withDetails(config)
        return { ...open, authorizationDetailsTypes: [{ ...paymentType, transport: 'untampered' }, recordsType] }
      },
    })
    const { url } = authorizeUrl(guarded, asking(payment))
    const { location } = await land(url, guarded)
    expect(location.searchParams.get('error')).toBe('invalid_request')
    expect((await land(authorizeUrl(guarded, asking(recordsHere)).url, guarded)).location.pathname).toBe('/signin')
    const pushed = await postForm(guarded, '/par', new URL(url).search.slice(1))
    const use = new URLSearchParams({ client_id: 'spa', request_uri: String(pushed.json['request_uri']) })
    const { landed } = await walkForms(guarded, `${guarded.issuer}/authorize?${use}`)
    expect(`${landed.origin}${landed.pathname}${landed.searchParams.has('code')}`).toBe(`${kitRedirect}true`)
    await guarded.close()
  })

  it('RAR-3-01: consent each time is never remembered', async () => {
    const careful = await startCodeKit({
      extend: (config) => ({ ...withDetails(config), authorizationDetailsTypes: [{ ...paymentType, consent: 'each-time' }, recordsType] }),
    })
    const { browser } = await walkForms(careful, authorizeUrl(careful, { clientId: 'web', ...asking(payment) }).url)
    const again = await browser.open(authorizeUrl(careful, { clientId: 'web', ...asking(payment) }).url)
    expect(again.text).toContain('id="consent-allow"')
    await careful.close()
  })
})

describe('the configuration', () => {
  it('RAR-5-01: mistakes in types are told all at once', () => {
    const types = [
      { ...paymentType, apis: ['https://unknown.example/'] },
      { type: 'lax', name: 'Lax', schema: { properties: {} } },
      { type: 'broken', name: 'Broken', schema: { additionalProperties: false, required: 'x' } },
      { type: 'typo', name: 'Typo', schema: { additionalProperties: false, propertys: {} } },
      { type: 'typo', name: 'Typo', schema: { additionalProperties: false } },
    ]
    const clients = [{ clientId: 'app', kind: 'spa' as const, name: 'A', redirectUris: [kitRedirect], authorizationDetailsTypes: ['none'] }]
    try {
      parseIssuerConfig({ issuer: 'https://id.example', authorizationDetailsTypes: types, clients })
      expect.unreachable()
    } catch (error) {
      const text = (error as Misuse).mistakes.join('\n')
      expect(error).toBeInstanceOf(Misuse)
      for (const part of [
        '"typo" is declared twice',
        '"lax": its schema must say additionalProperties',
        '"broken": its schema cannot be used',
        'unknown keyword: "propertys"',
        'has API "https://unknown.example/", which is not declared',
        'client "app" has authorization details type "none"',
      ]) {
        expect(text).toContain(part)
      }
    }
  })

  it('an issuer without types says nothing of them and refuses every one', async () => {
    const plain = await startCodeKit()
    const metadata = (await (await fetch(`${plain.issuer}/.well-known/openid-configuration`)).json()) as object
    expect(metadata).not.toHaveProperty('authorization_details_types_supported')
    const { location } = await land(authorizeUrl(plain, asking(payment)).url, plain)
    expect(location.searchParams.get('error')).toBe('invalid_authorization_details')
    await plain.close()
  })
})
