// What the FAPI 2.0 certification plan sends to a guarded API: every way in which a proof can be wrong, and those that are right.
import { createHash } from 'node:crypto'
import { wireKey, wireProof } from 'testkit'
import { postForm } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callApi, codeOf, type Fapi, redeem, startFapi } from './fapi-parts.ts'

let fapi: Fapi
beforeAll(async () => {
  fapi = await startFapi({ profile: 'fapi2', scope: 'plain' })
})
afterAll(() => fapi.close())

describe('proofs at the API', () => {
  const wrong: Readonly<Record<string, { claims?: Record<string, unknown>; header?: Record<string, unknown> }>> = {
    'typ missing': { header: { typ: undefined } },
    'typ of another kind': { header: { typ: 'jwt' } },
    'alg missing': { header: { alg: undefined } },
    'alg none': { header: { alg: 'none' } },
    'jwk missing': { header: { jwk: undefined } },
    'jti missing': { claims: { jti: undefined } },
    'htm missing': { claims: { htm: undefined } },
    'htm of another method': { claims: { htm: 'PUT' } },
    'htu missing': { claims: { htu: undefined } },
    'htu of another place': { claims: { htu: 'https://other.example/accounts' } },
    'iat missing': { claims: { iat: undefined } },
    'ath missing': { claims: { ath: undefined } },
    'ath of another token': { claims: { ath: createHash('sha256').update('other').digest('base64url') } },
  }
  it('DPOP-4.3-01 DPOP-4.3-08 DPOP-4.3-09 DPOP-4.3-12 FAPI2-5.3.4-01: each one is refused, the next sound one is taken', async () => {
    const { flow, code } = await codeOf(fapi)
    const key = wireKey()
    const { json } = await redeem(fapi, flow, code, key)
    const call = (proof: { claims?: Record<string, unknown>; header?: Record<string, unknown> }, by = key) =>
      callApi(fapi, json['access_token'], by, { proof })
    for (const [what, proof] of Object.entries(wrong)) expect((await call(proof)).status, what).toBe(401)
    const now = fapi.now()
    for (const iat of [now - 3600, now + 3600]) expect((await call({ claims: { iat } })).status).toBe(401)
    expect((await call({ header: { jwk: key.privateJwk } })).status).toBe(401)
    expect((await call({}, wireKey())).status).toBe(401)
    const jti = `once-${now}`
    expect([(await call({ claims: { jti } })).status, (await call({ claims: { jti } })).status]).toEqual([200, 401])
    const { pathname, host, port } = new URL(fapi.resource)
    const same = [`${fapi.resource}?query=1#fragment`, `HTTP://${host}${pathname}`, `http://127.0.0.1:${port}/%61ccounts`]
    for (const htu of same) expect((await call({ claims: { htu } })).status, htu).toBe(200)
    expect((await callApi(fapi, json['access_token'], key, { url: `${fapi.resource}?query=1` })).status).toBe(200)
  })

  it('DPOP-4.3-01: two proofs are refused', async () => {
    const { flow, code } = await codeOf(fapi)
    const key = wireKey()
    const { json } = await redeem(fapi, flow, code, key)
    const make = () => wireProof(key, { url: fapi.resource, now: fapi.now(), accessToken: String(json['access_token']) })
    const headers = new Headers({ authorization: `DPoP ${json['access_token']}` })
    for (const proof of [make(), make()]) headers.append('dpop', proof)
    expect((await fetch(fapi.resource, { headers })).status).toBe(401)
  })

  it('O21-5.1-01 FAPI2-5.3.4-01: a token in the URL is no token', async () => {
    const { flow, code } = await codeOf(fapi)
    const { json } = await redeem(fapi, flow, code, wireKey())
    expect((await fetch(`${fapi.resource}?access_token=${json['access_token']}`)).status).toBe(401)
    expect((await postForm(fapi, '/userinfo', { access_token: String(json['access_token']) })).status).toBe(401)
  })
})
