// Signed authorization requests over real HTTP (RFC 9101): by value, at the authorization endpoint.
import { flipSignature, macJwt, segment, wireJwt, wireKey } from 'testkit'
import { redemption, walkForms } from 'testkit/code'
import { claimsOfJwt, kitApi, kitAssertion, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, carryUrl, type ObjectAsk, type RequestKit, signedRequest, startRequestKit } from './request-kit.ts'

const now = 1_800_000_000
let kit: RequestKit
beforeAll(async () => {
  kit = await startRequestKit({ clock: () => now })
})
afterAll(() => kit.close())

/** Beside the object: where a refusal may be told. */
const beside = { redirect_uri: kitRedirect, state: 'outside' }
const refusalOf = async (object: string, clientId = 'signer') => {
  const { status, to } = await ask(carryUrl(kit, { client_id: clientId, request: object, ...beside }))
  return [status, to?.searchParams.get('error'), to?.searchParams.get('state'), to?.searchParams.get('iss')]
}
const refused = ['invalid_request_object', 'outside']

describe('a sound request object', () => {
  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const) {
    it(`JAR-6.2-01 JAR-10.8-01: signed with ${alg}, whatever of the three ways its typ is written, it leads to the person`, async () => {
      for (const typ of ['oauth-authz-req+jwt', 'JWT', undefined]) {
        const { status, to } = await ask(signedRequest(kit, { alg, header: { typ } }).url)
        expect([status, to?.pathname]).toEqual([303, '/signin'])
      }
    })
  }

  it('JAR-4-01 OIDC-16.20-1: only what is inside is used, from the answer to the tokens', async () => {
    const key = wireKey()
    const signed = signedRequest(kit, { change: { scope: 'openid notes:read', state: 'inside' }, key })
    const outside = {
      scope: 'openid notes:write',
      state: 'outside',
      redirect_uri: `${kitRedirect}/2`,
      code_challenge: 'x',
      prompt: 'none',
      max_age: '1',
    }
    const { landed } = await walkForms(kit, `${signed.url}&${new URLSearchParams(outside)}`)
    expect(`${landed.origin}${landed.pathname}`).toBe(kitRedirect)
    expect([landed.searchParams.get('state'), landed.searchParams.get('iss')]).toEqual(['inside', kit.issuer])
    const form = redemption(kit, signed, landed.searchParams.get('code') ?? '')
    const other = await postForm(kit, '/token', form, { dpop: tokenProof(kit, wireKey()) })
    expect([other.status, other.json['error']]).toEqual([400, 'invalid_grant'])
    const tokens = await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })
    expect([tokens.status, tokens.json['scope']]).toEqual([200, 'openid notes:read'])
    expect(claimsOfJwt(tokens.json['id_token'])['nonce']).toBe('nonce-1')
  })

  it('JAR-4-01: numbers, lists and objects are read as parameters: max_age 0, two resources, claims', async () => {
    const first = await walkForms(kit, signedRequest(kit).url)
    const again = await first.browser.open(signedRequest(kit).url)
    expect(again.url.searchParams.get('code')).toBeTruthy()
    const old = await first.browser.open(signedRequest(kit, { claims: { max_age: 0 } }).url)
    expect(old.text).toContain('login-submit')
    const claims = { resource: [kitApi, kit.issuer], claims: { userinfo: { email: null } }, display: null }
    const { status, to } = await ask(signedRequest(kit, { claims }).url)
    expect([status, to?.pathname]).toEqual([303, '/signin'])
    const bad = await ask(signedRequest(kit, { claims: { claims: { userinfo: 7 } } }).url)
    expect(bad.to?.searchParams.get('error')).toBe('invalid_request')
  })

  it('JAR-4-01: what is asked inside is judged like any other request, and told with the state inside', async () => {
    for (const [claims, error] of [
      [{ scope: 'openid admin' }, 'invalid_scope'],
      [{ code_challenge: undefined }, 'invalid_request'],
      [{ max_age: 1.5 }, 'invalid_request'],
      [{ response_type: 'ticket' }, 'unsupported_response_type'],
      [{ prompt: 'none' }, 'login_required'],
    ] as const) {
      const { to } = await ask(signedRequest(kit, { claims }).url)
      expect([to?.searchParams.get('error'), to?.searchParams.get('state')]).toEqual([error, 'state-1'])
    }
  })

  it('OIDC-15.1-01: it may be posted; aud may be a list; ten seconds of difference between clocks are no harm', async () => {
    const body = new URL(signedRequest(kit, { claims: { aud: ['https://other.example', kit.issuer] } }).url).search.slice(1)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const posted = await fetch(`${kit.issuer}/authorize`, { method: 'POST', redirect: 'manual', headers, body })
    expect(posted.status).toBe(303)
    expect((await ask(posted.headers.get('location') ?? '')).to?.pathname).toBe('/signin')
    for (const claims of [{ nbf: now + 10, iat: now + 10 }, { exp: now - 9 }, { exp: undefined, nbf: undefined, iat: undefined }]) {
      expect((await ask(signedRequest(kit, { claims }).url)).to?.pathname).toBe('/signin')
    }
  })
})

describe('a request object that is not', () => {
  const changed: Record<string, ObjectAsk> = {
    'JAR-6.2-01 signed with a key nobody registered': { signer: wireKey('ES256', 'stranger') },
    'JAR-6.2-01 signed under an unknown kid': { header: { kid: 'unknown' } },
    'JAR-6.2-01 signed with an algorithm that is not served': { alg: 'ES512' },
    'JAR-6.2-01 that says another algorithm than it was signed with': { header: { alg: 'PS256' } },
    'JAR-10.8-01 a client assertion by its typ': { header: { typ: 'client-authentication+jwt' } },
    'JAR-10.8-01 an access token by its typ': { header: { typ: 'at+jwt' } },
    'JAR-10.8-01 with the client as subject': { claims: { sub: 'signer' } },
    'JAR-5-01 with another client_id inside': { claims: { client_id: 'other' } },
    'JAR-5-01 without client_id inside': { claims: { client_id: undefined } },
    'JAR-4-01 of another issuer': { claims: { iss: 'other' } },
    'JAR-4-01 without iss': { claims: { iss: undefined } },
    'JAR-4-01 for another audience': { claims: { aud: 'https://other.example' } },
    'JAR-4-01 for the authorization endpoint': { claims: { aud: 'https://id.example/authorize' } },
    'JAR-4-01 without aud': { claims: { aud: undefined } },
    'JAR-4-01 for an audience that is an object': { claims: { aud: {} } },
    'JAR-4-01 with request inside': { claims: { request: 'e30.e30.e30' } },
    'JAR-4-01 with an empty request_uri inside': { claims: { request_uri: '' } },
    'FAPIMS-5.3-01 expired': { claims: { exp: now - 10 } },
    'FAPIMS-5.3-01 not valid yet': { claims: { nbf: now + 11 } },
    'FAPIMS-5.3-01 made in the future': { claims: { iat: now + 61 } },
    'with times that are text': { claims: { exp: String(now + 60) } },
    'with half a surrogate pair': { claims: { state: 'x\ud800' } },
    'with a critical extension': { header: { crit: ['x'], x: 1 } },
  }
  for (const [why, change] of Object.entries(changed)) {
    it(`${why}: invalid_request_object, told by what stands beside it`, async () => {
      expect(await refusalOf(signedRequest(kit, change).object)).toEqual([303, ...refused, kit.issuer])
    })
  }

  it('JAR-10.5-01 JAR-6.2-01: unsigned, of another client, altered, keyed with a public key or no JWT at all: the same', async () => {
    const { object } = signedRequest(kit)
    const [header, claims] = object.split('.') as [string, string, string]
    const none = `${segment({ alg: 'none' })}.${claims}.`
    const confused = macJwt({ alg: 'HS256' }, claimsOfJwt(object), JSON.stringify(kit.keys.RS256.publicJwk))
    const embedded = wireKey()
    const carried = wireJwt({ alg: 'ES256', jwk: embedded.publicJwk }, claimsOfJwt(object), embedded)
    const altered = `${header}.${segment({ ...claimsOfJwt(object), scope: 'openid' })}.${object.split('.')[2]}`
    const bad = [
      none,
      `${none}AAAA`,
      flipSignature(object),
      confused,
      carried,
      altered,
      'e30.e30.',
      'nonsense',
      'a.b.c',
      '....',
      '\u3042.e30.e30',
      `${object}.x`,
    ]
    for (const one of bad) expect(await refusalOf(one), one.slice(0, 60)).toEqual([303, ...refused, kit.issuer])
    for (const client of ['other', 'keyless']) expect(await refusalOf(object, client)).toEqual([303, ...refused, kit.issuer])
  })

  it('JAR-6.2-01: two members of one name are refused, in the header and inside', async () => {
    const key = kit.keys.ES256
    const twice = `{"client_id":"signer","client_id":"signer","iss":"signer","aud":"${kit.issuer}"}`
    const input = `${segment({ alg: 'ES256', kid: key.kid })}.${Buffer.from(twice).toString('base64url')}`
    const { wireSignature } = await import('testkit')
    expect(await refusalOf(`${input}.${wireSignature(input, key)}`)).toEqual([303, ...refused, kit.issuer])
  })

  it('PKJWT-3-04 JAR-10.8-01: a client assertion of this very client is no request object, and a request object no assertion', async () => {
    const assertion = kitAssertion(kit, 'web', { key: kit.keys.ES256, header: { kid: kit.keys.ES256.kid } })
    expect(await refusalOf(assertion, 'web')).toEqual([303, ...refused, kit.issuer])
    const { object } = signedRequest(kit, { clientId: 'web', claims: { sub: 'web', jti: 'x' } })
    const form = {
      grant_type: 'authorization_code',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: object,
    }
    const answer = await postForm(kit, '/token', form)
    expect([answer.status, answer.json['error']]).toEqual([401, 'invalid_client'])
  })
})

describe('where the refusal goes', () => {
  it('O21-4.1.2.1-01: without a trusted redirect URI beside the object: a page, nothing echoed', async () => {
    const { object } = signedRequest(kit, { claims: { aud: 'https://<evil>.example' } })
    for (const parameters of [{}, { redirect_uri: 'https://evil.example/' }, { redirect_uri: `${kitRedirect}?x` }]) {
      const { status, to, text } = await ask(
        carryUrl(kit, { client_id: 'signer', request: object, ...(parameters as Record<string, string>) }),
      )
      expect([status, to]).toEqual([400, undefined])
      expect(text).toContain('request-object.aud-is-the-issuer')
      expect(text).not.toContain('evil')
    }
  })

  it('JAR-5-01 O21-2.3.1-01: an unknown client, no client_id, client_id twice, or a redirect URI inside that is not registered: a page', async () => {
    const { object, url } = signedRequest(kit)
    const inside = signedRequest(kit, { claims: { redirect_uri: 'https://evil.example/' } })
    const urls = [
      carryUrl(kit, { client_id: 'nobody', request: object, ...beside }),
      carryUrl(kit, { request: object, ...beside }),
      `${url}&client_id=signer`,
      `${inside.url}&${new URLSearchParams(beside)}`,
    ]
    for (const one of urls) expect([(await ask(one)).status, (await ask(one)).to]).toEqual([400, undefined])
  })

  it('JAR-5-01: request and request_uri together, or request twice: invalid_request', async () => {
    const { object, url } = signedRequest(kit)
    const both = carryUrl(kit, { client_id: 'signer', request: object, request_uri: 'urn:ietf:params:oauth:request_uri:x', ...beside })
    for (const one of [both, `${url}&request=${object}&${new URLSearchParams(beside)}`]) {
      const { to } = await ask(one)
      expect([to?.searchParams.get('error'), to?.searchParams.get('code')]).toEqual(['invalid_request', null])
    }
  })

  it('a refusal is told to the audit log with its rule, without the object', async () => {
    const { object } = signedRequest(kit, { claims: { aud: 'x' } })
    await refusalOf(object)
    expect(kit.audit.at(-1)).toMatchObject({ event: 'authorization_refused', clientId: 'signer', rule: 'request-object.aud-is-the-issuer' })
    expect(JSON.stringify(kit.audit)).not.toContain(object)
  })
})
