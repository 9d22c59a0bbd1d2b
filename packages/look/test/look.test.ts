// The sentences are complete in both languages, tickets carry their words, columns align.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  chooseLanguage,
  columns,
  displayWidth,
  fitDisplay,
  icon,
  languages,
  mark,
  sentence,
  sentenceKeys,
  stampOf,
  stripeOf,
  stylesheet,
  ticketLine,
  ticketSvg,
  ticketWords,
  wrapDisplay,
} from '../src/index.ts'

const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

it('every sentence stands in both languages and asks for the same names', () => {
  const names = (text: string) => [...text.matchAll(/\{([a-z]+)\}/g)].map((match) => match[1]).sort()
  for (const key of sentenceKeys) {
    expect(names(sentence('ja', key)), key).toEqual(names(sentence('en', key)))
    // A frame for other words has none of its own.
    if (!/\p{L}/u.test(sentence('en', key).replace(/\{[a-z]+\}/g, ''))) continue
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

it('widths are those of a terminal: wide, half-width, marks, pictures', () => {
  const widths: readonly (readonly [string, number])[] = [
    ['記名', 4],
    ['ｷﾒｲ', 3],
    ['ＡＢ', 4],
    ['が', 2],
    ['か\u3099', 2],
    ['cafe\u0301', 4],
    ['🎫', 2],
    ['𠮷', 2],
    ['a\u200bb', 2],
    ['\x1b[1;31mx\x1b[0m', 1],
  ]
  for (const [text, width] of widths) expect(displayWidth(text), text).toBe(width)
})

it('a text that is cut fits, and says that it was cut', () => {
  expect(fitDisplay('家計簿ノート', 12)).toBe('家計簿ノート')
  expect(fitDisplay('家計簿ノート', 8)).toBe('家計簿…')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      const fitted = fitDisplay(text, width)
      expect(displayWidth(fitted)).toBeLessThanOrEqual(width)
      if (fitted !== text) expect(fitted.endsWith('…')).toBe(true)
    }),
    { numRuns: 200 },
  )
})

it('any header and any choice give one of the languages', () => {
  const header = fc.array(fc.constantFrom('ja', 'en', '*', ';q=', '0', '1.0', ',', ' ', '-JP', ';', 'q', '\u0000'), { maxLength: 20 })
  fc.assert(
    fc.property(header, fc.string(), fc.array(fc.string(), { maxLength: 3 }), (parts, chosen, asked) => {
      expect(languages).toContain(chooseLanguage({ acceptLanguage: parts.join(''), chosen, asked }))
    }),
    { numRuns: 200 },
  )
  expect(chooseLanguage({ acceptLanguage: 'ja;q=0, en;q=0.1' })).toBe('en')
})

it('whatever a ticket is called, the drawing stays well-formed: one root, no foreign tag', () => {
  const kinds = [{ kind: 'named', thumbprint: jkt }, { kind: 'named' }, { kind: 'bearer' }, { kind: 'unknown' }] as const
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.constantFrom(...kinds), fc.constantFrom(...languages), (title, ticket, language) => {
      const drawn = ticketSvg(ticket, language, title)
      expect(
        [...drawn.matchAll(/<\/?([a-zA-Z]+)/g)]
          .map((tag) => tag[1])
          .filter((tag) => !['svg', 'path', 'rect', 'line', 'text'].includes(tag ?? '')),
      ).toEqual([])
      expect(drawn).toContain(`>${sentence(language, `ticket.kind.${ticket.kind}`)}</text>`)
    }),
    { numRuns: 200 },
  )
})

it('marks carry their word, and colours only when asked', () => {
  expect(mark('violated', { color: false })).toBe('✗ violated')
  expect(mark('holds', { color: false, language: 'ja' })).toBe('✓ 守られている')
  expect(mark('inconclusive', { color: true })).toBe('\x1b[33m? inconclusive\x1b[0m')
})

it('lines are broken at spaces and between words of scripts without them, and lose nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), fc.integer({ min: 8, max: 60 }), (text, width) => {
      const lines = wrapDisplay(text, width)
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
      expect(lines.join('').replace(/[ \t\n]/g, '')).toBe(text.replace(/[ \t\n]/g, ''))
    }),
    { numRuns: 300 },
  )
  expect(wrapDisplay('a proof by another key does not pass', 16)).toEqual(['a proof by', 'another key does', 'not pass'])
})

it('no Japanese line begins with a closing mark or ends with an opening one', () => {
  const text = 'やり取り（送った要求と、返ってきた答え）を見れば、「切符だけで通る」ことがわかります。'
  for (let width = 12; width < 60; width += 1) {
    const lines = wrapDisplay(text, width)
    expect(lines.join('')).toBe(text)
    for (const line of lines) expect(line).not.toMatch(/^[、。）」]|[（「]$/)
  }
})

it('tickets of a terminal are one width, whatever their kind', () => {
  const lines = [
    ticketLine({ kind: 'named', thumbprint: jkt }),
    ticketLine({ kind: 'named' }),
    ticketLine({ kind: 'bearer' }),
    ticketLine({ kind: 'unknown' }),
  ]
  expect(new Set(lines.map(displayWidth)).size).toBe(1)
  expect(new Set(lines).size).toBe(4)
})

it('the stylesheet and the icon load nothing', () => {
  expect(stylesheet).not.toMatch(/url\(|@import|@font-face|animation|transition/)
  expect(icon).not.toMatch(/href|url\(|<script/)
})
