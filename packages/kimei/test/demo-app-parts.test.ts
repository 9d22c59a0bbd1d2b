// The parts of the demo app that need no browser: texts, the tapped wire, thefts, and what is served.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { languages } from 'look'
import { describe, expect, it } from 'vitest'
import { buildDemoApp } from '../src/demo-app/build-demo-app.ts'
import { pickLanguage, scopeWords, text, textKeys } from '../src/demo-app/texts.ts'
import { tryThefts } from '../src/demo-app/thefts.ts'
import { tapWire } from '../src/demo-app/wire-tap.ts'

describe('texts', () => {
  it('stand in both languages, with the same gaps', () => {
    const gaps = (words: string): string[] => words.match(/\{[a-z]+\}/g)?.sort() ?? []
    for (const key of textKeys) {
      for (const language of languages) expect(text(language, key).trim()).not.toBe('')
      expect(gaps(text('ja', key))).toEqual(gaps(text('en', key)))
      expect(text('ja', key)).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/)
    }
    expect(text('en', 'ticket.greeting', { name: '{name}' })).toBe('Welcome, {name}.')
    expect([scopeWords('ja', 'notes:read'), scopeWords('ja', 'constructor')]).toEqual(['メモを読む', 'constructor'])
  })

  it('the language is what was asked, then chosen, then preferred', () => {
    expect(pickLanguage('ja', 'en', ['en'])).toBe('ja')
    expect(pickLanguage('fr', 'ja', ['en'])).toBe('ja')
    expect(pickLanguage(null, null, ['fr-FR', 'ja-JP', 'en'])).toBe('ja')
    expect(pickLanguage(null, null, ['fr'])).toBe('en')
  })
})

describe('what is served', () => {
  it('is one page, one script and one style, under a policy without inline script', async () => {
    const { files, headers } = await buildDemoApp({ issuer: 'http://localhost:1', api: 'http://localhost:2/', clientId: '"><script>' })
    expect([...files.keys()]).toEqual(['/', '/callback', '/app.js', '/style.css'])
    const page = files.get('/')?.body ?? ''
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=/)
    expect(headers['content-security-policy']).toContain("script-src 'self'; ")
    expect(headers['content-security-policy']).toContain('connect-src http://localhost:1 http://localhost:2;')
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*/)
    // One file that needs nothing else.
    const script = files.get('/app.js')?.body ?? ''
    expect([script.length > 50_000, /node:|^import\b|\bimport\(/m.test(script)]).toEqual([true, false])
  })
})

describe('thefts', () => {
  it('are five requests that change nothing, and what gets in is called in', async () => {
    const heard: string[][] = []
    const server = createServer((request, response) => {
      heard.push([request.method ?? '', request.headers.authorization ?? '', request.headers['dpop'] === undefined ? '' : 'proof'])
      response.end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notes`
    const tap = tapWire(new URL(url).origin, (input, init) => fetch(input, init))
    expect(tap.last()).toBeUndefined()
    await tap.fetch('http://localhost:1/', { headers: { authorization: 'DPoP a', dpop: 'b' } }).catch(() => undefined)
    await tap.fetch(url)
    expect(tap.last()).toBeUndefined()
    await tap.fetch(url, { headers: { authorization: 'DPoP t', dpop: 'p' } })
    const stolen = tap.last()
    if (stolen === undefined) throw new Error('nothing was tapped')
    heard.length = 0
    const thefts = await tryThefts(stolen, (input, init) => fetch(input, init))
    expect(thefts.map(({ name, admitted }) => [name, admitted])).toEqual([
      ['bearer', true],
      ['no-proof', true],
      ['other-key', true],
      ['replay', true],
      ['elsewhere', true],
    ])
    expect(heard).toEqual([
      ['GET', 'Bearer t', ''],
      ['GET', 'DPoP t', ''],
      ['GET', 'DPoP t', 'proof'],
      ['GET', 'DPoP t', 'proof'],
      ['HEAD', 'DPoP t', 'proof'],
    ])
    server.close()
  })
})
