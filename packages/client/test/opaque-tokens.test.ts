// The holder's own source: access tokens stay opaque, private keys stay where they are.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../src')
const sources = globSync('**/*.ts', { cwd: root }).map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

describe('the source of the holder', () => {
  it('AT-6-01: no line decodes, splits or parses an access token', () => {
    expect(sources.length).toBeGreaterThan(20)
    const touching =
      /(?:accessToken|access_token|\btoken)\b[^\n]*\.(?:split|slice|substring|match|indexOf)\(|(?:decodeJwt|JSON\.parse|fromB64u|atob|parseCompactJws|checkAccessToken)\([^\n]*(?:accessToken|access_token)/
    expect(sources.filter(({ text }) => touching.test(text)).map(({ file }) => file)).toEqual([])
  })

  it('DPOP-11.4-01: a private half is exported only where a file store writes it down', () => {
    const exporting = sources.filter(({ text }) => /exportKey\([^)]*privateKey/.test(text)).map(({ file }) => file)
    expect(exporting).toEqual(['key-store/web-key.ts'])
    const writing = sources.filter(({ text }) => text.includes('generatePrivateJwk(')).map(({ file }) => file)
    expect(writing.sort()).toEqual(['key-store/node.ts', 'key-store/web-key.ts'])
  })
})
