// Answers that only one client can read: ID tokens, UserInfo and answers about tokens, signed first and encrypted last.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { compactDecrypt, createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { wireProof } from 'testkit'
import { getTokens, startCodeKit } from 'testkit/code'
import { asKeyClient, askAbout, type IssuerKit, kitApi, kitRedirect, postForm } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/config/parse-config.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicJwk = ({ publicKey }: { readonly publicKey: KeyObject }, more: object) =>
  ({ ...publicKey.export({ format: 'jwk' }), ...more }) as never
const keys = [publicJwk(rsa, { kid: 'r', use: 'enc' }), publicJwk(ec, { kid: 'e', use: 'enc' })]
const person = { scopes: ['openid', 'profile', 'email', 'notes:read'], apis: [kitApi], redirectUris: [kitRedirect] }

let kit: IssuerKit
let jwks: JSONWebKeySet
beforeAll(async () => {
  kit = await startCodeKit({
    config: {
      clients: [
        { clientId: 'spa', kind: 'spa', name: 'Plain', ...person },
        { clientId: 'signed', kind: 'spa', name: 'Signed', ...person, userinfoSignedResponseAlg: 'ES256' },
        {
          clientId: 'sealed',
          kind: 'spa',
          name: 'Sealed',
          ...person,
          jwks: { keys },
          idTokenEncryptedResponseAlg: 'RSA-OAEP-256',
          userinfoSignedResponseAlg: 'RS256',
          userinfoEncryptedResponseAlg: 'ECDH-ES+A256KW',
          userinfoEncryptedResponseEnc: 'A256GCM',
        },
        { clientId: 'hidden', kind: 'spa', name: 'Hidden', ...person, jwks: { keys }, userinfoEncryptedResponseAlg: 'ECDH-ES' },
      ],
    },
  })
  jwks = (await (await fetch(`${kit.issuer}/jwks`)).json()) as JSONWebKeySet
})
afterAll(() => kit.close())

const verified = (jwt: string, clientId: string) => jwtVerify(jwt, createLocalJWKSet(jwks), { issuer: kit.issuer, audience: clientId })

async function opened(jwe: unknown, key: KeyObject): Promise<{ readonly text: string; readonly header: object }> {
  const { plaintext, protectedHeader } = await compactDecrypt(String(jwe), key)
  return { text: Buffer.from(plaintext).toString(), header: protectedHeader }
}

async function userinfo(clientId: string, method = 'GET') {
  const { answer, key } = await getTokens(kit, { clientId, change: { scope: 'openid email' } })
  const accessToken = String(answer.json['access_token'])
  const url = `${kit.issuer}/userinfo`
  const dpop = wireProof(key, { method, url, now: kit.now(), accessToken })
  const response = await fetch(url, { method, headers: { authorization: `DPoP ${accessToken}`, dpop } })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    store: response.headers.get('cache-control'),
    text: await response.text(),
  }
}

describe('ID tokens', () => {
  it('OIDC-16.14-1: signed, then encrypted to the key of the client', async () => {
    const held = await getTokens(kit, { clientId: 'sealed' })
    const { text, header } = await opened(held.answer.json['id_token'], rsa.privateKey)
    expect(header).toEqual({ alg: 'RSA-OAEP-256', enc: 'A128CBC-HS256', kid: 'r', cty: 'JWT' })
    const { payload } = await verified(text, 'sealed')
    expect(payload).toMatchObject({ sub: 'user-hanako', nonce: 'nonce-1', at_hash: expect.any(String) })
  })

  it('a decrypted ID token serves as a hint, an encrypted one does not', async () => {
    const held = await getTokens(kit, { clientId: 'sealed' })
    const { text } = await opened(held.answer.json['id_token'], rsa.privateKey)
    const again = await getTokens(kit, { clientId: 'sealed', change: { id_token_hint: text } }, held.browser)
    expect(again.answer.status).toBe(200)
    const hint = String(held.answer.json['id_token'])
    await expect(getTokens(kit, { clientId: 'sealed', change: { id_token_hint: hint } }, held.browser)).rejects.toThrow('invalid_request')
  })
})

describe('UserInfo', () => {
  it.each(['GET', 'POST'])('OIDC-5.3-01: by %s plain JSON for a client that registered nothing', async (method) => {
    const { status, type, text } = await userinfo('spa', method)
    expect([status, type]).toEqual([200, 'application/json'])
    expect(JSON.parse(text)).toMatchObject({ sub: 'user-hanako', email: 'hanako@example.test' })
  })

  it.each(['GET', 'POST'])('OIDC-5.3-01: by %s signed, with iss and aud, as application/jwt', async (method) => {
    const { status, type, store, text } = await userinfo('signed', method)
    expect([status, type, store]).toEqual([200, 'application/jwt', 'no-store'])
    const { payload, protectedHeader } = await verified(text, 'signed')
    expect(protectedHeader.alg).toBe('ES256')
    expect(payload).toEqual({ iss: kit.issuer, aud: 'signed', sub: 'user-hanako', email: 'hanako@example.test', email_verified: true })
  })

  it('OIDC-5.3-01 OIDC-16.14-1: signed, then encrypted', async () => {
    const { type, text } = await userinfo('sealed')
    expect(type).toBe('application/jwt')
    const inner = await opened(text, ec.privateKey)
    expect(inner.header).toMatchObject({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: 'e', cty: 'JWT' })
    expect((await verified(inner.text, 'sealed')).payload.sub).toBe('user-hanako')
  })

  it('OIDC-5.3-01: encrypted alone is JSON inside', async () => {
    const { type, text } = await userinfo('hidden')
    expect(type).toBe('application/jwt')
    const inner = await opened(text, ec.privateKey)
    expect(inner.header).not.toHaveProperty('cty')
    expect(JSON.parse(inner.text)).toMatchObject({ sub: 'user-hanako' })
  })

  it('a signed answer of UserInfo is no hint of an identity', async () => {
    const { text } = await userinfo('signed')
    await expect(getTokens(kit, { clientId: 'signed', change: { id_token_hint: text } })).rejects.toThrow('invalid_request')
  })
})

describe('answers about tokens', () => {
  it('RFC 9701 §6: signed, then encrypted to the server of the API', async () => {
    const at: IssuerKit = await startCodeKit()
    const jwk = { ...at.clientKey.publicJwk, kid: at.clientKey.kid, alg: 'ES256' } as never
    const client = { clientId: 'notes-server', kind: 'server' as const, name: 'Notes API', introspects: [kitApi] }
    const sealed = await startCodeKit({
      config: { clients: [{ ...client, jwks: { keys: [jwk, ...keys] }, introspectionEncryptedResponseAlg: 'ECDH-ES' }] },
    })
    const asked = { ...sealed, clientKey: at.clientKey }
    const answer = await askAbout(asked, 'no token', {}, { accept: 'application/token-introspection+jwt' })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/token-introspection+jwt'])
    const { text, header } = await opened(answer.text, ec.privateKey)
    expect(header).toMatchObject({ alg: 'ECDH-ES', cty: 'JWT' })
    const set = (await (await fetch(`${sealed.issuer}/jwks`)).json()) as JSONWebKeySet
    const { payload } = await jwtVerify(text, createLocalJWKSet(set), { typ: 'token-introspection+jwt', audience: 'notes-server' })
    expect(payload['token_introspection']).toEqual({ active: false })
    expect((await postForm(asked, '/introspect', { token: 'no token', ...asKeyClient(asked, 'notes-server') })).json).toEqual({
      active: false,
    })
    await Promise.all([at.close(), sealed.close()])
  })
})

describe('what a client may be declared with', () => {
  const declare = (more: object) => () =>
    parseIssuerConfig({
      issuer: 'http://127.0.0.1:1',
      apis: [{ identifier: kitApi, name: 'Notes', scopes: [] }],
      clients: [{ clientId: 'app', kind: 'spa', name: 'App', redirectUris: [kitRedirect], scopes: ['openid'], apis: [kitApi], ...more }],
    } as never)

  it.each([
    ['JARM-3-01 none', { authorizationSignedResponseAlg: 'none' }, 'authorizationSignedResponseAlg'],
    ['JARM-3-01 a symmetric signature', { authorizationSignedResponseAlg: 'HS256' }, 'authorizationSignedResponseAlg'],
    ['JARM-3-01 enc without alg', { authorizationEncryptedResponseEnc: 'A128GCM' }, 'client-metadata.enc-comes-with-alg'],
    ['enc without alg of ID tokens', { idTokenEncryptedResponseEnc: 'A128GCM' }, 'client-metadata.enc-comes-with-alg'],
    ['RSA1_5', { idTokenEncryptedResponseAlg: 'RSA1_5', jwks: { keys } }, 'idTokenEncryptedResponseAlg'],
    ['a shared secret', { idTokenEncryptedResponseAlg: 'dir', jwks: { keys } }, 'idTokenEncryptedResponseAlg'],
    ['no key at all', { userinfoEncryptedResponseAlg: 'ECDH-ES' }, 'client-metadata.encryption-has-a-key'],
    [
      'no key of the right type',
      { userinfoEncryptedResponseAlg: 'ECDH-ES', jwks: { keys: [keys[0]] } },
      'client-metadata.encryption-has-a-key',
    ],
    ['ASVS-10.6.1 a type with an access token', { responseTypes: ['code token'] }, 'responseTypes'],
    ['ASVS-10.6.1 an ID token without a code', { responseTypes: ['id_token'] }, 'responseTypes'],
    ['no type at all', { responseTypes: [] }, 'responseTypes'],
    ['code id_token without openid', { responseTypes: ['code id_token'], scopes: ['email'] }, 'client-metadata.id-token-type-needs-openid'],
  ])('%s: refused at the start', (_why, more, said) => {
    expect(declare(more)).toThrow(said)
  })

  it('and what is sound', () => {
    expect(declare({ responseTypes: ['code', 'code id_token'], jwks: { keys }, idTokenEncryptedResponseAlg: 'ECDH-ES' })).not.toThrow()
  })
})
