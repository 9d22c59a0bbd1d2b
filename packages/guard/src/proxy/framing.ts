// Reads from raw header lines how a message is framed, and judges whether both sides would read it alike.
import type { IncomingMessage } from 'node:http'
import { type Broken, framingRules, judge, type Law } from '@kimei/protocol'

/** How the body travels on. */
export type BodyFraming = { readonly kind: 'none' } | { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' }

export interface Framing {
  readonly body: BodyFraming
  readonly upgrade: string | undefined
}

export function readFraming(request: IncomingMessage, law: Law): Framing | Broken {
  const lines: Record<string, string[]> = { host: [], 'content-length': [], 'transfer-encoding': [], upgrade: [] }
  const raw = request.rawHeaders
  for (let at = 0; at + 1 < raw.length; at += 2) lines[raw[at]!.toLowerCase()]?.push(raw[at + 1]!)
  const contentLengths = lines['content-length']!
  const transferEncodings = lines['transfer-encoding']!
  const upgrade = lines['upgrade']!.length > 0 && /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(request.headers.connection ?? '')
  const broken = judge(
    framingRules,
    { httpVersion: request.httpVersion, hosts: lines['host']!.length, contentLengths, transferEncodings, upgrade },
    law,
  )
  if (broken) return broken
  return { body: bodyOf(contentLengths[0], transferEncodings[0]), upgrade: upgrade ? lines['upgrade']!.join(', ') : undefined }
}

function bodyOf(length: string | undefined, coding: string | undefined): BodyFraming {
  if (coding !== undefined) return { kind: 'chunked' }
  return length === undefined ? { kind: 'none' } : { kind: 'length', bytes: Number(length) }
}

export function framingHeaders(body: BodyFraming): string[] {
  if (body.kind === 'none') return []
  return body.kind === 'chunked' ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(body.bytes)]
}
