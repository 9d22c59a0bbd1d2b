// The profile fapi2-message-signing on the wire: signed requests by push, signed answers, and what is refused without.
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { wireJwt, wireKey } from 'testkit'
import { authorizeUrl, type CodeAsk, redemption, startCodeKit, walkForms } from 'testkit/code'
import { asKeyClient, claimsOfJwt, type IssuerKit, kitApi, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
const clientKey = wireKey('ES256', 'client-key')
beforeAll(async () => {
  const client = {
    clientId: 'web',
    kind: 'server' as const,
    name: 'Web',
    jwks: { keys: [{ ...clientKey.publicJwk, kty: 'EC' as const, kid: clientKey.kid }] },
    redirectUris: [kitRedirect],
    scopes: ['openid', 'profile', 'notes:read'],
    apis: [kitApi],
  }
  kit = await startCodeKit({ clientKey, config: { profile: 'fapi2-message-signing', clients: [client] } })
})
afterAll(() => kit.close())

/** Pushes a signed request, but for what is changed in its claims or header. */
async function push(change: CodeAsk['change'] = {}, claims: object = {}, header: object = {}) {
  const open = authorizeUrl(kit, { clientId: 'web', change: { response_mode: 'jwt', ...change } })
  const now = kit.now()
  const request = wireJwt(
    { typ: 'oauth-authz-req+jwt', alg: 'ES256', kid: clientKey.kid, ...header },
    { ...Object.fromEntries(new URL(open.url).searchParams), iss: 'web', aud: kit.issuer, nbf: now, exp: now + 300, ...claims },
    clientKey,
  )
  return { open, answer: await postForm(kit, '/par', { client_id: 'web', request, ...asKeyClient(kit, 'web') }) }
}
const errorOf = async (pushed: ReturnType<typeof push>) => {
  const { answer } = await pushed
  return [answer.status, answer.json['error'], kit.audit.at(-1)?.rule]
}

describe('fapi2-message-signing', () => {
  it('FAPIMS-5.3-01, FAPIMS-5.4-01, JARM-2.1-01: a signed request in, a signed answer out, and nothing beside it', async () => {
    const { open, answer } = await push()
    expect(answer.status).toBe(201)
    const use = new URLSearchParams({ client_id: 'web', request_uri: String(answer.json['request_uri']) })
    const { landed } = await walkForms(kit, `${kit.issuer}/authorize?${use}`)
    expect([...landed.searchParams.keys()]).toEqual(['response'])
    const keys = createRemoteJWKSet(new URL(`${kit.issuer}/jwks`))
    const response = landed.searchParams.get('response') ?? ''
    const { payload, protectedHeader } = await jwtVerify(response, keys, { issuer: kit.issuer, audience: 'web' })
    expect(protectedHeader.alg).toBe('ES256')
    expect(payload).toMatchObject({ state: 'state-1', iss: kit.issuer })
    const form = redemption(kit, open, String(payload['code']))
    const tokens = await postForm(kit, '/token', form, { dpop: tokenProof(kit, wireKey()) })
    expect(claimsOfJwt(tokens.json['id_token'])['nonce']).toBe('nonce-1')
  })

  it('FAPIMS-5.4-01: an error is signed too', async () => {
    const { answer } = await push({ prompt: 'none' })
    const use = new URLSearchParams({ client_id: 'web', request_uri: String(answer.json['request_uri']) })
    const location = (await fetch(`${kit.issuer}/authorize?${use}`, { redirect: 'manual' })).headers.get('location') ?? ''
    expect([...new URL(location).searchParams.keys()]).toEqual(['response'])
    expect(claimsOfJwt(new URL(location).searchParams.get('response'))).toMatchObject({ error: 'login_required', iss: kit.issuer })
  })

  it('FAPIMS-5.3-01, JAR-10.5-01: an unsigned push, and one that asks for a plain answer, are refused', async () => {
    const open = authorizeUrl(kit, { clientId: 'web', change: { response_mode: 'jwt' } })
    const plain = await postForm(kit, '/par', { ...Object.fromEntries(new URL(open.url).searchParams), ...asKeyClient(kit, 'web') })
    expect([plain.status, plain.json['error']]).toEqual([400, 'invalid_request'])
    expect(await errorOf(push({ response_mode: undefined }))).toEqual([400, 'invalid_request', 'profile.response-is-signed'])
    expect((await errorOf(push({ response_mode: 'form_post' })))[2]).toBe('profile.response-is-signed')
  })

  it('FAPIMS-5.3-01: nbf and exp stand in it, are near, and the type is named', async () => {
    const now = kit.now()
    for (const [claims, header] of [
      [{ nbf: undefined }, {}],
      [{ exp: undefined }, {}],
      [{ nbf: now - 3700, exp: now + 60 }, {}],
      [{ exp: now + 3700 }, {}],
      [{ aud: 'https://other.example' }, {}],
      [{}, { typ: 'at+jwt' }],
    ]) {
      expect((await errorOf(push({}, claims, header))).slice(0, 2), JSON.stringify([claims, header])).toEqual([
        400,
        'invalid_request_object',
      ])
    }
  })
})
