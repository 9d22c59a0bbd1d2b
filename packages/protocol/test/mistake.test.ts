// Mistakes in what a person wrote, as the schemas of the product find them.
import { expect, it } from 'vitest'
import { sayMistake } from '../src/mistake.ts'

const says = [
  [{ code: 'invalid_type', expected: 'string', message: 'Invalid input: expected string, received undefined' }, 'is missing: text'],
  [{ code: 'invalid_type', expected: 'array', message: 'Invalid input: expected array, received string' }, 'must be a list, and is text'],
  [{ code: 'invalid_value', values: ['high', 'low'], message: 'Invalid option' }, 'one of high, low'],
  [{ code: 'invalid_value', values: [1], message: 'Invalid input: expected 1' }, 'must be 1'],
  [{ code: 'unrecognized_keys', keys: ['kinds'], message: '' }, '"kinds" is not a known key'],
  [{ code: 'unrecognized_keys', keys: ['a', 'b'], message: '' }, '"a", "b" are not known keys'],
  [{ code: 'too_small', origin: 'string', minimum: 1, message: 'Too small: …' }, 'is empty: fill it in'],
  [{ code: 'too_small', origin: 'string', minimum: 16, message: 'Too small: …' }, 'must be at least 16 characters'],
  [{ code: 'too_small', origin: 'array', minimum: 1, message: 'Too small: …' }, 'must have at least 1 entry'],
  [{ code: 'too_big', origin: 'number', maximum: 50, message: 'Too big: …' }, 'must be at most 50'],
  [{ code: 'too_small', origin: 'string', minimum: 43, message: 'a key thumbprint' }, 'a key thumbprint'],
  [{ code: 'custom', message: 'an absolute URL' }, 'an absolute URL'],
] as const

it.each(says)('a mistake is said in plain words: %o', (issue, words) => {
  expect(sayMistake({ path: [], ...issue })).toBe(words)
})
