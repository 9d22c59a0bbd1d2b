// The file of `kimei serve`: everything the issuer declares, and beside it where to listen, what to store, where events go.
import { dirname, resolve } from 'node:path'
import { Misuse } from '@kimei/protocol'
import { type IssuerConfig, issuerJsonSchema, parseIssuerConfig } from '@kimei/server'
import { z } from 'zod'
import { inFile, readYaml } from '../files/read-yaml.ts'

const ownShape = {
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
      port: z.int().min(0).max(65_535).default(4444),
      tlsEndsAtProxy: z
        .boolean()
        .default(false)
        .describe(
          'True where a TLS proxy of yours stands in front: needed to listen beyond loopback, because this port speaks plain HTTP.',
        ),
    })
    .prefault({}),
  storage: z
    .strictObject({ sqlite: z.string().min(1).describe('File of the database, from the folder of this file.') })
    .prefault({ sqlite: 'kimei.sqlite' }),
  audit: z
    .union([z.literal('stdout'), z.literal('table-only'), z.strictObject({ file: z.string().min(1) })])
    .default('stdout')
    .describe('Where audit events go as JSON lines, beside the table in the database.'),
}
const ownSchema = z.strictObject(ownShape)

export interface ServeConfig {
  readonly issuer: IssuerConfig
  readonly listen: z.output<typeof ownSchema>['listen']
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
  const own = ownSchema.safeParse(Object.fromEntries(Object.entries(whole).filter(([key]) => key in ownShape)))
  const mistakes = own.success ? [] : own.error.issues.map((issue) => `${z.core.toDotPath(issue.path)}: ${issue.message}`)
  let issuer: IssuerConfig | undefined
  try {
    issuer = parseIssuerConfig(Object.fromEntries(Object.entries(whole).filter(([key]) => !(key in ownShape))))
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    mistakes.push(...error.mistakes)
  }
  if (own.success) mistakes.push(...checkListening(own.data.listen))
  if (!own.success || !issuer || mistakes.length > 0) throw new Misuse(mistakes)
  const { listen, storage, audit } = own.data
  return {
    issuer,
    listen,
    databaseFile: resolve(folder, storage.sqlite),
    audit: typeof audit === 'string' ? audit : { file: resolve(folder, audit.file) },
  }
}

function checkListening({ host, tlsEndsAtProxy }: ServeConfig['listen']): string[] {
  const loopback = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
  if (loopback || tlsEndsAtProxy) return []
  return [
    `listen.host "${host}" is reachable by others, and this port speaks plain HTTP: put a TLS proxy in front and say listen.tlsEndsAtProxy: true`,
  ]
}

/** The JSON Schema of the file, for editors. */
export function serveJsonSchema(): object {
  const issuer = issuerJsonSchema() as { readonly properties: object }
  const own = z.toJSONSchema(ownSchema, { io: 'input', target: 'draft-2020-12' }) as { readonly properties: object }
  return { ...issuer, title: 'kimei.yaml', properties: { ...own.properties, ...issuer.properties } }
}
