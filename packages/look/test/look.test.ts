// The sentences are complete in both languages, tickets carry their words, columns align.
import { expect, it } from 'vitest'
import {
  chooseLanguage,
  columns,
  displayWidth,
  sentence,
  sentenceKeys,
  stampOf,
  stripeOf,
  ticketLine,
  ticketSvg,
  ticketWords,
} from '../src/index.ts'

const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

it('every sentence stands in both languages and asks for the same names', () => {
  const names = (text: string) => [...text.matchAll(/\{([a-z]+)\}/g)].map((match) => match[1]).sort()
  for (const key of sentenceKeys) {
    expect(names(sentence('ja', key)), key).toEqual(names(sentence('en', key)))
    expect(sentence('ja', key), key).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/)
    expect(sentence('en', key), key).not.toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/)
  }
})

it('a named ticket shows its stamp and says so; a bearer one says that it has no name', () => {
  expect(stampOf(jkt)).toBe('0ZcO CORZ')
  expect(ticketSvg({ kind: 'named', thumbprint: jkt }, 'en', 'Demo')).toContain('a named ticket (key 0ZcO CORZ)')
  expect(ticketSvg({ kind: 'bearer' }, 'ja', 'デモ')).toContain('>無記名<')
  expect(ticketSvg({ kind: 'bearer' }, 'ja', 'デモ')).toContain('stroke-dasharray="6 5"')
  expect(ticketSvg({ kind: 'unknown' }, 'en', 'Demo')).toContain('ticket-hatch')
  expect(ticketWords({ kind: 'unknown' }, 'en')).toBe('a ticket whose name could not be seen')
  expect(ticketLine({ kind: 'named', thumbprint: jkt })).toBe('[ named   0ZcO CORZ ]')
})

it('the same key has the same stripe, another key another', () => {
  expect(stripeOf(jkt)).toEqual(stripeOf(jkt))
  expect(stripeOf(jkt)).not.toEqual(stripeOf('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'))
})

it('a ticket title is escaped', () => {
  const drawn = ticketSvg({ kind: 'bearer' }, 'en', '<script>alert("x")</script>')
  expect(drawn).not.toContain('<script>')
  expect(drawn).toContain('&lt;script&gt;')
})

it('the language follows the choice, then ui_locales, then the browser, then English', () => {
  expect(chooseLanguage({ asked: ['fr', 'ja-JP'], acceptLanguage: 'en' })).toBe('ja')
  expect(chooseLanguage({ chosen: 'en', asked: ['ja'] })).toBe('en')
  expect(chooseLanguage({ acceptLanguage: 'fr;q=0.9, en;q=0.3, ja;q=0.5' })).toBe('ja')
  expect(chooseLanguage({ acceptLanguage: 'de' })).toBe('en')
  expect(chooseLanguage({ acceptLanguage: null, chosen: 'klingon' })).toBe('en')
})

it('columns align where wide characters and colours are mixed', () => {
  const text = columns([
    ['\x1b[32m✓ 成功\x1b[0m', 'a'],
    ['✗ failed', 'b'],
  ])
  const places = text.split('\n').map((line) => displayWidth(line.slice(0, line.search(/[ab]$/))))
  expect(places[0]).toBe(places[1])
})
