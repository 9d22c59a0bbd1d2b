// Clients that authenticate by a certificate of their own making: registered byte by byte, and nothing else of it believed.
import { selfSigned, wireKey, wireProof } from 'testkit'
import { type Crafted, craftCertificate } from 'testkit/crafted'
import { kitApi, kitAssertion, kitSecret, postForm, tokenProof } from 'testkit/issuer'
import { type MtlsKit, postWithCertificate, startMtlsKit } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const cn = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })
const jwkOf = (certificate: { readonly der: string }, kid: string) => ({
  kty: 'EC' as const,
  crv: 'P-256',
  kid,
  ...{ x: 'unused', y: 'unused' },
  x5c: [certificate.der],
})
const method = 'self_signed_tls_client_auth' as const
const key = wireKey()
const own = craftCertificate(cn('batch'))
const next = craftCertificate(cn('batch'))
const sameKey = craftCertificate({ ...cn('batch'), key: own.key })
const stranger = craftCertificate(cn('batch'))
const start = 1_790_000_000
const brief = craftCertificate({ ...cn('brief'), notBefore: start, notAfter: start + 86_400 })

let now = start + 100
let kit: MtlsKit

beforeAll(async () => {
  kit = await startMtlsKit({
    clock: () => now,
    extend: (config) => ({
      ...config,
      clients: [
        ...(config.clients ?? []),
        ...[
          { clientId: 'batch', keys: [jwkOf(own, 'a'), jwkOf(next, 'b')] },
          { clientId: 'brief', keys: [jwkOf(brief, 'a')] },
          { clientId: 'other', keys: [jwkOf(selfSigned('other'), 'a')] },
        ].map(({ clientId, keys }) => ({
          clientId,
          kind: 'server' as const,
          name: clientId,
          authentication: method,
          jwks: { keys },
          scopes: ['notes:read'],
          apis: [kitApi],
        })),
      ],
    }),
  })
})
afterAll(() => kit.close())

const proof = () => ({ dpop: wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}/token`, now: kit.now() }) })
type Held = Pick<Crafted, 'key' | 'cert'>
const ask = (certificate: Held | undefined, form: Record<string, string> = { client_id: 'batch' }, headers: Record<string, string> = {}) =>
  postWithCertificate(
    kit,
    '/token',
    { grant_type: 'client_credentials', resource: kitApi, scope: 'notes:read', ...form },
    { headers: { ...proof(), ...headers }, ...(certificate && { certificate }) },
  )
const told = () => kit.audit.at(-1)
const refused = { status: 401, json: { error: 'invalid_client' } }

describe('self_signed_tls_client_auth', () => {
  it('MTLS-2.2-01: the registered certificate authenticates, whoever signed it; the log says which', async () => {
    expect(await ask(own)).toMatchObject({ status: 200, json: { token_type: 'DPoP' } })
    expect(told()).toMatchObject({ event: 'token_issued', clientId: 'batch', authentication: method, x5t: own.x5t })
  })

  it('MTLS-2.2-01: two registered certificates work side by side, so that one can follow the other', async () => {
    expect([(await ask(own)).status, (await ask(next)).status]).toEqual([200, 200])
  })

  it.each<[string, Crafted, string]>([
    ['the same subject with another key', stranger, 'client-certificate.is-registered'],
    ['the same key in another certificate', sameKey, 'client-certificate.is-registered'],
  ])('MTLS-2.2-01: %s is refused', async (_what, certificate, rule) => {
    expect(await ask(certificate)).toMatchObject(refused)
    expect(told()).toMatchObject({ event: 'token_refused', rule, clientId: 'batch', authentication: method, x5t: certificate.x5t })
  })

  it('MTLS-2-01: the certificate of another client is refused', async () => {
    expect(await ask(brief)).toMatchObject(refused)
    expect(told()).toMatchObject({ rule: 'client-certificate.is-registered' })
  })

  it('MTLS-2-01: without a certificate, at the origin that asks for one and at the other, nobody gets in by name', async () => {
    expect(await ask(undefined)).toMatchObject(refused)
    expect(told()).toMatchObject({ rule: 'client-certificate.is-presented', authentication: method })
    const form = { grant_type: 'client_credentials', client_id: 'batch', resource: kitApi }
    expect(await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })).toMatchObject(refused)
    expect(told()).toMatchObject({ rule: 'client-certificate.is-presented' })
  })

  it('MTLS-2-02: without client_id nobody is looked up by certificate', async () => {
    expect(await ask(own, {})).toMatchObject(refused)
    expect(told()).toMatchObject({ rule: 'client-auth.is-presented' })
    expect(told()).not.toHaveProperty('clientId')
  })

  it('O21-2.4-01: a secret beside the certificate, or instead, is not the method that is registered', async () => {
    expect(await ask(own, { client_id: 'batch', client_secret: kitSecret })).toMatchObject(refused)
    expect(told()).toMatchObject({ rule: 'client-auth.method-is-registered', expected: method, received: 'client_secret_post' })
    const basic = { authorization: `Basic ${Buffer.from(`batch:${kitSecret}`).toString('base64')}` }
    expect(await ask(own, {}, basic)).toMatchObject(refused)
  })

  it('O21-2.4-01: a client of another method may show a certificate: it proves nothing for it, and takes nothing from it', async () => {
    expect(await ask(own, { client_id: 'post', client_secret: kitSecret })).toMatchObject({ status: 200 })
    expect(told()).not.toHaveProperty('x5t')
    expect(await ask(own, { client_id: 'post' })).toMatchObject(refused)
    const assertion = {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: kitAssertion(kit),
    }
    expect(await ask(own, assertion)).toMatchObject({ status: 200 })
  })

  it('MTLS-2.2-01: it serves to the last second of its validity, and not one longer; not before the first either', async () => {
    const at = async (moment: number) => {
      now = moment
      return [(await ask(brief, { client_id: 'brief' })).status, told()?.rule]
    }
    expect(await at(start)).toEqual([200, undefined])
    expect(await at(start + 86_400)).toEqual([200, undefined])
    expect(await at(start + 86_401)).toEqual([401, 'client-certificate.is-in-force'])
    expect(await at(start - 1)).toEqual([401, 'client-certificate.is-in-force'])
    now = start + 100
  })

  it('MTLS-2.2-01: a certificate about to expire is told of, once a day, by the request that shows it', async () => {
    const warnings = () => kit.audit.filter(({ event }) => event === 'certificate_expires_soon')
    now = start + 200
    const before = warnings().length
    await ask(brief, { client_id: 'brief' })
    await ask(brief, { client_id: 'brief' })
    expect(warnings().length - before).toBeLessThanOrEqual(1)
    expect(warnings().at(-1)).toMatchObject({ clientId: 'brief', x5t: brief.x5t, notAfter: start + 86_400 })
    expect(warnings().every(({ clientId }) => clientId === 'brief')).toBe(true)
    now = start + 100
  })
})
