// Whose address a request came from: the connection's, or what our own proxies say of it. Nobody else is believed.
import { peerMatcher } from '@kimei/guard'
import type { IssuerConfig } from '../config/schema.ts'
import type { Connection } from '../context.ts'

/** Replaces `remoteAddress` by the caller's, where a listed peer forwarded it. */
export type ConnectionReader = (request: Request, connection: Connection) => Connection

export function makeConnectionReader({ forwarded }: IssuerConfig): ConnectionReader {
  if (!forwarded) return (_request, connection) => connection
  const isPeer = peerMatcher(forwarded.peers)
  const read = forwarded.header === 'forwarded' ? readForwarded : readForwardedFor
  return (request, connection) => {
    const value = isPeer(connection.remoteAddress) ? request.headers.get(forwarded.header) : null
    // From the right: what stands left of the first stranger was said by that stranger.
    const caller = value === null ? undefined : read(value).findLast((address) => !isPeer(address))
    return caller === undefined ? connection : { ...connection, remoteAddress: caller, peerAddress: connection.remoteAddress }
  }
}

function readForwardedFor(value: string): readonly string[] {
  return value.split(',').map((part) => plainAddress(part.trim()))
}

/** RFC 7239 §4: `for=192.0.2.60;proto=http, for="[2001:db8::1]:4711"`. */
function readForwarded(value: string): readonly string[] {
  return value.split(',').flatMap((element) => {
    const found = /(?:^|;)\s*for=("[^"]*"|[^;\s]*)/i.exec(element)?.[1]
    return found === undefined ? [] : [plainAddress(found.replaceAll('"', ''))]
  })
}

/** Without brackets and port. */
function plainAddress(text: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(text)?.[1]
  if (bracketed !== undefined) return bracketed
  return /^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text
}
