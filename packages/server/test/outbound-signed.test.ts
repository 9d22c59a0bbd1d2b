// What carries a signature of its own may come over plain http; nothing else does, from the same place either.
import { parseIssuerConfig } from '@kimei/server'
import { craftCertificate } from 'testkit/crafted'
import { afterEach, expect, it } from 'vitest'
import { closeOutside, made, outside, ruleOf } from './outbound-parts.ts'

afterEach(closeOutside)
const accept = ['application/pkix-crl']
const how = { purpose: 'revocation, crl', accept, mostBytes: 100, seconds: 3 }

it('MTLS-2.1-01 CIMD-8.6-01: an origin that is listed with http gives signed answers alone', async () => {
  const server = await outside((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(Buffer.from([0xff, 0xfe])),
  )
  const origin = `http://lists.internal:${server.port}`
  const { outbound, audit } = made({ allow: [{ origin }], lookUp: () => ['127.0.0.1'] })
  expect(await outbound.fetchSigned(`${origin}/a.crl`, how)).toMatchObject({ bytes: Buffer.from([0xff, 0xfe]) })
  expect(ruleOf(await outbound.get(`${origin}/a.crl`, how))).toBe('outbound.scheme-is-https')
  expect(ruleOf(await outbound.post(`${origin}/a.crl`, '', { ...how, contentType: 'text/plain' }))).toBe('outbound.scheme-is-https')
  expect([server.asked, audit.map(({ rule }) => rule)]).toEqual([['/a.crl'], ['outbound.scheme-is-https', 'outbound.scheme-is-https']])
})

it('MTLS-2.1-01 CIMD-8.6-01: what is not listed is public and on the usual port, signed or not', async () => {
  const inside = made({ lookUp: () => ['10.0.0.7'] })
  expect(ruleOf(await inside.outbound.fetchSigned('http://lists.example/a.crl', how))).toBe('outbound.addresses-are-public')
  expect(ruleOf(await inside.outbound.fetchSigned('http://lists.example:8080/a.crl', how))).toBe('outbound.port-is-usual')
  expect(ruleOf(await inside.outbound.fetchSigned('ldap://lists.example/a', how))).toBe('outbound.scheme-is-https')
})

it('MTLS-2.1-01: http on another machine may be listed where clients show certificates', () => {
  const ca = craftCertificate({ subject: [[{ type: '2.5.4.3', value: 'ca' }]], ca: true })
  const config = { issuer: 'https://id.example', outbound: { allow: [{ origin: 'http://ocsp.internal' }] } }
  expect(() => parseIssuerConfig(config)).toThrow(/http on a loopback host, or for answers about revocation/)
  expect(parseIssuerConfig({ ...config, mtls: { url: 'https://mtls.id.example', trustAnchors: [ca.cert] } }).outbound.allow).toHaveLength(1)
})
