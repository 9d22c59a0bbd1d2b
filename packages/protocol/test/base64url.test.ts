// base64url: one spelling for each sequence of bytes, and nothing else is read.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { b64u, b64uText, fromB64u, randomId, textOf } from '../src/index.ts'
import { base64UrlCodec as nodeCodec } from '../src/jose/base64url.node.ts'
import { base64UrlCodec as webCodec } from '../src/jose/base64url.web.ts'

/** Ours, and both variants of what it stands on. */
const variants = [
  ['as used here', { encode: b64u, encodeText: b64uText, decode: fromB64u }],
  ['on Node', nodeCodec],
  ['elsewhere', webCodec],
] as const

describe.each(variants)('base64url %s', (_where, codec) => {
  const { encode: b64u, decode: fromB64u } = codec

  it('DPOP-4.2-04: writes what other encoders write, without padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(b64u(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      }),
    )
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(fromB64u(b64u(bytes))).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  it('THUMB-7-01: reads only the canonical text of some bytes, whatever it is given', () => {
    const nearly = fc.oneof(fc.string({ maxLength: 40 }), fc.stringMatching(/^[A-Za-z0-9_\-=+/ ]{0,12}$/))
    fc.assert(
      fc.property(nearly, (text) => {
        const bytes = fromB64u(text)
        if (bytes !== undefined) expect(b64u(bytes)).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['padding', 'QQ=='],
    ['bits that no byte needs, two characters', 'QR'],
    ['bits that no byte needs, three characters', 'QUF'],
    ['a lone last character', 'QUFBQ'],
    ['the other alphabet', '+/+/'],
    ['a space', 'QU FB'],
    ['a line feed at the end', 'QUFB\n'],
    ['a dot', 'QU.B'],
    ['a letter outside ASCII', 'QUFé'],
    ['the first character after ASCII', 'QUF\u0080'],
    ['a letter far outside ASCII', 'QUF\u{1F600}'],
  ])('DPOP-4.3-02: refuses %s', (_what, text) => {
    expect(fromB64u(text)).toBeUndefined()
  })

  it('reads the empty text as no bytes', () => {
    expect(fromB64u('')).toEqual(new Uint8Array(0))
  })

  it('SEED-DPOP-11: writes texts by their UTF-8 bytes, a lone surrogate as every encoder does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(codec.encodeText(text)).toBe(Buffer.from(new TextEncoder().encode(text)).toString('base64url'))
      }),
    )
    expect(codec.encodeText('\uD800')).toBe(codec.encode(new Uint8Array([0xef, 0xbf, 0xbd])))
  })

  it('writes a part of a larger memory', () => {
    expect(b64u(new Uint8Array([9, 0x41, 0x41, 0x41, 9]).subarray(1, 4))).toBe('QUFB')
  })

  it('DPOP-4.2-02: names random bytes by their base64url', () => {
    expect(randomId(new Uint8Array(12).fill(255))).toBe('_'.repeat(16))
  })
})

describe('UTF-8', () => {
  it('reads back every well-formed text, longer than the fast path too', () => {
    const long = `${'x'.repeat(5000)}記名`
    for (const text of ['', 'plain', '記名', '\u{1F3AB}', long, 'y'.repeat(6000)]) {
      expect(textOf(fromB64u(b64uText(text))!)).toBe(text)
    }
  })

  it.each([
    ['an overlong slash', [0xc0, 0xaf]],
    ['a lone continuation', [0x80]],
    ['half a character', [0xe8, 0xa8]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('refuses %s', (_what, bytes) => {
    expect(textOf(new Uint8Array(bytes))).toBeUndefined()
  })

  it('keeps a byte order mark, so that JSON refuses it', () => {
    expect(textOf(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]))).toBe('\uFEFF{}')
  })
})
