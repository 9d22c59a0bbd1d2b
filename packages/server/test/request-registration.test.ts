// Clients that register themselves may say how they sign their authorization requests, and are held to it (OpenID Connect Registration §2).
import { startOutside } from 'testkit'
import { kitApi, kitRedirect, readResponse } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, carryUrl, jwkOf, type RequestKit, signedRequest, startRequestKit } from './request-kit.ts'

let kit: RequestKit
let object = ''
const outside = await startOutside((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/oauth-authz-req+jwt' }).end(object)
})
beforeAll(async () => {
  const policy = { scopes: ['openid', 'notes:read'], apis: [kitApi], redirectHosts: ['app.example'] }
  const registration = { mode: 'open' as const, policy, limits: { perAddressAndHour: 1000 } }
  kit = await startRequestKit({ config: { registration, outbound: { allow: [{ origin: outside.origin }] } } })
})
afterAll(async () => {
  await kit.close()
  await outside.close()
})

async function register(metadata: object) {
  const body = JSON.stringify({
    redirect_uris: [kitRedirect],
    token_endpoint_auth_method: 'none',
    scope: 'openid notes:read',
    jwks: { keys: [jwkOf(kit.keys.ES256), jwkOf(kit.keys.PS256)] },
    ...metadata,
  })
  const headers = { 'content-type': 'application/json' }
  return readResponse(await fetch(`${kit.issuer}/register`, { method: 'POST', headers, body }))
}
const change = { scope: 'openid notes:read' }

describe('a client that registered how it signs', () => {
  it('JAR-10.5-01 JAR-6.2-01: is refused unsigned, or signed otherwise, and taken as it said', async () => {
    const { status, json } = await register({ request_object_signing_alg: 'PS256', require_signed_request_object: true })
    expect([status, json['request_object_signing_alg'], json['require_signed_request_object']]).toEqual([201, 'PS256', true])
    const clientId = String(json['client_id'])
    const beside = { redirect_uri: kitRedirect }
    const error = async (parameters: Record<string, string>) =>
      (await ask(carryUrl(kit, { client_id: clientId, ...beside, ...parameters }))).to?.searchParams.get('error')
    expect(await error({ response_type: 'code', scope: 'openid' })).toBe('invalid_request')
    expect(await error({ request: signedRequest(kit, { clientId, alg: 'ES256', change }).object })).toBe('invalid_request_object')
    const { to } = await ask(signedRequest(kit, { clientId, alg: 'PS256', change }).url)
    expect(to?.pathname).toBe('/signin')
  })

  it('JAR-5.2-01: may leave its requests where it registered, and nowhere else', async () => {
    const uri = `${outside.origin}/request`
    const { status, json } = await register({ request_uris: [uri] })
    expect(status).toBe(201)
    const clientId = String(json['client_id'])
    object = signedRequest(kit, { clientId, change }).object
    expect((await ask(carryUrl(kit, { client_id: clientId, request_uri: uri }))).to?.pathname).toBe('/signin')
    const other = await ask(carryUrl(kit, { client_id: clientId, request_uri: `${uri}2`, redirect_uri: kitRedirect }))
    expect(other.to?.searchParams.get('error')).toBe('invalid_request_uri')
    expect(outside.asked).toEqual(['/request'])
  })

  it('JAR-6.2-01: cannot say what is not served, nor sign without keys', async () => {
    for (const metadata of [
      { request_object_signing_alg: 'none' },
      { request_object_signing_alg: 'HS256' },
      { request_object_encryption_alg: 'RSA-OAEP-256' },
      { require_signed_request_object: true, jwks: undefined },
    ]) {
      const { status, json } = await register(metadata)
      expect([status, json['error']], JSON.stringify(metadata)).toEqual([400, 'invalid_client_metadata'])
    }
  })
})
