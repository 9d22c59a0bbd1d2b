// An API behind the guard on a free port, an issuer's key beside it, and everything a test needs to call it rightly or wrongly.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AuditEvent } from '@kimei/protocol'
import { createMemoryReplay, type ReplayGuard } from '@kimei/storage'
import {
  type FixedClock,
  fixedClock,
  linesOf,
  type RawAnswer,
  rawRequest,
  type WireKey,
  type WireProof,
  wireJwt,
  wireKey,
  wireProof,
} from 'testkit'
import { guardNode } from '../src/adapters/node.ts'
import { createGuard, type Guard, type GuardConfigInput, type GuardDeps, staticKeys } from '../src/index.ts'

export const issuer = 'https://issuer.example'

export const routes: GuardConfigInput['routes'] = [
  { policy: 'required', path: '/notes', methods: ['GET', 'POST'], scopes: ['notes:read'] },
  { policy: 'required', path: '/notes/:id', scopes: ['notes:read'] },
  { policy: 'optional', path: '/mixed', methods: ['GET', 'POST'], reason: 'half of the apps are still moving' },
  { policy: 'required', path: '/nonce', nonce: 'required' },
  { policy: 'required', path: '/files/*' },
  { policy: 'public', path: '/open' },
]

export interface Api {
  readonly guard: Guard
  readonly url: string
  readonly port: number
  readonly resource: string
  readonly clock: FixedClock
  readonly events: AuditEvent[]
  /** Key that signs tokens. */
  readonly signing: WireKey
  /** Key of the holder. */
  readonly holder: WireKey
  /** Token bound to the holder's key; members are replaced, or removed by `undefined`. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: WireKey): string
  unbound(claims?: Record<string, unknown>): string
  proof(path: string, order?: Partial<WireProof>, key?: WireKey): string
  /** Raw lines; `Host` is added. */
  send(start: string, lines?: readonly string[], body?: string): Promise<RawAnswer>
  /** A sound call under the DPoP scheme, but for what is replaced. */
  call(path: string, change?: { method?: string; token?: string; proof?: string; lines?: readonly string[] }): Promise<RawAnswer>
  last(): AuditEvent
  close(): Promise<void>
}

export interface ApiOptions {
  readonly config?: Partial<GuardConfigInput> | ((url: string) => Partial<GuardConfigInput>)
  readonly deps?: Partial<GuardDeps>
  readonly replay?: ReplayGuard
  /** Wraps another server around the guard. Default: the bare Node adapter. */
  readonly serve?: (guard: Guard) => RequestListener
  readonly signing?: WireKey
}

export const echo: Parameters<typeof guardNode>[1] = (request, response, admitted) => {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ url: request.url, subject: admitted.token?.subject, mode: admitted.mode }))
}

export async function startApi(options: ApiOptions = {}): Promise<Api> {
  const signing = options.signing ?? wireKey('ES256', 'issuer-1')
  const holder = wireKey()
  const clock = fixedClock()
  const events: AuditEvent[] = []
  let listener: RequestListener | undefined
  const server = createServer((request, response) => listener?.(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://localhost:${port}`
  const resource = `${url}/`
  const change = typeof options.config === 'function' ? options.config(url) : options.config
  let guard: Guard
  try {
    guard = createGuard(
      { issuer, resource, routes, ...change },
      {
        replay: options.replay ?? createMemoryReplay(),
        keys: staticKeys({ keys: [publicKey(signing)] }),
        clock,
        random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
        audit: (event) => {
          events.push(event)
        },
        ...options.deps,
      },
    )
  } catch (misuse) {
    await closeServer(server)
    throw misuse
  }
  listener = options.serve?.(guard) ?? guardNode(guard, echo)
  const known = { guard, url, port, resource, clock, events, signing, holder }
  return { ...known, ...callsOf(known), last: () => events.at(-1)!, close: () => closeServer(server) }
}

type Known = Pick<Api, 'url' | 'port' | 'resource' | 'clock' | 'signing' | 'holder'>

function callsOf({ url, port, resource, clock, signing, holder }: Known): Pick<Api, 'token' | 'unbound' | 'proof' | 'send' | 'call'> {
  const token: Api['token'] = (claims = {}, header = {}, key = signing) =>
    wireJwt(
      { typ: 'at+jwt', alg: key.alg, kid: key.kid, ...header },
      tokenClaims(resource, clock(), { cnf: { jkt: holder.jkt }, ...claims }),
      key,
    )
  const proof: Api['proof'] = (path, order = {}, key = holder) => wireProof(key, { url: `${url}${path}`, now: clock(), ...order })
  const send: Api['send'] = (start, lines = [], body = '') =>
    rawRequest(port, [`${start} HTTP/1.1`, `Host: localhost:${port}`, ...lines], body)
  return {
    token,
    unbound: (claims = {}) => token({ cnf: undefined, ...claims }),
    proof,
    send,
    call: (path, change = {}) => {
      const method = change.method ?? 'GET'
      const accessToken = change.token ?? token()
      const sound = change.proof ?? proof(path.split('?')[0]!, { method, accessToken })
      return send(`${method} ${path}`, [`Authorization: DPoP ${accessToken}`, `DPoP: ${sound}`, ...(change.lines ?? [])])
    },
  }
}

export function tokenClaims(resource: string, now: number, change: Record<string, unknown>): Record<string, unknown> {
  return {
    iss: issuer,
    aud: resource,
    sub: 'user-1',
    client_id: 'app-1',
    jti: `token-${Math.random().toString(36).slice(2)}`,
    iat: now,
    exp: now + 300,
    scope: 'notes:read',
    ...change,
  }
}

export function publicKey(key: WireKey): Record<string, string> {
  return { ...key.publicJwk, kid: key.kid, alg: key.alg, use: 'sig' }
}

export function challenges(answer: Pick<RawAnswer, 'headers'>): string[] {
  return linesOf(answer, 'www-authenticate')
}

export function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  return closed
}
