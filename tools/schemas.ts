// Writes docs/reference/*.schema.json: the JSON Schemas of the files that people write and of reports, from the schemas that check.
// `node tools/schemas.ts` writes; the test beside it fails when a file on disk is another.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FileKind, fileKinds } from '../packages/kimei/src/files/file-kinds.ts'
import { observationJsonSchema } from '../packages/observer/src/report/schema.ts'
import { root } from './source-tree.ts'

const folder = join(root, 'docs/reference')

export const schemaFiles: readonly (readonly [kind: FileKind, file: string])[] = [
  ['issuer', 'kimei.schema.json'],
  ['guard', 'kimei-guard.schema.json'],
  ['inventory', 'kimei-observe.schema.json'],
]

const reportFile = 'kimei-observation.schema.json'

function reportSchemaText(): string {
  return `${JSON.stringify({ ...observationJsonSchema(), title: 'kimei observe --format json' }, null, 2)}\n`
}

async function schemaText(kind: FileKind): Promise<string> {
  return `${JSON.stringify(await fileKinds[kind].schema(), null, 2)}\n`
}

/** Files that are not what the schemas say. */
export async function staleSchemas(): Promise<string[]> {
  const stale: string[] = []
  for (const [kind, file] of schemaFiles) {
    if (readFileSync(join(folder, file), 'utf8') !== (await schemaText(kind))) stale.push(file)
  }
  return readFileSync(join(folder, reportFile), 'utf8') === reportSchemaText() ? stale : [...stale, reportFile]
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true })
  for (const [kind, file] of schemaFiles) {
    writeFileSync(join(folder, file), await schemaText(kind))
    console.log(`docs/reference/${file}`)
  }
  writeFileSync(join(folder, reportFile), reportSchemaText())
  console.log(`docs/reference/${reportFile}`)
}
