// Fingerprints of answers, and what an answer means beside those of a good request and of requests without a ticket.
// "Accepted" means: the same kind of answer as the good request gets; a status of 200 alone means nothing.
import { createHash } from 'node:crypto'
import { challengedByFirewall } from './in-front.ts'
import { describeAlert, describeEnd } from './tls/tls-alerts.ts'
import { headerValues, type RawAnswer } from './wire/raw-client.ts'

/** What one answer looks like, without anything it contains. */
export interface Fingerprint {
  readonly status: number
  readonly contentType: string
  /** Digests of the body. */
  readonly looks: Readonly<Record<Closeness, string>>
  readonly challenge: readonly Challenge[]
  /** OAuth error code of the body or the challenge. */
  readonly error: string | null
  readonly via: string
  /** How it ended without an answer. */
  readonly ended?: string
}

export interface Challenge {
  readonly scheme: string
  readonly error: string | null
}

/**
 * How closely two answers must agree to be called the same: as closely as two good answers do. `shape` knows keys and types, `outline`
 * the first level of them. `words`: everything but numbers and random values, for APIs that say yes and no in the same shape.
 */
export type Closeness = 'words' | 'shape' | 'outline'

export interface Baseline {
  readonly ok: Fingerprint
  readonly closeness: Closeness
  /** Answers to no credentials and to a random token. */
  readonly refused: readonly Fingerprint[]
}

/** What came out where a ticket was issued; `unreadable`: it is said to be bound, and cannot be read. */
export type Issued = 'bound' | 'unbound' | 'unreadable'

export type Answered =
  | { readonly kind: 'accepted'; readonly issued?: Issued }
  | { readonly kind: 'refused'; readonly by: string }
  /** A nonce is asked for: a step, not a refusal. */
  | { readonly kind: 'nonce-challenge'; readonly nonce: string }
  | { readonly kind: 'unclear'; readonly because: string; readonly status?: number }

export function fingerprint(answer: RawAnswer): Fingerprint {
  const contentType = (headerValues(answer.headers, 'content-type')[0] ?? '').split(';')[0]!.trim().toLowerCase()
  const json = parseJson(answer.body)
  const challenge = readChallenges(headerValues(answer.headers, 'www-authenticate'))
  const bodyError = typeof json === 'object' && json !== null && 'error' in json && typeof json.error === 'string' ? json.error : null
  const via = [...headerValues(answer.headers, 'via'), ...headerValues(answer.headers, 'server')].join(' ')
  const error = challenge.find((entry) => entry.error !== null)?.error ?? bodyError
  return {
    status: answer.status,
    contentType,
    looks: looksOf(answer.body, json),
    challenge,
    error,
    via,
    ...(answer.ended && { ended: describeEnd(answer.ended) }),
  }
}

/** The whole answer to the word, but for numbers and random values: which of two refusals it is may show in nothing else. */
export function wordsOf(answer: RawAnswer): string {
  const challenge = withoutNumbers(headerValues(answer.headers, 'www-authenticate').join(' '))
  return digest(`${answer.status} ${challenge} ${withoutNumbers(answer.body)}`)
}

/** `undefined` when it is no JSON. Of a stream of events, what the last one says. */
function parseJson(body: string): unknown {
  try {
    return JSON.parse(lastEvent(body) ?? body)
  } catch {
    return undefined
  }
}

/** The data of the last event in a text/event-stream (HTML §9.2.6), which ends with an empty line. */
function lastEvent(body: string): string | undefined {
  if (!/^(?:event|data|id|retry|):/.test(body)) return undefined
  const events = body.split(/\r?\n\r?\n/).map((event) => [...event.matchAll(/^data: ?(.*)$/gm)].map((line) => line[1]))
  return events.findLast((lines) => lines.length > 0)?.join('\n')
}

function looksOf(body: string, json: unknown): Fingerprint['looks'] {
  const words = digest(`words ${withoutNumbers(body)}`)
  if (json !== undefined) {
    const said = outcomeWords(json)
    return { words, shape: digest(shapeOfJson(json, 6) + said), outline: digest(shapeOfJson(json, 1) + said) }
  }
  const tags = [...body.matchAll(/<([a-z][a-z0-9-]*)/gi)].slice(0, 60).map((tag) => tag[1]!.toLowerCase())
  // Plain text has no outline but its words.
  return { words, shape: digest(`text ${body}`), outline: tags.length === 0 ? words : digest(`outline ${tags.join(' ')}`) }
}

/** Times, counts and identifiers are other ones each time. */
function withoutNumbers(body: string): string {
  return body.replace(/[\w-]{16,}/g, (word) => (/\d/.test(word) ? '#' : word)).replace(/\d+/g, '0')
}

const outcomeNames =
  /^(?:ok|success|succeeded|status|state|code|error|err(?:or)?_?(?:no|code)|status_?code|result_?code|return_?code|ret)$/i

/** Many APIs say yes and no in the same shape, by one member: `{"code":0,…}`, `{"success":false,…}`. */
function outcomeWords(json: unknown): string {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return ''
  const told = Object.entries(json).filter(([name, value]) => outcomeNames.test(name) && isShortScalar(value))
  return told
    .map(([name, value]) => `${name}=${String(value)}`)
    .sort()
    .join(';')
}

function isShortScalar(value: unknown): boolean {
  return typeof value === 'boolean' || typeof value === 'number' || (typeof value === 'string' && value.length <= 40)
}

/** Keys and types, never values. Lists are known by their first element. */
export function shapeOfJson(value: unknown, depth: number): string {
  if (Array.isArray(value)) return value.length === 0 || depth === 0 ? '[]' : `[${shapeOfJson(value[0], depth - 1)}]`
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  if (depth === 0) return '{}'
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${name}:${shapeOfJson(member, depth - 1)}`).join(',')}}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

/** Schemes and their error codes; several challenges may share a line (RFC 9110 §11.6.1). */
export function readChallenges(lines: readonly string[]): Challenge[] {
  const withoutStrings = (line: string) => line.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => quoted.replace(/[,\s=]/g, '_'))
  return lines.flatMap((line) => {
    const starts = [...withoutStrings(line).matchAll(/(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*)(?=\s+[A-Za-z0-9]|\s*$|\s*,)/g)]
    return starts.map((start, index): Challenge => {
      const part = line.slice(start.index, starts[index + 1]?.index ?? line.length)
      return { scheme: start[1]!.toLowerCase(), error: /\berror\s*=\s*"?([A-Za-z0-9_]+)"?/.exec(part)?.[1] ?? null }
    })
  })
}

/** GraphQL, batches and many others say no inside a 200. */
export function saysNoInside(body: string): boolean {
  const json = parseJson(body)
  return Array.isArray(json) ? json.length > 0 && json.every(isRefusal) : isRefusal(json)
}

const noNames = /^(?:error|fail|failed|failure|denied|unauthori[sz]ed|unauthenticated|forbidden)$/i

function isRefusal(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return false
  const members = entry as Readonly<Record<string, unknown>>
  const { data, errors, error, result, responses } = members
  const empty = data === null || data === undefined
  if (Array.isArray(errors) && errors.length > 0) return empty
  // JSON-RPC 2.0 §5: either a result, or an error with its code.
  if (empty && (result === null || result === undefined) && isErrorObject(error)) return true
  // OData JSON 4.01 §19: what each part of a batch was answered.
  if (Array.isArray(responses) && responses.length > 0) return responses.every(isRefusedPart)
  // RFC 6750 names its errors so, and others do as well.
  if (empty && typeof error === 'string' && (authorizationErrors.has(error) || noNames.test(error))) return true
  return empty && Object.entries(members).some(([name, value]) => outcomeNames.test(name) && meansNo(name, value))
}

function isErrorObject(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error
}

function isRefusedPart(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'status' in part && (part.status === 401 || part.status === 403)
}

function meansNo(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return /^(?:ok|success|succeeded)$/i.test(name) ? !value : /^error$/i.test(name) && value
  return /^(?:401|403)$/.test(String(value)) || (typeof value === 'string' && noNames.test(value))
}

export function sameAnswer(a: Fingerprint, b: Fingerprint, closeness: Closeness): boolean {
  return a.status === b.status && a.contentType === b.contentType && a.looks[closeness] === b.looks[closeness]
}

/** How closely two good answers agree; `undefined` when they do not even agree in outline. */
export function closenessOf(first: Fingerprint, second: Fingerprint): Closeness | undefined {
  return (['shape', 'outline'] as const).find((closeness) => sameAnswer(first, second, closeness))
}

export interface GoodAnswers {
  readonly closeness: Closeness
  /** Whoever has no ticket gets the same. */
  readonly open: boolean
}

/**
 * What two good answers tell, beside those to no credentials and to a random token. Where these have the shape of a good answer, only
 * words tell them apart; where not even words can, nobody knows what a ticket changes.
 * @returns a sentence where nothing can be told
 */
export function compareGood(good: readonly [Fingerprint, Fingerprint], bad: readonly [Fingerprint, Fingerprint]): GoodAnswers | string {
  const [first, second] = good
  const [none, garbage] = bad
  const closeness = closenessOf(first, second)
  if (closeness === undefined) return 'two good requests were answered differently'
  if (!bad.some((print) => sameAnswer(print, first, closeness))) return { closeness, open: false }
  if (sameAnswer(first, second, 'words')) {
    const open = sameAnswer(none, first, 'words')
    return { closeness: open ? closeness : 'words', open }
  }
  // A sentence that says no is the same each time; what changes with every answer is content.
  if (!sameAnswer(none, garbage, 'words') && sameAnswer(none, first, closeness)) return { closeness, open: true }
  return 'the answer without a ticket looks much like a good one, and good ones differ'
}

const authorizationErrors = new Set([
  'invalid_dpop_proof',
  'invalid_token',
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'insufficient_scope',
  'unauthorized_client',
  'unauthorized',
  'use_dpop_nonce',
])

/** What an answer to a mutated request means. */
export function readAnswer(answer: RawAnswer, baseline: Baseline): Answered {
  const print = fingerprint(answer)
  if (answer.ended) return readEnd(answer.ended)
  const nonce = headerValues(answer.headers, 'dpop-nonce')[0]
  if (print.error === 'use_dpop_nonce' && nonce !== undefined) return { kind: 'nonce-challenge', nonce }
  if (challengedByFirewall(answer)) return { kind: 'unclear', because: `${print.status}: a firewall that wants a browser` }
  const named = print.error === null ? String(print.status) : `${print.status} ${print.error}`
  if (saysNoInside(answer.body))
    return { kind: 'refused', by: print.status >= 400 && print.error !== null ? named : `${print.status} with errors inside` }
  if (sameAnswer(print, baseline.ok, baseline.closeness)) return { kind: 'accepted' }
  if (baseline.refused.some((refused) => sameAnswer(print, refused, baseline.closeness === 'words' ? 'words' : 'shape')))
    return { kind: 'refused', by: String(print.status) }
  const challenged = print.challenge.some(({ scheme }) => scheme === 'dpop' || scheme === 'bearer')
  const authorization = challenged || (print.error !== null && authorizationErrors.has(print.error))
  // 421: the server does not serve this over a connection that began so (RFC 9110 §15.5.20).
  if (print.status === 401 || print.status === 400 || print.status === 421) return { kind: 'refused', by: named }
  if (print.status === 403 && (authorization || baseline.refused.some((refused) => refused.status === 403)))
    return { kind: 'refused', by: named }
  if (print.status === 500) return { kind: 'refused', by: '500' }
  return { kind: 'unclear', because: unclear(print), status: print.status }
}

/** An end in TLS. A close is a refusal only when it comes again: see the place that asks twice. */
export function readEnd(ended: NonNullable<RawAnswer['ended']>): Answered {
  if (ended.kind === 'alert' && ended.alert.aboutCertificate) return { kind: 'refused', by: describeAlert(ended.alert) }
  if (ended.kind === 'alert') return { kind: 'unclear', because: describeAlert(ended.alert) }
  return { kind: 'unclear', because: ended.kind === 'closed' ? connectionClosed : ended.reason }
}

export const connectionClosed = 'the connection was closed without an answer'

function unclear(print: Fingerprint): string {
  if (print.status >= 200 && print.status < 300) return `${print.status} with another representation`
  if (print.status >= 300 && print.status < 400) return `${print.status}: a redirect, perhaps to a sign-in page`
  if (print.status === 403) return '403 without a challenge: perhaps something in front of the API'
  return `${print.status} is not an answer to a ticket`
}
