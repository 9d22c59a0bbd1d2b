// What is published works where nothing of this repository is: packed, installed in an empty folder, started there.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installPacked } from './install-packed.ts'
import { type BuiltPackage, buildPackages, packTarballs } from './pack.ts'
import { type Manifest, publishedManifest, type Target } from './published-manifest.ts'

const execute = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'kimei-pack-'))
let built: BuiltPackage[] = []
let modules = ''

beforeAll(async () => {
  built = await buildPackages(join(folder, 'built'))
  const tarballs = await packTarballs(built, join(folder, 'tarballs'))
  modules = await installPacked('kimei', new Map(built.map((one) => [one.name, one.manifest])), tarballs, join(folder, 'empty'))
}, 240_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const filesIn = (at: string): string[] => readdirSync(at, { recursive: true, encoding: 'utf8' })
const leaves = (target: Target): string[] => (typeof target === 'string' ? [target] : Object.values(target).flatMap(leaves))

describe('packed packages', () => {
  it('hold JavaScript and declarations, and every place their manifest names', () => {
    for (const one of built) {
      expect(
        filesIn(one.folder).filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts')),
        one.name,
      ).toEqual([])
      const named = [one.manifest.exports, one.manifest.imports, one.manifest.bin].flatMap((places) => (places ? leaves(places) : []))
      expect(named.length, one.name).toBeGreaterThan(0)
      expect(
        named.filter((path) => !existsSync(join(one.folder, path))),
        one.name,
      ).toEqual([])
      expect(existsSync(join(one.folder, 'LICENSE')), one.name).toBe(true)
    }
  })

  it('name no private package, in manifests, code and declarations', () => {
    for (const one of built) {
      expect(
        Object.keys(one.manifest.dependencies ?? {}).filter((name) => name === 'look' || name === 'testkit'),
        one.name,
      ).toEqual([])
      const code = filesIn(one.folder).filter((path) => /\.(js|d\.ts)$/.test(path))
      const naming = code.filter((path) => /(from |import\()['"](look|testkit)['"/]/.test(readFileSync(join(one.folder, path), 'utf8')))
      expect(naming, one.name).toEqual([])
    }
  })

  it('ask for no install script, nor does anything that comes with the command', () => {
    const manifests = filesIn(modules).filter((path) => /(^|\/)package\.json$/.test(path))
    expect(manifests.length).toBeGreaterThan(built.length)
    const asking = [...built.map((one) => join(one.folder, 'package.json')), ...manifests.map((path) => join(modules, path))].filter(
      (path) => {
        const { scripts } = JSON.parse(readFileSync(path, 'utf8')) as { scripts?: Record<string, string> }
        return ['preinstall', 'install', 'postinstall'].some((name) => scripts?.[name]) || existsSync(join(dirname(path), 'binding.gyp'))
      },
    )
    expect(asking).toEqual([])
  })

  it('leave the lab out: the command does not bring it, and no product package knows it', () => {
    expect(existsSync(join(modules, '@kimei/protocol'))).toBe(true)
    expect(existsSync(join(modules, '@kimei/lab'))).toBe(false)
    for (const one of built) expect(Object.keys(one.manifest.dependencies ?? {}), one.name).not.toContain('@kimei/lab')
  })

  it('run the whole story from the empty folder', async () => {
    const { stdout } = await execute(process.execPath, [join(modules, 'kimei/cli.js'), 'dev', '--self-check', '--json'], {
      cwd: dirname(modules),
    })
    expect(JSON.parse(stdout)).toMatchObject({ ok: true })
  }, 120_000)

  it('serve the demo app without a bundler', async () => {
    expect(existsSync(join(modules, 'rolldown'))).toBe(false)
    const child = spawn(process.execPath, [join(modules, 'kimei/cli.js'), 'dev', '--port', '0', '--json'], { cwd: dirname(modules) })
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      const { app } = JSON.parse(line.toString().split('\n')[0] ?? '') as { app: string }
      const script = await fetch(`${app}/app.js`)
      expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
      expect((await script.text()).length).toBeGreaterThan(10_000)
    } finally {
      child.kill('SIGINT')
      await once(child, 'close')
    }
  }, 120_000)
})

it('a published manifest points to JavaScript under every condition, and carries what inlined packages need', () => {
  const source: Manifest = {
    name: 'kimei',
    version: '1.0.0',
    private: true,
    files: ['dist'],
    exports: { '.': './src/index.ts', './a': { browser: './src/a.web.ts', default: './src/a.ts' } },
    imports: { '#crypto': { node: './src/crypto.node.ts', default: './src/crypto.web.ts' } },
    bin: { kimei: './src/cli.ts' },
    dependencies: { look: '1.0.0', yaml: '2.0.0', rolldown: '1.0.0' },
  }
  expect(publishedManifest(source, [{ name: 'look', version: '1.0.0', dependencies: { hono: '4.0.0' } }])).toEqual({
    name: 'kimei',
    version: '1.0.0',
    exports: {
      '.': { types: './index.d.ts', default: './index.js' },
      './a': { browser: { types: './a.web.d.ts', default: './a.web.js' }, default: { types: './a.d.ts', default: './a.js' } },
    },
    imports: { '#crypto': { node: './crypto.node.js', default: './crypto.web.js' } },
    bin: { kimei: './cli.js' },
    dependencies: { hono: '4.0.0', yaml: '2.0.0' },
  })
})
