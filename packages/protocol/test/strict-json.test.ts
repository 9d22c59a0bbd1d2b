// JSON from strangers: what a lax reader would guess at is refused.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson, strictJson } from '../src/jose/strict-json.ts'

describe('strict JSON', () => {
  it('reads every object that has no flaw', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 8 })
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2, '\t'), (object, space) => {
        const text = JSON.stringify(object, null, space)
        const read = strictJson(text, { depth: 100, members: 100_000 })
        expect(read).toEqual(JSON.parse(text))
      }),
    )
  })

  it('never throws, and reads nothing that JSON.parse refuses', () => {
    const noise = fc.oneof(fc.string(), fc.stringMatching(/^[{}[\]":,\\a-c0-9 ]{0,24}$/))
    fc.assert(
      fc.property(noise, (text) => {
        const read = strictJson(text)
        if (typeof read === 'object') expect(read).toEqual(JSON.parse(text))
      }),
      { numRuns: 500 },
    )
  })

  it('finds a duplicate wherever it is put, however it is escaped', () => {
    const name = fc.string({ minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(name, fc.array(fc.constantFrom('1', '"{"', '[1,{"z":2}]', 'null'), { maxLength: 3 }), (key, between) => {
        const escaped = [...key]
          .map((c) => [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''))
          .join('')
        const middle = between.map((value, i) => `"other ${i}":${value},`).join('')
        expect(strictJson(`{${JSON.stringify(key)} : 1, ${middle} "${escaped}"\n:2}`)).toBe('duplicate')
      }),
    )
  })

  it.each([
    ['one name in an inner object', '{"a":{"b":1,"b":1}}', 'duplicate'],
    ['one name in an object of an array', '{"a":[{"b":1,"b":1}]}', 'duplicate'],
    ['one name at two depths', '{"a":{"a":1}}', undefined],
    ['one name in two siblings', '{"x":{"a":1},"y":{"a":1}}', undefined],
    ['a name that is also a value', '{"a":"b","b":"a"}', undefined],
    ['a value that looks like a member', '{"a":"\\"a\\":1","b":["a","a"]}', undefined],
    ['a backslash at the end of a name', '{"a\\\\":1,"a":2}', undefined],
    ['an array', '[]', 'malformed'],
    ['a string', '"{}"', 'malformed'],
    ['null', 'null', 'malformed'],
    ['nothing', '', 'malformed'],
    ['two objects', '{}{}', 'malformed'],
    ['a comment', '{/**/}', 'malformed'],
    ['a trailing comma', '{"a":1,}', 'malformed'],
    ['a byte order mark', '\uFEFF{}', 'malformed'],
  ])('DPOP-4.3-02: %s', (_what, text, flaw) => {
    const read = strictJson(text)
    expect(typeof read === 'string' ? read : undefined).toBe(flaw)
  })

  it('bounds depth and members', () => {
    const deep = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
    expect(strictJson(deep(8))).toBeTypeOf('object')
    expect(strictJson(deep(9))).toBe('too-deep')
    const wide = (members: number) => JSON.stringify(Object.fromEntries(Array.from({ length: members }, (_, i) => [`m${i}`, i])))
    expect(strictJson(wide(256))).toBeTypeOf('object')
    expect(strictJson(wide(257))).toBe('too-deep')
  })

  it('survives a depth that would exhaust a recursive reader', () => {
    expect(strictJson(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)).toBe('too-deep')
  })

  it('hands out the object beside its flaw, the last member winning as in a lax reader', () => {
    expect(readJson('{"a":1,"a":2}')).toEqual({ value: { a: 2 }, flaw: 'duplicate' })
  })
})
