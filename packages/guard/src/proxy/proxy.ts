// The guard as a reverse proxy, for an API in any language: judge, then forward the very bytes that were judged.
// Listening stands in `listen-proxy.ts`, what crosses in `forward-headers.ts`.
import { Agent as HttpAgent, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Duplex } from 'node:stream'
import {
  type Broken,
  generateSigningKey,
  isBroken,
  judge,
  type KeyPair,
  type Law,
  passageRules,
  randomId,
  type Seconds,
  wholeLaw,
} from '@kimei/protocol'
import { factsOfIncoming, sendAnswer } from '../adapters/answer-node.ts'
import type { Guard, GuardAnswer } from '../contract.ts'
import type { Admitted, RequestFacts } from '../facts.ts'
import { headerOf } from '../header-lines.ts'
import { makeStatements, type StatementOptions } from '../statement/guard-statement.ts'
import { type StatementDesk, statementDesk } from '../statement/statement-desk.ts'
import { requestHeaders } from './forward-headers.ts'
import { type BodyFraming, type Framing, framingHeaders, readFraming } from './framing.ts'
import { type HopSigner, hopKeysPath, makeHopSigner } from './hop-assertion.ts'
import { type ProxyConfig, type ProxyConfigInput, parseProxyConfig } from './proxy-config.ts'
import { forwardUpgrade } from './upgrade.ts'
import { forward, type Upstream } from './upstream.ts'

export interface ProxyDeps {
  readonly clock: () => Seconds
  readonly random: (bytes: number) => Uint8Array
  readonly law?: Law
  /** Signs hop assertions. Made at random when absent: then the API behind must read the key anew after a restart. */
  readonly hopKey?: KeyPair & { readonly kid: string }
  /** Signs what the guard says of itself. Left out: it says nothing. Its route stands among those of the guard. */
  readonly statement?: Omit<StatementOptions, 'guard' | 'random'>
  /** Certificate authorities for an https upstream, PEM. Default: those of the platform. */
  readonly upstreamCa?: string
}

export interface GuardProxy {
  /** For `createServer`. */
  readonly request: (request: IncomingMessage, response: ServerResponse) => void
  /** For the server's `upgrade` event. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly config: ProxyConfig
  /** Closes idle connections to the API. */
  close(): void
}

interface Parts {
  readonly guard: Guard
  readonly config: ProxyConfig
  readonly hop: HopSigner
  readonly statement: StatementDesk | undefined
  readonly upstream: Upstream
  readonly clock: () => Seconds
  readonly law: Law
}

/** @throws Misuse when the configuration is wrong. */
export async function createProxy(guard: Guard, input: ProxyConfigInput, deps: ProxyDeps): Promise<GuardProxy> {
  const config = parseProxyConfig(input)
  const key = deps.hopKey ?? { ...(await generateSigningKey('ES256')), kid: `hop-${randomId(deps.random(6))}` }
  const hop = await makeHopSigner({
    key,
    issuer: guard.resource,
    audience: config.hop.audience ?? config.upstream,
    lifetimeSeconds: config.hop.lifetimeSeconds,
    random: deps.random,
  })
  const agentOptions = { keepAlive: true, maxSockets: config.limits.connections, ...(deps.upstreamCa && { ca: deps.upstreamCa }) }
  const agent = config.upstream.startsWith('https:') ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
  const upstream: Upstream = { origin: new URL(config.upstream), agent, limits: config.limits }
  const statement = deps.statement && statementDesk(await makeStatements({ ...deps.statement, guard, random: deps.random }), deps.clock)
  const parts: Parts = { guard, config, hop, statement, upstream, clock: deps.clock, law: deps.law ?? wholeLaw }
  return {
    request: (request, response) => {
      void handle(parts, request, response).catch(() => sendFault(request, response))
    },
    upgrade: (request, socket, head) => {
      void handleUpgrade(parts, request, socket, head).catch(() => socket.destroy())
    },
    config,
    close: () => agent.destroy(),
  }
}

async function handle(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const framing = readFraming(request, parts.law)
  if (isBroken(framing)) return refuse(request, response, badRequest)
  const facts = factsOfIncoming(request)
  const own = parts.guard.answer(facts) ?? answerHopKeys(parts, facts) ?? (await parts.statement?.publicly(facts))
  if (own) return refuse(request, response, own)
  const verdict = await parts.guard.verify(facts)
  if (!verdict.admitted) return refuse(request, response, verdict)
  const stated = await parts.statement?.admitted(verdict)
  if (stated) return refuse(request, response, stated)
  const passage = judgePassage(parts, verdict, framing)
  if (passage) return refuse(request, response, passage.family === 'too-large' ? tooLarge : badRequest)
  await forward(parts.upstream, {
    request,
    response,
    target: facts.target,
    headers: [...(await headersFor(parts, facts, verdict)), ...framingHeaders(framing.body)],
    body: framing.body,
    added: verdict.headers,
  })
}

async function handleUpgrade(parts: Parts, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const framing = readFraming(request, parts.law)
  if (isBroken(framing) || framing.upgrade === undefined) return refuseSocket(socket, badRequest)
  const facts = factsOfIncoming(request)
  const verdict = await parts.guard.verify(facts)
  if (!verdict.admitted) return refuseSocket(socket, verdict)
  if (judgePassage(parts, verdict, framing)) return refuseSocket(socket, badRequest)
  const headers = [...(await headersFor(parts, facts, verdict)), 'Connection', 'Upgrade', 'Upgrade', framing.upgrade]
  forwardUpgrade(parts.upstream, { request, socket, head, target: facts.target, headers, refuse: (answer) => refuseSocket(socket, answer) })
}

function judgePassage(parts: Parts, verdict: Admitted, framing: Framing): Broken | undefined {
  const { bodyBytes } = parts.config.limits
  return judge(
    passageRules,
    {
      upgrade: framing.upgrade !== undefined,
      upgradeAllowed: verdict.upgrade === 'allowed',
      bodyBytes: declaredBytes(framing.body),
      bodyLimit: bodyBytes === 'unlimited' ? Number.POSITIVE_INFINITY : bodyBytes,
    },
    parts.law,
  )
}

/** A chunked body is counted while it passes. */
function declaredBytes(body: BodyFraming): number {
  return body.kind === 'length' ? body.bytes : 0
}

async function headersFor(parts: Parts, facts: RequestFacts, admitted: Admitted): Promise<string[]> {
  const { config, upstream } = parts
  const unbound = config.authorization === 'unbound' && admitted.mode === 'bearer'
  const hop = await parts.hop.sign(admitted, { method: facts.method, target: facts.target }, parts.clock())
  return requestHeaders({
    lines: facts.headers,
    admitted,
    hop,
    host: config.upstreamHost === 'upstream' ? upstream.origin.host : new URL(admitted.url).host,
    remoteAddress: facts.connection.remoteAddress,
    authorization: unbound ? headerOf(facts, 'authorization') : undefined,
    certificateHeaders: parts.guard.certificateHeaders,
    clientCert: config.clientCert,
  })
}

function answerHopKeys(parts: Parts, facts: RequestFacts): GuardAnswer | undefined {
  if (facts.target !== hopKeysPath || (facts.method !== 'GET' && facts.method !== 'HEAD')) return undefined
  const headers = [
    ['Content-Type', 'application/jwk-set+json'],
    ['Cache-Control', 'max-age=60'],
  ] as const
  return { status: 200, headers, body: JSON.stringify(parts.hop.jwks) }
}

const sayPlainly = (status: number, error: string): GuardAnswer => ({
  status,
  headers: [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'no-store'],
  ],
  body: JSON.stringify({ error }),
})
const badRequest = sayPlainly(400, 'invalid_request')
const tooLarge = sayPlainly(413, 'invalid_request')

/** A request whose body nobody will read must not be followed by another on the same connection. */
function refuse(request: IncomingMessage, response: ServerResponse, answer: GuardAnswer): void {
  if (!request.complete) response.setHeader('Connection', 'close')
  sendAnswer(request, response, answer)
}

function refuseSocket(socket: Duplex, answer: GuardAnswer): void {
  const lines = answer.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(
    `HTTP/1.1 ${answer.status} Refused\r\n${lines}Connection: close\r\nContent-Length: ${Buffer.byteLength(answer.body)}\r\n\r\n${answer.body}`,
  )
}

function sendFault(request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) response.destroy()
  else refuse(request, response, sayPlainly(502, 'bad_gateway'))
}
