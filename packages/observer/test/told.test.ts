// Notes of a run in a Japanese report: every sentence that the sources write down has its Japanese, and composed ones are told in their parts.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { foundTold } from '../src/doctor/found-words.ts'
import { roleTold } from '../src/report/role-words.ts'
import { told } from '../src/report/told.ts'

const sources = new URL('../src/', import.meta.url).pathname
const folders = ['run', 'stations', 'probes', 'clients', 'tls']
const sourcesIn = (folder: string) =>
  readdirSync(join(sources, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(sources, folder, name))
const files = folders.flatMap(sourcesIn)
/** What becomes an answer or a reason: in these places, and nowhere else. */
const notes = /\b(?:reason|answered|because|notApplicable|none): '([^']+)'|\b(?:skipped|StationClosed|BudgetSpent|RunStopped)\('([^']+)'/g

const prose = /[a-z]{2,} [a-z]{2,} [a-z]{2,}/
const japanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u

describe('notes in Japanese', () => {
  it('each sentence in the sources has one, in Japanese and not a word of English prose left', () => {
    const written = new Set(files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(notes)].map((found) => found[1] ?? found[2]!)))
    expect(written.size).toBeGreaterThan(80)
    const left = [...written].filter((note) => !japanese.test(told(note, 'ja')) || prose.test(told(note, 'ja')))
    expect(left).toEqual([])
    for (const note of written) expect(told(note, 'en')).toBe(note)
  })

  it.each([
    ['refused (401 invalid_token)', '断られた（401 invalid_token）'],
    ['control after failed: refused (403)', 'あとに送ったよい要求が通らなかった：断られた（403）'],
    ['moot: B1 is violated', 'B1 が破られているので問うまでもない'],
    [
      'the good ticket was accepted as Bearer, without proof, accepted in 2 of 4 tries',
      'よい切符が、証明なしの Bearer として通った。4 回のうち 2 回通った',
    ],
    [
      'not reached: api.example was given up: it asks for 3600 seconds of rest',
      '届かなかった：api.example に尋ねるのをやめた：3600 秒待ってほしいと言われた',
    ],
    [
      'notes (api.example) was given up: 3 answers in a row with 429 or 5xx, the last 503',
      'notes（api.example）に尋ねるのをやめた：429 や 5xx が三回続いた（最後は 503）',
    ],
    ['a good ticket was answered 200 (errors inside)', 'よい切符への答えが 200（中身は拒否）'],
    ['no ticket: the pasted token has expired', '切符が手に入らない：貼り付けた切符は期限切れ'],
  ])('%s', (note, ja) => {
    expect(told(note, 'ja')).toBe(ja)
  })

  it('what the other side wrote stays as it is', () => {
    expect(told('401 $1 $2 (x)', 'ja')).toBe('401 $1 $2 (x)')
    expect(told('refused (constructor)', 'ja')).toBe('断られた（constructor）')
    expect(told('constructor', 'ja')).toBe('constructor')
  })

  it('what a request was sent for has one, too', () => {
    const sent = /\b(?:send|remember|control|ask)\([\w.]+, '([^']+)'/g
    const roles = new Set(files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(sent)].map((found) => found[1]!)))
    expect(roles.size).toBeGreaterThan(15)
    expect([...roles].filter((role) => !japanese.test(roleTold(role, 'ja')) || prose.test(roleTold(role, 'ja')))).toEqual([])
    expect(roleTold('B1, again, with nonce', 'ja')).toBe('B1（もう一度）（nonce つき）')
  })

  it('what the doctor found has one, too', () => {
    const lines = /\bline\(\s*'[\w-]+',\s*(?:'[\w-]+'|[^,']+),\s*(?:[\w.() ]+\? )?'([^']+)'(?: : '([^']+)')?/g
    const texts = sourcesIn('doctor').map((file) => readFileSync(file, 'utf8'))
    const found = new Set(
      texts.flatMap((text) => [...text.matchAll(lines)].flatMap((one) => [one[1]!, one[2]]).filter((one) => one !== undefined)),
    )
    expect(found.size).toBeGreaterThan(10)
    expect([...found].filter((one) => one.includes(' ') && !japanese.test(foundTold(one, 'ja')))).toEqual([])
    expect(foundTold('trusted, 30 days left', 'ja')).toBe('信頼できる、残り 30 日')
    expect(foundTold('1 address', 'ja')).toBe('アドレス 1 個')
  })
})
