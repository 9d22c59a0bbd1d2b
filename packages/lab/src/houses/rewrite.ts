// A request as something in front of an API changes it before it hands it on: its address, its header lines, its body.
import type { IncomingMessage } from 'node:http'

export type HeaderLine = readonly [name: string, value: string]

/** Each line is kept, changed, or left out where `change` answers `undefined`. */
export function rewriteHeaders(request: IncomingMessage, change: (line: HeaderLine) => HeaderLine | undefined): void {
  const raw = request.rawHeaders
  const lines: HeaderLine[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) lines.push([raw[at]!, raw[at + 1]!])
  raw.splice(0, raw.length, ...lines.flatMap((line) => change(line) ?? []))
}

/** As if the ticket had come where it belongs. */
export function asBearer(request: IncomingMessage, token: string): void {
  rewriteHeaders(request, (line) => (line[0].toLowerCase() === 'authorization' ? undefined : line))
  request.rawHeaders.push('Authorization', `Bearer ${token}`)
}

export function schemeOf(request: IncomingMessage): string {
  return (request.headers.authorization ?? '').split(' ', 1)[0] ?? ''
}

export function tokenOf(request: IncomingMessage): string {
  return (request.headers.authorization ?? '').split(' ')[1] ?? ''
}

export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? ''
}

/** Claims as they are written, unchecked: the guard behind checks. */
export function claimsIn(jwt: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
