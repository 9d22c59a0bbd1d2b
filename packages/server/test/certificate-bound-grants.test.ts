// Every grant for clients whose tokens are bound to certificates: what descends from a bound token is bound, and a refresh needs its certificate.
import { fixedClock, wireKey } from 'testkit'
import { askBound, type BoundAsk, boundCertificates, boundCode, ownToken, startBoundKit } from 'testkit/bound'
import { decideAtPage, deviceGrant, waitingDevice } from 'testkit/device'
import { exchangeGrant } from 'testkit/exchange'
import { claimsOfJwt, type KitAnswer, kitOtherApi, postForm } from 'testkit/issuer'
import { type MtlsKit, postWithCertificate } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const { job, other, phone } = boundCertificates
const key = wireKey()
const clock = fixedClock(Math.floor(Date.now() / 1000))
let kit: MtlsKit
beforeAll(async () => {
  kit = await startBoundKit({ clock })
})
afterAll(() => kit.close())

const cnfOf = ({ json }: KitAnswer) => claimsOfJwt(json['access_token'])['cnf']
const bound = (certificate: { x5t: string }) => ({ 'x5t#S256': certificate.x5t })
const told = () => kit.audit.at(-1)
const redeem = async (clientId: string, ask: BoundAsk, change: Record<string, string> = {}) =>
  askBound(kit, clientId, (await boundCode(kit, clientId, { change })).form, ask)
const refresh = (clientId: string, held: KitAnswer, ask: BoundAsk) =>
  askBound(kit, clientId, { grant_type: 'refresh_token', refresh_token: String(held.json['refresh_token']) }, ask)
const isRefused = ({ status, text }: KitAnswer) => expect([status, text]).toEqual([400, '{"error":"invalid_grant"}'])

describe('a code', () => {
  it.each(['job', 'keyed', 'phone'])('MTLS-3-01: of %s becomes a token of its certificate', async (clientId) => {
    const certificate = clientId === 'job' ? job : phone
    const answer = await redeem(clientId, { certificate })
    expect([answer.status, answer.json['token_type'], cnfOf(answer)]).toEqual([200, 'Bearer', bound(certificate)])
    expect(told()).toMatchObject({ event: 'token_issued', mode: 'mtls', grantType: 'authorization_code' })
  })

  it('MTLS-3.4-01 O21-4.1.3-02: without a certificate it is refused and not used up', async () => {
    const { form } = await boundCode(kit, 'phone')
    const answer = await askBound(kit, 'phone', form)
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_request'])
    expect((await askBound(kit, 'phone', form, { certificate: phone })).status).toBe(200)
  })
})

describe('a refresh token of a public client', () => {
  it('MTLS-4-01: is refreshed with its certificate, and the new tokens name it', async () => {
    let held = await redeem('phone', { certificate: phone })
    for (let turn = 0; turn < 2; turn += 1) {
      clock.advance(120)
      held = await refresh('phone', held, { certificate: phone })
      expect([held.status, cnfOf(held)]).toEqual([200, bound(phone)])
    }
    expect(told()).toMatchObject({ event: 'token_issued', mode: 'mtls', grantType: 'refresh_token', x5t: phone.x5t })
  })

  it('MTLS-4-01: with another certificate it is refused, and nobody’s family is revoked', async () => {
    const held = await redeem('phone', { certificate: phone })
    isRefused(await refresh('phone', held, { certificate: other }))
    expect(told()).toMatchObject({
      event: 'binding_mismatch',
      rule: 'refresh.certificate-is-the-bound-one',
      expected: phone.x5t,
      received: other.x5t,
    })
    expect((await refresh('phone', held, { certificate: phone })).status).toBe(200)
  })

  it('MTLS-4-01 O21-4.3.1-01: nor with one that was rotated away; with the right one its reuse ends the family', async () => {
    const held = await redeem('phone', { certificate: phone })
    const next = await refresh('phone', held, { certificate: phone })
    clock.advance(120)
    isRefused(await refresh('phone', held, { certificate: other }))
    const after = await refresh('phone', next, { certificate: phone })
    expect(after.status).toBe(200)
    isRefused(await refresh('phone', held, { certificate: phone }))
    isRefused(await refresh('phone', after, { certificate: phone }))
  })

  it('MTLS-4-01: an honest repeat inside the window needs the same certificate', async () => {
    const held = await redeem('phone', { certificate: phone })
    const first = await refresh('phone', held, { certificate: phone })
    isRefused(await refresh('phone', held, { certificate: other }))
    const again = await refresh('phone', held, { certificate: phone })
    expect(again.json['refresh_token']).toBe(first.json['refresh_token'])
    expect(cnfOf(again)).toEqual(bound(phone))
  })

  it('MTLS-3.4-01: without any it is refused as its client is, and works afterwards', async () => {
    const held = await redeem('phone', { certificate: phone })
    const answer = await refresh('phone', held, {})
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_request'])
    expect(told()?.event).toBe('mtls_missing')
    expect((await refresh('phone', held, { certificate: phone })).status).toBe(200)
  })

  it('MTLS-4-01 DPOP-5-03: one that began with a proof as well needs both from then on', async () => {
    const held = await redeem('phone', { certificate: phone, key })
    expect(cnfOf(held)).toEqual({ jkt: key.jkt, ...bound(phone) })
    expect((await refresh('phone', held, { certificate: phone })).json['error']).toBe('invalid_dpop_proof')
    isRefused(await refresh('phone', held, { certificate: phone, key: wireKey() }))
    isRefused(await refresh('phone', held, { certificate: other, key }))
    expect(cnfOf(await refresh('phone', held, { certificate: phone, key }))).toEqual({ jkt: key.jkt, ...bound(phone) })
  })
})

describe('a client whose policy was loosened', () => {
  it('MTLS-4-01: a family that names a certificate still needs it, and gives no token that does not', async () => {
    const held = await redeem('phone', { certificate: phone })
    const { context } = kit.server
    const phoneClient = await context.storage.records.client(kit.issuer, 'phone')
    if (!phoneClient) throw new Error('no client')
    const put = async (binding: typeof phoneClient.binding, version: number) => {
      const record = { ...phoneClient, binding, version }
      await context.storage.commit({ issuer: kit.issuer, writes: [{ write: 'put-client', record }], audit: [], now: clock() })
      context.directory.forget()
    }
    await put({ kind: 'optional', reason: 'loosened' }, phoneClient.version + 1)
    try {
      isRefused(await refresh('phone', held, {}))
      expect(told()).toMatchObject({ event: 'mtls_missing', rule: 'refresh.bound-certificate-is-shown' })
      isRefused(
        await postForm(kit, '/token', {
          grant_type: 'refresh_token',
          refresh_token: String(held.json['refresh_token']),
          client_id: 'phone',
        }),
      )
      isRefused(await refresh('phone', held, { certificate: other }))
      const answer = await refresh('phone', held, { certificate: phone })
      expect([answer.status, cnfOf(answer)]).toEqual([200, bound(phone)])
    } finally {
      await put(phoneClient.binding, phoneClient.version + 2)
    }
  })
})

describe('a refresh token of a confidential client', () => {
  it('MTLS-4-01 MTLS-6.3-01: is bound by its client: a renewed certificate refreshes, and the new token names that one', async () => {
    const held = await redeem('keyed', { certificate: phone })
    const answer = await refresh('keyed', held, { certificate: other })
    expect([answer.status, cnfOf(answer), answer.json['refresh_token']]).toEqual([200, bound(other), undefined])
    expect((await refresh('keyed', held, {})).json['error']).toBe('invalid_request')
    expect(told()?.event).toBe('mtls_missing')
  })
})

describe('a device', () => {
  it('MTLS-3-01 MTLS-4-01: collects tokens of its certificate, and refreshes with it', async () => {
    const waiting = await waitingDevice(kit, { clientId: 'phone', change: { scope: 'notes:read offline_access' } })
    await decideAtPage(kit, waiting)
    const form = { grant_type: deviceGrant, device_code: waiting.deviceCode }
    expect((await askBound(kit, 'phone', form)).json['error']).toBe('invalid_request')
    const held = await askBound(kit, 'phone', form, { certificate: phone })
    expect([held.status, cnfOf(held)]).toEqual([200, bound(phone)])
    isRefused(await refresh('phone', held, { certificate: other }))
    expect(cnfOf(await refresh('phone', held, { certificate: phone }))).toEqual(bound(phone))
  })
})

describe('a device of a public client that shows its certificate when it asks', () => {
  const ask = async () => {
    const form = { client_id: 'phone', scope: 'notes:read offline_access' }
    const { json } = await postWithCertificate(kit, '/device_authorization', form, { certificate: phone })
    await decideAtPage(kit, { completeUri: String(json['verification_uri_complete']) })
    return { grant_type: deviceGrant, device_code: String(json['device_code']) }
  }

  it('MTLS-4-01 BCP247-2-01: collects with the same one: who found the code and shows another gets nothing, and uses nothing up', async () => {
    const form = await ask()
    isRefused(await askBound(kit, 'phone', form, { certificate: other }))
    expect(told()).toMatchObject({ event: 'binding_mismatch', rule: 'device.certificate-is-the-announced-one', received: other.x5t })
    expect((await askBound(kit, 'phone', form)).json['error']).toBe('invalid_request')
    const held = await askBound(kit, 'phone', form, { certificate: phone })
    expect([held.status, cnfOf(held)]).toEqual([200, bound(phone)])
  })
})

describe('token exchange', () => {
  const exchange = (clientId: string, subject: KitAnswer, ask: BoundAsk) =>
    askBound(
      kit,
      clientId,
      {
        grant_type: exchangeGrant,
        subject_token: String(subject.json['access_token']),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource: kitOtherApi,
      },
      ask,
    )
  const own = (clientId: string, ask: BoundAsk) => askBound(kit, clientId, ownToken, ask)

  it('MTLS-3-01 TEX-2.1-02: its holder gets one that names the same certificate', async () => {
    for (const [clientId, certificate] of [
      ['job', job],
      ['keyed', other],
    ] as const) {
      const answer = await exchange(clientId, await own(clientId, { certificate }), { certificate })
      expect([answer.status, cnfOf(answer)]).toEqual([200, bound(certificate)])
    }
  })

  it('TEX-2.1-02: nobody launders a bound token into one without a name', async () => {
    const mine = await own('job', { certificate: job })
    for (const ask of [{}, { certificate: other }]) {
      const answer = await exchange('front', mine, ask)
      expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_request'])
      expect(told()).toMatchObject({ rule: 'exchange.bound-token-gives-no-bearer' })
    }
    const answer = await exchange('front', mine, { key })
    expect([answer.status, cnfOf(answer)]).toEqual([200, { jkt: key.jkt }])
  })

  it('TEX-2.1-02: whoever found one, and shows another certificate or proves a key, is not its holder', async () => {
    const mine = await own('keyed', { certificate: other })
    const both = await own('both', { certificate: other, key })
    for (const [clientId, token, ask] of [
      ['keyed', mine, { certificate: phone }],
      ['keyed', mine, { certificate: phone, key }],
      ['job', mine, { certificate: job }],
      ['both', both, { certificate: phone, key }],
      ['both', both, { certificate: other, key: wireKey() }],
    ] as const) {
      const answer = await exchange(clientId, token, ask)
      expect([answer.status, answer.json['error']], clientId).toEqual([400, 'invalid_request'])
      expect(told()).toMatchObject({ rule: 'exchange.caller-is-holder-or-api' })
    }
    expect((await exchange('both', both, { certificate: other, key })).status).toBe(200)
  })
})
