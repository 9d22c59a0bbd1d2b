// Files that are wrong, and places where no report can be written: said at once, all of it, with lines; nothing is sent and nothing left behind.
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as observer from '@kimei/observer'
import { Misuse } from '@kimei/protocol'
import { expect, it } from 'vitest'
import { UsageError } from '../src/command/command.ts'
import { readYaml } from '../src/files/read-yaml.ts'
import { readReportFiles } from '../src/observe/report-files.ts'
import { startHost } from './observed-host.ts'
import { emptyFolder, kimei } from './run-kimei.ts'

const mistakesOf = (text: string | Buffer): string => {
  const path = join(emptyFolder(), 'inventory.yaml')
  writeFileSync(path, text)
  try {
    readYaml(path)
    return 'none'
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    return error.mistakes.map((mistake) => mistake.replace(path, 'inventory.yaml')).join('\n')
  }
}

const growing = `a: &a [x, x, x, x, x, x, x, x]\n${'bcdefgh'
  .split('')
  .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[at]}`).join(', ')}]`)
  .join('\n')}\n`

it.each<[string, string | Buffer, RegExp]>([
  [
    'two keys twice',
    'a: 1\nb:\n  c: 1\n  c: 2\na: 2\n',
    /inventory\.yaml:5:1 .*"a" is written twice\ninventory\.yaml:4:3 .*"c" is written twice/,
  ],
  ['UTF-16, as some editors save', Buffer.from('\ufeffversion: 1\n', 'utf16le'), /not written in UTF-8/],
  ['Latin-1', Buffer.from('contact: caf\xe9\n', 'latin1'), /not written in UTF-8/],
  ['nine million bytes', 'a: b\n'.repeat(1_800_000), /larger than 8 MB/],
  ['aliases that grow', growing, /alias/],
  ['an alias of nothing', 'a: *b\n', /inventory\.yaml.*alias/i],
  ['brackets without end', '['.repeat(3000), /nested deeper than can be read/],
  ['maps without end', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), /nested deeper than can be read/],
  ['a tag that would be code', 'a: !!js/function "x"\n', /inventory\.yaml:1:4 Unresolved tag/],
  ['two documents', 'a: 1\n---\nb: 2\n', /inventory\.yaml:2:1 a second document/],
  ['tabs', 'a:\n\tb: 1\n', /inventory\.yaml:2:1 Tabs/],
  ['a list at the top', '- a\n', /at its top/],
  ['nothing', '# later\n', /is empty/],
  ['three thousand slips', 'a: 1\n'.repeat(3000), /: 2959 more$/],
])('%s', (_name, text, says) => {
  expect(mistakesOf(text)).toMatch(says)
})

it('fifty thousand keys are read, and what is no file is said to be none', () => {
  expect(mistakesOf(Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join('\n'))).toBe('none')
  const folder = emptyFolder()
  expect(() => readYaml(folder)).toThrow(new UsageError(`${folder} is a folder`))
  expect(() => readYaml('/dev/zero')).toThrow(/larger than 8 MB/)
  expect(() => readYaml(join(folder, 'none.yaml'))).toThrow(/there is no file/)
})

it('an inventory with many mistakes: all at once, each with its line, exit code 3, nothing sent', async () => {
  const cwd = emptyFolder()
  const host = await startHost()
  writeFileSync(
    join(cwd, 'inventory.yaml'),
    `version: 1
contact: tests@example.com
colour: blue
issuers:
  - id: main
    url: ${host.url}
    tokenEndpoint: ftp://nowhere/token
clients:
  - id: job
    clientId: job
    kind: toaster
    ticket: { from: client-credentials }
  - id: job
    clientId: job
    ticket: { from: client-credentials, wish: much }
apis:
  - id: notes
    url: not an address
    privilege: mid
  - id: other
    url: https://api.example/notes
    privilege: enormous
    __proto__: { privilege: low }
`,
  )
  const { code, out, err } = await kimei(['observe', 'inventory.yaml'], { cwd })
  expect([code, out, host.asked]).toEqual([3, '', []])
  for (const line of [3, 7, 11, 15, 18, 22, 23]) expect(err).toMatch(new RegExp(`inventory\\.yaml:${line}\\b`))
})

it('where a report cannot be written is known before anything is sent', async () => {
  const cwd = emptyFolder()
  const host = await startHost()
  writeFileSync(join(cwd, 'inventory.yaml'), host.inventory)
  mkdirSync(join(cwd, 'folder'))
  const at = (path: string) => join(cwd, path)
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [[`json=${at('folder')}`], /is a folder/],
    [[at('no/where.json')], /there is no folder .*\/no/],
    [[at('a.json'), at('folder/../a.json')], /twice/],
    [[at('a.doc')], /which format/],
    [[`pdf=${at('a.pdf')}`], /no format "pdf"/],
  ]
  for (const [given, says] of wrong) expect(() => readReportFiles(given, observer)).toThrow(says)
  const { code, out, err } = await kimei(['observe', 'inventory.yaml', '--report', '/proc/a.json'], { cwd })
  expect([code, out, err]).toEqual([3, '', expect.stringMatching(/cannot be written to \(E\w+\)/)])
  expect(host.asked).toEqual([])
  expect(readdirSync(cwd).sort()).toEqual(['folder', 'inventory.yaml'])
})

it('a full disk costs one report: the others are written, what was seen is shown, and exit code 3 says that one is missing', async () => {
  const cwd = emptyFolder()
  const host = await startHost()
  writeFileSync(join(cwd, 'inventory.yaml'), host.inventory)
  mkdirSync(join(cwd, 'kept'))
  writeFileSync(join(cwd, 'kept/report.html'), 'before')
  symlinkSync('kept/report.html', join(cwd, 'report.html'))
  const reports = ['--report', 'json=/dev/full', '--report', 'report.html']
  const { code, out, err } = await kimei(['observe', 'inventory.yaml', ...reports], { cwd })
  expect([code, err]).toEqual([3, expect.stringContaining('/dev/full cannot be written: ENOSPC')])
  expect(out).toContain('Named tickets, observed')
  expect(readlinkSync(join(cwd, 'report.html'))).toBe('kept/report.html')
  expect(readFileSync(join(cwd, 'kept/report.html'), 'utf8')).toMatch(/^<!doctype html>/i)
  expect(lstatSync('/dev/full').isCharacterDevice()).toBe(true)
  expect(readdirSync(cwd).sort()).toEqual(['inventory.yaml', 'kept', 'report.html'])
  for (const secret of host.secrets) expect(out + err + readFileSync(join(cwd, 'kept/report.html'), 'utf8')).not.toContain(secret)
})
