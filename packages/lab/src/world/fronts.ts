// What stands before an API in houses where things go wrong: gateways, several nodes, caches, exemptions. Each wraps a real guard.
// Nothing here waives a rule by itself but where its comment says so: that is the point of these mistakes.
import type { RequestListener } from 'node:http'
import { peerCertificates } from '@kimei/guard/listen'
import type { GuardedListener } from '@kimei/guard/node'
import { claimsIn, type HeaderLine, rewriteHeaders } from '../houses/rewrite.ts'
import { type DoorParts, openDoor } from './api-doors.ts'
import type { ApiSwitches, ClientName } from './switches.ts'

/** The exempt client of `client-exempt`. */
export const exemptClient: ClientName = 'api'

const bare = (api: ApiSwitches): ApiSwitches => ({ ...api, front: 'none', exception: 'bearer' })

/** The door behind a gateway: whoever gets as far as this needs nothing but the ticket. */
export const openInside = (api: ApiSwitches, parts: DoorParts): RequestListener => openDoor(bare(api), parts)

/** The door of one API with what stands before it; `inside` is the address behind a gateway that ends the names. */
export function openFront(api: ApiSwitches, parts: DoorParts, inside?: string): RequestListener {
  const door = () => openDoor(api, parts)
  switch (api.front) {
    case 'none':
      return door()
    case 'trusted-header':
      return telling(door())
    case 'gateway-strips':
      return strips(openDoor(bare(api), parts))
    case 'gateway-ends':
      return openDoor(api, parts, forwarding(inside ?? ''))
    case 'two-nodes':
      return inTurns([door(), door()])
    case 'cache':
      return caching(door())
    case 'client-exempt':
      return exempting(door(), openDoor(bare(api), parts))
  }
}

/** Looks whether there is a DPoP header, takes it away, and calls the API behind with a Bearer token. */
function strips(behind: RequestListener): RequestListener {
  return (request, response) => {
    if (request.headers.dpop === undefined) {
      response.writeHead(401, { 'WWW-Authenticate': 'DPoP algs="ES256"' }).end()
      return
    }
    rewriteHeaders(request, ([name, value]) => {
      if (name.toLowerCase() === 'dpop') return undefined
      return name.toLowerCase() === 'authorization' ? [name, value.replace(/^DPoP /i, 'Bearer ')] : [name, value]
    })
    behind(request, response)
  }
}

/**
 * Tells the API behind which certificate it saw, in a header; where it saw none, what the caller wrote there goes through.
 * @param proven header lines that prove who tells, beside what is told.
 */
export function telling(behind: RequestListener, proven: readonly HeaderLine[] = []): RequestListener {
  return (request, response) => {
    const { peerCertificate } = peerCertificates(request.socket)
    if (peerCertificate) {
      rewriteHeaders(request, (line) => (line[0].toLowerCase() === certificateHeader ? undefined : line))
      request.rawHeaders.push('Client-Cert', writeCertificate(peerCertificate), ...proven.flat())
    }
    behind(request, response)
  }
}

/** RFC 9440 §2.1. */
const certificateHeader = 'client-cert'
export const writeCertificate = (der: Uint8Array): string => `:${Buffer.from(der).toString('base64')}:`

/** Checks everything, then calls the API behind with the same ticket as Bearer. */
function forwarding(inside: string): GuardedListener {
  return async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const answer = await fetch(`${inside}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { authorization: `Bearer ${(request.headers.authorization ?? '').split(' ')[1]}`, 'content-type': 'application/json' },
      ...(body.length > 0 && { body }),
    })
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text())
  }
}

/** A balancer that gives requests to the nodes in turn; each remembers used proofs alone. */
function inTurns(nodes: readonly RequestListener[]): RequestListener {
  let next = 0
  return (request, response) => nodes[next++ % nodes.length]!(request, response)
}

/** A shared cache that stores good answers under the URL alone. */
export function caching(behind: RequestListener): RequestListener {
  const kept = new Map<string, string>()
  return (request, response) => {
    const name = `${request.method} ${request.url}`
    const found = kept.get(name)
    if (found !== undefined) {
      response.setHeader('Content-Type', 'application/json').setHeader('Age', '1').end(found)
      return
    }
    const end = response.end.bind(response)
    response.end = ((...given: Parameters<typeof end>) => {
      if (response.statusCode === 200 && typeof given[0] === 'string') kept.set(name, given[0])
      return end(...given)
    }) as typeof response.end
    behind(request, response)
  }
}

/** One client was promised an exemption: its tickets are looked at by a guard that reads no names. */
function exempting(strict: RequestListener, exempt: RequestListener): RequestListener {
  return (request, response) => {
    const token = (request.headers.authorization ?? '').split(' ')[1] ?? ''
    ;(claimsIn(token)['client_id'] === exemptClient ? exempt : strict)(request, response)
  }
}
