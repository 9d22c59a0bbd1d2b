// Pushed sign-ins against our own issuer: the browser carries a reference and nothing else. And TLS that does not check out.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { selfSigned } from 'testkit'
import { startCodeKit, walkForms } from 'testkit/code'
import { type IssuerKit, kitApi } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryDevice, createSession, type Session, type SessionOptions } from '../src/index.ts'
import { startPliableIssuer } from './pliable-issuer.ts'

const redirectUri = 'http://127.0.0.1:49152/callback'
const open = (issuer: string, more: Partial<SessionOptions> = {}): Session =>
  createSession({ issuer, clientId: 'cli', redirectUri, scopes: ['openid', 'notes:read'], device: createMemoryDevice(), ...more })

describe.each(['off', 'required'] as const)('pushed, nonces %s', (nonce) => {
  let kit: IssuerKit
  beforeAll(async () => {
    kit = await startCodeKit({ config: { dpop: { nonce: { token: nonce, userinfo: nonce } } } })
  })
  afterAll(() => kit.close())

  it('FAPI2-5.3.3-01, MCP-RES-01: only client_id and request_uri travel through the browser', async () => {
    const held = open(kit.issuer, { requests: 'pushed', resources: [kitApi] })
    const { url } = await held.begin({ uiLocales: 'ja' })
    expect([...new URL(url).searchParams.keys()]).toEqual(['client_id', 'request_uri'])
    const ticket = await held.complete((await walkForms(kit, url)).landed)
    expect(ticket).toMatchObject({ jkt: (await held.key()).jkt, scopes: ['openid', 'notes:read'] })
  })

  it('a push that is refused says so before any browser opens', async () => {
    const held = open(kit.issuer, { requests: 'pushed', scopes: ['openid', 'unknown:scope'] })
    await expect(held.begin()).rejects.toMatchObject({ code: 'holder.request-is-granted', oauthError: 'invalid_scope' })
  })
})

describe('an issuer that demands pushing', () => {
  it('FAPI2-5.3.3-01: is pushed to without being told', async () => {
    const kit = await startCodeKit({ config: { requirePushedAuthorizationRequests: true } })
    const held = open(kit.issuer)
    const { url } = await held.begin()
    expect(new URL(url).searchParams.has('request_uri')).toBe(true)
    await held.complete((await walkForms(kit, url)).landed)
    await kit.close()
  })
})

describe('what is asked for in detail', () => {
  it('RAR-12-01: never goes through the browser: without pushing nothing begins', async () => {
    const peer = await startPliableIssuer()
    const asked = peer.session().begin({ authorizationDetails: [{ type: 'payment', amount: '10' }] })
    await expect(asked).rejects.toMatchObject({ code: 'holder.details-are-pushed' })
    await peer.server.close()
  })
})

describe('TLS', () => {
  it('OIDC-16.17-3: an untrusted certificate ends it before anything is sent', async () => {
    const { key, cert } = selfSigned('stranger')
    let heard = 0
    const server = createServer({ key, cert }, (_request, response) => {
      heard += 1
      response.end()
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(open(issuer).begin()).rejects.toThrow('fetch failed')
    expect(heard).toBe(0)
    await new Promise((done) => server.close(done))
  })
})
