// `npm run pack:all`: makes what is published from what is developed: JavaScript, declarations, a manifest that points to them, tarballs.
// Node refuses TypeScript inside node_modules, so nothing is published as it stands here.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { bundleDemoApp, packedBundle } from '../packages/kimei/src/demo-app/build-demo-app.ts'
import { type Manifest, publishedManifest } from './published-manifest.ts'
import { wrongRecords } from './review-records.ts'
import { listFiles, root } from './source-tree.ts'

const execute = promisify(execFile)

/** What somebody installs, each after what it needs. */
export const published = ['protocol', 'storage', 'guard', 'client', 'server', 'observer', 'lab', 'kimei'] as const

/** Private packages whose code goes inside those that need them: they are no product of their own. */
const inlined = ['look'] as const

export interface BuiltPackage {
  readonly name: string
  readonly folder: string
  readonly manifest: Manifest
}

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as Manifest
}

/** Compiles every package in one run; answers the folder that holds `<package>/src`. */
async function emit(into: string): Promise<void> {
  const names = [...published, ...inlined]
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(root, 'packages'),
      outDir: into,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: names.map((name) => join(root, 'packages', name, 'src')),
  }
  const path = join(into, 'tsconfig.json')
  writeFileSync(path, JSON.stringify(config))
  try {
    await execute(join(root, 'node_modules/.bin/tsc'), ['-p', path], { cwd: root, maxBuffer: 1 << 24, env: runtimeFirst() })
  } catch (error) {
    throw new Error(`packages do not compile:\n${(error as { stdout?: string }).stdout ?? (error as Error).message}`)
  }
}

function runtimeFirst(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(process.execPath)}:${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` }
}

/** Files beside the code that the code reads: styles, pages, pictures. */
function copyAssets(name: string, into: string): void {
  const home = `packages/${name}/src`
  for (const path of listFiles(home)) {
    if (path.endsWith('.ts')) continue
    const target = join(into, relative(home, path))
    mkdirSync(dirname(target), { recursive: true })
    cpSync(join(root, path), target)
  }
}

/** `from 'look'` becomes the path of the inlined copy, in code and in declarations. */
function pointToInlined(folder: string, names: readonly string[]): void {
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|d\.ts)$/.test(entry)) continue
    const path = join(folder, entry)
    const text = readFileSync(path, 'utf8')
    let pointed = text
    for (const name of names) {
      const target = relative(dirname(path), join(folder, 'inlined', name, 'index.js'))
      const specifier = target.startsWith('.') ? target : `./${target}`
      pointed = pointed.replaceAll(new RegExp(`(from |import\\(|import )(['"])${name}\\2`, 'g'), `$1$2${specifier}$2`)
    }
    if (pointed !== text) writeFileSync(path, pointed)
  }
}

/** Builds every published package below `into` (`into/<package>`), or in its own `dist`. */
export async function buildPackages(into?: string): Promise<BuiltPackage[]> {
  const emitted = mkdtempSync(join(tmpdir(), 'kimei-emit-'))
  try {
    await emit(emitted)
    const built: BuiltPackage[] = []
    for (const name of published) {
      const folder = into ? join(into, name) : join(root, 'packages', name, 'dist')
      built.push(assemble(name, emitted, folder))
      if (name === 'kimei') await packDemoApp(join(folder, 'demo-app'))
    }
    return built
  } finally {
    rmSync(emitted, { recursive: true, force: true })
  }
}

/** The demo app is bundled ahead: whoever installs the command needs no bundler. */
async function packDemoApp(folder: string): Promise<void> {
  const bundle = await bundleDemoApp(join(root, 'packages/kimei/src/demo-app/app.ts'))
  writeFileSync(join(folder, packedBundle), bundle)
}

function assemble(name: string, emitted: string, folder: string): BuiltPackage {
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(emitted, name, 'src'), folder, { recursive: true })
  copyAssets(name, folder)
  const source = manifestOf(name)
  const inside = inlined.filter((one) => source.dependencies?.[one])
  for (const one of inside) {
    cpSync(join(emitted, one, 'src'), join(folder, 'inlined', one), { recursive: true })
    copyAssets(one, join(folder, 'inlined', one))
  }
  if (inside.length > 0) pointToInlined(folder, inside)
  const manifest = publishedManifest(source, inside.map(manifestOf))
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  const readme = [join(root, 'packages', name, 'README.md'), join(root, 'README.md')].find((path) => existsSync(path))
  if (readme) cpSync(readme, join(folder, 'README.md'))
  return { name: manifest.name, folder, manifest }
}

/** Makes the tarballs that `npm publish` would send; answers their paths by package name. */
export async function packTarballs(built: readonly BuiltPackage[], into: string): Promise<Map<string, string>> {
  mkdirSync(into, { recursive: true })
  const { stdout } = await execute(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', into, ...built.map((one) => one.folder)],
    { cwd: into, maxBuffer: 1 << 24 },
  )
  const packed = JSON.parse(stdout) as { name: string; filename: string }[]
  return new Map(packed.map((one) => [one.name, join(into, one.filename)]))
}

if (import.meta.main) {
  const unreviewed = wrongRecords()
  if (unreviewed.length > 0) throw new Error(unreviewed.join('\n'))
  const built = await buildPackages()
  const tarballs = await packTarballs(built, join(root, 'dist'))
  for (const [name, path] of tarballs) console.log(`${name.padEnd(16)} ${relative(root, path)}`)
}
