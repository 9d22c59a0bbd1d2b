// Encrypted JWTs: to a party and back, and everything that must not be decrypted, or must not say why it was not.
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { CompactEncrypt } from 'jose'
import { segment, wireJwt, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import {
  bareJwk,
  canEncryptWith,
  contentEncryptions,
  type DecryptionExpectation,
  decryptNestedJwt,
  encryptionKeyOf,
  encryptJwe,
  isBroken,
  isJwe,
  type KeyManagementAlg,
  keyManagementAlgorithms,
  type PrivateJwk,
  type PublicJwk,
  wholeLaw,
} from '../src/index.ts'
import { lawWithout } from './proof-exchange.ts'

const rsa = { ...pairOf('rsa'), kid: 'rsa', use: 'enc' }
const ec = { ...pairOf('P-256'), kid: 'ec', use: 'enc' }
const other = { ...pairOf('P-256'), kid: 'other' }
const keys = [rsa, ec]
const publicHalf = (key: PrivateJwk): PublicJwk => ({ ...bareJwk(key), ...(key.kid && { kid: key.kid }) })
const publicKeys = keys.map(publicHalf)
const inner = wireJwt({ alg: 'ES256' }, { sub: '記名' }, wireKey('ES256'))
const choice = { alg: 'ECDH-ES', enc: 'A128GCM' } as const

function pairOf(kind: 'rsa' | 'P-256' | 'P-384' | 'P-521', modulusLength = 2048): PrivateJwk {
  const pair = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength }) : generateKeyPairSync('ec', { namedCurve: kind })
  return pair.privateKey.export({ format: 'jwk' }) as PrivateJwk
}

async function verdict(text: string, expectation: Partial<DecryptionExpectation> = {}, law = wholeLaw): Promise<string> {
  const result = await decryptNestedJwt(text, { keys, ...expectation }, 'client', law)
  if (!isBroken(result)) return result
  expect(result.family).toBe('client')
  expect(result.seen).toBeUndefined()
  return result.broken
}

/** Whatever header a stranger likes to write. */
function foreign(header: Record<string, unknown>, content: string = inner, key: PrivateJwk = ec): Promise<string> {
  return new CompactEncrypt(Buffer.from(content)).setProtectedHeader({ ...choice, cty: 'JWT', ...header }).encrypt(publicHalf(key) as never)
}

function withHeader(text: string, change: (header: Record<string, unknown>) => object): string {
  const [header, ...rest] = text.split('.')
  return [segment(change(JSON.parse(Buffer.from(header!, 'base64url').toString()))), ...rest].join('.')
}

describe('encrypted JWTs', () => {
  const pairs = keyManagementAlgorithms.flatMap((alg) => contentEncryptions.map((enc) => [alg, enc] as const))
  it.each(pairs)('OIDC-16.14-1: a signed JWT nested under %s, %s comes back', async (alg, enc) => {
    const text = await encryptJwe(inner, { alg, enc }, publicKeys, 'JWT')
    const kid = alg.startsWith('RSA') ? 'rsa' : 'ec'
    expect(JSON.parse(Buffer.from(text.split('.')[0]!, 'base64url').toString())).toMatchObject({ alg, enc, kid, cty: 'JWT' })
    expect(isJwe(text)).toBe(true)
    expect(isJwe(inner)).toBe(false)
    expect(await verdict(text)).toBe(inner)
  })

  it.each(['P-384', 'P-521'] as const)('the curve %s', async (curve) => {
    const key = pairOf(curve)
    expect(await verdict(await encryptJwe(inner, choice, [key], 'JWT'), { keys: [key] })).toBe(inner)
  })

  it('a message without kid finds its key among those that fit, and among no more than four', async () => {
    const text = await foreign({ kid: undefined })
    const strangers = Array.from({ length: 3 }, () => pairOf('P-256'))
    expect(await verdict(text, { keys: [rsa, ...strangers, ec] })).toBe(inner)
    expect(await verdict(text, { keys: [rsa, ...strangers, other, ec] })).toBe('jwe.decrypts')
  })

  it('OIDC-16.12-2: wrong key, altered tag, content, wrapped key or epk, no JWT inside: one answer', async () => {
    const wrapped = await foreign({ alg: 'RSA-OAEP-256' }, inner, rsa)
    const agreed = await foreign({})
    const alter = (text: string, at: number) =>
      text
        .split('.')
        .map((part, i) => (i === at ? `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}` : part))
        .join('.')
    const offCurve = withHeader(agreed, ({ epk, ...header }) => ({ ...header, epk: { ...(epk as object), y: segment('x'.repeat(30)) } }))
    const messages = [
      await foreign({}, inner, other),
      ...[1, 2, 3, 4].map((at) => alter(wrapped, at)),
      ...[2, 3, 4].map((at) => alter(agreed, at)),
      offCurve,
      withHeader(agreed, ({ epk: _, ...header }) => header),
      withHeader(agreed, (header) => ({ ...header, enc: 'A256GCM' })),
      await foreign({}, 'no token'),
      await foreign({}, '\u0000\ufffe'),
      await foreign({}, await foreign({})),
    ]
    for (const message of messages) expect(await verdict(message)).toBe('jwe.decrypts')
  })

  it.each([
    ['jwe.is-not-compressed', { zip: 'DEF' }],
    ['jwe.content-is-said-to-be-jwt', { cty: undefined }],
    ['jwe.content-is-said-to-be-jwt', { cty: 'json' }],
    ['jwe.key-is-known', { kid: 'unheard of' }],
    ['jwe.key-is-known', { kid: 'rsa' }],
  ])('%s: %j', async (id, header) => {
    expect(await verdict(await foreign(header))).toBe(id)
  })

  it.each([
    ['jwe.alg-is-accepted', { alg: 'RSA1_5' }],
    ['jwe.alg-is-accepted', { alg: 'dir' }],
    ['jwe.alg-is-accepted', { alg: 'PBES2-HS256+A128KW', p2c: 2 ** 31, p2s: 'AAAAAAAAAAA' }],
    ['jwe.alg-is-accepted', { alg: ['ECDH-ES'] }],
    ['jwe.alg-is-accepted', { alg: 'none' }],
    ['jwe.enc-is-accepted', { enc: 'none' }],
    ['jwe.enc-is-accepted', { enc: 'A128CBC' }],
    ['jwe.crit-is-absent', { crit: ['exp'] }],
  ])('%s: %j', async (id, change) => {
    expect(await verdict(withHeader(await foreign({}), (header) => ({ ...header, ...change })))).toBe(id)
  })

  it('jwe.alg-is-accepted, jwe.enc-is-accepted: where the receiver takes fewer', async () => {
    expect(await verdict(await foreign({}), { algorithms: ['RSA-OAEP-256'] })).toBe('jwe.alg-is-accepted')
    expect(await verdict(await foreign({}), { encryptions: ['A256GCM'] })).toBe('jwe.enc-is-accepted')
  })

  it('jwe.is-not-compressed: without the rule content swells no further than the bound', async () => {
    const text = await foreign({ zip: 'DEF' })
    expect(await verdict(text, {}, lawWithout('jwe.is-not-compressed'))).toBe(inner)
    const bomb = await foreign({ zip: 'DEF' }, `a.${'a'.repeat(200_000)}.a`)
    expect(bomb.length).toBeLessThan(2000)
    expect(await verdict(bomb, {}, lawWithout('jwe.is-not-compressed'))).toBe('jwe.decrypts')
  })

  it('jwe.message-is-bounded: to the character', async () => {
    const text = await foreign({})
    expect(await verdict(text, { characters: text.length })).toBe(inner)
    expect(await verdict(text, { characters: text.length - 1 })).toBe('jwe.message-is-bounded')
    expect(await verdict('x'.repeat(32769))).toBe('jwe.message-is-bounded')
  })

  it('jwe.is-compact: answers every text with a rule', async () => {
    const parts = fc
      .array(fc.oneof(fc.base64String(), fc.jsonValue().map(segment), fc.string()), { maxLength: 7 })
      .map((all) => all.join('.'))
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), parts), async (text) => {
        expect(await verdict(text)).toMatch(/^jwe\./)
      }),
      { numRuns: 300 },
    )
    const twice = `${Buffer.from('{"alg":"ECDH-ES","alg":"ECDH-ES"}').toString('base64url')}.e30.e30.e30.e30`
    for (const text of ['', '....', inner, `${await foreign({})}.`, `${await foreign({})}=`, twice])
      expect(await verdict(text)).toBe('jwe.is-compact')
  })
})

describe('the key to encrypt to', () => {
  const { d: _, ...bare } = pairOf('P-256')

  it('is one declared for the algorithm, then one for encryption, then one that says nothing', () => {
    const silent = { ...bare, kid: 'a' }
    const use = { ...bare, kid: 'b', use: 'enc' }
    const alg = { ...bare, kid: 'c', alg: 'ECDH-ES' }
    expect(encryptionKeyOf([silent, use, alg], 'ECDH-ES')).toBe(alg)
    expect(encryptionKeyOf([silent, use, alg], 'ECDH-ES+A128KW')).toBe(use)
    expect(encryptionKeyOf([silent], 'ECDH-ES')).toBe(silent)
    expect(encryptionKeyOf([silent], 'RSA-OAEP')).toBeUndefined()
  })

  it.each<[string, object, KeyManagementAlg]>([
    ['a key for signatures', { ...bare, use: 'sig' }, 'ECDH-ES'],
    ['a key for another algorithm', { ...bare, alg: 'ES256' }, 'ECDH-ES'],
    ['a key whose operations are others', { ...bare, key_ops: ['verify'] }, 'ECDH-ES'],
    ['a short RSA key', pairOf('rsa', 1024), 'RSA-OAEP'],
    ['a coordinate cut short', { ...bare, x: bare.x!.slice(4) }, 'ECDH-ES'],
    ['no key at all', {}, 'ECDH-ES'],
    ['a shared secret', { kty: 'oct', k: 'AAAA' }, 'ECDH-ES'],
  ])('is never %s', (_name, jwk, alg) => {
    expect(canEncryptWith(jwk as never, alg)).toBe(false)
  })

  it('where there is none, nothing is encrypted', async () => {
    await expect(encryptJwe(inner, choice, [rsa], 'JWT')).rejects.toThrow(TypeError)
  })
})
