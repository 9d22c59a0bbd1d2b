// Which form of an answer a client asks for (RFC 9110 §12.5.1).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asksFor } from '../src/http/accept.ts'

const wanted = 'application/token-introspection+jwt'
const other = 'application/json'

describe('Accept', () => {
  it.each([
    [wanted, true],
    [wanted.toUpperCase(), true],
    [`${other}, ${wanted}`, true],
    [`${other};q=0.9 , ${wanted} ; q=0.9`, true],
    [`${other}, ${wanted};q=0.9`, false],
    [`${wanted};q=0`, false],
    [`${wanted};q=2`, false],
    [`${wanted};q=`, false],
    [`x-${wanted}`, false],
    ['*/*', false],
    ['', false],
  ])('INTROJWT-5-01: %s', (accept, expected) => {
    expect(asksFor(accept, wanted, other)).toBe(expected)
  })

  it('INTROJWT-5-01: no header of a stranger asks for it without naming it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (!text.toLowerCase().includes(wanted)) expect(asksFor(text, wanted, other)).toBe(false)
      }),
      { numRuns: 200 },
    )
    expect(asksFor(null, wanted, other)).toBe(false)
  })
})
