// WWW-Authenticate as servers really write it, and as nobody should.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readChallenges } from '../src/index.ts'

describe('challenges', () => {
  it('DPOP-8-02: several challenges share one line', () => {
    const line = 'Bearer realm="a, b", DPoP error="use_dpop_nonce", algs="ES256 EdDSA" , Basic realm=x, Negotiate YWJj==, Bare'
    expect(readChallenges(line)).toEqual([
      { scheme: 'bearer', token68: undefined, parameters: { realm: 'a, b' } },
      { scheme: 'dpop', token68: undefined, parameters: { error: 'use_dpop_nonce', algs: 'ES256 EdDSA' } },
      { scheme: 'basic', token68: undefined, parameters: { realm: 'x' } },
      { scheme: 'negotiate', token68: 'YWJj==', parameters: {} },
      { scheme: 'bare', token68: undefined, parameters: {} },
    ])
  })

  it('quoted pairs are undone, names compare in small letters, the first of two counts', () => {
    expect(readChallenges('dpop ERROR="a\\"b\\\\c", error = second')[0]?.parameters).toEqual({ error: 'a"b\\c' })
    expect(Object.entries(readChallenges('DPoP __proto__="x"')[0]?.parameters ?? {})).toEqual([['__proto__', 'x']])
  })

  it('nothing makes it throw, and what it reads is in the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'DPoP', ' ', ',', '=', '"', '\\', 'error', '\t', '/', '\u00e9') }), (text) => {
        for (const { scheme } of readChallenges(text)) expect(text.toLowerCase()).toContain(scheme)
      }),
      { numRuns: 300 },
    )
    expect(readChallenges(`DPoP a="${'x'.repeat(20_000)}"`)).toEqual([])
  })

  it('every list of challenges written by the book is read back', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
    const one = fc.record({
      scheme: name,
      parameters: fc.dictionary(
        name,
        fc.string({ maxLength: 12 }).map((text) => text.replace(/[^\x20-\x7e]/g, '')),
        { minKeys: 1 },
      ),
    })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), (list) => {
        const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`
        const line = list
          .map(
            ({ scheme, parameters }) =>
              `${scheme} ${Object.entries(parameters)
                .map(([key, value]) => `${key}=${quoted(value)}`)
                .join(', ')}`,
          )
          .join(', ')
        expect(readChallenges(line).map(({ scheme, parameters }) => ({ scheme, parameters: { ...parameters } }))).toEqual(
          list.map(({ scheme, parameters }) => ({ scheme, parameters: { ...parameters } })),
        )
      }),
      { numRuns: 200 },
    )
  })
})
