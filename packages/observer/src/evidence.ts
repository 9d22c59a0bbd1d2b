// The ledger of requests and answers as a report may show them: digests and lengths in place of tokens, proofs and bodies.
// Nothing in here can be used again.
import { createHash } from 'node:crypto'
import type { Seconds } from '@kimei/protocol'
import { fingerprint } from './baseline.ts'
import type { Evidence, EvidenceKind, Redacted } from './observation.ts'
import { headerValues, type RawAnswer, type RawRequest } from './wire/raw-client.ts'

export interface Ledger {
  /** Records one exchange; answers its id. `role` says what the request was for. */
  note(role: string, request: RawRequest, answer: RawAnswer, at: Seconds, kind?: EvidenceKind): string
  readonly entries: readonly Evidence[]
}

export function openLedger(): Ledger {
  const entries: Evidence[] = []
  return {
    entries,
    note(role, request, answer, at, kind = 'error-behaviour') {
      const id = `e${entries.length + 1}`
      entries.push({ id, kind, at, role, request: redactRequest(request), response: redactAnswer(answer) })
      return id
    },
  }
}

export function redact(secret: string): Redacted {
  return { sha256: createHash('sha256').update(secret).digest('hex'), length: secret.length }
}

/** The URL without the values of its query, which may be anything; their names are enough to know it again. */
export function shownUrl(written: string): string {
  const url = new URL(written)
  const names = [...url.searchParams.keys()].map((name, i) => `${i === 0 ? '?' : '&'}${encodeURIComponent(name)}=…`)
  return `${url.origin}${url.pathname}${names.join('')}`
}

function redactRequest(request: RawRequest): Evidence['request'] {
  return {
    method: request.method,
    url: shownUrl(request.url),
    authorization: headerValues(request.headers, 'authorization').map((value) => {
      const space = value.indexOf(' ')
      return space < 0 ? { scheme: '', ...redact(value) } : { scheme: value.slice(0, space), ...redact(value.slice(space + 1)) }
    }),
    proofs: headerValues(request.headers, 'dpop').map(redact),
  }
}

function redactAnswer(answer: RawAnswer): Evidence['response'] {
  const print = fingerprint(answer)
  return {
    status: print.status,
    challenge: print.challenge.map(({ scheme, error }) => (error === null ? scheme : `${scheme} ${error}`)),
    error: print.error,
    contentType: print.contentType,
    shape: print.shapes[0],
    nonce: headerValues(answer.headers, 'dpop-nonce').length > 0,
  }
}
