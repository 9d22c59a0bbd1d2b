// The file of `kimei serve`: everything the issuer declares, and beside it where to listen, what to store, where events go.
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Misuse, sayMistake } from '@kimei/protocol'
import { type IssuerConfig, type IssuerSource, issuerJsonSchema, parseIssuerConfig } from '@kimei/server'
import { z } from 'zod'
import { inFile, readYaml } from '../files/read-yaml.ts'
import { checkFolder, folderSource, listSource, readList } from './issuer-sources.ts'
import { checkListening, type ListenFile, listenSchema } from './listen-config.ts'
import { withPemFiles } from './pem-files.ts'
import { withTextFiles } from './text-schema.ts'

const ownShape = {
  listen: listenSchema,
  storage: z
    .strictObject({ sqlite: z.string().min(1).describe('File of the database, from the folder of this file.') })
    .prefault({ sqlite: 'kimei.sqlite' }),
  audit: z
    .union([z.literal('stdout'), z.literal('table-only'), z.strictObject({ file: z.string().min(1) })])
    .default('stdout')
    .describe('Where audit events go as JSON lines, beside the table in the database.'),
}
const ownSchema = z.strictObject(ownShape)

/** Instead of the keys of one issuer. */
const manyShape = {
  issuers: z.array(z.unknown()).min(1).optional().describe('Several issuers in one process: the keys of one issuer, for each of them.'),
  issuersFolder: z
    .string()
    .min(1)
    .optional()
    .describe('Folder with a file for each issuer, read when it is first asked for: https://id.example/sales is id.example/sales.yaml.'),
  mtlsHosts: z
    .record(z.string().min(1), z.string().min(1))
    .optional()
    .describe('With issuersFolder: hosts for clients with certificates, each with the host of its issuers: mtls.id.example: id.example.'),
  warmIssuers: z.int().min(1).max(100_000).default(200).describe('How many issuers are kept ready; others are loaded when they are asked.'),
}
const manySchema = z.strictObject(manyShape)

export type Served =
  | { readonly kind: 'one'; readonly issuer: IssuerConfig }
  /** `says`: for the line at the start. `configs`: where they stand in the file itself. */
  | {
      readonly kind: 'many'
      readonly source: IssuerSource
      readonly configs?: readonly IssuerConfig[]
      readonly warm: number
      readonly says: string
    }

export interface ServeConfig {
  readonly served: Served
  readonly listen: ListenFile
  readonly databaseFile: string
  readonly audit: 'stdout' | 'table-only' | { readonly file: string }
}

/** Reads the file. @throws Misuse with the mistakes of all parts together. */
export function readServeConfig(path: string): ServeConfig {
  return inFile(path, () => parseServeConfig(readYaml(path), dirname(resolve(path))))
}

/** `folder`: where relative paths begin. */
export function parseServeConfig(input: unknown, folder: string): ServeConfig {
  const whole = input as Readonly<Record<string, unknown>>
  const own = ownSchema.safeParse(pick(whole, (key) => key in ownShape))
  const mistakes = own.success ? [] : own.error.issues.map(sayIssue)
  let served: Served | undefined
  try {
    served = readServed(
      pick(whole, (key) => !(key in ownShape)),
      folder,
    )
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    mistakes.push(...error.mistakes)
  }
  if (own.success) mistakes.push(...checkListening(own.data.listen, folder, served && issuersOf(served)))
  if (!own.success || !served || mistakes.length > 0) throw new Misuse(mistakes)
  const { listen, storage, audit } = own.data
  return {
    served,
    listen,
    databaseFile: resolve(folder, storage.sqlite),
    audit: typeof audit === 'string' ? audit : { file: resolve(folder, audit.file) },
  }
}

function pick(whole: Readonly<Record<string, unknown>>, wanted: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(whole).filter(([key]) => wanted(key)))
}

function sayIssue(issue: z.core.$ZodIssue): string {
  return `${z.core.toDotPath(issue.path)}: ${sayMistake(issue)}`
}

/** `undefined`: they are read when they are asked for. */
function issuersOf(served: Served): readonly IssuerConfig[] | undefined {
  return served.kind === 'one' ? [served.issuer] : served.configs
}

function readServed(rest: Readonly<Record<string, unknown>>, folder: string): Served {
  if (!('issuers' in rest) && !('issuersFolder' in rest)) return { kind: 'one', issuer: parseIssuerConfig(withPemFiles(rest, folder)) }
  const own = Object.keys(rest).filter((key) => !(key in manyShape))
  const mistakes = own.map((key) => `${key}: belongs to one issuer; where there are several, it stands with each of them`)
  const many = manySchema.safeParse(pick(rest, (key) => key in manyShape))
  if (!many.success) throw new Misuse([...mistakes, ...many.error.issues.map(sayIssue)])
  const { issuers, issuersFolder, mtlsHosts, warmIssuers: warm } = many.data
  if (issuers && issuersFolder !== undefined) mistakes.push('issuers and issuersFolder exclude each other')
  if (issuers && mtlsHosts) mistakes.push('mtlsHosts belongs to issuersFolder; a list of issuers says it with mtls.url')
  if (mistakes.length > 0) throw new Misuse(mistakes)
  if (issuers) {
    const configs = readList(issuers.map((issuer) => withPemFiles(issuer, folder)))
    return { kind: 'many', source: listSource(configs), configs, warm, says: `server of ${configs.length} issuers` }
  }
  const path = resolve(folder, issuersFolder as string)
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Misuse([`issuersFolder: there is no folder ${path}`])
  return { kind: 'many', source: folderSource(path, mtlsHosts), warm, says: `server of the issuers in ${path}` }
}

/** Reads what a start would read later: every file of the folder. @throws Misuse with every mistake. */
export function checkServeConfig(input: unknown, folder: string): void {
  parseServeConfig(input, folder)
  const { issuersFolder } = input as { readonly issuersFolder?: string }
  if (issuersFolder !== undefined) checkFolder(resolve(folder, issuersFolder))
}

/** The JSON Schema of the file, for editors. The keys of one issuer stand once, and are pointed at where there are several. */
export function serveJsonSchema(): object {
  const issuer = withTextFiles(issuerJsonSchema() as Readonly<Record<string, unknown>>, ['mtls']) as unknown as {
    readonly properties: Readonly<Record<string, object>>
    readonly required?: readonly string[]
  }
  const schemaOf = (schema: z.ZodType) =>
    z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }) as { readonly properties: object }
  const many = schemaOf(manySchema).properties as { readonly issuers: object }
  const pointers = Object.fromEntries(Object.keys(issuer.properties).map((key) => [key, { $ref: `#/properties/${key}` }]))
  const item = { type: 'object', properties: pointers, required: issuer.required, additionalProperties: false }
  return {
    ...issuer,
    required: undefined,
    anyOf: [{ required: issuer.required }, { required: ['issuers'] }, { required: ['issuersFolder'] }],
    title: 'kimei.yaml',
    properties: { ...schemaOf(ownSchema).properties, ...many, issuers: { ...many.issuers, items: item }, ...issuer.properties },
  }
}
