// Devices are off until the operator has written down the risk and chosen; and an independent client drives the whole flow.
import type { Misuse } from '@kimei/protocol'
import * as openid from 'openid-client'
import { decideAtPage, deviceGrant, startDeviceKit, waitingDevice } from 'testkit/device'
import { claimsOfJwt, kitApi, postForm, startIssuerKit } from 'testkit/issuer'
import { afterAll, describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'

const closing: (() => Promise<void>)[] = []
afterAll(() => Promise.all(closing.map((close) => close())))

const mistakesOf = (change: object): readonly string[] => {
  const tv = { clientId: 'tv', kind: 'mobile', name: 'TV', grants: [deviceGrant], scopes: ['openid'] }
  try {
    parseIssuerConfig({ issuer: 'https://issuer.example', clients: [tv], ...change })
    return []
  } catch (error) {
    return (error as Misuse).mistakes
  }
}

describe('configuration', () => {
  it('BCP247-2-01: a client of the device grant without a recorded assessment does not start', () => {
    expect(mistakesOf({})).toEqual([expect.stringContaining('add deviceAuthorization, with the risk assessment')])
    expect(mistakesOf({ deviceAuthorization: {} })).toEqual([expect.stringContaining('deviceAuthorization.assessment')])
    expect(mistakesOf({ deviceAuthorization: { assessment: '' } })).toHaveLength(1)
    expect(mistakesOf({ deviceAuthorization: { assessment: 'wiki/devices, signed by the security lead' } })).toEqual([])
  })

  it('DEV-3.2-01: lifetimes and intervals have bounds, scopes must exist, unknown keys are refused', () => {
    const assessment = 'done'
    for (const wrong of [
      { codeSeconds: 59 },
      { codeSeconds: 1801 },
      { intervalSeconds: 4 },
      { scopes: ['nowhere'] },
      { colour: 'blue' },
      { wrongCodes: 1 },
    ]) {
      expect(mistakesOf({ deviceAuthorization: { assessment, ...wrong } })).toHaveLength(1)
    }
  })

  it('DISC: without the section there is no endpoint, no page, no grant type, no metadata', async () => {
    const kit = await startIssuerKit()
    closing.push(kit.close)
    const document = (await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>
    expect(document['device_authorization_endpoint']).toBeUndefined()
    expect(document['grant_types_supported']).toEqual(['authorization_code', 'refresh_token', 'client_credentials'])
    for (const path of ['/device', '/device_authorization', '/device/allowed'])
      expect((await fetch(`${kit.issuer}${path}`)).status).toBe(404)
    const answer = await postForm(kit, '/token', { grant_type: deviceGrant, client_id: 'spa', device_code: 'x' })
    expect([answer.status, answer.json['error']]).toEqual([400, 'unsupported_grant_type'])
  })

  it('BCP247-2-01: the operator may limit what devices are given, how long a code lives, how often it is polled', async () => {
    const kit = await startDeviceKit({}, { scopes: ['notes:read'], codeSeconds: 60, intervalSeconds: 9 })
    closing.push(kit.close)
    const form = { client_id: 'tv', scope: 'notes:read' }
    expect((await postForm(kit, '/device_authorization', form)).json).toMatchObject({ expires_in: 60, interval: 9 })
    const more = await postForm(kit, '/device_authorization', { ...form, scope: 'notes:read notes:write' })
    expect([more.status, more.json['error']]).toEqual([400, 'invalid_scope'])
  })
})

describe('an independent client', () => {
  it('SEED-O21-01 DEV-3.5-02: openid-client asks, waits while the person decides, and collects a bound token', async () => {
    const kit = await startDeviceKit()
    closing.push(kit.close)
    const execute = [openid.allowInsecureRequests]
    const config = await openid.discovery(new URL(kit.issuer), 'tv', undefined, openid.None(), { execute })
    expect(config.serverMetadata().device_authorization_endpoint).toBe(`${kit.issuer}/device_authorization`)
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair())
    const started = await openid.initiateDeviceAuthorization(config, { scope: 'openid notes:read', resource: kitApi })
    expect(started.interval).toBe(5)
    await decideAtPage(kit, { completeUri: String(started.verification_uri_complete) })
    const tokens = await openid.pollDeviceAuthorizationGrant(config, { ...started, interval: 0.1 }, {}, { DPoP })
    expect(tokens.token_type).toBe('dpop')
    expect(claimsOfJwt(tokens.access_token)).toMatchObject({ aud: kitApi, sub: 'user-hanako', client_id: 'tv' })
  })

  it('DEV-3.5-02: openid-client stops when the person says no', async () => {
    const kit = await startDeviceKit()
    closing.push(kit.close)
    const config = await openid.discovery(new URL(kit.issuer), 'old-tv', undefined, openid.None(), {
      execute: [openid.allowInsecureRequests],
    })
    const started = await openid.initiateDeviceAuthorization(config, { scope: 'notes:read' })
    await decideAtPage(kit, { completeUri: String(started.verification_uri_complete) }, 'device-deny')
    await expect(openid.pollDeviceAuthorizationGrant(config, { ...started, interval: 0.1 })).rejects.toMatchObject({
      error: 'access_denied',
    })
  })

  it('SEED-O21-24: the link that goes into a QR code is short enough to be scanned', async () => {
    const kit = await startDeviceKit()
    closing.push(kit.close)
    const { completeUri } = await waitingDevice(kit)
    expect(completeUri.length).toBeLessThan(80)
  })
})
