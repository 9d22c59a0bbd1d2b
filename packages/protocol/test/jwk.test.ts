// Public keys: what they must be, and their one name.
import { createHash } from 'node:crypto'
import { vector, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import { b64u, checkJwk, isBroken, judge, jwkRules, jwkThumbprint, type PublicJwk, readJwkShape, wholeLaw } from '../src/index.ts'
import { lawWithout } from './proof-exchange.ts'

const ec = wireKey('ES256')
const rsa = wireKey('PS256')
const ed = wireKey('EdDSA')

describe('thumbprints', () => {
  it.each([
    ['RFC 7638 §3.1', vector<{ publicJwk: PublicJwk; thumbprint: string }>('rfc7638')],
    ['RFC 8037 A.3', { publicJwk: vector<{ privateJwk: PublicJwk }>('rfc8037').privateJwk, ...vector<{ thumbprint: string }>('rfc8037') }],
    [
      'RFC 9449 figure 9',
      { publicJwk: vector<{ publicJwk: PublicJwk }>('rfc9449').publicJwk, thumbprint: vector<{ jkt: string }>('rfc9449').jkt },
    ],
  ])('THUMB-3-01, DPOP-6.1-01: %s', async (_what, { publicJwk, thumbprint }) => {
    expect(await jwkThumbprint(publicJwk)).toBe(thumbprint)
    expect(await jwkThumbprint({ ...publicJwk, alg: 'x', use: 'sig', kid: 'k', d: 'secret', extra: [] })).toBe(thumbprint)
    expect(await jwkThumbprint(Object.fromEntries(Object.entries(publicJwk).reverse()) as PublicJwk)).toBe(thumbprint)
  })

  it.each([
    ['EC', ec],
    ['RSA', rsa],
    ['OKP', ed],
  ])('THUMB-3-01: agrees with another implementation: %s', async (_kty, key) => {
    expect(await jwkThumbprint(key.publicJwk as unknown as PublicJwk)).toBe(key.jkt)
  })
})

describe('registered keys', () => {
  it('are made ready once, under their thumbprint', async () => {
    const first = await checkJwk(ec.publicJwk, 'ES256', 'client', wholeLaw)
    const second = await checkJwk({ ...ec.publicJwk, kid: 'other' }, 'ES256', 'client', wholeLaw)
    if (isBroken(first) || isBroken(second)) throw new Error('not ready')
    expect(first.thumbprint).toBe(ec.jkt)
    expect(second.key).toBe(first.key)
  })

  it('one key under two algorithms is two ready keys', async () => {
    const ps = await checkJwk(rsa.publicJwk, 'PS256', 'client', wholeLaw)
    const rs = await checkJwk(rsa.publicJwk, 'RS256', 'client', wholeLaw)
    if (isBroken(ps) || isBroken(rs)) throw new Error('not ready')
    expect([ps.key.alg, rs.key.alg]).toEqual(['PS256', 'RS256'])
  })

  it.each([
    ['no object', 'key', 'ES256', 'jwk.is-object'],
    ['an array', [], 'ES256', 'jwk.is-object'],
    ['a private key', ec.privateJwk, 'ES256', 'jwk.has-no-private-members'],
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }, 'ES256', 'jwk.has-no-private-members'],
    ['a symmetric key without a value', { kty: 'oct' }, 'ES256', 'jwk.type-fits-alg'],
    ['a type of the prototype', { kty: 'constructor' }, 'ES256', 'jwk.type-fits-alg'],
    ['another type', rsa.publicJwk, 'ES256', 'jwk.type-fits-alg'],
    ['another curve', ec.publicJwk, 'ES512', 'jwk.type-fits-alg'],
    ['no y', { ...ec.publicJwk, y: undefined }, 'ES256', 'jwk.members-are-canonical'],
    ['y as a number', { ...ec.publicJwk, y: 5 }, 'ES256', 'jwk.members-are-canonical'],
    ['y with a byte too many', { ...ec.publicJwk, y: b64u(new Uint8Array(33)) }, 'ES256', 'jwk.members-are-canonical'],
    [
      'n with a leading zero',
      { ...rsa.publicJwk, n: b64u(new Uint8Array([0, ...Buffer.from(rsa.publicJwk['n']!, 'base64url')])) },
      'PS256',
      'jwk.members-are-canonical',
    ],
    ['e with a leading zero', { ...rsa.publicJwk, e: 'AAEAAQ' }, 'PS256', 'jwk.members-are-canonical'],
    ['an empty n', { ...rsa.publicJwk, n: '' }, 'PS256', 'jwk.members-are-canonical'],
    ['e of one', { ...rsa.publicJwk, e: 'AQ' }, 'PS256', 'jwk.rsa-exponent-is-usual'],
    ['an even e', { ...rsa.publicJwk, e: 'AQAA' }, 'PS256', 'jwk.rsa-exponent-is-usual'],
    ['n of 2040 bits', { ...rsa.publicJwk, n: b64u(new Uint8Array(255).fill(255)) }, 'PS256', 'jwk.rsa-is-long-enough'],
    ['n of 2047 bits', { ...rsa.publicJwk, n: b64u(new Uint8Array(256).fill(127)) }, 'PS256', 'jwk.rsa-is-long-enough'],
    ['x of 31 bytes', { ...ed.publicJwk, x: b64u(new Uint8Array(31).fill(9)) }, 'EdDSA', 'jwk.members-are-canonical'],
    ['a key to encrypt with', { ...ec.publicJwk, use: 'enc' }, 'ES256', 'jwk.is-meant-for-this'],
    ['an Ed25519 key marked for ES256', { ...ed.publicJwk, alg: 'ES256' }, 'EdDSA', 'jwk.is-meant-for-this'],
    ['an EC key marked for EdDSA', { ...ec.publicJwk, alg: 'EdDSA' }, 'ES256', 'jwk.is-meant-for-this'],
    ['key_ops that is no list', { ...ec.publicJwk, key_ops: 'verify' }, 'ES256', 'jwk.is-meant-for-this'],
  ] as const)('THUMB-7-01, JWTBCP-3.1-01: %s', async (_what, jwk, alg, id) => {
    expect(await checkJwk(jwk, alg, 'client', wholeLaw)).toMatchObject({ broken: id, family: 'client' })
  })

  it.each(['Aw', 'AQAB', 'AQAAAQ'])('an exponent that real keys have: %s', async (e) => {
    expect(isBroken(await checkJwk({ ...rsa.publicJwk, e }, 'PS256', 'client', wholeLaw))).toBe(false)
  })

  it('THUMB-7-01: off the curve', async () => {
    expect(await checkJwk({ ...ec.publicJwk, x: ec.publicJwk['y'] }, 'ES256', 'client', wholeLaw)).toMatchObject({
      broken: 'jwk.is-on-curve',
    })
  })

  it('jwk.rsa-is-bounded: 8192 bits and no more', () => {
    const facts = (bytes: number) => ({
      shape: readJwkShape({ ...rsa.publicJwk, n: b64u(new Uint8Array(bytes).fill(255)) })!,
      alg: 'PS256',
    })
    expect(judge(jwkRules, facts(1024), wholeLaw)).toBeUndefined()
    expect(judge(jwkRules, facts(1025), wholeLaw)).toMatchObject({ broken: 'jwk.rsa-is-bounded', seen: { received: 8200 } })
    expect(judge(jwkRules, facts(1025), lawWithout('jwk.rsa-is-bounded'))).toBeUndefined()
  })
})

describe('jwk.ed25519-point-is-sound', () => {
  const prime = 2n ** 255n - 19n
  const littleEndian = (y: bigint, sign = 0) =>
    b64u(Uint8Array.from({ length: 32 }, (_, i) => Number((y >> BigInt(8 * i)) & 255n) | (i === 31 ? sign << 7 : 0)))
  const orderEight = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
  const judged = (x: string, law = wholeLaw) =>
    judge(jwkRules, { shape: readJwkShape({ kty: 'OKP', crv: 'Ed25519', x })!, alg: 'Ed25519' }, law)

  it.each([0n, 1n, prime - 1n, orderEight, prime - orderEight])('a point of small order: y = %d', (y) => {
    for (const sign of [0, 1]) {
      expect(judged(littleEndian(y, sign))).toMatchObject({ broken: 'jwk.ed25519-point-is-sound' })
      expect(judged(littleEndian(y, sign), lawWithout('jwk.ed25519-point-is-sound'))).toBeUndefined()
    }
  })

  it.each([prime, prime + 1n, prime + 18n])('THUMB-7-01: a second spelling of a point: y = %d', (y) => {
    expect(judged(littleEndian(y))).toMatchObject({ broken: 'jwk.ed25519-point-is-sound' })
  })

  it('every honest key is sound', () => {
    for (let i = 0; i < 20; i++) expect(judged(wireKey('EdDSA').publicJwk['x']!)).toBeUndefined()
  })

  it('the eighth roots are what their name says: doubled three times they are the neutral element', () => {
    // On -x² + y² = 1 + d·x²·y² the y of a double depends on y² alone.
    const mod = (n: bigint) => ((n % prime) + prime) % prime
    const power = (base: bigint, e: bigint): bigint => (e === 0n ? 1n : mod((e & 1n ? base : 1n) * power(mod(base * base), e >> 1n)))
    const inverse = (n: bigint) => power(mod(n), prime - 2n)
    const d = mod(-121665n * inverse(121666n))
    const double = (y: bigint) => {
      const yy = mod(y * y)
      const xx = mod((yy - 1n) * inverse(d * yy + 1n))
      return mod((yy + xx) * inverse(1n - d * mod(xx * yy)))
    }
    for (const y of [orderEight, prime - orderEight])
      expect([double(y), double(double(y)), double(double(double(y)))]).toEqual([0n, prime - 1n, 1n])
  })
})

it('DPOP-11.8-01: a thumbprint is SHA-256 of the canonical text, 43 characters', async () => {
  const { crv, kty, x, y } = ec.publicJwk
  const text = `{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`
  expect(await jwkThumbprint(ec.publicJwk as unknown as PublicJwk)).toBe(createHash('sha256').update(text).digest('base64url'))
})
