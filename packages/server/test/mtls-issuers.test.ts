// Several issuers in one process, each with its own place for clients with certificates: by host and by path.
import { wireKey, wireProof } from 'testkit'
import { kitAssertion, signedByIssuer } from 'testkit/issuer'
import { type IssuersKit, startIssuersKit } from 'testkit/issuers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuersKit
let [sales, support, elsewhere]: string[] = []
const key = wireKey()
/** Where each shows certificates: another host, and for the last another port. */
const places = new Map<string, string>()

beforeAll(async () => {
  kit = await startIssuersKit({
    names: (port) => [`http://127.0.0.1:${port}/sales`, `http://127.0.0.1:${port}/support`, `http://localhost:${port}`],
  })
  ;[sales, support, elsewhere] = [...kit.configs.keys()]
  places.set(sales!, 'https://mtls.localhost:8443/sales')
  places.set(support!, 'https://mtls.localhost:8443/support')
  places.set(elsewhere!, 'https://localhost:8443')
  for (const [name, url] of places) kit.configs.set(name, { stamp: '2', input: { mtls: { url } } })
})
afterAll(() => kit.close())

async function ask(issuer: string, url: string, audience = issuer): Promise<{ status: number; body: Record<string, unknown> }> {
  const client_assertion = kitAssertion(await kit.kit(audience))
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion,
  }
  const dpop = wireProof(key, { method: 'POST', url: `${url}/token`, now: Math.floor(Date.now() / 1000) })
  const request = new Request(`${url}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', dpop },
    body: new URLSearchParams(form),
  })
  const response = await kit.issuers.fetch(request, { encrypted: true, door: 'mtls' })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('where certificates are shown', () => {
  it('MTLS-5-01: every issuer is found by host and path of its own place', async () => {
    for (const [issuer, url] of places) {
      const { status, body } = await ask(issuer, url)
      expect(status, `${issuer} ${JSON.stringify(body)}`).toBe(200)
    }
  })

  it('MTLS-5-01: what is for one is nothing at the place of another', async () => {
    expect(await ask(sales!, places.get(support!)!, sales!)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect(await ask(sales!, places.get(elsewhere!)!, sales!)).toMatchObject({ status: 401 })
    const certificate = { encrypted: true, door: 'mtls', peerCertificate: new Uint8Array([1, 2, 3]) } as const
    const token = await signedByIssuer(await kit.kit(sales!), { aud: sales!, scope: 'openid', cnf: { jkt: key.jkt } })
    const headers = { authorization: `Bearer ${token}` }
    expect((await kit.issuers.fetch(new Request(`${places.get(support!)}/userinfo`, { headers }), certificate)).status).toBe(401)
  })

  it('nobody answers at paths and hosts of nobody', async () => {
    for (const url of [
      'https://mtls.localhost:8443/',
      'https://mtls.localhost:8443/none/token',
      'https://other.localhost:8443/sales/token',
    ]) {
      expect((await kit.issuers.fetch(new Request(url), { encrypted: true, door: 'mtls' })).status, url).toBe(404)
    }
  })
})
