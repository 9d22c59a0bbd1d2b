// The lab stands apart: nothing that serves or guards may depend on it, in its manifest or in its code.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const packagesFolder = join(import.meta.dirname, '../..')

interface Manifest {
  readonly name: string
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
}

const folders = readdirSync(packagesFolder).filter((folder) => folder !== 'lab')
const manifestOf = (folder: string) => JSON.parse(readFileSync(join(packagesFolder, folder, 'package.json'), 'utf8')) as Manifest
const sourcesOf = (folder: string) =>
  readdirSync(join(packagesFolder, folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, readFileSync(join(packagesFolder, folder, 'src', file), 'utf8')] as const)

describe('the lab is never part of the product', () => {
  it.each(folders)('%s does not depend on it', (folder) => {
    const { dependencies, peerDependencies, optionalDependencies } = manifestOf(folder)
    expect(Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })).not.toContain('@kimei/lab')
  })

  it('no source of another package names it, but for the one command that loads it', () => {
    const naming = folders.flatMap((folder) =>
      sourcesOf(folder)
        .filter(([, text]) => /['"]@kimei\/lab['"]/.test(text))
        .map(([file]) => `${folder}/${file}`),
    )
    expect(naming.filter((file) => file !== 'kimei/commands/lab.ts')).toEqual([])
  })

  it('nobody who serves or guards makes a Law that waives', () => {
    const makers = folders
      .filter((folder) => folder !== 'testkit')
      .flatMap((folder) =>
        sourcesOf(folder)
          .filter(([, text]) => /waives\s*(?::|\()\s*(?!id: RuleId)/.test(text.replace(/law\.waives\([^)]*\)|waives: \(\) => false/g, '')))
          .map(([file]) => `${folder}/${file}`),
      )
    // `kimei proof explain` reads one proof offline and lists every rule it breaks; it serves nothing.
    expect(makers).toEqual(['kimei/tickets/explain-proof.ts'])
  })
})
