// The command line's reference is what the commands print.
import { expect, it } from 'vitest'
import { cliDocument, cliDocumentIsCurrent } from './cli-doc.ts'

it('docs/reference/cli.md is what --help prints; `node tools/cli-doc.ts` writes it', () => {
  expect(cliDocumentIsCurrent()).toBe(true)
}, 60_000)

it('it shows every command that the first page lists', () => {
  const text = cliDocument()
  const first = text.split('## ')[0] ?? ''
  const listed = [...first.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map((match) => match[1])
  expect(listed.length).toBeGreaterThan(5)
  expect(listed.filter((name) => name !== 'kimei' && !text.includes(`## kimei ${name}\n`))).toEqual([])
}, 60_000)
