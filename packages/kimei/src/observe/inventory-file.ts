// The inventory of one run: the file, what is accepted in a file beside it, and on which line each entry begins.
import { readFileSync } from 'node:fs'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import type { Inventory, Observation } from '@kimei/observer'
import { UsageError } from '../command/command.ts'
import { readText } from '../files/read-text.ts'
import { inFile, linesOf, readYaml } from '../files/read-yaml.ts'

export interface InventoryFile {
  readonly path: string
  readonly inventory: Inventory
  readonly place: NonNullable<Observation['inventoryFile']>
}

/** @throws Misuse with every mistake of the files. */
export async function readInventoryFile(path: string, acceptedPath: string | undefined): Promise<InventoryFile> {
  const { parseInventory, parseAcceptances } = await import('@kimei/observer')
  const accepted = acceptedPath === undefined ? [] : inFile(acceptedPath, () => parseAcceptances(readYaml(acceptedPath)))
  const written = readYaml(path) as { readonly accepted?: unknown }
  const own = Array.isArray(written.accepted) ? (written.accepted as readonly unknown[]) : []
  const merged = accepted.length === 0 ? written : { ...written, accepted: [...own, ...accepted] }
  const lines = linesOf(readText(path))
  return { path, inventory: inFile(path, () => parseInventory(merged)), place: { path: shownPath(path), lines } }
}

/** From the working folder, with `/`; a file elsewhere by its name alone, so that no report tells where somebody's files are. */
function shownPath(path: string): string {
  const below = relative(process.cwd(), resolve(path))
  return below.startsWith('..') || resolve(path) === below ? basename(path) : below.split(sep).join('/')
}

/** `{ file }` is a path from the inventory's folder, or an absolute one. */
export function secretsFrom(path: string): (source: { readonly env: string } | { readonly file: string }) => string {
  const folder = dirname(resolve(path))
  return (source) => {
    if ('env' in source) {
      const secret = process.env[source.env]
      if (!secret) throw new UsageError(`the environment variable ${source.env} is empty`)
      return secret
    }
    try {
      return readFileSync(resolve(folder, source.file), 'utf8').trim()
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read'
      throw new UsageError(`the file ${source.file} that ${path} names ${why}`)
    }
  }
}
