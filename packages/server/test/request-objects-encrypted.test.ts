// Encrypted request objects over real HTTP (RFC 9101 §6.1): signed, then encrypted to a key that the issuer publishes.
import { deflateRawSync } from 'node:zlib'
import { CompactEncrypt, importJWK, type JWK } from 'jose'
import { flipSignature, wireJwt, wireKey } from 'testkit'
import { kitRedirect, postForm } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, carryUrl, type RequestKit, signedRequest, startRequestKit } from './request-kit.ts'

let passed = 0
let kit: RequestKit
let closed: RequestKit
beforeAll(async () => {
  const clock = () => Math.floor(Date.now() / 1000) + passed
  kit = await startRequestKit({ clock, config: { requestObjectEncryption: ['RSA-OAEP-256', 'ECDH-ES'] } })
  closed = await startRequestKit({ clock })
})
afterAll(async () => {
  await kit.close()
  await closed.close()
})

const keySet = async (at = kit) => ((await (await fetch(`${at.issuer}/jwks`)).json()) as { keys: (JWK & { kid: string })[] }).keys
const keyFor = async (alg: string) => (await keySet()).find((key) => key.alg === alg)!

async function encrypt(text: string, jwk: JWK, header: Record<string, unknown> = {}): Promise<string> {
  const all = { alg: jwk.alg as string, enc: 'A256GCM', kid: jwk.kid as string, cty: 'JWT', ...header }
  return new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(all).encrypt(await importJWK(jwk, all.alg))
}

/** Beside it a trusted redirect URI, so that refusals travel. */
const send = (object: string, at = kit) => ask(carryUrl(at, { client_id: 'signer', request: object, redirect_uri: kitRedirect }))
const refusal = async (object: string, at = kit) => {
  const { to } = await send(object, at)
  return [to?.searchParams.get('error'), to?.searchParams.get('error_description')]
}

describe('a key to encrypt to', () => {
  it('OIDC-16.21-1: is published for each algorithm that is offered, for encryption alone, and said in the metadata', async () => {
    const keys = (await keySet()).filter((key) => key.use === 'enc')
    expect(new Set(keys.map(({ alg, kty }) => `${kty} ${alg}`))).toEqual(new Set(['RSA RSA-OAEP-256', 'EC ECDH-ES']))
    for (const key of keys) expect(Object.keys(key)).not.toContain('d')
    const metadata = await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json()
    expect(metadata).toMatchObject({
      request_object_encryption_alg_values_supported: ['RSA-OAEP-256', 'ECDH-ES'],
      request_object_encryption_enc_values_supported: expect.arrayContaining(['A256GCM', 'A128CBC-HS256']),
    })
  })

  it('OIDC-16.21-1: is neither there nor promised where nothing is offered, and what is encrypted is refused', async () => {
    expect((await keySet(closed)).filter((key) => key.use === 'enc')).toEqual([])
    const metadata = (await (await fetch(`${closed.issuer}/.well-known/openid-configuration`)).json()) as object
    expect(Object.keys(metadata).filter((name) => name.startsWith('request_object_encryption'))).toEqual([])
    const object = await encrypt(signedRequest(closed).object, await keyFor('ECDH-ES'))
    expect((await refusal(object, closed))[0]).toBe('invalid_request_object')
  })

  it('lives like a signing key: after a rotation the old one still opens, until nothing can come any more', async () => {
    const old = await keyFor('ECDH-ES')
    passed += 700
    await kit.server.rotateKeys()
    const late = async () => (await send(await encrypt(signedRequest(kit).object, old))).to
    expect((await late())?.pathname).toBe('/signin')
    await kit.server.rotateKeys({ force: true })
    expect((await late())?.pathname).toBe('/signin')
    passed += 90_000
    expect((await late())?.searchParams.get('error')).toBe('invalid_request_object')
    expect((await keySet()).map(({ kid }) => kid)).not.toContain(old.kid)
  })
})

describe('an encrypted request object', () => {
  for (const alg of ['RSA-OAEP-256', 'ECDH-ES']) {
    it(`OIDC-16.21-1 OIDC-16.14-1: signed, then encrypted with ${alg}, leads to the person, with kid and without, pushed and not`, async () => {
      const jwk = await keyFor(alg)
      for (const header of [{}, { enc: 'A128CBC-HS256' }, { kid: undefined }]) {
        expect((await send(await encrypt(signedRequest(kit).object, jwk, header))).to?.pathname).toBe('/signin')
      }
      const pushed = await postForm(kit, '/par', { client_id: 'signer', request: await encrypt(signedRequest(kit).object, jwk) })
      expect(pushed.status).toBe(201)
    })
  }

  it('OIDC-16.12-2 OIDC-16.14-1 OIDC-16.14-2 OIDC-16.21-1: whatever is wrong with envelope or signature, the answer is one and the same', async () => {
    const jwk = await keyFor('ECDH-ES')
    const { object } = signedRequest(kit)
    const sound = await encrypt(object, jwk)
    const segments = sound.split('.')
    const altered = [...segments.slice(0, 3), `${segments[3]!.slice(0, -4)}AAAA`, segments[4]].join('.')
    const stranger = { ...wireKey('ES256').publicJwk, alg: 'ECDH-ES' } as JWK
    const compressed = deflateRawSync(Buffer.from(object)).toString('latin1')
    const bad: Record<string, string> = {
      'to another key': await encrypt(object, { ...stranger, kid: jwk.kid }),
      'to an unknown kid': await encrypt(object, jwk, { kid: 'unknown' }),
      altered,
      'without its tag': `${segments.slice(0, 4).join('.')}.`,
      'by an algorithm that is not offered': await encrypt(object, jwk, { alg: 'ECDH-ES+A128KW' }),
      'with plain claims inside': await encrypt(JSON.stringify({ client_id: 'signer' }), jwk),
      'with an unsigned object inside': await encrypt('eyJhbGciOiJub25lIn0.e30.', jwk),
      twice: await encrypt(sound, jwk),
      'without cty': await encrypt(object, jwk, { cty: undefined }),
      'with zip': [
        Buffer.from(JSON.stringify({ alg: 'ECDH-ES', enc: 'A256GCM', zip: 'DEF', cty: 'JWT', kid: jwk.kid })).toString('base64url'),
        ...segments.slice(1),
      ].join('.'),
      'with compressed bytes': await encrypt(compressed, jwk),
      'signed wrongly inside': await encrypt(flipSignature(object), jwk),
      'signed by a stranger inside': await encrypt(signedRequest(kit, { signer: wireKey() }).object, jwk),
      'encrypted first and signed then': wireJwt({ alg: 'ES256', kid: kit.keys.ES256.kid }, sound, kit.keys.ES256),
    }
    const said = await Promise.all(Object.entries(bad).map(async ([why, one]) => [why, ...(await refusal(one))].map(String)))
    const [, , words] = said[0]!
    expect(words).toContain('decrypts')
    for (const [why, error, description] of said) {
      expect([why, error], why).toEqual([why, 'invalid_request_object'])
      if (why !== 'encrypted first and signed then') expect(description, why).toBe(words)
    }
    expect(kit.audit.filter(({ rule }) => rule === 'request-object.envelope-opens').length).toBeGreaterThan(8)
  })

  it('JAR-4-01: what its client did sign is judged and told as without the envelope', async () => {
    const jwk = await keyFor('ECDH-ES')
    const said = await refusal(await encrypt(signedRequest(kit, { claims: { aud: 'https://other.example' } }).object, jwk))
    expect(said).toEqual(await refusal(signedRequest(kit, { claims: { aud: 'https://other.example' } }).object))
  })
})
