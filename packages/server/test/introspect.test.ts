// Introspection over HTTP: who may ask, what is told, what an inactive token looks like.
import { wireKey } from 'testkit'
import { authorizeUrl, getTokens, redemption, refresh, startCodeKit, walkForms } from 'testkit/code'
import {
  asKeyClient,
  askAbout,
  askOwnToken,
  basicHeader,
  claimsOfJwt,
  type IssuerKit,
  type KitAnswer,
  kitApi,
  kitOtherApi,
  kitSecret,
  postForm,
  signedByIssuer,
  tokenProof,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const jwtType = 'application/token-introspection+jwt'
const thumbprint = 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2'

let kit: IssuerKit
const now = Math.floor(Date.now() / 1000)
beforeAll(async () => {
  kit = await startCodeKit({ clock: () => now })
})
afterAll(() => kit.close())

const ask = (token: unknown, form?: Record<string, string>, headers?: Record<string, string>) => askAbout(kit, token, form, headers)
const signedHere = (claims: object, header?: object) => signedByIssuer(kit, claims, header)
const tell = async (token: unknown) => (await ask(token)).json
const inactive = (answer: KitAnswer) => {
  expect([answer.status, answer.text]).toEqual([200, '{"active":false}'])
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('cache-control')).toBe('no-store')
}
describe('what is told', () => {
  it('DPOP-6.2-01 INTRO-2.2-01: a bound token names its key at the top level, its type is DPoP, and no proof is asked for', async () => {
    const held = await getTokens(kit)
    const claims = claimsOfJwt(held.answer.json['access_token'])
    const answer = await ask(held.answer.json['access_token'])
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.json).toEqual({ ...claims, active: true, token_type: 'DPoP', cnf: { jkt: held.key.jkt } })
    expect(answer.json).toMatchObject({ iss: kit.issuer, sub: 'user-hanako', client_id: 'spa', scope: 'openid profile notes:read' })
    // A proof that is no proof, too: the API checks it, not this endpoint.
    expect((await ask(held.answer.json['access_token'], {}, { dpop: 'no proof' })).json).toEqual(answer.json)
  })

  it('DPOP-6.2-01: a token bound to nothing is told as Bearer, without cnf', async () => {
    const open = authorizeUrl(kit, { clientId: 'old-spa' })
    const { landed } = await walkForms(kit, open.url)
    const { json } = await postForm(kit, '/token', redemption(kit, open, landed.searchParams.get('code') ?? ''))
    const told = await tell(json['access_token'])
    expect(told).toMatchObject({ active: true, token_type: 'Bearer', client_id: 'old-spa' })
    expect(told).not.toHaveProperty('cnf')
  })

  it('MTLS-3.2-01: a token bound to a certificate carries x5t#S256 at the top level, beside a key where it has both', async () => {
    const mtls = { 'x5t#S256': thumbprint }
    expect(await tell(await signedHere({ cnf: mtls }))).toMatchObject({ active: true, token_type: 'Bearer', cnf: mtls })
    const both = { ...mtls, jkt: wireKey().jkt }
    expect(await tell(await signedHere({ cnf: both }))).toMatchObject({ active: true, token_type: 'DPoP', cnf: both })
  })

  it('INTRO-2.1-01: token_type_hint may be wrong', async () => {
    const { json } = await askOwnToken(kit, wireKey(), { resource: kitApi })
    for (const hint of ['refresh_token', 'access_token', 'pigeon']) {
      expect((await ask(json['access_token'], { token_type_hint: hint })).json).toMatchObject({ active: true, sub: 'service' })
    }
  })

  it('claims that are no business of an API stay inside the token', async () => {
    expect(await tell(await signedHere({ secret_thing: 1, acr: 'x' }))).toEqual({
      active: true,
      iss: kit.issuer,
      sub: 'service',
      aud: kitApi,
      client_id: 'service',
      iat: now,
      exp: now + 60,
      jti: `own-${now}`,
      acr: 'x',
      token_type: 'Bearer',
    })
  })
})

describe('inactive: exactly {"active":false}', () => {
  it('INTRO-2.2-01: unknown, malformed and forged tokens, tokens of another kind', async () => {
    const held = await getTokens(kit)
    const token = String(held.answer.json['access_token'])
    inactive(await ask('unknown'))
    inactive(await ask(`${token}x`))
    inactive(await ask(token.replace(/\.[^.]*$/, '.')))
    inactive(await ask(held.answer.json['id_token']))
    inactive(await ask(await signedHere({ iss: 'https://elsewhere.example' })))
    inactive(await ask(await signedHere({ cnf: { 'x-unknown': 'y' } })))
    inactive(await ask(await signedHere({}, { typ: 'JWT' })))
  })

  it('INTRO-2.2-01: no API has a use for a refresh token, whatever the hint', async () => {
    const held = await getTokens(kit)
    inactive(await ask(held.answer.json['refresh_token']))
    inactive(await ask(held.answer.json['refresh_token'], { token_type_hint: 'refresh_token' }))
    expect((await refresh(kit, held, held.answer.json['refresh_token'])).status).toBe(200)
  })

  it('INTRO-2.2-01: a token for another API, to the last character', async () => {
    const { json } = await askOwnToken(kit, wireKey(), { resource: kitOtherApi, scope: 'notes:read' })
    const token = String(json['access_token'] ?? (await signedHere({ aud: kitOtherApi })))
    inactive(await ask(token))
    inactive(await ask(await signedHere({ aud: kitApi.slice(0, -1) })))
    inactive(await ask(await signedHere({ aud: kit.issuer })))
    const other = await postForm(kit, '/introspect', { token }, { authorization: basicHeader('other-server') })
    expect(other.json).toMatchObject({ active: true })
    expect((await tell(await signedHere({ aud: [kitOtherApi, kitApi] })))['active']).toBe(true)
  })

  it('INTRO-2.2-01: from the second of its expiry on', async () => {
    let later = now
    const aging = await startCodeKit({ clock: () => later })
    const { json } = await askOwnToken(aging, wireKey(), { resource: kitApi })
    const token = String(json['access_token'])
    const asked = () => postForm(aging, '/introspect', { token, ...asKeyClient(aging, 'notes-server') })
    const { exp } = claimsOfJwt(token) as { exp: number }
    later = exp - 1
    expect((await asked()).json['active']).toBe(true)
    later = exp
    inactive(await asked())
    await aging.close()
  })

  it('INTRO-2.2-01 REV-2.1-01: revocation of the token, of its grant and of its family is seen at once', async () => {
    const revoke = (token: unknown, who: Record<string, string>) => postForm(kit, '/revoke', { token: String(token), ...who })
    const own = await askOwnToken(kit, wireKey(), { resource: kitApi })
    expect((await tell(own.json['access_token']))['active']).toBe(true)
    await revoke(own.json['access_token'], asKeyClient(kit))
    inactive(await ask(own.json['access_token']))

    const alone = await getTokens(kit)
    await revoke(alone.answer.json['access_token'], { client_id: 'spa' })
    inactive(await ask(alone.answer.json['access_token']))

    const granted = await getTokens(kit)
    expect((await tell(granted.answer.json['access_token']))['active']).toBe(true)
    await revoke(granted.answer.json['refresh_token'], { client_id: 'spa' })
    inactive(await ask(granted.answer.json['access_token']))

    const reused = await getTokens(kit)
    const second = await refresh(kit, reused, reused.answer.json['refresh_token'])
    expect((await tell(second.json['access_token']))['active']).toBe(true)
    const replayed = await postForm(kit, '/token', redemption(kit, reused.open, reused.code), { dpop: tokenProof(kit, reused.key) })
    expect(replayed.json['error']).toBe('invalid_grant')
    inactive(await ask(second.json['access_token']))
  })

  it('INTRO-2.2-01: what a person who is disabled has allowed', async () => {
    const held = await getTokens(kit, {}, undefined, 'taro')
    expect((await tell(held.answer.json['access_token']))['active']).toBe(true)
    const taro = await kit.storage.records.user(kit.issuer, 'user-taro')
    const put = (disabled: boolean, step: number) =>
      kit.storage.commit({
        issuer: kit.issuer,
        now,
        audit: [],
        writes: [{ write: 'put-user', record: { ...taro!, disabled, version: taro!.version + step } }],
      })
    await put(true, 1)
    inactive(await ask(held.answer.json['access_token']))
    await put(false, 2)
  })
})

describe('who may ask', () => {
  it('INTRO-2.1-01: nobody without authentication, and only by POST', async () => {
    const { json } = await askOwnToken(kit, wireKey(), { resource: kitApi })
    const token = String(json['access_token'])
    expect((await postForm(kit, '/introspect', { token })).status).toBe(401)
    const wrong = await postForm(kit, '/introspect', { token }, { authorization: basicHeader('other-server', 'wrong') })
    expect([wrong.status, wrong.json['error']]).toEqual([401, 'invalid_client'])
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Basic/)
    const get = await fetch(`${kit.issuer}/introspect?token=${token}`, { headers: { authorization: basicHeader('other-server') } })
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await ask('', {})).json['error']).toBe('invalid_request')
    const json2 = await fetch(`${kit.issuer}/introspect`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basicHeader('other-server') },
      body: JSON.stringify({ token }),
    })
    expect(json2.status).toBe(400)
    const twice = `token=${token}&token=x&client_id=other-server&client_secret=${kitSecret}`
    expect((await postForm(kit, '/introspect', twice)).json['error']).toBe('invalid_request')
  })

  it('INTROJWT-8-01 INTRO-2.1-01: an ordinary client is refused, even for its own token', async () => {
    const { json } = await askOwnToken(kit, wireKey(), { resource: kitApi })
    const token = String(json['access_token'])
    for (const [form, headers] of [
      [asKeyClient(kit), {}],
      [{}, { authorization: basicHeader('basic') }],
      [{ client_id: 'spa' }, {}],
      [{}, { authorization: basicHeader('basic'), accept: jwtType }],
    ] as const) {
      const answer = await postForm(kit, '/introspect', { token, ...form }, headers)
      expect([answer.status, answer.json['error']]).toEqual([403, 'unauthorized_client'])
      expect(answer.text).not.toContain('active')
    }
  })

  it('PKJWT-3-01: an assertion is used once here, too', async () => {
    const auth = asKeyClient(kit, 'notes-server')
    expect((await ask('x', auth)).status).toBe(200)
    expect((await ask('x', auth)).json['error']).toBe('invalid_client')
  })

  it('every question is remembered: who asked, about whom, what was told; never the token', async () => {
    const held = await getTokens(kit)
    const token = String(held.answer.json['access_token'])
    await ask(token)
    const mine = { event: 'token_introspected', clientId: 'notes-server', active: true, subject: 'user-hanako', holder: 'spa' }
    expect(kit.audit.at(-1)).toMatchObject({ ...mine, jkt: held.key.jkt })
    await ask(await signedHere({ aud: kitOtherApi }))
    expect(kit.audit.at(-1)).toMatchObject({ active: false, rule: 'introspection.token-is-for-this-api' })
    await postForm(kit, '/introspect', { token }, { authorization: basicHeader('basic') })
    expect(kit.audit.at(-1)).toMatchObject({ rule: 'introspection.client-serves-an-api', clientId: 'basic', route: 'introspect' })
    expect(JSON.stringify(kit.audit)).not.toContain(token)
  })
})

it('metadata tells the endpoint, its methods without "none", and the algorithms of signed answers', async () => {
  const document = await (await fetch(`${kit.issuer}/.well-known/oauth-authorization-server`)).json()
  expect(document).toMatchObject({
    introspection_endpoint: `${kit.issuer}/introspect`,
    introspection_signing_alg_values_supported: ['RS256', 'ES256'],
  })
  const { introspection_endpoint_auth_methods_supported: methods, token_endpoint_auth_methods_supported: all } = document as Record<
    string,
    string[]
  >
  expect(methods).toEqual(all?.filter((name) => name !== 'none'))
})
