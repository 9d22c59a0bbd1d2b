// The ledger of requests and answers as a report may show them: digests and lengths in place of tokens, proofs and bodies.
// Nothing in here can be used again.
import { createHash } from 'node:crypto'
import type { Seconds } from '@kimei/protocol'
import { fingerprint } from '../baseline.ts'
import type { Evidence, EvidenceKind, Redacted } from '../observation.ts'
import { tlsEvidence } from '../tls/tls-evidence.ts'
import { headerValues, type RawAnswer, type RawRequest } from '../wire/raw-client.ts'
import { proofClaims, type ShownClaims, ticketClaims } from './shown-claims.ts'
import { shownUrl } from './shown-url.ts'
import { openWithheld, type Withheld } from './withheld.ts'

export { shownUrl }

export interface Ledger {
  /** Records one exchange; answers its id. `role` says what the request was for. */
  note(exchange: Exchange, at: Seconds, kind?: EvidenceKind): string
  readonly entries: readonly Evidence[]
  /** What must not leave this process. */
  readonly withheld: Withheld
}

export interface Exchange {
  readonly role: string
  readonly request: RawRequest
  readonly answer: RawAnswer
  readonly milliseconds?: number
}

export function openLedger(): Ledger {
  const entries: Evidence[] = []
  const withheld = openWithheld()
  return {
    entries,
    withheld,
    note({ role, request, answer, milliseconds }, at, kind = 'error-behaviour') {
      const id = `e${entries.length + 1}`
      withheld.learn(request, answer)
      const response = withheld.scrub(redactAnswer(answer))
      const tls = tlsEvidence(request, answer)
      entries.push({
        id,
        kind,
        at,
        role,
        request: redactRequest(request),
        response,
        ...(tls && { tls: withheld.scrub(tls) }),
        ...(milliseconds !== undefined && { milliseconds }),
      })
      return id
    },
  }
}

export function redact(secret: string): Redacted {
  return { sha256: createHash('sha256').update(secret).digest('hex'), length: secret.length }
}

function redactRequest(request: RawRequest): Evidence['request'] {
  const typed = headerValues(request.headers, 'content-type')[0] ?? ''
  const form = typed.startsWith('application/x-www-form-urlencoded') ? new URLSearchParams(request.body) : undefined
  return {
    method: request.method,
    url: shownUrl(request.url, request.target),
    authorization: headerValues(request.headers, 'authorization').map((value) => {
      const space = value.indexOf(' ')
      const token = space < 0 ? value : value.slice(space + 1)
      return { scheme: space < 0 ? '' : value.slice(0, space), ...redact(token), ...withClaims(ticketClaims(token)) }
    }),
    proofs: headerValues(request.headers, 'dpop').map((proof) => ({ ...redact(proof), ...withClaims(proofClaims(proof)) })),
    ...withHeaders(request),
    ...(form && { parameters: [...form.keys()] }),
  }
}

/** What every request has, or what is shown by itself. */
const ordinary = new Set([
  'accept',
  'authorization',
  'connection',
  'content-type',
  'dpop',
  'sec-websocket-key',
  'sec-websocket-version',
  'upgrade',
  'user-agent',
])

/** Names alone: what a header beside the ticket holds may be a credential. */
function withHeaders({ headers }: RawRequest): { readonly headers?: readonly string[] } {
  const names = headers.flatMap(([name, value]) => {
    if (ordinary.has(name.toLowerCase())) return []
    if (name.toLowerCase() !== 'cookie') return [name]
    return value.split(/;\s*/).map((pair) => `${name} ${pair.split('=')[0]}`)
  })
  return names.length === 0 ? {} : { headers: names }
}

function withClaims(claims: ShownClaims | undefined): { readonly claims?: ShownClaims } {
  return claims === undefined ? {} : { claims }
}

/** A code or media type is short and plain; whatever is not, is no more than that. */
function code(text: string | null): string | null {
  return text === null || /^[\w.+/ -]{0,80}$/.test(text) ? text : '(unreadable)'
}

function redactAnswer(answer: RawAnswer): Evidence['response'] {
  const print = fingerprint(answer)
  return {
    status: print.status,
    challenge: print.challenge.slice(0, 20).map(({ scheme, error }) => code(error === null ? scheme : `${scheme} ${error}`)!),
    error: code(print.error),
    contentType: code(print.contentType)!,
    shape: print.looks.shape,
    nonce: headerValues(answer.headers, 'dpop-nonce').length > 0,
    bytes: Buffer.byteLength(answer.body),
  }
}
