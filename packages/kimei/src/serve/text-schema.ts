// In the JSON Schema of a file: texts that may stand in a file of their own are either the text, or `{ file: … }`.
// Which parts these are, and how they are read, stands in pem-files.ts.

type Schema = Readonly<Record<string, unknown>>

const inFile = {
  type: 'object',
  properties: { file: { type: 'string', description: 'A file with the text, from the folder of this file.' } },
  required: ['file'],
  additionalProperties: false,
}

/** The schema at `path` (names of properties) with every free text in it replaced. A path that is not there changes nothing. */
export function withTextFiles(schema: Schema, path: readonly string[]): Schema {
  const [name, ...rest] = path
  if (name === undefined) return eitherWay(schema) as Schema
  const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined
  const inner = properties?.[name]
  return inner ? { ...schema, properties: { ...properties, [name]: withTextFiles(inner, rest) } } : schema
}

function eitherWay(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(eitherWay)
  if (typeof node !== 'object' || node === null) return node
  const schema = node as Schema
  const isText = schema['type'] === 'string' && !('const' in schema) && !('enum' in schema)
  if (isText) return { anyOf: [schema, inFile] }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, eitherWay(value)]))
}
