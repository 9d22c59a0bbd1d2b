// An API in another process, as it were, behind the guard's reverse proxy; it records what reaches it.
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AuditEvent } from '@kimei/protocol'
import { createMemoryReplay } from '@kimei/storage'
import { type FixedClock, fixedClock, type RawAnswer, rawRequest, type WireKey, type WireProof, wireJwt, wireKey, wireProof } from 'testkit'
import { createGuard, type GuardConfigInput, staticKeys } from '../src/index.ts'
import { listenProxy } from '../src/proxy/listen-proxy.ts'
import { createProxy, type ProxyDeps } from '../src/proxy/proxy.ts'
import type { ProxyConfigInput } from '../src/proxy/proxy-config.ts'
import { closeServer, issuer, publicKey, tokenClaims } from './guarded-api.ts'

export const publicUrl = 'https://api.example'

export interface Seen {
  readonly method: string
  readonly target: string
  readonly lines: readonly (readonly [string, string])[]
  readonly body: string
}

export interface ProxiedApi {
  readonly port: number
  readonly upstreamPort: number
  readonly clock: FixedClock
  readonly holder: WireKey
  readonly events: AuditEvent[]
  /** What reached the API, in order. */
  readonly seen: Seen[]
  /** Raw socket connections that the API accepted. */
  readonly upstream: Server
  token(claims?: Record<string, unknown>): string
  proof(path: string, order?: Partial<WireProof>): string
  /** `body` is one character a byte. */
  send(start: string, lines?: readonly string[], body?: string): Promise<RawAnswer>
  call(path: string, change?: { method?: string; token?: string; lines?: readonly string[]; body?: string }): Promise<RawAnswer>
  close(): Promise<void>
}

export interface ProxiedOptions {
  readonly guard?: Partial<GuardConfigInput>
  readonly proxy?: Partial<ProxyConfigInput>
  readonly deps?: Partial<ProxyDeps>
  /** The API; default: 200 with a small JSON body. */
  readonly api?: RequestListener
  /** Where the API is said to be, when it is not there. */
  readonly upstream?: string
}

const routes: GuardConfigInput['routes'] = [
  { policy: 'required', path: '/notes', methods: ['*'], scopes: ['notes:read'] },
  { policy: 'required', path: '/notes/*', methods: ['*'] },
  { policy: 'optional', path: '/mixed', methods: ['GET', 'POST'], reason: 'half of the apps are still moving' },
  { policy: 'public', path: '/open', methods: ['GET', 'POST'] },
  { policy: 'required', path: '/socket', upgrade: 'allowed' },
  { policy: 'public', path: '/chat', upgrade: 'allowed' },
]

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function record(seen: Seen[], request: IncomingMessage): Promise<void> {
  const lines: [string, string][] = []
  for (let at = 0; at < request.rawHeaders.length; at += 2) lines.push([request.rawHeaders[at]!, request.rawHeaders[at + 1]!])
  return new Promise((resolve) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      seen.push({ method: request.method!, target: request.url!, lines, body })
      resolve()
    })
    request.on('error', () => resolve())
  })
}

export async function startProxied(options: ProxiedOptions = {}): Promise<ProxiedApi> {
  const [signing, holder, clock] = [wireKey('ES256', 'issuer-1'), wireKey(), fixedClock()]
  const events: AuditEvent[] = []
  const seen: Seen[] = []
  const upstream = createServer((request, response) => {
    const recorded = record(seen, request)
    if (options.api) options.api(request, response)
    else void recorded.then(() => response.setHeader('Content-Type', 'application/json').end('{"ok":true}'))
  })
  const upstreamPort = await listen(upstream)
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))
  const guard = createGuard(
    { issuer, resource: `${publicUrl}/`, routes, ...options.guard },
    {
      replay: createMemoryReplay(),
      keys: staticKeys({ keys: [publicKey(signing)] }),
      clock,
      random,
      audit: (event) => {
        events.push(event)
      },
    },
  )
  const proxy = await createProxy(
    guard,
    { upstream: options.upstream ?? `http://127.0.0.1:${upstreamPort}`, ...options.proxy },
    { clock, random, ...options.deps },
  )
  const listening = await listenProxy(proxy, { host: '127.0.0.1', port: 0 })
  const known = { port: listening.port, upstreamPort, clock, holder, events, seen, upstream }
  const close = async () => {
    await listening.close()
    await closeServer(upstream)
  }
  return { ...known, ...callsOf(listening.port, clock, signing, holder), close }
}

function callsOf(
  port: number,
  clock: FixedClock,
  signing: WireKey,
  holder: WireKey,
): Pick<ProxiedApi, 'token' | 'proof' | 'send' | 'call'> {
  const token: ProxiedApi['token'] = (claims = {}) =>
    wireJwt(
      { typ: 'at+jwt', alg: 'ES256', kid: signing.kid },
      tokenClaims(`${publicUrl}/`, clock(), { cnf: { jkt: holder.jkt }, ...claims }),
      signing,
    )
  const proof: ProxiedApi['proof'] = (path, order = {}) => wireProof(holder, { url: `${publicUrl}${path}`, now: clock(), ...order })
  const send: ProxiedApi['send'] = (start, lines = [], body = '') =>
    rawRequest(port, [`${start} HTTP/1.1`, 'Host: api.example', ...lines], body)
  return {
    token,
    proof,
    send,
    call: (path, { method = 'GET', token: given, lines = [], body = '' } = {}) => {
      const accessToken = given ?? token()
      const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body, 'latin1')}`]
      const own = proof(path.split('?')[0]!, { method, accessToken })
      return send(`${method} ${path}`, [`Authorization: DPoP ${accessToken}`, `DPoP: ${own}`, ...length, ...lines], body)
    },
  }
}

export function said(seen: Seen | undefined, name: string): string[] {
  return (seen?.lines ?? []).filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}
