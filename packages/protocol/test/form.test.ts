// The strict form parser: what it reads, what it refuses, and that nothing makes it throw.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkRepeats, formDecode, formEncode, isBroken, parseForm, wholeLaw } from '../src/index.ts'

/** Any UTF-16 code units, lone surrogates included. */
const anyText = (most: number) => fc.array(fc.nat(0xffff), { maxLength: most }).map((units) => String.fromCharCode(...units))

const read = (text: string) => {
  const form = parseForm(text)
  if (isBroken(form)) throw new Error(form.broken)
  return form
}

describe('forms', () => {
  it('O21-3.1-01 O21-3.2-01: empty parameters are absent, repeated ones are told, resource may repeat', () => {
    const form = read('a=1&b=&a=2&resource=x&resource=&resource=y&c')
    expect([form.get('a'), form.get('b'), form.get('c'), form.get('d')]).toEqual(['1', undefined, undefined, undefined])
    expect([...form.repeated]).toEqual(['a'])
    expect(form.all('resource')).toEqual(['x', 'y'])
    expect(checkRepeats(form, wholeLaw)?.broken).toBe('form.names-do-not-repeat')
    expect(checkRepeats(form, { waives: () => true })).toBeUndefined()
    expect([...read('b=&b=').repeated]).toEqual(['b'])
  })

  it('decodes percent triplets as UTF-8 and plus as space', () => {
    const form = read('a=%E8%A8%98+%2B&%62=%20')
    expect([form.get('a'), form.get('b')]).toEqual(['記 +', ' '])
  })

  it('refuses what is no encoding', () => {
    for (const text of ['a=%', 'a=%zz', 'a=%ff', 'a=%c0%80', '%=x', 'a=%ed%a0%80']) {
      expect(parseForm(text), text).toMatchObject({ broken: 'form.is-well-formed' })
    }
  })

  it('knows no names by inheritance', () => {
    const form = read('__proto__=1&constructor=2')
    expect([form.get('__proto__'), form.get('toString'), form.get('constructor')]).toEqual(['1', undefined, '2'])
  })

  it('reads back what was encoded', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string({ minLength: 1 })), { selector: ([name]) => name }),
        (pairs) => {
          const form = read(formEncode(pairs))
          for (const [name, value] of pairs) expect(form.get(name)).toBe(value)
          expect(form.repeated.size).toBe(0)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('reads as URLSearchParams does wherever both accept', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', '=', '&', '+', '%41', '%C3%A9', 'é', ';', '#'), { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        const form = read(text)
        const theirs = new URLSearchParams(text)
        for (const name of new Set(theirs.keys())) expect(form.get(name) ?? '').toBe(theirs.getAll(name)[0])
      }),
      { numRuns: 200 },
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(anyText(200), (text) => {
        parseForm(text)
        formDecode(text)
      }),
      { numRuns: 300 },
    )
  })
})
