// An OpenAPI document (3.0, 3.1) as the beginning of an inventory: servers, reading operations that need a ticket, their scopes, and issuers.
// References are followed inside of the document alone.
import { Misuse } from '@kimei/protocol'
import { credentialOfScheme } from './credentials.ts'
import {
  type DraftApi,
  type DraftCredential,
  type DraftIssuer,
  guessKind,
  guessPrivilege,
  type InventoryDraft,
  privilegeNote,
} from './draft.ts'

type Json = Readonly<Record<string, unknown>>

const mostOperations = 300

export function isOpenApi(document: unknown): document is Json {
  return typeof document === 'object' && document !== null && ('openapi' in document || 'swagger' in document)
}

/** `from`: where the document was fetched, for servers that are relative to it. @throws Misuse where it is another version. */
export function draftOfOpenApi(document: Json, source: string, from?: string): InventoryDraft {
  const version = document['openapi']
  if (typeof version !== 'string' || !/^3\.[01]\b/.test(version)) {
    throw new Misuse([`OpenAPI ${String(document['swagger'] ?? version).slice(0, 20)} is not read: 3.0 and 3.1 are`])
  }
  const reader: Reader = { document, source, from, leftOut: [], silent: isSilent(document) }
  const apis = Object.entries(record(document['paths'])).flatMap(([path, item]) => operationsOf(reader, path, deref(reader, item)))
  const shown = apis.slice(0, mostOperations)
  if (apis.length > shown.length) reader.leftOut.push(`${source}: ${apis.length - shown.length} more operations`)
  return { issuers: issuersOf(reader), apis: shown, credentials: credentialsOf(reader), leftOut: summed(reader.leftOut) }
}

interface Reader {
  readonly document: Json
  readonly source: string
  readonly from: string | undefined
  readonly leftOut: string[]
  /** It says nothing about tickets anywhere: frameworks write such documents where the check stands in code of one's own. */
  readonly silent: boolean
}

function isSilent(document: Json): boolean {
  const operations = Object.values(record(document['paths'])).flatMap((item) => Object.values(record(item)))
  const schemes = record(record(document['components'])['securitySchemes'])
  return [document, ...operations].every((one) => !('security' in record(one))) && Object.keys(schemes).length === 0
}

const record = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {})
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** One document, a few steps; a circle ends. */
function deref({ document, leftOut, source }: Reader, value: unknown): Json {
  let here = record(value)
  for (let steps = 0; steps < 8; steps += 1) {
    const ref = text(here['$ref'])
    if (ref === undefined) return here
    if (!ref.startsWith('#/')) {
      leftOut.push(`${source}: what another document holds ($ref)`)
      return {}
    }
    const path = ref
      .slice(2)
      .split('/')
      .map((part) => decodePart(part))
    here = record(path.reduce<unknown>((node, part) => (Object.hasOwn(record(node), part) ? record(node)[part] : undefined), document))
  }
  return {}
}

function decodePart(part: string): string {
  const plain = part.replaceAll('~1', '/').replaceAll('~0', '~')
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

const reading = ['get', 'head'] as const
const writing = ['post', 'put', 'patch', 'delete'] as const

function operationsOf(reader: Reader, path: string, item: Json): DraftApi[] {
  const found: DraftApi[] = []
  for (const method of [...reading, ...writing]) {
    if (item[method] === undefined) continue
    const operation = deref(reader, item[method])
    const security = reader.silent ? [{}] : list(operation['security'] ?? reader.document['security']).map((one) => record(one))
    const kind = guessKind(path)
    const reads = method === 'get' || method === 'head'
    if (security.length === 0) reader.leftOut.push(`${reader.source}: operations that need no ticket`)
    else if (!reads && kind !== 'graphql') reader.leftOut.push(`${reader.source}: operations that write`)
    else found.push(...draftOperation(reader, { method, path, item, operation, security }))
  }
  return found
}

interface Operation {
  readonly method: string
  readonly path: string
  readonly item: Json
  readonly operation: Json
  readonly security: readonly Json[]
}

function draftOperation(reader: Reader, { method, path, item, operation, security }: Operation): DraftApi[] {
  const scopes = [
    ...new Set(security.flatMap((one) => Object.values(one).flatMap((names) => list(names).flatMap((name) => text(name) ?? [])))),
  ]
  const guessed = guessPrivilege(path, scopes)
  const kind = guessKind(path)
  const parameters = [...list(item['parameters']), ...list(operation['parameters'])].map((one) => deref(reader, one))
  const filled = fillIn(path, parameters)
  const servers = serversOf(reader, list(operation['servers'] ?? item['servers'] ?? reader.document['servers']))
  const optional = reader.silent
    ? ['the document says nothing about tickets']
    : security.some((one) => Object.keys(one).length === 0)
      ? ['the document says that a ticket is optional here']
      : []
  const needs = [
    ...filled.needs,
    ...(method === 'get' || method === 'head' ? [] : ['a request that reads: say body, and repeatable: true if it may be sent many times']),
  ]
  return servers.slice(0, 3).map((server) => ({
    method: method.toUpperCase() as DraftApi['method'],
    url: `${server.replace(/\/$/, '')}${filled.path}`,
    kind,
    privilege: guessed.privilege,
    scope: scopes.length > 0 ? scopes.join(' ') : undefined,
    resource: undefined,
    notes: [privilegeNote(guessed), ...optional],
    needs: [...needs, ...(server === '' || server.startsWith('/') ? ['the address of its server'] : [])],
  }))
}

/** Values of parameters from their examples; what has none is left for a person. */
function fillIn(path: string, parameters: readonly Json[]): { readonly path: string; readonly needs: readonly string[] } {
  const needs: string[] = []
  const exampleFor = (name: string, where: string) => exampleOf(parameters.find((one) => one['name'] === name && one['in'] === where))
  const filled = path.replace(/\{([^{}]+)\}/g, (hole, name: string) => {
    const value = exampleFor(name, 'path')
    if (value === undefined) needs.push(`a value for ${hole}`)
    return value === undefined ? hole : encodeURIComponent(value)
  })
  const query = new URLSearchParams()
  for (const one of parameters) {
    const name = text(one['name'])
    if (one['in'] !== 'query' || one['required'] !== true || name === undefined) continue
    const value = exampleOf(one)
    if (value === undefined) needs.push(`a value for the parameter ${name}`)
    query.set(name, value ?? '')
  }
  return { path: `${filled}${query.size > 0 ? `?${query}` : ''}`, needs }
}

function exampleOf(parameter: Json | undefined): string | undefined {
  if (parameter === undefined) return undefined
  const schema = record(parameter['schema'])
  const examples = Object.values(record(parameter['examples'])).map((one) => record(one)['value'])
  const candidates = [
    parameter['example'],
    ...examples,
    schema['example'],
    ...list(schema['examples']),
    schema['default'],
    ...list(schema['enum']),
  ]
  const found = candidates.find(
    (value) => (typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'boolean',
  )
  return found === undefined ? undefined : String(found)
}

function serversOf({ from }: Reader, servers: readonly unknown[]): string[] {
  const written = servers.flatMap((one) => {
    const server = record(one)
    const url = text(server['url'])
    return url === undefined
      ? []
      : [url.replace(/\{([^{}]+)\}/g, (hole, name: string) => text(record(record(server['variables'])[name])['default']) ?? hole)]
  })
  const all = written.length > 0 ? written : [from === undefined ? '' : '/']
  return all.map((url) => (URL.canParse(url) ? url : from !== undefined && URL.canParse(url, from) ? new URL(url, from).href : url))
}

function credentialsOf(reader: Reader): DraftCredential[] {
  const schemes = Object.entries(record(record(reader.document['components'])['securitySchemes']))
  return schemes.flatMap(([name, scheme]) => credentialOfScheme(name, deref(reader, scheme), reader.source))
}

function issuersOf(reader: Reader): DraftIssuer[] {
  const schemes = Object.values(record(record(reader.document['components'])['securitySchemes'])).map((one) => deref(reader, one))
  return schemes.flatMap((scheme): DraftIssuer[] => {
    if (scheme['type'] === 'openIdConnect') {
      const url = text(scheme['openIdConnectUrl'])
      return url !== undefined && URL.canParse(url)
        ? [issuer(url.replace(/\/\.well-known\/.*$/, ''), undefined, [], `from openIdConnectUrl in ${reader.source}`)]
        : []
    }
    const flows = scheme['type'] === 'oauth2' ? Object.entries(record(scheme['flows'])) : []
    return flows.flatMap(([name, flow]) => {
      const token = text(record(flow)['tokenUrl'])
      if (token === undefined || !URL.canParse(token)) return []
      return [issuer(new URL(token).origin, token, grantsOf(name), `guess: the origin of tokenUrl in ${reader.source}`)]
    })
  })
}

function issuer(url: string, tokenEndpoint: string | undefined, grants: readonly string[], note: string): DraftIssuer {
  return { url, tokenEndpoint, grants, claims: 'unknown', note }
}

function grantsOf(flow: string): readonly string[] {
  const grants: Readonly<Record<string, string>> = { clientCredentials: 'client_credentials', authorizationCode: 'authorization_code' }
  return grants[flow] === undefined ? [] : [grants[flow]]
}

/** The same reason once, with how often. */
function summed(reasons: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, count]) => (count === 1 ? reason : `${reason} (${count})`))
}
