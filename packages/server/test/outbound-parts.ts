// What the tests of the guarded fetcher share: real servers on loopback, and a fetcher whose resolver the test speaks for.
import { createServer, type Socket } from 'node:net'
import { type AuditEvent, isBroken, wholeLaw } from '@kimei/protocol'
import { listenOn, type OutsideServer, startOutside } from 'testkit'
import { outboundSchema } from '../src/config/outbound-schema.ts'
import type { LookUp } from '../src/outbound/contract.ts'
import { makeOutbound } from '../src/outbound/make-outbound.ts'

const closing: (() => Promise<void>)[] = []

/** Between tests. */
export async function closeOutside(): Promise<void> {
  for (const close of closing.splice(0)) await close()
}

/** Closes the server that was opened last. */
export async function closeLast(): Promise<void> {
  await closing.pop()?.()
}

export async function outside(...how: Parameters<typeof startOutside>): Promise<OutsideServer> {
  const server = await startOutside(...how)
  closing.push(server.close)
  return server
}

/** A server that speaks by hand. */
export async function bareServer(talk: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    talk(socket)
  })
  const port = await listenOn(server)
  closing.push(async () => {
    for (const socket of open) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return `http://127.0.0.1:${port}`
}

interface Made {
  readonly allow?: readonly { readonly origin: string; readonly addresses?: string[] }[]
  readonly ca?: string[]
  readonly mostPerMinute?: number
  readonly lookUp?: LookUp
  readonly clock?: () => number
}

export function made({ lookUp, clock = () => 1_000_000, ...config }: Made = {}) {
  const audit: AuditEvent[] = []
  const outbound = makeOutbound({
    issuer: 'https://id.example',
    config: outboundSchema.parse(config),
    clock,
    law: wholeLaw,
    lookUp,
    audit: async (event) => void audit.push(event),
  })
  const get = (url: string, change: { seconds?: number; mostBytes?: number; accept?: string[] } = {}) =>
    outbound.get(url, { purpose: 'test', accept: ['application/json'], mostBytes: 1000, seconds: 3, ...change })
  return { outbound, audit, get }
}

export const ruleOf = (answer: unknown): string => (isBroken(answer) ? answer.broken : 'taken')

/** What a fetch of `path` from a listed loopback server comes to. */
export async function fetched(server: { readonly origin: string } | string, change: Parameters<ReturnType<typeof made>['get']>[1] = {}) {
  const origin = typeof server === 'string' ? server : server.origin
  const { get, audit } = made({ allow: [{ origin }] })
  const answer = await get(`${origin}/here?secret=in-path`, change)
  return { answer, rule: ruleOf(answer), audit }
}
