// The published JSON Schemas are those that the product checks with, and the example files keep to them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fileKinds } from '../packages/kimei/src/files/file-kinds.ts'
import { parseYaml } from '../packages/kimei/src/files/read-yaml.ts'
import { schemaFiles, staleSchemas } from './schemas.ts'
import { root } from './source-tree.ts'

it('docs/reference holds the schemas that check; `node tools/schemas.ts` writes them', async () => {
  expect(await staleSchemas()).toEqual([])
})

it.each(schemaFiles)('the example of a %s file is good, and names its schema', async (kind, schema) => {
  const path = `examples/config/${schema.replace('.schema.json', '.yaml')}`
  const text = readFileSync(join(root, path), 'utf8')
  await fileKinds[kind].check(path, parseYaml(text, path))
  expect(text).toContain(`# yaml-language-server: $schema=../../docs/reference/${schema}`)
})
