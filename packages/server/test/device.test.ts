// Device authorization over real HTTP (RFC 8628): the request, the polls, the collection. What people see stands in device-page.test.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '@kimei/storage/sqlite'
import { wireKey } from 'testkit'
import { refresh } from 'testkit/code'
import { askDevice, type DeviceAsk, decideAtPage, deviceGrant, pollDevice, startDeviceKit, waitingDevice } from 'testkit/device'
import { asKeyClient, basicHeader, claimsOfJwt, type IssuerKit, kitApi, kitOtherApi, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
let passed = 0
const clock = () => Math.floor(Date.now() / 1000) + passed
const later = (seconds: number) => {
  passed += seconds
}
beforeAll(async () => {
  kit = await startDeviceKit({ clock })
})
afterAll(() => kit.close())

const errorOf = (answer: { status: number; json: Record<string, unknown> }) => [answer.status, answer.json['error']]
const pending = [400, 'authorization_pending']
const slow = [400, 'slow_down']

describe('the request', () => {
  it('SEED-O21-23 DEV-3.2-01: device_code, user_code, both URIs, expires_in and interval, never stored by anybody', async () => {
    const { status, json, headers } = await askDevice(kit)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(json).toEqual({
      device_code: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${kit.issuer}/device`,
      verification_uri_complete: `${kit.issuer}/device?user_code=${json['user_code']}`,
      expires_in: 600,
      interval: 5,
    })
  })

  it('DEV-5.1-01: codes are kept as hashes only, the short one under a key', async () => {
    const { deviceCode, userCode } = await waitingDevice(kit)
    const { createHash } = await import('node:crypto')
    const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
    const record = await kit.storage.records.deviceCode(kit.issuer, hash(deviceCode))
    expect(record?.clientId).toBe('tv')
    expect(JSON.stringify(record)).not.toContain(deviceCode)
    for (const guess of [userCode, userCode.replace('-', '')]) {
      expect(JSON.stringify(record)).not.toContain(guess)
      expect(await kit.storage.records.deviceCodeByUser(kit.issuer, hash(guess))).toBeUndefined()
    }
    const written = JSON.stringify(kit.audit)
    expect(written).toContain('device_requested')
    expect(written).not.toContain(userCode)
    expect(written).not.toContain(deviceCode)
  })

  it('DEV-3.1-01: unknown and empty parameters are ignored', async () => {
    expect((await askDevice(kit, { change: { colour: 'blue', resource: '' } })).status).toBe(200)
  })

  const refused: Record<string, [DeviceAsk, number, string]> = {
    'SEED-O21-23 no client_id': [{ change: { client_id: '' } }, 401, 'invalid_client'],
    'DEV-3.1-01 an unknown client': [{ clientId: 'nobody' }, 401, 'invalid_client'],
    'DEV-3.1-01 a confidential client that does not authenticate': [{ change: { client_id: 'kiosk' } }, 401, 'invalid_client'],
    'DEV-3.1-01 a client that is not registered for devices': [{ clientId: 'spa' }, 400, 'unauthorized_client'],
    'no scope: nobody is asked for an unnamed default': [{ change: { scope: '' } }, 400, 'invalid_scope'],
    'a scope that is not assigned': [{ change: { scope: 'admin' } }, 400, 'invalid_scope'],
    'a scope of another API': [{ change: { scope: 'notes:read', resource: kitOtherApi } }, 400, 'invalid_scope'],
    'an unknown resource': [{ change: { resource: 'https://unknown.example/' } }, 400, 'invalid_target'],
    'a malformed proof': [{ headers: { dpop: 'e30.e30.e30' } }, 400, 'invalid_dpop_proof'],
  }
  for (const [why, [ask, status, error]] of Object.entries(refused)) {
    it(`${why}: ${status} ${error}`, async () => {
      expect(errorOf(await askDevice(kit, ask))).toEqual([status, error])
    })
  }

  it('DEV-3.1-01: scope twice is 400, GET is 405, JSON is 400, too much is 413', async () => {
    expect(errorOf(await postForm(kit, '/device_authorization', 'client_id=tv&scope=a&scope=b'))).toEqual([400, 'invalid_request'])
    const got = await fetch(`${kit.issuer}/device_authorization`)
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
    const json = { 'content-type': 'application/json' }
    expect(errorOf(await postForm(kit, '/device_authorization', '{}', json))).toEqual([400, 'invalid_request'])
    expect(errorOf(await postForm(kit, '/device_authorization', `a=${'x'.repeat(70_000)}`))).toEqual([413, 'invalid_request'])
  })

  it('PKJWT-3-03: a client assertion is for the issuer, counts once, and is not burnt by a request that is refused', async () => {
    const auth = asKeyClient(kit, 'kiosk')
    expect(errorOf(await postForm(kit, '/device_authorization', { ...auth, scope: 'admin' }))).toEqual([400, 'invalid_scope'])
    expect((await postForm(kit, '/device_authorization', { ...auth, scope: 'notes:read' })).status).toBe(200)
    expect(errorOf(await postForm(kit, '/device_authorization', { ...auth, scope: 'notes:read' }))).toEqual([401, 'invalid_client'])
    const wrong = await postForm(kit, '/device_authorization', { scope: 'notes:read' }, { authorization: basicHeader('basic', 'wrong') })
    expect([wrong.status, wrong.headers.get('www-authenticate')?.slice(0, 5)]).toEqual([401, 'Basic'])
  })
})

describe('polling', () => {
  it('SEED-O21-25 DEV-3.5-01: authorization_pending, and slow_down for every poll before the interval, which grows by 5 s for good', async () => {
    const key = wireKey()
    const device = await waitingDevice(kit)
    expect(errorOf(await pollDevice(kit, device, key))).toEqual(pending)
    expect(errorOf(await pollDevice(kit, device, key))).toEqual(slow)
    later(6)
    expect(errorOf(await pollDevice(kit, device, key))).toEqual(slow)
    later(16)
    expect(errorOf(await pollDevice(kit, device, key))).toEqual(pending)
    later(10)
    expect(errorOf(await pollDevice(kit, device, key))).toEqual(slow)
    later(20)
    expect(errorOf(await pollDevice(kit, device, key))).toEqual(pending)
  })

  it('DEV-3.5-01: of 64 polls at once one is in time and 63 are too early', async () => {
    const key = wireKey()
    const device = await waitingDevice(kit)
    const answers = await Promise.all(Array.from({ length: 64 }, () => pollDevice(kit, device, key)))
    expect(answers.map(({ json }) => json['error']).sort()).toEqual(['authorization_pending', ...Array(63).fill('slow_down')])
  })

  it('DEV-3.5-01: a code polled by another client is invalid_grant, and the device does not notice', async () => {
    const key = wireKey()
    const device = await waitingDevice(kit)
    for (let i = 0; i < 3; i += 1) {
      expect(errorOf(await pollDevice(kit, { ...device, clientId: 'old-tv' }, key))).toEqual([400, 'invalid_grant'])
    }
    expect(errorOf(await pollDevice(kit, device, key))).toEqual(pending)
    await decideAtPage(kit, device)
    expect(errorOf(await pollDevice(kit, { ...device, clientId: 'kiosk' }, key))).toEqual([400, 'invalid_grant'])
    expect((await pollDevice(kit, device, key)).status).toBe(200)
  })

  it('DEV-3.5-01: an unknown or missing device_code is invalid_grant; device_code twice is invalid_request', async () => {
    const key = wireKey()
    expect(errorOf(await pollDevice(kit, { clientId: 'tv', deviceCode: 'x'.repeat(43) }, key))).toEqual([400, 'invalid_grant'])
    expect(errorOf(await pollDevice(kit, { clientId: 'tv', deviceCode: '' }, key))).toEqual([400, 'invalid_grant'])
    const twice = `grant_type=${deviceGrant}&client_id=tv&device_code=a&device_code=b`
    expect(errorOf(await postForm(kit, '/token', twice, { dpop: tokenProof(kit, key) }))).toEqual([400, 'invalid_request'])
  })

  it('DEV-3.5-01: after its time a code is expired_token, allowed or not', async () => {
    const key = wireKey()
    const waiting = await waitingDevice(kit)
    const allowed = await waitingDevice(kit)
    await decideAtPage(kit, allowed)
    later(600)
    expect(errorOf(await pollDevice(kit, waiting, key))).toEqual([400, 'expired_token'])
    expect(errorOf(await pollDevice(kit, allowed, key))).toEqual([400, 'expired_token'])
  })

  it('DEV-3.5-01: what the person denied is access_denied, again and again', async () => {
    const key = wireKey()
    const device = await waitingDevice(kit)
    await decideAtPage(kit, device, 'device-deny')
    expect(errorOf(await pollDevice(kit, device, key))).toEqual([400, 'access_denied'])
    expect(errorOf(await pollDevice(kit, device, key))).toEqual([400, 'access_denied'])
  })

  it('DPOP-4.3-13: a copied poll is refused as such and slows nobody down', async () => {
    const key = wireKey()
    const device = await waitingDevice(kit)
    const dpop = tokenProof(kit, key)
    const form = { grant_type: deviceGrant, client_id: 'tv', device_code: device.deviceCode }
    expect(errorOf(await postForm(kit, '/token', form, { dpop }))).toEqual(pending)
    expect(errorOf(await postForm(kit, '/token', form, { dpop }))).toEqual([400, 'invalid_dpop_proof'])
    later(5)
    expect(errorOf(await pollDevice(kit, device, key))).toEqual(pending)
  })

  it('polls are told apart in the audit log from refusals', () => {
    const told = new Set(kit.audit.filter(({ rule }) => String(rule).startsWith('device.')).map(({ event, rule }) => `${event} ${rule}`))
    expect(told).toContain('device_waiting device.is-decided')
    expect(told).toContain('device_waiting device.poll-keeps-the-interval')
    expect(told).toContain('token_refused device.code-is-of-this-client')
  })
})

describe('what is collected', () => {
  it('SEED-O21-25 SEED-O21-01: an access token bound to the key of the poll, a refresh token of the same key, an ID token', async () => {
    const key = wireKey()
    const device = await waitingDevice(kit, { change: { scope: 'openid notes:read offline_access' } })
    expect(errorOf(await pollDevice(kit, device, key))).toEqual(pending)
    await decideAtPage(kit, device)
    const { status, json } = await pollDevice(kit, device, key)
    expect(status).toBe(200)
    expect(json).toMatchObject({ token_type: 'DPoP', scope: 'openid notes:read offline_access' })
    const claims = claimsOfJwt(json['access_token'])
    expect(claims).toMatchObject({ sub: 'user-hanako', client_id: 'tv', cnf: { jkt: key.jkt }, aud: [kitApi, kit.issuer] })
    expect(claimsOfJwt(json['id_token'])).toMatchObject({ sub: 'user-hanako', aud: 'tv' })
    const held = { key, open: { clientId: 'tv', url: '', verifier: '', redirectUri: '' } }
    expect(errorOf(await refresh(kit, { ...held, key: wireKey() }, json['refresh_token']))).toEqual([400, 'invalid_grant'])
    const again = await refresh(kit, held, json['refresh_token'])
    expect(again.status).toBe(200)
    expect(again.json['refresh_token']).not.toBe(json['refresh_token'])
  })

  it('O21-4.3-01: a confidential device authenticates and keeps its refresh token', async () => {
    const key = wireKey()
    const device = await waitingDevice(kit, { clientId: 'kiosk' })
    await decideAtPage(kit, device)
    const { json } = await pollDevice(kit, device, key)
    expect(claimsOfJwt(json['access_token'])).toMatchObject({ client_id: 'kiosk', cnf: { jkt: key.jkt } })
    const form = { grant_type: 'refresh_token', refresh_token: String(json['refresh_token']), ...asKeyClient(kit, 'kiosk') }
    const again = await postForm(kit, '/token', form, { dpop: tokenProof(kit, wireKey()) })
    expect([again.status, again.json['refresh_token']]).toEqual([200, undefined])
  })

  it('SEED-O21-25: a code gives tokens once; whoever comes with it again takes back what it gave', async () => {
    const key = wireKey()
    const device = await waitingDevice(kit)
    await decideAtPage(kit, device)
    const { json } = await pollDevice(kit, device, key)
    expect(errorOf(await pollDevice(kit, device, wireKey()))).toEqual([400, 'invalid_grant'])
    expect(kit.audit.at(-1)).toMatchObject({ event: 'device_code_reused' })
    const held = { key, open: { clientId: 'tv', url: '', verifier: '', redirectUri: '' } }
    expect(errorOf(await refresh(kit, held, json['refresh_token']))).toEqual([400, 'invalid_grant'])
  })

  it('BCP247-2-01 DPOP-10-01: a code asked for with a proof is collected with the same key alone', async () => {
    const key = wireKey()
    const device = await waitingDevice(kit, { clientId: 'old-tv', key })
    expect(errorOf(await pollDevice(kit, device, wireKey()))).toEqual([400, 'invalid_dpop_proof'])
    expect(errorOf(await pollDevice(kit, device, undefined))).toEqual([400, 'invalid_dpop_proof'])
    await decideAtPage(kit, device)
    expect(errorOf(await pollDevice(kit, device, wireKey()))).toEqual([400, 'invalid_dpop_proof'])
    const { json } = await pollDevice(kit, device, key)
    expect(claimsOfJwt(json['access_token'])['cnf']).toEqual({ jkt: key.jkt })
  })

  it('DPOP-5.2-01: without a proof only a client that may stay unbound is served', async () => {
    const strict = await waitingDevice(kit)
    expect(errorOf(await pollDevice(kit, strict, undefined))).toEqual([400, 'invalid_dpop_proof'])
    const loose = await waitingDevice(kit, { clientId: 'old-tv' })
    await decideAtPage(kit, loose)
    expect((await pollDevice(kit, loose, undefined)).json['token_type']).toBe('Bearer')
  })

  it('RES-2-02: resource at the poll names only APIs that were granted, and burns nothing', async () => {
    const key = wireKey()
    const device = await waitingDevice(kit)
    await decideAtPage(kit, device)
    expect(errorOf(await pollDevice(kit, device, key, { resource: kitOtherApi }))).toEqual([400, 'invalid_target'])
    const { json } = await pollDevice(kit, device, key, { resource: kitApi })
    expect(claimsOfJwt(json['access_token'])['aud']).toBe(kitApi)
  })

  it('REV-2.1-01: what was revoked before it was collected is not given', async () => {
    // The newest grant is the one of this device.
    later(1)
    const device = await waitingDevice(kit)
    await decideAtPage(kit, device)
    const [grant] = await kit.storage.records.grantsOf(kit.issuer, 'user-hanako', kit.now(), 'tv')
    const write = { write: 'revoke-grant', grantId: String(grant?.grantId), at: kit.now() } as const
    await kit.storage.commit({ issuer: kit.issuer, writes: [write], audit: [], now: kit.now() })
    expect(errorOf(await pollDevice(kit, device, wireKey()))).toEqual([400, 'invalid_grant'])
  })
})

describe('on SQLite', () => {
  it('SEED-O21-25: of 64 collections at once exactly one gets tokens, also across a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kimei-device-'))
    const file = join(folder, 'issuer.db')
    const storage = openSqlite({ file })
    const first = await startDeviceKit({ storage })
    const device = await waitingDevice(first)
    await decideAtPage(first, device)
    const port = Number(new URL(first.issuer).port)
    await first.close()
    const second = await startDeviceKit({ storage, port })
    const key = wireKey()
    const answers = await Promise.all(Array.from({ length: 64 }, () => pollDevice(second, device, key)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(63)
    await second.close()
    await storage.close()
    rmSync(folder, { recursive: true })
  })
})
