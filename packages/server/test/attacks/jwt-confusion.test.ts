// Every kind of JWT, sent wherever another kind is expected: genuine ones, and ones that say everything right but their kind.
import { sha256u, wireJwt, wireKey, wireProof } from 'testkit'
import type { FormBrowser } from 'testkit/browser'
import { authorizeUrl, getTokens, redemption, startCodeKit, walkForms } from 'testkit/code'
import { exchangeGrant, withExchanges } from 'testkit/exchange'
import {
  asKeyClient,
  askAbout,
  assertionType,
  type IssuerKit,
  kitApi,
  kitAssertion,
  kitOtherApi,
  kitRedirect,
  postForm,
  readResponse,
  signedByIssuer,
  tokenProof,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IssuerConfigInput } from '../../src/index.ts'
import { type Listener, startListener } from '../logout-parts.ts'

const bye = 'https://app.example/bye'
const bearerGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const key = wireKey('ES256', 'client-key')
const jwk = { ...key.publicJwk, kty: 'EC' as const, kid: key.kid, alg: 'ES256' }

let kit: IssuerKit
let listener: Listener
let browser: FormBrowser
const genuine: Record<string, () => Promise<string>> = {}

/** One key for everything a client and its friends sign: only the kinds keep them apart. */
function oneKey(config: IssuerConfigInput): IssuerConfigInput {
  const jwks = { keys: [jwk] }
  const elsewhere = { issuer: 'web', jwks, subjects: 'subject' as const, scopes: ['notes:read'], apis: [kitApi], clients: ['web'] }
  const whole = withExchanges(config)
  const web = {
    postLogoutRedirectUris: [bye],
    backchannelLogoutUri: `${listener.origin}/told`,
    userinfoSignedResponseAlg: 'ES256' as const,
    idTokenAlg: 'ES256' as const,
    authorizationSignedResponseAlg: 'ES256' as const,
    grants: ['authorization_code', 'refresh_token', 'client_credentials', bearerGrant] as const,
  }
  return {
    ...whole,
    outbound: { allow: [{ origin: listener.origin }] },
    assertionIssuers: [elsewhere],
    registration: {
      mode: 'open',
      limits: { perAddressAndHour: 1000 },
      policy: { binding: { kind: 'optional', reason: 'tests' } },
      softwareStatements: { required: true, issuers: [{ issuer: 'web', jwks }] },
    },
    clients: (whole.clients ?? []).map((client) => (client.clientId === 'web' ? { ...client, ...web, grants: [...web.grants] } : client)),
  }
}

let counted = 0
/** Says what every receiver of its signer's words wants to hear. */
function dressed(): Record<string, unknown> {
  counted += 1
  const now = kit.now()
  const { searchParams } = new URL(authorizeUrl(kit, { clientId: 'web' }).url)
  const jti = `confused-jti-${counted}`
  const { client_id: _, ...parameters } = Object.fromEntries(searchParams)
  return { ...parameters, iss: 'web', aud: kit.issuer, iat: now, nbf: now, exp: now + 60, jti, htm: 'POST', htu: `${kit.issuer}/token` }
}
const signedByClient = (typ: string | undefined, claims: object, more: object = {}) =>
  wireJwt({ alg: 'ES256', kid: key.kid, ...(typ !== undefined && { typ }), ...more }, claims, key)

async function collect(): Promise<void> {
  const held = await getTokens(kit, { clientId: 'web', key, change: { scope: 'openid profile notes:read' } })
  browser = held.browser
  const { access_token, id_token } = held.answer.json
  genuine['ID token'] = async () => String(id_token)
  genuine['access token'] = async () => String(access_token)
  const atUserinfo = await tokenFor('openid profile')
  genuine['UserInfo answer'] = async () => (await askUserinfo(atUserinfo, 'DPoP')).text
  genuine['introspection answer'] = async () =>
    (await askAbout(kit, access_token, {}, { accept: 'application/token-introspection+jwt' })).text
  genuine['authorization answer'] = async () => {
    const { landed } = await walkForms(kit, authorizeUrl(kit, { clientId: 'web', change: { response_mode: 'query.jwt' } }).url, browser)
    return landed.searchParams.get('response') ?? ''
  }
  const leaving = await getTokens(kit, { clientId: 'web', key, change: { scope: 'openid' } })
  await leaving.browser.open(`${kit.issuer}/logout?${new URLSearchParams({ id_token_hint: String(leaving.answer.json['id_token']) })}`)
  await kit.server.sweep()
  const told = listener.told[0]?.form.get('logout_token') ?? ''
  genuine['logout token'] = async () => told
  genuine['client assertion'] = async () => kitAssertion(kit, 'web')
  genuine['request object'] = async () => signedByClient('oauth-authz-req+jwt', { ...dressed(), client_id: 'web' })
  genuine['grant assertion'] = async () => signedByClient('authorization-grant+jwt', { ...dressed(), sub: 'user-hanako' })
  genuine['proof'] = async () => tokenProof(kit, key)
  genuine['software statement'] = async () =>
    signedByClient('JWT', { iss: 'web', iat: kit.now(), software_id: 's', redirect_uris: [kitRedirect] })
}

async function tokenFor(scope: string): Promise<string> {
  const open = authorizeUrl(kit, { clientId: 'web', key, change: { scope, resource: undefined } })
  const { landed } = await walkForms(kit, open.url, browser)
  const answer = await postForm(kit, '/token', redemption(kit, open, landed.searchParams.get('code') ?? ''), { dpop: tokenProof(kit, key) })
  return String(answer.json['access_token'])
}

async function askUserinfo(token: string, scheme: 'DPoP' | 'Bearer') {
  const url = `${kit.issuer}/userinfo`
  const proof = wireProof(key, { method: 'GET', url, now: kit.now(), claims: { ath: sha256u(token) } })
  return readResponse(await fetch(url, { headers: { authorization: `${scheme} ${token}`, ...(scheme === 'DPoP' && { dpop: proof }) } }))
}

const at = (parameters: Record<string, string>) => `${kit.issuer}/authorize?${new URLSearchParams(parameters)}`
const asksToken = async (form: Record<string, string>, proof = tokenProof(kit, key)) =>
  (await postForm(kit, '/token', form, { dpop: proof })).status === 200

/** Who expects which kind, and whether it was accepted. */
const receivers: Record<string, { readonly expects: string; readonly accepts: (jwt: string) => Promise<boolean> }> = {
  'UserInfo by DPoP': { expects: 'access token', accepts: async (jwt) => (await askUserinfo(jwt, 'DPoP')).status === 200 },
  'UserInfo by Bearer': { expects: 'nothing', accepts: async (jwt) => (await askUserinfo(jwt, 'Bearer')).status === 200 },
  introspection: { expects: 'access token', accepts: async (jwt) => (await askAbout(kit, jwt)).json['active'] === true },
  'id_token_hint at authorize': {
    expects: 'ID token',
    accepts: async (jwt) => {
      const { url } = authorizeUrl(kit, { clientId: 'web', change: { prompt: 'none', id_token_hint: jwt } })
      return (await walkForms(kit, url, browser)).landed.searchParams.has('code')
    },
  },
  'id_token_hint at logout': {
    expects: 'ID token',
    accepts: async (jwt) => {
      const url = `${kit.issuer}/logout?${new URLSearchParams({ id_token_hint: jwt, post_logout_redirect_uri: bye })}`
      return (await fetch(url, { redirect: 'manual' })).headers.get('location') === bye
    },
  },
  client_assertion: {
    expects: 'client assertion',
    accepts: (jwt) => asksToken({ grant_type: 'client_credentials', client_assertion_type: assertionType, client_assertion: jwt }),
  },
  'request parameter': {
    expects: 'request object',
    accepts: async (jwt) => {
      const answer = await fetch(at({ client_id: 'web', request: jwt }), { redirect: 'manual' })
      const location = answer.headers.get('location')
      return answer.status < 400 && !(location !== null && new URL(location, kit.issuer).searchParams.has('error'))
    },
  },
  'DPoP header': { expects: 'proof', accepts: (jwt) => asksToken({ grant_type: 'client_credentials', ...asKeyClient(kit, 'web') }, jwt) },
  'jwt-bearer assertion': {
    expects: 'grant assertion',
    accepts: (jwt) => asksToken({ grant_type: bearerGrant, assertion: jwt, scope: 'notes:read', ...asKeyClient(kit, 'web') }),
  },
  'subject_token of an exchange': {
    expects: 'access token',
    accepts: (jwt) =>
      asksToken({
        grant_type: exchangeGrant,
        subject_token: jwt,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource: kitOtherApi,
        ...asKeyClient(kit, 'front'),
      }),
  },
  refresh_token: {
    expects: 'nothing',
    accepts: (jwt) => asksToken({ grant_type: 'refresh_token', refresh_token: jwt, ...asKeyClient(kit, 'web') }),
  },
  code: {
    expects: 'nothing',
    accepts: (jwt) => asksToken({ grant_type: 'authorization_code', code: jwt, code_verifier: 'v'.repeat(43), ...asKeyClient(kit, 'web') }),
  },
  software_statement: {
    expects: 'software statement',
    accepts: async (jwt) => {
      const body = JSON.stringify({ redirect_uris: [kitRedirect], software_statement: jwt })
      const headers = { 'content-type': 'application/json' }
      return (await fetch(`${kit.issuer}/register`, { method: 'POST', headers, body })).status === 201
    },
  },
}

const kinds = [
  'ID token',
  'access token',
  'UserInfo answer',
  'introspection answer',
  'authorization answer',
  'logout token',
  'client assertion',
  'request object',
  'grant assertion',
  'proof',
  'software statement',
]

beforeAll(async () => {
  listener = await startListener()
  kit = await startCodeKit({ clientKey: key, extend: oneKey })
  await collect()
})
afterAll(async () => {
  await kit.close()
  await listener.close()
})

describe('genuine ones in the wrong place', () => {
  it.each(Object.keys(receivers))('JWTBCP-3.12-01 ASVS-9.2.2: %s takes its own kind alone', async (name) => {
    const { expects, accepts } = receivers[name] as (typeof receivers)[string]
    for (const kind of kinds) {
      const jwt = (await genuine[kind]?.()) ?? ''
      expect(jwt.split('.').length, kind).toBe(3)
      expect([kind, await accepts(jwt)]).toEqual([kind, kind === expects])
    }
  })
})

describe('right in everything but the kind', () => {
  const types = ['at+jwt', 'JWT', undefined, 'logout+jwt', 'token-introspection+jwt', 'secevent+jwt', 'dpop+jwt', 'oauth-authz-req+jwt']

  it.each(types)('JWTBCP-3.12-01 OIDC-16.11-2: signed by the issuer with typ %s', async (typ) => {
    const common = { sub: 'user-hanako', client_id: 'web', scope: 'openid profile notes:read', cnf: { jkt: key.jkt }, auth_time: kit.now() }
    const token = await signedByIssuer(kit, { ...common, aud: kitApi, jti: `dressed-${typ}` }, { typ })
    const hint = await signedByIssuer(kit, { ...common, aud: 'web', sid: 's' }, { typ })
    for (const [name, jwt] of [
      ['introspection', token],
      ['subject_token of an exchange', token],
      ['id_token_hint at authorize', hint],
      ['id_token_hint at logout', hint],
    ] as const) {
      const own = name.startsWith('id_token') ? ['JWT', undefined] : ['at+jwt']
      if (!own.includes(typ)) expect([name, await receivers[name]?.accepts(jwt)]).toEqual([name, false])
    }
  })

  const clientTypes = [
    'client-authentication+jwt',
    'oauth-authz-req+jwt',
    'authorization-grant+jwt',
    'dpop+jwt',
    'at+jwt',
    'logout+jwt',
    'JWT',
    undefined,
  ]
  const expected: Record<string, string> = {
    client_assertion: 'client-authentication+jwt',
    'request parameter': 'oauth-authz-req+jwt',
    'jwt-bearer assertion': 'authorization-grant+jwt',
    'DPoP header': 'dpop+jwt',
  }
  it.each(Object.keys(expected))('JWTBCP-3.12-01: one key signs everything, and %s still hears its own kind alone', async (name) => {
    for (const typ of clientTypes.filter((one) => one !== expected[name])) {
      // A subject that fits an assertion, and one that fits a grant: untyped ones are told apart by whom they speak of.
      const wrongSubject = name === 'client_assertion' ? 'user-hanako' : 'web'
      const untyped = typ === 'JWT' || typ === undefined
      const subjects = untyped ? [wrongSubject] : ['web', 'user-hanako']
      for (const sub of subjects) {
        const jwt = signedByClient(
          typ,
          { ...dressed(), sub, client_id: 'web' },
          name === 'DPoP header' ? { kid: undefined, jwk: key.publicJwk } : {},
        )
        expect([typ, sub, await receivers[name]?.accepts(jwt)]).toEqual([typ, sub, false])
      }
    }
  })
})
