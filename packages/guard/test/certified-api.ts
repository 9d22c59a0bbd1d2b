// APIs behind the guard that hear of certificates: over TLS of their own, over plain HTTP, in every framework and behind the proxy;
// an issuer's key beside them, clients certified by one authority, and calls with or without a certificate.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { type Agent, request } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { AuditEvent } from '@kimei/protocol'
import { createMemoryReplay } from '@kimei/storage'
import { fixedClock, selfSigned, type TestCertificate, wireJwt, wireKey, wireProof } from 'testkit'
import { craftCertificate } from 'testkit/crafted'
import { createGuard, type Guard, type GuardConfigInput, type GuardDeps, staticKeys } from '../src/index.ts'
import { createTlsServer } from '../src/listen/index.ts'
import { createProxy, listenProxy } from '../src/proxy/index.ts'
import { echoFrameworks } from './echo-frameworks.ts'
import { issuer, publicKey, tokenClaims } from './guarded-api.ts'

const name = (value: string) => [[{ type: '2.5.4.3', value }]]
const authority = craftCertificate({ subject: name('authority'), ca: true })
/** Two clients of one authority: only what the token names tells them apart. */
export const one: TestCertificate = craftCertificate({ subject: name('one'), by: authority })
export const two: TestCertificate = craftCertificate({ subject: name('two'), by: authority })
export const serving = selfSigned('localhost')
export const signing = wireKey('ES256', 'issuer-1')
export const holder = wireKey()
export const clock = fixedClock()
export const resource = 'https://api.example/'

export const routes: GuardConfigInput['routes'] = [
  { policy: 'required', path: '/mtls', constraint: 'mtls' },
  { policy: 'required', path: '/either', constraint: 'either' },
  { policy: 'required', path: '/both', constraint: 'both' },
  { policy: 'required', path: '/dpop', constraint: 'dpop' },
  { policy: 'public', path: '/open', methods: ['GET', 'POST'] },
]

export interface Certified {
  readonly port: number
  readonly events: AuditEvent[]
  last(): AuditEvent
  close(): Promise<void>
}

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))

export function certifiedGuard(events: AuditEvent[], change: Partial<GuardConfigInput> = {}, deps: Partial<GuardDeps> = {}): Guard {
  return createGuard(
    { issuer, resource, routes, ...change },
    {
      replay: createMemoryReplay(),
      keys: staticKeys({ keys: [publicKey(signing)] }),
      clock,
      random,
      audit: (event) => {
        events.push(event)
      },
      ...deps,
    },
  )
}

const closed = (server: Server & { closeAllConnections?: () => void }): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections?.()
  })

async function open(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export type Make = (guard: Guard) => RequestListener | Promise<RequestListener>
export interface StartOptions {
  readonly plain?: true
  readonly guard?: Partial<GuardConfigInput>
  readonly deps?: Partial<GuardDeps>
}

/** One framework on a listener of our own that asks for certificates, or on a plain one. */
export async function startCertified(make: Make, options: StartOptions = {}): Promise<Certified> {
  const events: AuditEvent[] = []
  const listener = await make(certifiedGuard(events, options.guard, options.deps))
  const bounds = { maxHeaderSize: 65_536 }
  const server = options.plain ? createServer(bounds, listener) : createTlsServer(serving, 'requested', bounds).server
  if (!options.plain) server.on('request', listener)
  return { port: await open(server), events, last: () => events.at(-1)!, close: () => closed(server) }
}

/** The proxy on its own listener; the API behind answers which headers reached it. */
export async function startCertifiedProxy(options: StartOptions & { readonly clientCert?: 'rfc9440' } = {}): Promise<Certified> {
  const events: AuditEvent[] = []
  const api = createServer((asked, response) => {
    const said = (each: string) => asked.headers[each]
    const headers = asked.rawHeaders.filter((_, at) => at % 2 === 0).map((each) => each.toLowerCase())
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ mode: said('kimei-mode'), x5t: said('kimei-x5t'), clientCert: said('client-cert'), headers }))
  })
  const upstream = `http://127.0.0.1:${await open(api)}`
  const { clientCert } = options
  const proxy = await createProxy(certifiedGuard(events, options.guard), { upstream, ...(clientCert && { clientCert }) }, { clock, random })
  const tls = { ...serving, clientCertificates: 'requested' as const }
  const listening = await listenProxy(proxy, { host: '127.0.0.1', port: 0, ...(!options.plain && { tls }) })
  const close = async () => {
    await listening.close()
    await closed(api)
  }
  return { port: listening.port, events, last: () => events.at(-1)!, close }
}

/** Every way to stand behind the guard. */
export const everywhere: readonly (readonly [name: string, start: (options?: StartOptions) => Promise<Certified>])[] = [
  ...echoFrameworks.map(([framework, make]) => [framework, (options?: StartOptions) => startCertified(make, options)] as const),
  ['the proxy', startCertifiedProxy],
]

export const boundToOne = { 'x5t#S256': one.x5t }

export function token(cnf: object | undefined): string {
  return wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: signing.kid }, tokenClaims(resource, clock(), { cnf }), signing)
}

/** Header lines of a call: `proof` puts the token under the DPoP scheme. */
export function credentials(path: string, accessToken: string, proof = false): Record<string, string> {
  if (!proof) return { authorization: `Bearer ${accessToken}` }
  const url = `${resource.slice(0, -1)}${path}`
  return { authorization: `DPoP ${accessToken}`, dpop: wireProof(holder, { url, now: clock(), accessToken }) }
}

export interface TlsCall {
  readonly cnf?: object
  /** Instead of a JWT bound by `cnf`. */
  readonly accessToken?: string
  readonly certificate?: Pick<TestCertificate, 'cert' | 'key'>
  readonly proof?: boolean
  readonly headers?: Readonly<Record<string, string | string[]>>
  /** Keeps sessions and connections. */
  readonly agent?: Agent
}

export interface TlsAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: { readonly mode?: string; readonly x5t?: string; readonly clientCert?: string; readonly headers?: readonly string[] }
  readonly resumed: boolean
}

export function callTls(port: number, path: string, call: TlsCall = {}): Promise<TlsAnswer> {
  const { certificate, agent } = call
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: 'localhost',
        port,
        path,
        ca: serving.cert,
        agent: agent ?? false,
        ...(certificate && { key: certificate.key, cert: certificate.cert }),
        headers: { ...credentials(path, call.accessToken ?? token('cnf' in call ? call.cnf : boundToOne), call.proof), ...call.headers },
      },
      (answer) => {
        const resumed = (answer.socket as TLSSocket).isSessionReused()
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        answer.on('end', () => {
          const json = answer.headers['content-type']?.includes('json') && text !== ''
          resolve({ status: answer.statusCode!, headers: answer.headers, body: json ? (JSON.parse(text) as object) : {}, resumed })
        })
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}
