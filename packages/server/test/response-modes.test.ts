// How the client is answered: by query, fragment or form, plainly or in one signed JWT, errors as well as codes.
import { generateKeyPairSync } from 'node:crypto'
import { compactDecrypt, createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { type FormBrowser, formBrowser } from 'testkit/browser'
import { authorizeUrl, type CodeAsk, getTokens, startCodeKit, walkForms } from 'testkit/code'
import { type IssuerKit, kitApi, kitRedirect, postForm } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const sealingKey = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'seal', use: 'enc', kty: 'EC' as const }
const person = { scopes: ['openid', 'profile', 'notes:read'], apis: [kitApi] }

let kit: IssuerKit
let browser: FormBrowser
let jwks: JSONWebKeySet
beforeAll(async () => {
  kit = await startCodeKit({
    config: {
      clients: [
        { clientId: 'spa', kind: 'spa', name: 'Spa <b>&"', redirectUris: [kitRedirect, `${kitRedirect}?kept=1`], ...person },
        {
          clientId: 'cli',
          kind: 'mobile',
          name: 'Cli',
          redirectUris: ['com.example.cli:/back', 'http://127.0.0.1/callback'],
          ...person,
        },
        {
          clientId: 'sealed',
          kind: 'spa',
          name: 'Sealed',
          redirectUris: [kitRedirect],
          ...person,
          jwks: { keys: [sealingKey] },
          authorizationSignedResponseAlg: 'ES256',
          authorizationEncryptedResponseAlg: 'ECDH-ES',
        },
      ],
    },
  })
  jwks = (await (await fetch(`${kit.issuer}/jwks`)).json()) as JSONWebKeySet
  // Signed in, with consent to everything: from here on no page is in the way.
  browser = (await getTokens(kit)).browser
  for (const clientId of ['cli', 'sealed']) await walkForms(kit, authorizeUrl(kit, { clientId }).url, browser)
})
afterAll(() => kit.close())

type Told = Record<string, string>

/** Everything the client is told, and by which way. */
async function told(
  change: CodeAsk['change'],
  ask: CodeAsk = {},
): Promise<{ readonly by: string; readonly told: Told; readonly landed: URL }> {
  const { landed, posted } = await walkForms(kit, authorizeUrl(kit, { ...ask, change }).url, browser)
  if (posted) return { by: 'form_post', told: posted, landed }
  const by = landed.hash === '' ? 'query' : 'fragment'
  return { by, told: Object.fromEntries(new URLSearchParams(by === 'query' ? landed.search : landed.hash.slice(1))), landed }
}

/** What stands inside the signed answer, as an independent library reads it. */
async function inside(response: string | undefined, clientId = 'spa'): Promise<Record<string, unknown>> {
  const { payload, protectedHeader } = await jwtVerify(response ?? '', createLocalJWKSet(jwks), { issuer: kit.issuer, audience: clientId })
  return { ...payload, alg: protectedHeader.alg }
}

const code = expect.stringMatching(/^[A-Za-z0-9_-]{43}$/)

describe('plain modes', () => {
  it.each([
    [undefined, 'query'],
    ['query', 'query'],
    ['fragment', 'fragment'],
    ['form_post', 'form_post'],
  ])('SEED-O21-17 ISS-2-01: response_mode %s: code, state and iss, and nothing else, by %s', async (response_mode, way) => {
    expect(await told({ response_mode })).toMatchObject({ by: way, told: { code, state: 'state-1', iss: kit.issuer } })
    expect(Object.keys((await told({ response_mode })).told)).toEqual(['code', 'state', 'iss'])
  })

  it.each(['query', 'fragment', 'form_post'])('ISS-2-01 SEED-O21-17: response_mode %s: errors go the same way, with iss', async (way) => {
    const early = { response_mode: way, code_challenge: undefined }
    expect(await told(early)).toMatchObject({ by: way, told: { error: 'invalid_request', state: 'state-1', iss: kit.issuer } })
    const late = await told({ response_mode: way, prompt: 'none', max_age: '0' })
    expect(late).toMatchObject({ by: way, told: { error: 'login_required', state: 'state-1', iss: kit.issuer } })
    expect(Object.keys(late.told).sort()).toEqual(['error', 'error_description', 'iss', 'state'])
  })

  it('a person who does not allow it: access_denied by the mode that was asked for', async () => {
    const page = await browser.open(authorizeUrl(kit, { change: { response_mode: 'fragment', prompt: 'consent' } }).url)
    const { url } = await browser.press(page, 'consent-deny')
    expect(url.search).toBe('')
    expect(new URLSearchParams(url.hash.slice(1)).get('error')).toBe('access_denied')
  })

  it('O21-2.3-01: a registered query stays, whatever the mode adds', async () => {
    const redirectUri = `${kitRedirect}?kept=1`
    expect((await told({}, { redirectUri })).landed.search).toMatch(/^\?kept=1&code=/)
    const { landed } = await told({ response_mode: 'fragment' }, { redirectUri })
    expect([landed.search, landed.hash.startsWith('#code=')]).toEqual(['?kept=1', true])
  })

  it('OIDC-16.22-1 SEED-O21-16: every redirect is a 303', async () => {
    for (const response_mode of ['query', 'fragment', 'query.jwt']) {
      const { url } = authorizeUrl(kit, { change: { response_mode, prompt: 'none' } })
      expect((await fetch(url, { redirect: 'manual' })).status).toBe(303)
    }
  })
})

describe('the page that posts', () => {
  const open = (change: CodeAsk['change'] = {}) =>
    browser.open(authorizeUrl(kit, { change: { response_mode: 'form_post', ...change } }).url)

  it('FORMPOST-2-01 CSP-FORMACTION-01: is not stored, may run its one script, and posts to the client', async () => {
    const { status, headers, text } = await open()
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-frame-options')).toBe('DENY')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/default-src 'none'.*script-src 'sha256-[A-Za-z0-9+/=]{44}'$/)
    expect(policy).not.toMatch(/unsafe|form-action/)
    expect(text).toContain(`<form method="post" action="${kitRedirect}"`)
    expect(text.match(/<script/g)).toHaveLength(1)
  })

  it('FORMPOST-2-01 O21-7.12-01: hostile values are escaped, not run', async () => {
    const state = `"><script>alert(1)</script>'&`
    const { text } = await open({ state })
    expect(text.match(/<script/g)).toHaveLength(1)
    expect(text).toContain('Spa &lt;b&gt;&amp;&quot;')
    const { told: fields } = await told({ response_mode: 'form_post', state })
    expect(fields['state']).toBe(state)
  })

  it('FORMPOST-2-01: has its button in both languages', async () => {
    for (const [language, words] of [
      ['ja', '」に進む</button>'],
      ['en', '>Continue to Spa'],
    ]) {
      const { text } = await open({ ui_locales: language })
      expect(text).toContain(`<html lang="${language}">`)
      expect(text).toContain(words)
    }
  })

  it('pressed twice on a slow line, the consent button gets the same answer twice', async () => {
    const page = await browser.open(authorizeUrl(kit, { change: { response_mode: 'form_post', prompt: 'consent' } }).url)
    const [first, second] = await Promise.all([browser.press(page, 'consent-allow'), browser.press(page, 'consent-allow')])
    expect(first.text).toContain('id="form-post-submit"')
    expect(second.text).toBe(first.text)
  })

  it.each(['form_post', 'form_post.jwt'])('FORMPOST-2-01: %s to a scheme of an app: 400 page, nothing travels', async (response_mode) => {
    const { url } = authorizeUrl(kit, { clientId: 'cli', redirectUri: 'com.example.cli:/back', change: { response_mode } })
    const response = await fetch(url, { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([400, null])
    expect(await response.text()).toContain('authorize.form-post-goes-to-the-web')
  })
})

describe('signed modes', () => {
  it.each([
    ['jwt', 'query'],
    ['query.jwt', 'query'],
    ['fragment.jwt', 'fragment'],
    ['form_post.jwt', 'form_post'],
  ])('JARM-2.1-01 JARM-2.3-01: %s: everything inside one JWT, by %s', async (response_mode, way) => {
    const answer = await told({ response_mode })
    expect(answer.by).toBe(way)
    expect(Object.keys(answer.told)).toEqual(['response'])
    const claims = await inside(answer.told['response'])
    expect(claims).toEqual({ alg: 'RS256', iss: kit.issuer, aud: 'spa', exp: expect.any(Number), code, state: 'state-1' })
    expect(Number(claims['exp']) - kit.now()).toBeGreaterThan(0)
    expect(Number(claims['exp']) - kit.now()).toBeLessThanOrEqual(600)
  })

  it.each(['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'])('JARM-2.1-01: %s: errors, too', async (response_mode) => {
    for (const [change, error] of [
      [{ code_challenge: undefined }, 'invalid_request'],
      [{ scope: 'admin' }, 'invalid_scope'],
      [{ prompt: 'none', max_age: '0' }, 'login_required'],
    ] as const) {
      const answer = await told({ response_mode, ...change })
      expect(Object.keys(answer.told)).toEqual(['response'])
      expect(await inside(answer.told['response'])).toMatchObject({ error, state: 'state-1', iss: kit.issuer, aud: 'spa' })
    }
  })

  it('JARM-2.1-01 JARM-3-01: signed, then encrypted to the key of the client, errors too', async () => {
    for (const [change, expected] of [
      [{}, { code }],
      [{ prompt: 'none', max_age: '0' }, { error: 'login_required' }],
    ] as const) {
      const answer = await told({ response_mode: 'jwt', ...change }, { clientId: 'sealed' })
      const { plaintext, protectedHeader } = await compactDecrypt(answer.told['response'] ?? '', pair.privateKey)
      expect(protectedHeader).toMatchObject({ alg: 'ECDH-ES', enc: 'A128CBC-HS256', kid: 'seal', cty: 'JWT' })
      expect(await inside(Buffer.from(plaintext).toString(), 'sealed')).toMatchObject({ alg: 'ES256', aud: 'sealed', ...expected })
    }
  })

  it('a client that registered encryption and asks plainly is answered plainly', async () => {
    expect((await told({}, { clientId: 'sealed' })).told['code']).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('the code inside works', async () => {
    const open = authorizeUrl(kit, { change: { response_mode: 'jwt' } })
    const { landed } = await walkForms(kit, open.url, browser)
    const claims = await inside(landed.searchParams.get('response') ?? '')
    const form = { grant_type: 'authorization_code', client_id: 'spa', redirect_uri: open.redirectUri }
    const answer = await postForm(kit, '/token', { ...form, code: String(claims['code']), code_verifier: open.verifier })
    // Without a proof: as far as the code is concerned everything is right.
    expect(answer.json['error']).toBe('invalid_dpop_proof')
  })

  it('a signed answer is no hint of an identity', async () => {
    const { told: answer } = await told({ response_mode: 'jwt' })
    expect((await told({ id_token_hint: answer['response'] })).told['error']).toBe('invalid_request')
  })
})

describe('a mode that is not understood', () => {
  it.each([
    ['twice', '&response_mode=query&response_mode=fragment'],
    ['unknown', '&response_mode=web_message'],
    ['with a tail', '&response_mode=query.jwt.jwt'],
    ['in other letters', '&response_mode=Fragment'],
    ['two in one', '&response_mode=query+fragment'],
  ])('OIDC-3.1.2.6-01 ASVS-10.4.12 BCP-4.17-01: %s: 400 page, nothing travels', async (_why, more) => {
    const page = await formBrowser(kit.issuer).open(`${authorizeUrl(kit).url}${more}`)
    expect(page.status).toBe(400)
    expect(page.text).toContain('authorize.response-mode-is-served')
  })

  it('OIDC-16.11-1 ASVS-10.6.1: a token through the browser is refused, and told as such types are: by fragment', async () => {
    for (const response_type of ['token', 'id_token', 'id_token token', 'code token', 'code id_token token']) {
      const answer = await told({ response_type })
      expect(answer).toMatchObject({ by: 'fragment', told: { error: 'unsupported_response_type', iss: kit.issuer, state: 'state-1' } })
    }
  })
})
