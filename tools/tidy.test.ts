// The repository is kept tidy by a test: directions of imports, layout, heads, lengths, names, words.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { isTypeScript, listFiles, readSource, root, type SourceFile } from './source-tree.ts'
import { judgeImports, type Untidy } from './tidy-imports.ts'
import { judgeName, judgeShape } from './tidy-shape.ts'
import { judgeWords } from './tidy-words.ts'

// Some thousand files: time enough even where every core is taken.
vi.setConfig({ testTimeout: 120_000 })

const files = listFiles()
const sources = files.filter((path) => isTypeScript(path) && !path.startsWith('vectors/')).map(readSource)
const say = (found: readonly Untidy[]): string[] => found.map((one) => `${one.path}:${one.line} ${one.says}`)
const sample = (path: string, text: string): SourceFile => ({ path, text })

describe('this repository', () => {
  it('imports go one way: across packages, inside protocol, inside server', () => {
    expect(say(sources.flatMap(judgeImports))).toEqual([])
  })

  it('files have a head, stay within their length, and hold no default export and no any', () => {
    expect(say(sources.flatMap(judgeShape))).toEqual([])
  })

  it('names are kebab-case and say something', () => {
    const named = files.filter((path) => /^(packages|tools|bench|accuracy|examples|docs)\//.test(path) && /\.(ts|md|ya?ml|css)$/.test(path))
    expect(say(named.filter((path) => !/README|\.ja\.md$/.test(path)).flatMap(judgeName))).toEqual([])
  })

  it('no text names a machine, a registry or a test put aside', () => {
    const texts = files.filter((path) => !path.startsWith('vectors/') && !path.startsWith('LICENSE'))
    expect(say(texts.map(readSource).flatMap(judgeWords))).toEqual([])
  })

  it('every package has its manifest, its index and the licence, and asks for no install script', () => {
    for (const folder of files.filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))) {
      const manifest = JSON.parse(readSource(folder).text) as Record<string, unknown>
      expect(manifest['license'], folder).toBe('Apache-2.0')
      expect(manifest['type'], folder).toBe('module')
      expect(existsSync(join(root, folder, '../src/index.ts')), folder).toBe(true)
      expect(
        Object.keys((manifest['scripts'] as object) ?? {}).filter((name) => /install|prepare/.test(name)),
        folder,
      ).toEqual([])
    }
  })

  it('index files only re-export or register', () => {
    const busy = sources.filter(
      (file) => /^packages\/[^/]+\/src\/index\.ts$/.test(file.path) && /^(export )?(async )?(function|class|let)\b/m.test(file.text),
    )
    expect(busy.map((file) => file.path)).toEqual([])
  })
})

describe('the judges themselves', () => {
  it('refuse an import that goes upwards, sideways or out of its package', () => {
    const refused = (path: string, text: string): number => judgeImports(sample(path, text)).length
    expect(refused('packages/protocol/src/dpop/a.ts', "import { x } from '../grants/code.ts'")).toBe(1)
    expect(refused('packages/protocol/src/dpop/a.ts', "import { x } from '../mtls/a.ts'")).toBe(1)
    expect(refused('packages/protocol/src/dpop/a.ts', "import { x } from '../jose/a.ts'")).toBe(0)
    expect(refused('packages/protocol/src/novel/a.ts', "import { x } from '../jose/a.ts'")).toBe(1)
    expect(refused('packages/server/src/endpoints/token/a.ts', "import { x } from '../userinfo/a.ts'")).toBe(1)
    expect(refused('packages/server/src/endpoints/token/a.ts', "import { x } from './b.ts'")).toBe(0)
    expect(refused('packages/server/src/steps/a.ts', "import { x } from '../endpoints/token/b.ts'")).toBe(1)
    expect(refused('packages/guard/src/a.ts', "export { x } from '@kimei/server'")).toBe(1)
    expect(refused('packages/guard/src/a.ts', "const x = await import('@kimei/client')")).toBe(1)
    expect(refused('packages/guard/src/a.ts', "import { x } from '../../storage/src/index.ts'")).toBe(1)
    expect(refused('packages/guard/src/a.ts', "import { x } from '@kimei/storage/memory'")).toBe(0)
    expect(refused('packages/kimei/src/commands/dev.ts', "await import('@kimei/lab')")).toBe(1)
    expect(refused('packages/kimei/src/commands/lab.ts', "import { x } from '@kimei/lab'")).toBe(1)
    expect(refused('packages/kimei/src/commands/lab.ts', "await import('@kimei/lab')")).toBe(0)
    expect(refused('packages/server/src/a.ts', "import { x } from 'testkit'")).toBe(1)
  })

  it('refuse a missing head, any, a default export, a long file and a long function', () => {
    const said = (text: string): string[] => judgeShape(sample('packages/guard/src/a.ts', text)).map((one) => one.says)
    expect(said('export const a = 1\n')).toHaveLength(1)
    expect(said('// Head.\nexport const a: any = 1\n')).toEqual(['any: give it a type'])
    expect(said('// Head.\nexport default 1\n')).toEqual(['default export: name it'])
    expect(said('// Head.\nexport default function a() {}\n')).toEqual(['default export: name it'])
    expect(said(`// Head.\n${'\n'.repeat(300)}const a = 1\n`)).toHaveLength(1)
    expect(said(`// Head.\nexport function a() {\n${'  a()\n'.repeat(60)}}\n`)).toHaveLength(1)
    expect(said('// Head.\nexport class TokenManager {}\n')).toHaveLength(1)
    expect(said('// Head.\nexport const toUserInfo = 1, base64url = 2\n')).toEqual([])
  })

  it('refuse names that say nothing and words that must not stand', () => {
    expect(judgeName('packages/guard/src/token-utils.ts')).toHaveLength(1)
    expect(judgeName('packages/guard/src/tokenReader.ts')).toHaveLength(1)
    expect(judgeName('packages/guard/src/read-token.ts')).toEqual([])
    const words = (text: string): number => judgeWords(sample('a.ts', text)).length
    for (const text of [
      '/ho' + 'me/me/x',
      'registry.' + 'npmjs.org',
      'it.' + 'skip(',
      'TO' + 'DO later',
      '@ts-' + 'ignore',
      '/wo' + 'rk/main',
    ]) {
      expect(words(text), text).toBe(1)
    }
    expect(words('https://api.example/home/me and ./work/main and dist/tmp/x')).toBe(0)
  })
})
