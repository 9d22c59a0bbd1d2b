// The demo API behind the guard: notes to read and write, a list of users, a GraphQL-like and a batch route.
// Who may come in is the guard's business; here everybody has been admitted.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admitted } from '@kimei/guard'
import type { Note, NoteShelf } from './note-shelf.ts'

export interface DemoApiParts {
  readonly notes: NoteShelf
  /** Names of the issuer's users, for the admin route. */
  readonly users: () => Promise<readonly string[]>
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

const bodyLimitBytes = 16_384
const textLimit = 500

/** For `guardNode`: answers one admitted request. */
export function demoApi(parts: DemoApiParts): (request: IncomingMessage, response: ServerResponse, admitted: Admitted) => Promise<void> {
  return async (request, response, { token }) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const owner = token?.subject ?? ''
    send(request, response, await answer(parts, { method: request.method ?? '', path, owner, body: await readJson(request) }))
  }
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly owner: string
  readonly body: unknown
}

async function answer(parts: DemoApiParts, asked: Asked): Promise<Answer> {
  const method = asked.method === 'HEAD' ? 'GET' : asked.method
  if (asked.body === unreadable) return { status: 400, body: { error: 'the body is not JSON, or longer than 16 KB' } }
  const route = routes[`${method} ${asked.path}`]
  return route ? route(parts, asked) : { status: 404, body: { error: 'there is no such page' } }
}

const routes: Readonly<Record<string, (parts: DemoApiParts, asked: Asked) => Answer | Promise<Answer>>> = {
  'GET /notes': ({ notes }, { owner }) => ({ status: 200, body: { notes: notes.read(owner) } }),
  'POST /notes': ({ notes }, { owner, body }) => writeNote(notes, owner, body),
  'GET /admin/users': async ({ users }) => ({ status: 200, body: { users: await users() } }),
  'POST /graphql': ({ notes }, { owner, body }) => graphql(notes, owner, body),
  'POST /batch': ({ notes }, { owner, body }) => batch(notes, owner, body),
}

function writeNote(notes: NoteShelf, owner: string, body: unknown): Answer {
  const { text, dryRun } = membersOf(body)
  if (typeof text !== 'string' || text === '' || text.length > textLimit) {
    return { status: 400, body: { error: `send {"text": "…"}, up to ${textLimit} characters` } }
  }
  return dryRun === true ? { status: 200, body: { dryRun: true, text } } : { status: 201, body: notes.write(owner, text) }
}

/** Understands one query, `{ notes { id text } }`, with either field. */
function graphql(notes: NoteShelf, owner: string, body: unknown): Answer {
  const { query } = membersOf(body)
  const wanted = typeof query === 'string' ? /^\s*(?:query\s*)?\{\s*notes\s*\{([\sa-z,]*)\}\s*\}\s*$/.exec(query)?.[1] : undefined
  const fields = wanted?.split(/[\s,]+/).filter((field) => field !== '') ?? []
  const known = fields.length > 0 && fields.every((field) => field === 'id' || field === 'text')
  if (!known) return { status: 200, body: { errors: [{ message: 'this API knows { notes { id text } }' }] } }
  const pick = (note: Note): object => Object.fromEntries(fields.map((field) => [field, note[field as keyof Note]]))
  return { status: 200, body: { data: { notes: notes.read(owner).map(pick) } } }
}

/** Several writes in one request, each answered by itself. */
function batch(notes: NoteShelf, owner: string, body: unknown): Answer {
  const { requests, dryRun } = membersOf(body)
  if (!Array.isArray(requests) || requests.length > 20) return { status: 400, body: { error: 'send {"requests": […]}, up to 20' } }
  const responses = requests.map((one: unknown) => {
    const { method, path, body: inner } = membersOf(one)
    if (method !== 'POST' || path !== '/notes') return { status: 404, body: { error: 'a batch holds POST /notes' } }
    return writeNote(notes, owner, { ...membersOf(inner), ...(dryRun === true && { dryRun }) })
  })
  return { status: 200, body: { responses } }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

const unreadable = Symbol('unreadable')

async function readJson(request: IncomingMessage): Promise<unknown> {
  if (request.method !== 'POST') return undefined
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    // Read to the end all the same, so that the connection stays usable.
    if (bytes <= bodyLimitBytes) parts.push(part)
  }
  if (bytes > bodyLimitBytes) return unreadable
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown
  } catch {
    return unreadable
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, body }: Answer): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}
