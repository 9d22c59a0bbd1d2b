// Writes docs/reference/*.schema.json: the JSON Schemas of the files that people write, from the schemas that check them.
// `node tools/schemas.ts` writes; the test beside it fails when a file on disk is another.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FileKind, fileKinds } from '../packages/kimei/src/files/file-kinds.ts'
import { root } from './source-tree.ts'

const folder = join(root, 'docs/reference')

export const schemaFiles: readonly (readonly [kind: FileKind, file: string])[] = [
  ['issuer', 'kimei.schema.json'],
  ['guard', 'kimei-guard.schema.json'],
  ['inventory', 'kimei-observe.schema.json'],
]

async function schemaText(kind: FileKind): Promise<string> {
  return `${JSON.stringify(await fileKinds[kind].schema(), null, 2)}\n`
}

/** Files that are not what the schemas say. */
export async function staleSchemas(): Promise<string[]> {
  const stale: string[] = []
  for (const [kind, file] of schemaFiles) {
    if (readFileSync(join(folder, file), 'utf8') !== (await schemaText(kind))) stale.push(file)
  }
  return stale
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true })
  for (const [kind, file] of schemaFiles) {
    writeFileSync(join(folder, file), await schemaText(kind))
    console.log(`docs/reference/${file}`)
  }
}
