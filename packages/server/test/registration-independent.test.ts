// Libraries that know nothing of Kimei register themselves and go on with what they were given: openid-client and oauth4webapi.
// And what a person is told of a client that registered itself.
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { formBrowser } from 'testkit/browser'
import { kitPassword, startCodeKit, walkForms } from 'testkit/code'
import { claimsOfJwt, type IssuerKit, kitApi, kitRedirect } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const policy = { scopes: ['openid', 'profile', 'notes:read'], apis: [kitApi] }
let kit: IssuerKit
let plain: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({ config: { registration: { mode: 'open', policy } } })
  const binding = { kind: 'bearer', reason: 'a suite whose clients make no proofs' } as const
  const suite = { ...policy, binding, dangerouslyAllowWithoutPkce: true, dangerouslyAcceptTokenEndpointAudience: true }
  plain = await startCodeKit({ config: { registration: { mode: 'open', policy: suite } } })
})
afterAll(async () => {
  await kit.close()
  await plain.close()
})

const insecure = { [oauth.allowInsecureRequests]: true }
const keys = () => oauth.generateKeyPair('ES256', { extractable: true })

async function discover(at: IssuerKit): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(at.issuer)
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
}
async function register(as: oauth.AuthorizationServer, metadata: Partial<oauth.Client>): Promise<oauth.Client> {
  const response = await oauth.dynamicClientRegistrationRequest(as, { redirect_uris: [kitRedirect], ...metadata }, insecure)
  return oauth.processDynamicClientRegistrationResponse(response)
}

describe('oauth4webapi', () => {
  it('DCR-3-01: registers, signs a person in with PKCE and DPoP, and redeems by the secret it was given', async () => {
    const as = await discover(kit)
    const client = await register(as, { client_name: 'Suite', token_endpoint_auth_method: 'client_secret_post' })
    const DPoP = oauth.DPoP(client, await keys())
    const verifier = oauth.generateRandomCodeVerifier()
    const url = new URL(as.authorization_endpoint ?? '')
    url.search = new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: kitRedirect,
      response_type: 'code',
      scope: 'openid notes:read',
      state: 's',
      nonce: 'n',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString()
    const { landed } = await walkForms(kit, url.href)
    const callback = oauth.validateAuthResponse(as, client, landed, 's')
    const by = oauth.ClientSecretPost(String(client.client_secret))
    const response = await oauth.authorizationCodeGrantRequest(as, client, by, callback, kitRedirect, verifier, { DPoP, ...insecure })
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: 'n', requireIdToken: true })
    expect([tokens.token_type, claimsOfJwt(tokens.access_token)['client_id']]).toEqual(['dpop', client.client_id])
  })

  it('OIDC-9-01: by its own key, with neither PKCE nor nonce and the token endpoint as audience, where the policy says so', async () => {
    const as = await discover(plain)
    const pair = await keys()
    const jwk = { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
    const { key_ops: _, ext: __, ...key } = jwk
    const client = await register(as, { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key as oauth.JWK] } })
    const url = `${as.authorization_endpoint}?${new URLSearchParams({ client_id: client.client_id, redirect_uri: kitRedirect, response_type: 'code', scope: 'openid', state: 's' })}`
    const { landed } = await walkForms(plain, url)
    const callback = oauth.validateAuthResponse(as, client, landed, 's')
    const by = oauth.PrivateKeyJwt(
      { key: pair.privateKey, kid: 'k1' },
      {
        [oauth.modifyAssertion]: (_header, payload) => {
          payload['aud'] = as.token_endpoint ?? ''
        },
      },
    )
    const response = await oauth.authorizationCodeGrantRequest(as, client, by, callback, kitRedirect, oauth.nopkce, insecure)
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { requireIdToken: true })
    expect([tokens.token_type, oauth.getValidatedIdTokenClaims(tokens)?.aud]).toEqual(['bearer', client.client_id])
  })

  it('DCR-3.2.2-01: reads a refusal as what it is', async () => {
    const as = await discover(kit)
    await expect(register(as, { redirect_uris: ['http://evil.example/'] })).rejects.toMatchObject({ error: 'invalid_redirect_uri' })
    await expect(register(as, { grant_types: ['password'] })).rejects.toMatchObject({ error: 'invalid_client_metadata' })
  })
})

describe('openid-client', () => {
  it('DCR-3-01: registers and goes through the code flow', async () => {
    const config = await openid.dynamicClientRegistration(
      new URL(kit.issuer),
      {
        redirect_uris: [kitRedirect],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
      openid.ClientSecretBasic(),
      { execute: [openid.allowInsecureRequests] },
    )
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
    const verifier = openid.randomPKCECodeVerifier()
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: kitRedirect,
      scope: 'openid notes:read',
      state: 's',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const { landed } = await walkForms(kit, url.href)
    const tokens = await openid.authorizationCodeGrant(config, landed, { pkceCodeVerifier: verifier, expectedState: 's' }, undefined, {
      DPoP,
    })
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP })
    expect([tokens.claims()?.sub, refreshed.token_type]).toEqual(['user-hanako', 'dpop'])
  })
})

describe('what a person is told', () => {
  async function consentOf(metadata: Partial<oauth.Client>, language = 'en') {
    const client = await register(await discover(plain), metadata)
    const browser = formBrowser(plain.issuer)
    const redirect_uri = (metadata['redirect_uris'] as string[] | undefined)?.[0] ?? kitRedirect
    const asked = { client_id: client.client_id, redirect_uri, response_type: 'code', scope: 'openid', ui_locales: language }
    const url = `${plain.issuer}/authorize?${new URLSearchParams(asked)}`
    return browser.press(await browser.open(url), 'login-submit', { username: 'hanako', password: kitPassword })
  }

  it('ASVS-10.4.7: that nobody here has checked the name of the client, at its first authorization', async () => {
    expect((await consentOf({ client_name: 'Bank' })).text).toContain('Nobody here has checked it')
    expect((await consentOf({ client_name: 'Bank' }, 'ja')).text).toContain('確かめていません')
  })

  it('DCR-5-01: logo, policy and terms are shown; the page loads nothing from the client, the logo comes through the issuer', async () => {
    const page = await consentOf({
      client_name: '<b>Notes</b>',
      logo_uri: 'https://app.example/logo.png',
      policy_uri: 'https://app.example/policy?a=1&b=2',
      tos_uri: 'https://app.example/terms',
    })
    expect(page.text).toMatch(/<img class="client-logo" src="\/client-logo\?interaction=[\w-]+&amp;lang=en" alt=""/)
    expect(page.text).not.toContain('https://app.example/logo.png')
    expect(page.text).toContain('href="https://app.example/policy?a=1&amp;b=2" target="_blank" rel="noopener noreferrer"')
    expect(page.text).toContain('href="https://app.example/terms"')
    expect(page.text).not.toContain('<b>Notes</b>')
    expect(page.headers.get('content-security-policy')).not.toContain('https:')
  })

  it('DCR-5-01: of a client without a host of its own no link is shown', async () => {
    const page = await consentOf({
      redirect_uris: ['http://127.0.0.1/cb'],
      token_endpoint_auth_method: 'client_secret_basic',
      logo_uri: 'https://bank.example/logo.png',
    })
    expect(page.text).not.toContain('bank.example')
    expect(page.headers.get('content-security-policy')).not.toContain('https:')
  })
})
