// Self-signed certificates that a client publishes at its jwks_uri: the next one is found by one fetch, a stranger's causes no more than one.
import { type OutsideServer, sendJson, startOutside, wireKey, wireProof } from 'testkit'
import { type Crafted, craftCertificate } from 'testkit/crafted'
import { kitApi } from 'testkit/issuer'
import { type MtlsKit, postWithCertificate, startMtlsKit } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const craft = () => craftCertificate({ subject: [[{ type: '2.5.4.3', value: 'remote' }]] })
const [old, next] = [craft(), craft()]
const strangers = Array.from({ length: 20 }, craft)
const key = wireKey()

let now = 1_790_000_000
let kit: MtlsKit
let outside: OutsideServer
let published: readonly object[] = []
const publish = (...certificates: Crafted[]) => {
  published = certificates.map(({ der }, at) => ({ kty: 'EC', crv: 'P-256', x: 'unused', y: 'unused', kid: String(at), x5c: [der] }))
}

beforeAll(async () => {
  outside = await startOutside((_request, response) => sendJson(response, { keys: published }, { 'cache-control': 'max-age=3600' }))
  kit = await startMtlsKit({
    clock: () => now,
    config: {
      outbound: { allow: [{ origin: outside.origin }] },
      clients: [
        {
          clientId: 'remote',
          kind: 'server',
          name: 'Remote',
          authentication: 'self_signed_tls_client_auth',
          jwksUri: `${outside.origin}/keys.json`,
          scopes: ['notes:read'],
          apis: [kitApi],
        },
      ],
    },
  })
})
afterAll(async () => {
  await kit.close()
  await outside.close()
})

const ask = async (certificate: Crafted): Promise<number> => {
  const dpop = wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}/token`, now: kit.now() })
  const form = { grant_type: 'client_credentials', client_id: 'remote', resource: kitApi }
  return (await postWithCertificate(kit, '/token', form, { certificate, headers: { dpop } })).status
}

describe('self_signed_tls_client_auth by jwks_uri', () => {
  it('MTLS-2.2-02: the next certificate, once published, is found by one more fetch, and both work while both are there', async () => {
    publish(old)
    expect(await ask(old)).toBe(200)
    expect(await ask(next)).toBe(401)
    publish(old, next)
    now += 31
    expect([await ask(next), await ask(old), await ask(next)]).toEqual([200, 200, 200])
    expect(outside.asked).toHaveLength(2)
  })

  it('MTLS-2.2-02: twenty certificates that nobody published cause one fetch for each cooldown', async () => {
    now += 31
    const before = outside.asked.length
    expect(await Promise.all(strangers.map(ask))).toEqual(strangers.map(() => 401))
    expect(outside.asked.length - before).toBe(1)
    expect(await Promise.all(strangers.map(ask))).toEqual(strangers.map(() => 401))
    expect(outside.asked.length - before).toBe(1)
    expect([await ask(old), await ask(next)]).toEqual([200, 200])
  })

  it('MTLS-2.2-01: a certificate that is published no more stops working when the set is fetched again', async () => {
    publish(next)
    now += 3600
    expect([await ask(old), await ask(next)]).toEqual([401, 200])
  })
})
