// Installs packed tarballs in an empty folder, as a user would, without asking the network:
// what they depend on is taken from this repository's own node_modules.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Manifest } from './published-manifest.ts'
import { root } from './source-tree.ts'

const execute = promisify(execFile)

interface InstalledManifest extends Manifest {
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Everything that the wanted packages need from others, transitively: name → folder in this repository. */
function outsideNeeds(wanted: readonly Manifest[], own: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (manifest: InstalledManifest): void => {
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      const folder = join(root, 'node_modules', name)
      if (own.has(name) || found.has(name) || !existsSync(folder)) continue
      found.set(name, folder)
      visit(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as InstalledManifest)
    }
  }
  for (const manifest of wanted) visit(manifest)
  return found
}

/** Which of our packages `name` brings with it, itself included. */
export function ownNeeds(name: string, manifests: ReadonlyMap<string, Manifest>): string[] {
  const found = new Set<string>()
  const visit = (one: string): void => {
    const manifest = manifests.get(one)
    if (!manifest || found.has(one)) return
    found.add(one)
    for (const need of Object.keys(manifest.dependencies ?? {})) visit(need)
  }
  visit(name)
  return [...found]
}

/** Installs `name` and what it brings; answers the folder of node_modules. */
export async function installPacked(
  name: string,
  manifests: ReadonlyMap<string, Manifest>,
  tarballs: ReadonlyMap<string, string>,
  into: string,
): Promise<string> {
  const own = ownNeeds(name, manifests)
  const outside = outsideNeeds(
    own.map((one) => manifests.get(one)!),
    new Set(manifests.keys()),
  )
  const dependencies = Object.fromEntries([
    ...own.map((one) => [one, `file:${tarballs.get(one)}`]),
    ...[...outside].map(([one, folder]) => [one, `file:${folder}`]),
  ])
  mkdirSync(into, { recursive: true })
  writeFileSync(join(into, 'package.json'), JSON.stringify({ name: 'empty-folder', private: true, type: 'module', dependencies }))
  const flags = ['--install-links', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  const install = (how: string) => execute('npm', ['install', how, ...flags], { cwd: into, maxBuffer: 1 << 24 })
  // The network is asked only where two packages need two versions of a third.
  await install('--offline').catch(() => install('--prefer-offline'))
  return join(into, 'node_modules')
}
