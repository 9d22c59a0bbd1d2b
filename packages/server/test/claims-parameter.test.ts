// Claims asked for by name (OpenID Connect Core §5.5), over real HTTP: consented to, told in the ID token and at UserInfo, remembered.
import { wireProof } from 'testkit'
import { formBrowser, type Page } from 'testkit/browser'
import { authorizeUrl, getTokens, type HeldTokens, kitPassword, refresh, startCodeKit, walkForms } from 'testkit/code'
import { claimsOfJwt, type IssuerKit, kitApi, kitRedirect } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit()
})
afterAll(() => kit.close())

const asking = (claims: unknown, change: Record<string, string> = {}) => ({
  change: { scope: 'openid', claims: typeof claims === 'string' ? claims : JSON.stringify(claims), ...change },
})

async function userinfo(held: HeldTokens, accessToken = String(held.answer.json['access_token'])) {
  const url = `${kit.issuer}/userinfo`
  const dpop = wireProof(held.key, { method: 'GET', url, now: kit.now(), accessToken })
  const response = await fetch(url, { headers: { authorization: `DPoP ${accessToken}`, dpop } })
  return (await response.json()) as Record<string, unknown>
}
const personal = (claims: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => ['name', 'email', 'email_verified', 'phone_number', 'sub'].includes(name)))

describe('what is told', () => {
  it('OIDC-5.5-01: each claim where it was asked for, and nothing else; scopes tell UserInfo alone', async () => {
    const held = await getTokens(kit, asking({ userinfo: { email: { essential: true } }, id_token: { name: null } }, { scope: 'openid' }))
    expect(personal(claimsOfJwt(held.answer.json['id_token']))).toEqual({ sub: 'user-hanako', name: '花子' })
    expect(await userinfo(held)).toEqual({ sub: 'user-hanako', email: 'hanako@example.test' })
    const scoped = await getTokens(kit, { change: { scope: 'openid email' } })
    expect(personal(claimsOfJwt(scoped.answer.json['id_token']))).toEqual({ sub: 'user-hanako' })
    expect(await userinfo(scoped)).toEqual({ sub: 'user-hanako', email: 'hanako@example.test', email_verified: true })
  })

  it('OIDC-5.5-01: a refresh goes on telling the same', async () => {
    const held = await getTokens(kit, asking({ userinfo: { email: null }, id_token: { name: null } }))
    const again = await refresh(kit, held, held.answer.json['refresh_token'])
    expect(personal(claimsOfJwt(again.json['id_token']))).toEqual({ sub: 'user-hanako', name: '花子' })
    expect(await userinfo(held, String(again.json['access_token']))).toEqual({ sub: 'user-hanako', email: 'hanako@example.test' })
  })

  it('OIDC-5.5-01: claims nobody has, an essential one too, or that no scope of the client tells, are left out and no error', async () => {
    const asked = { phone_number: { essential: true }, nickname: { essential: true }, favourite_colour: null, password: null }
    const held = await getTokens(kit, asking({ userinfo: asked, id_token: asked, other: {} }), undefined, 'taro')
    expect(held.answer.status).toBe(200)
    expect(await userinfo(held)).toEqual({ sub: 'user-taro' })
    expect(personal(claimsOfJwt(held.answer.json['id_token']))).toEqual({ sub: 'user-taro' })
  })

  it('OIDC-5.5-01: what the issuer says by itself is never taken from a record; a value that is not the right one is not told', async () => {
    const asked = {
      iss: { value: 'x' },
      aud: null,
      exp: { essential: true },
      email: { value: 'other@example.test' },
      name: { values: ['x', '花子'] },
    }
    const held = await getTokens(kit, asking({ id_token: asked }))
    const told = claimsOfJwt(held.answer.json['id_token'])
    expect([told['iss'], told['aud'], told['email'], told['name']]).toEqual([kit.issuer, 'spa', undefined, '花子'])
  })

  it('without openid, nothing is asked', async () => {
    const held = await getTokens(kit, asking({ userinfo: { email: null } }, { scope: 'notes:read', resource: kitApi }))
    expect([held.answer.status, held.answer.json['id_token']]).toEqual([200, undefined])
  })
})

describe('the person', () => {
  const consentPage = async (claims: unknown, language = 'en'): Promise<{ browser: ReturnType<typeof formBrowser>; page: Page }> => {
    const browser = formBrowser(kit.issuer, { 'accept-language': language })
    const page = await browser.open(authorizeUrl(kit, asking(claims, { scope: 'openid profile' })).url)
    return { browser, page: await browser.press(page, 'login-submit', { username: 'taro', password: kitPassword }) }
  }

  it('OIDC-5.5-01: is shown what is asked for by name beyond the scopes, in both languages', async () => {
    const claims = { userinfo: { email: null, name: null }, id_token: { email_verified: null, phone_number: null } }
    const { page } = await consentPage(claims)
    expect(page.text).toContain(
      '<dt>What it is told about you</dt><dd><ul><li>e-mail address</li><li>whether the e-mail address was verified</li></ul></dd>',
    )
    expect((await consentPage(claims, 'ja')).page.text).toContain(
      '<dt>伝わる情報</dt><dd><ul><li>メールアドレス</li><li>メールアドレスが確認済みかどうか</li></ul></dd>',
    )
    expect((await consentPage({ userinfo: { name: null } })).page.text).not.toContain('What it is told about you')
  })

  it('OIDC-5.5-01: is asked again for a claim that was not consented to, and for no other', async () => {
    const { browser } = await walkForms(kit, authorizeUrl(kit, asking({ userinfo: { email: null } })).url, undefined, 'taro')
    const silently = async (claims: unknown, scope = 'openid') =>
      (await browser.open(authorizeUrl(kit, asking(claims, { prompt: 'none', scope })).url)).url.searchParams
    expect((await silently({ userinfo: { email: null } })).get('code')).toBeTruthy()
    expect((await silently({ id_token: { email: null } })).get('code')).toBeTruthy()
    expect((await silently({ userinfo: { name: null } })).get('error')).toBe('consent_required')
    await walkForms(kit, authorizeUrl(kit, { change: { scope: 'openid profile' } }).url, browser, 'taro')
    expect((await silently({ userinfo: { name: null } }, 'openid profile')).get('code')).toBeTruthy()
  })

  it('OIDC-5.5-01: a sub asked for with a value is this person or login_required; with id_token_hint it is one person', async () => {
    const { browser } = await walkForms(kit, authorizeUrl(kit, { change: { scope: 'openid' } }).url)
    const silently = async (claims: unknown, change: Record<string, string> = {}) =>
      (await browser.open(authorizeUrl(kit, asking(claims, { prompt: 'none', ...change })).url)).url.searchParams
    expect((await silently({ id_token: { sub: { value: 'user-hanako' } } })).get('code')).toBeTruthy()
    expect((await silently({ id_token: { sub: { value: 'user-taro' } } })).get('error')).toBe('login_required')
    expect((await silently({ userinfo: { sub: { value: 'user-taro' } } })).get('error')).toBe('login_required')
    const held = await getTokens(kit, { change: { scope: 'openid' } }, undefined, 'taro')
    const hint = { id_token_hint: String(held.answer.json['id_token']) }
    expect((await silently({ id_token: { sub: { value: 'user-hanako' } } }, hint)).get('error')).toBe('login_required')
  })
})

describe('what cannot be read', () => {
  const bad = [
    'x',
    '[]',
    '{"userinfo":[]}',
    '{"userinfo":{"email":1}}',
    '{"a":1,"a":2}',
    `{"userinfo":{"email":{"value":"${'x'.repeat(4100)}"}}}`,
  ]
  for (const claims of bad) {
    it(`OIDC-5.5-01: ${claims.slice(0, 40)}: invalid_request, told with state`, async () => {
      const response = await fetch(authorizeUrl(kit, asking(claims)).url, { redirect: 'manual' })
      const to = new URL(response.headers.get('location') ?? '')
      expect(`${to.origin}${to.pathname}`).toBe(kitRedirect)
      expect([to.searchParams.get('error'), to.searchParams.get('state')]).toEqual(['invalid_request', 'state-1'])
    })
  }
})
