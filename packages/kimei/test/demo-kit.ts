// Issuer, guarded API and demo app on three origins of loopback, as `kimei dev` runs them, on free ports.
import { argon2Sync, randomBytes } from 'node:crypto'
import { createGuard } from '@kimei/guard'
import { guardFetch } from '@kimei/guard/fetch'
import { createIssuer, type IssuerServer, type Listening, listen, parseIssuerConfig } from '@kimei/server'
import { createMemoryStorage } from '@kimei/storage/memory'
import { buildDemoApp } from '../src/demo-app/build-demo-app.ts'

export interface DemoKit {
  readonly app: string
  readonly api: string
  readonly issuer: string
  readonly password: string
  close(): Promise<void>
}

export interface DemoKitOptions {
  readonly nonce?: 'off' | 'required'
  readonly accessTokenSeconds?: number
  /** An API that takes any sound ticket, from anybody. */
  readonly bearerAllowed?: boolean
}

type Fetching = Parameters<typeof listen>[0]['fetch']

export async function startDemoKit(options: DemoKitOptions = {}): Promise<DemoKit> {
  const doors: Listening[] = []
  const open = async (): Promise<{ url: string; answer(fetch: Fetching): void }> => {
    let inside: Fetching = () => new Response(null, { status: 503 })
    const door = await listen({ fetch: (request, connection) => inside(request, connection) }, { host: '127.0.0.1', port: 0 })
    doors.push(door)
    return {
      url: `http://localhost:${door.port}`,
      answer(fetch) {
        inside = fetch
      },
    }
  }
  const [issuer, api, app] = [await open(), await open(), await open()]
  const storage = createMemoryStorage()
  const password = randomBytes(12).toString('base64url')
  const server = await createIssuer({ config: parseIssuerConfig(issuerConfig(issuer.url, api.url, app.url, password, options)), storage })
  issuer.answer((request, connection) => server.fetch(request, connection))
  api.answer(guardedNotes(server, issuer.url, api.url, app.url, options))
  const demo = await buildDemoApp({ issuer: issuer.url, api: `${api.url}/` })
  app.answer((request) => {
    const file = demo.files.get(new URL(request.url).pathname)
    return file ? new Response(file.body, { headers: { ...demo.headers, 'content-type': file.type } }) : new Response(null, { status: 404 })
  })
  return {
    app: app.url,
    api: api.url,
    issuer: issuer.url,
    password,
    async close() {
      await Promise.all(doors.map((door) => door.close()))
      await storage.close()
    },
  }
}

function issuerConfig(issuer: string, api: string, app: string, password: string, options: DemoKitOptions) {
  const scopes = ['notes:read', 'notes:write']
  return {
    issuer,
    apis: [
      { identifier: `${api}/`, name: { ja: 'メモ帳', en: 'Notes' }, scopes, accessTokenLifetimeSeconds: options.accessTokenSeconds ?? 300 },
    ],
    scopes: [
      { scope: 'notes:read', description: { ja: 'メモを読む', en: 'Read your notes' } },
      { scope: 'notes:write', description: { ja: 'メモを書く', en: 'Write notes' } },
    ],
    clients: [
      {
        clientId: 'demo-app',
        kind: 'spa',
        name: { ja: 'デモアプリ', en: 'Demo app' },
        redirectUris: [`${app}/callback`],
        scopes: ['openid', 'profile', ...scopes],
        apis: [`${api}/`],
      },
    ],
    users: [{ username: 'demo', subject: 'demo', passwordHash: quickHash(password), claims: { name: 'Demo' } }],
    ...(options.nonce && { dpop: { nonce: { token: options.nonce, userinfo: options.nonce } } }),
  }
}

function guardedNotes(server: IssuerServer, issuer: string, api: string, app: string, options: DemoKitOptions): Fetching {
  const notes: string[] = []
  const demand = options.bearerAllowed
    ? { policy: 'bearer-allowed' as const, reason: 'shows what a thief could do', until: '2999-01-01T00:00:00Z' }
    : { policy: 'required' as const, nonce: options.nonce ?? 'off' }
  const guard = createGuard(
    {
      issuer,
      resource: `${api}/`,
      cors: { origins: [app] },
      routes: [
        { ...demand, path: '/notes', methods: ['GET'], scopes: ['notes:read'] },
        { policy: 'required', path: '/notes', methods: ['POST'], scopes: ['notes:write'], nonce: options.nonce ?? 'off' },
      ],
    },
    {
      replay: server.context.storage.replay,
      clock: server.context.clock,
      random: server.context.random,
      audit: () => undefined,
    },
  )
  const guarded = guardFetch(guard, async (request) => {
    if (request.method !== 'POST') return Response.json({ notes })
    notes.push(String(((await request.json()) as { text: unknown }).text))
    return Response.json({ saved: notes.length }, { status: 201 })
  })
  return (request, connection) =>
    guarded(request, { connection: { encrypted: false }, ...(connection?.rawHeaders && { headerLines: linesOf(connection.rawHeaders) }) })
}

/** `rawHeaders` alternates names and values. */
function linesOf(raw: readonly string[]): (readonly [string, string])[] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as const] : []))
}

/** argon2id at its smallest: the password is random and lives for one test. */
function quickHash(password: string): string {
  const nonce = randomBytes(16)
  const tag = argon2Sync('argon2id', { message: password, nonce, parallelism: 1, tagLength: 32, memory: 64, passes: 1 })
  const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=64,t=1,p=1$${unpadded(nonce)}$${unpadded(tag)}`
}
