// Which header lines cross the proxy, in each direction. What an outsider must not say is dropped in every spelling that
// a server behind might read as the same name.
import { renderClientCert, renderClientCertChain } from '@kimei/protocol'
import type { Admitted } from '../facts.ts'

type Lines = readonly (readonly [name: string, value: string])[]

/** RFC 9110 §7.6.1, and `Proxy-Connection`, which never was one. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** Written anew, or nobody's to say from outside (RFC 9440 §2.4, RFC 9700 §4.13). */
const rebuilt = new Set(['host', 'content-length', 'expect', 'authorization', 'dpop', 'forwarded', 'x-real-ip'])
const rebuiltFamilies = [
  'kimei-',
  'x-forwarded-',
  'client-cert',
  'ssl-',
  'x-ssl-',
  'tls-client-',
  'x-tls-client-',
  'x-client-cert',
  'x-client-verify',
  'x-client-dn',
  'x-mtls-',
  'x-arr-clientcert',
  'x-amzn-mtls-',
  'cloudfront-viewer-cert-',
  'cf-client-cert',
  'x-original-',
  'x-rewrite-',
]

/** CGI, WSGI and their heirs fold every other character into one: `Kimei_Subject` is `Kimei-Subject` to them. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-')
}

function isOurs(name: string, own: readonly string[]): boolean {
  const folded = foldName(name)
  return own.includes(folded) || rebuilt.has(folded) || hopByHop.has(folded) || rebuiltFamilies.some((family) => folded.startsWith(family))
}

/** Names that the sender calls hop-by-hop. Only what came with the message can be listed, never what is added here. */
function listedByConnection(lines: Lines): ReadonlySet<string> {
  const listed = new Set<string>()
  for (const [name, value] of lines) {
    if (name.toLowerCase() !== 'connection') continue
    for (const each of value.split(',')) listed.add(each.trim().toLowerCase())
  }
  return listed
}

export interface ForwardedRequest {
  readonly lines: Lines
  readonly admitted: Admitted
  readonly hop: string
  readonly host: string
  readonly remoteAddress: string | undefined
  /** Passed on as it came: a verified unbound token, where the configuration says so. */
  readonly authorization: string | undefined
  /** Headers of the terminator in front, whatever their names. */
  readonly certificateHeaders: readonly string[]
  /** Whether the API is told the caller's certificate, in the one way of RFC 9440. */
  readonly clientCert: 'never' | 'rfc9440'
}

/** Header lines for the API behind, without those of framing. */
export function requestHeaders(request: ForwardedRequest): string[] {
  const { lines, admitted } = request
  const listed = listedByConnection(lines)
  const own = request.certificateHeaders.map(foldName)
  const out: string[] = ['Host', request.host]
  for (const [name, value] of lines) {
    if (!isOurs(name, own) && !listed.has(name.toLowerCase())) out.push(name, value)
  }
  const publicUrl = /^([a-z]+):\/\/([^/]+)/.exec(admitted.url)
  if (publicUrl) out.push('X-Forwarded-Proto', publicUrl[1]!, 'X-Forwarded-Host', publicUrl[2]!)
  if (request.remoteAddress !== undefined) out.push('X-Forwarded-For', request.remoteAddress)
  if (request.authorization !== undefined) out.push('Authorization', request.authorization)
  out.push('Kimei-Hop', request.hop, 'Kimei-Request-Id', admitted.requestId, 'Kimei-Mode', admitted.mode)
  for (const [name, value] of identity(admitted)) out.push(name, visible(value))
  if (request.clientCert === 'rfc9440') out.push(...tellCertificate(admitted))
  return out
}

function identity({ token }: Admitted): [string, string][] {
  if (!token) return []
  const lines: [string, string][] = [
    ['Kimei-Issuer', token.issuer],
    ['Kimei-Subject', token.subject],
    ['Kimei-Client', token.clientId],
    ['Kimei-Scope', token.scopes.join(' ')],
  ]
  if (token.jkt !== undefined) lines.push(['Kimei-Jkt', token.jkt])
  if (token.x5t !== undefined) lines.push(['Kimei-X5t', token.x5t])
  return lines
}

/** Nothing where its digest alone is known. */
function tellCertificate({ certificate }: Admitted): string[] {
  if (certificate?.der === undefined) return []
  const { der, chain } = certificate
  const leaf = ['Client-Cert', renderClientCert(der)]
  return chain.length === 0 ? leaf : [...leaf, 'Client-Cert-Chain', renderClientCertChain(chain)]
}

/** Percent-encodes what a header value must not contain, and `%` itself: `decodeURIComponent` gives the value back. */
function visible(value: string): string {
  return value.replace(/[^\x20-\x24\x26-\x7e]/gu, (char) => encodeURIComponent(char.isWellFormed() ? char : '\ufffd'))
}

/** Header lines for the client, without those of framing. */
export function responseHeaders(raw: readonly string[], added: Lines): string[] {
  const lines = pairs(raw)
  const listed = listedByConnection(lines)
  const replaced = new Set(added.filter(([name]) => !joins(name)).map(([name]) => name.toLowerCase()))
  const out: string[] = []
  for (const [name, value] of lines) {
    const lower = name.toLowerCase()
    // Nonces are the guard's alone: two of them would confuse every client.
    if (hopByHop.has(lower) || listed.has(lower) || replaced.has(lower) || lower === 'dpop-nonce' || foldName(name).startsWith('kimei-'))
      continue
    out.push(name, value)
  }
  for (const [name, value] of added) out.push(name, value)
  return out
}

function joins(name: string): boolean {
  return ['vary', 'access-control-expose-headers'].includes(name.toLowerCase())
}

export function pairs(raw: readonly string[]): [string, string][] {
  const lines: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) lines.push([raw[at]!, raw[at + 1]!])
  return lines
}
