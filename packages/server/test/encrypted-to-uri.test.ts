// Answers encrypted to a key that stands at the client's jwks_uri: nothing is used up while it cannot be had.
import { generateKeyPairSync } from 'node:crypto'
import { compactDecrypt } from 'jose'
import { fixedClock, type OutsideServer, sendJson, startOutside, wireKey } from 'testkit'
import { authorizeUrl, redemption, startCodeKit, walkForms } from 'testkit/code'
import { claimsOfJwt, type IssuerKit, kitApi, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const sealing = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'seal', use: 'enc' }
const signing = { ...wireKey().publicJwk, kid: 'sign', use: 'sig' }

const clock = fixedClock()
let kit: IssuerKit
let outside: OutsideServer
/** What the client publishes now. */
let published: readonly object[]
beforeEach(async () => {
  published = []
  outside = await startOutside((_request, response) => sendJson(response, { keys: published }))
  const person = {
    scopes: ['openid', 'profile', 'notes:read'],
    apis: [kitApi],
    redirectUris: [kitRedirect],
    jwksUri: `${outside.origin}/keys`,
  }
  kit = await startCodeKit({
    clock,
    config: {
      outbound: { allow: [{ origin: outside.origin }] },
      lifetimes: { codeSeconds: 120 },
      clients: [
        { clientId: 'jarm', kind: 'spa', name: 'Jarm', ...person, authorizationEncryptedResponseAlg: 'ECDH-ES' },
        { clientId: 'sealed', kind: 'spa', name: 'Sealed', ...person, idTokenEncryptedResponseAlg: 'ECDH-ES' },
      ],
    },
  })
})
afterEach(async () => {
  await kit.close()
  await outside.close()
})

const text = async (jwe: unknown) => Buffer.from((await compactDecrypt(String(jwe), pair.privateKey)).plaintext).toString()

describe('a client whose key cannot be had', () => {
  it.each([[[]], [[signing]]])(
    'JARM-2.1-01: is told nothing, neither in clear nor elsewhere: a page, and a fault in the log',
    async (keys) => {
      published = keys
      const { url } = authorizeUrl(kit, { clientId: 'jarm', change: { response_mode: 'jwt', prompt: 'none' } })
      const response = await fetch(url, { redirect: 'manual' })
      expect([response.status, response.headers.get('location')]).toEqual([500, null])
      expect(await response.text()).not.toContain('ECDH')
      expect(kit.audit.findLast(({ event }) => event === 'fault')).toMatchObject({ message: 'client jarm has no key for ECDH-ES' })
    },
  )

  it('OIDC-16.14-1: keeps its code, and redeems it once the key is there', async () => {
    published = [signing]
    const open = authorizeUrl(kit, { clientId: 'sealed' })
    const { landed } = await walkForms(kit, open.url)
    const key = wireKey()
    const redeem = () =>
      postForm(kit, '/token', redemption(kit, open, landed.searchParams.get('code') ?? ''), { dpop: tokenProof(kit, key) })
    expect(await redeem()).toMatchObject({ status: 500, json: { error: 'server_error' } })
    published = [signing, sealing]
    clock.advance(31)
    const { status, json } = await redeem()
    expect(status).toBe(200)
    expect((await text(json['id_token'])).split('.')).toHaveLength(3)
  })
})

describe('a client whose key is published', () => {
  it('JARM-2.1-01: gets its answer encrypted to it', async () => {
    published = [signing, sealing]
    const { landed } = await walkForms(kit, authorizeUrl(kit, { clientId: 'jarm', change: { response_mode: 'jwt' } }).url)
    expect(claimsOfJwt(await text(landed.searchParams.get('response')))).toMatchObject({ aud: 'jarm', code: expect.any(String) })
  })
})
