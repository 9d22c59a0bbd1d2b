// One test for both variants of the platform's cryptography: they must not differ in what they accept.
import { generateKeyPairSync, sign } from 'node:crypto'
import { vector, wireKey, wireSignature } from 'testkit'
import { describe, expect, it } from 'vitest'
import { b64u, type CryptoPort, fromB64u, type PrivateJwk, type SignatureAlg } from '../src/index.ts'
import { cryptoPort as node } from '../src/jose/crypto.node.ts'
import { cryptoPort as web } from '../src/jose/crypto.web.ts'

const algorithms: readonly SignatureAlg[] = ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'EdDSA', 'Ed25519']
const keys = Object.fromEntries(algorithms.map((alg) => [alg, wireKey(alg)]))
const variants: readonly [string, CryptoPort][] = [
  ['node', node],
  ['web', web],
]

describe.each(variants)('cryptography, %s', (_name, port) => {
  it('hashes: the empty text, ASCII, UTF-8', async () => {
    expect(await port.sha256('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
    expect(await port.sha256('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
    expect(await port.sha256('記名')).toBe(b64u(await port.sha256Bytes(new TextEncoder().encode('記名'))))
    expect((await port.digest('sha384', 'abc')).length).toBe(48)
    expect(b64u(await port.digest('sha512', 'abc'))).toBe(
      '3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05ohkpkqJ0_BqDa6PCOj_uu9RU1EI2Q86A4qmslPpUyknw',
    )
  })

  it('MACs: RFC 4231 case 2', async () => {
    const mac = await port.hmacSha256(new TextEncoder().encode('Jefe'), 'what do ya want for nothing?')
    expect(Buffer.from(mac, 'base64url').toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
  })

  it.each(algorithms)('verifies what another implementation signs, and signs what it verifies: %s', async (alg) => {
    const { publicJwk, privateJwk } = keys[alg]!
    const verifyKey = (await port.importVerifyKey(publicJwk as never, alg))!
    const foreign = fromB64u(wireSignature('some.input', keys[alg]!))!
    expect(await port.verify(alg, verifyKey, 'some.input', foreign)).toBe(true)
    const own = await port.sign(alg, await port.importSignKey(privateJwk as unknown as PrivateJwk, alg), 'some.input')
    expect(await port.verify(alg, verifyKey, 'some.input', own)).toBe(true)
    expect(await port.verify(alg, verifyKey, 'some.inpuT', own)).toBe(false)
  })

  it.each(['PS256', 'RS256'] as const)('a signature without its leading zero is another one: %s', async (alg) => {
    const verifyKey = (await port.importVerifyKey(keys[alg]!.publicJwk as never, alg))!
    for (let count = 0; count < 20_000; count += 1) {
      const signature = fromB64u(wireSignature(`input ${count}`, keys[alg]!))!
      if (signature[0] !== 0) continue
      expect(await port.verify(alg, verifyKey, `input ${count}`, signature)).toBe(true)
      expect(await port.verify(alg, verifyKey, `input ${count}`, signature.slice(1))).toBe(false)
      return
    }
    throw new Error('no signature began with a zero')
  })

  it.each(algorithms)('calls every other signature false, whatever its length: %s', async (alg) => {
    const verifyKey = (await port.importVerifyKey(keys[alg]!.publicJwk as never, alg))!
    const good = fromB64u(wireSignature('x', keys[alg]!))!
    const altered = good.slice()
    altered[altered.length - 3]! ^= 4
    const wrong = [
      altered,
      good.slice(1),
      new Uint8Array([...good, 0]),
      new Uint8Array(0),
      new Uint8Array(good.length),
      new Uint8Array(5000),
    ]
    for (const signature of wrong) expect(await port.verify(alg, verifyKey, 'x', signature)).toBe(false)
  })

  it('does not take a DER signature for a plain one', async () => {
    const key = wireKey('ES256')
    const der = sign('sha256', Buffer.from('x'), key.privateKey)
    const verifyKey = (await port.importVerifyKey(key.publicJwk as never, 'ES256'))!
    expect(await port.verify('ES256', verifyKey, 'x', der)).toBe(false)
  })

  it('JWTBCP-3.1-01: a key made ready for one algorithm serves no other', async () => {
    const rsa = keys['RS256']!
    const key = (await port.importVerifyKey(rsa.publicJwk as never, 'PS256'))!
    const signature = fromB64u(wireSignature('x', rsa))!
    expect(await port.verify('RS256', key, 'x', signature)).toBe(false)
    expect(await port.verify('PS256', key, 'x', signature)).toBe(false)
  })

  it('THUMB-7-01: makes no key of another type, another curve, or off its curve', async () => {
    const ec = keys['ES256']!.publicJwk
    const offCurve = { ...ec, y: b64u(new Uint8Array(32).fill(7)) }
    expect(await port.importVerifyKey(offCurve as never, 'ES256')).toBeUndefined()
    expect(await port.importVerifyKey(ec as never, 'ES384')).toBeUndefined()
    expect(await port.importVerifyKey(ec as never, 'PS256')).toBeUndefined()
    expect(await port.importVerifyKey(keys['EdDSA']!.publicJwk as never, 'ES256')).toBeUndefined()
    expect(await port.importVerifyKey({ kty: 'oct', k: 'AAAA' }, 'ES256')).toBeUndefined()
    const { publicKey } = generateKeyPairSync('ed448')
    expect(await port.importVerifyKey(publicKey.export({ format: 'jwk' }) as never, 'Ed25519')).toBeUndefined()
  })

  it('signs with no public key, and with no key of another algorithm', async () => {
    const { publicJwk, privateJwk } = keys['ES256']!
    await expect(async () => port.importSignKey(publicJwk as never, 'ES256')).rejects.toThrow()
    await expect(async () => port.importSignKey(privateJwk as never, 'ES384')).rejects.toThrow(TypeError)
    const key = await port.importSignKey(privateJwk as never, 'ES256')
    await expect(async () => port.sign('ES384', key, 'x')).rejects.toThrow(TypeError)
  })

  it('verifies RFC 8037 A.4 and signs it again, octet by octet', async () => {
    const { privateJwk, jws } = vector<{ privateJwk: PrivateJwk; jws: string }>('rfc8037')
    const dot = jws.lastIndexOf('.')
    for (const alg of ['EdDSA', 'Ed25519'] as const) {
      const key = (await port.importVerifyKey(privateJwk, alg))!
      expect(await port.verify(alg, key, jws.slice(0, dot), fromB64u(jws.slice(dot + 1))!)).toBe(true)
      expect(b64u(await port.sign(alg, await port.importSignKey(privateJwk, alg), jws.slice(0, dot)))).toBe(jws.slice(dot + 1))
    }
  })

  it('seals and opens, and opens nothing that was touched', async () => {
    const key = new Uint8Array(32).fill(1)
    const sealed = await port.seal(key, 'secret 記名', 'for family 7', new Uint8Array(12).fill(9))
    expect(sealed).not.toContain('secret')
    expect(await port.open(key, sealed, 'for family 7')).toBe('secret 記名')
    expect(await port.open(key, sealed, 'for family 8')).toBeUndefined()
    expect(await port.open(new Uint8Array(32).fill(2), sealed, 'for family 7')).toBeUndefined()
    const bytes = fromB64u(sealed)!
    for (const at of [0, 12, bytes.length - 1]) {
      const touched = bytes.slice()
      touched[at]! ^= 1
      expect(await port.open(key, b64u(touched), 'for family 7')).toBeUndefined()
    }
    for (const text of ['', 'AAAA', `${sealed}=`, `${sealed.slice(0, -4)}`])
      expect(await port.open(key, text, 'for family 7')).toBeUndefined()
  })

  it('the two variants open what the other sealed', async () => {
    const key = new Uint8Array(32).fill(3)
    const other = port === node ? web : node
    expect(await other.open(key, await port.seal(key, 'text', 'a', new Uint8Array(12)), 'a')).toBe('text')
  })

  it('OIDC-16.12-1: compares by content, different lengths included', () => {
    expect(port.equal('', '')).toBe(true)
    expect(port.equal('abc', 'abc')).toBe(true)
    expect(port.equal('abc', 'abd')).toBe(false)
    expect(port.equal('abc', 'abcd')).toBe(false)
    expect(port.equal('é', 'e')).toBe(false)
  })

  it.each(['ES256', 'EdDSA', 'PS256'] as const)('generates keys whose public half has no private members: %s', async (alg) => {
    const pair = await port.generateSigningKey(alg)
    expect(Object.keys(pair.publicJwk)).not.toContain('d')
    const signature = await port.sign(alg, await port.importSignKey(pair.privateJwk, alg), 'x')
    expect(await port.verify(alg, (await port.importVerifyKey(pair.publicJwk, alg))!, 'x', signature)).toBe(true)
  })
})
