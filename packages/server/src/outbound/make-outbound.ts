// The one guarded fetcher: judges the URL, resolves once, judges every address, exchanges, judges the answer.
// Nothing of an answer that is refused is kept, logged or told.
import { lookup as lookUpName } from 'node:dns/promises'
import { getCACertificates } from 'node:tls'
import {
  type AuditEvent,
  type Broken,
  broke,
  type Issuer,
  isBroken,
  judge,
  type Law,
  must,
  outboundRules,
  outboundTargetRules,
  type Seconds,
} from '@kimei/protocol'
import { isForDocuments, type OutboundConfig } from '../config/outbound-schema.ts'
import type { Exchange } from '../context.ts'
import { type Allowed, isReachable } from './addresses.ts'
import type { Fetched, FetchedBytes, LookUp, Outbound, OutboundOptions } from './contract.ts'
import { exchangeOnce, type RawAnswer } from './exchange-once.ts'
import { makeQuota } from './quota.ts'

export interface OutboundParts {
  readonly issuer: Issuer
  readonly config: OutboundConfig
  readonly clock: () => Seconds
  readonly law: Law
  /** Remembers a refusal. */
  readonly audit: (event: AuditEvent) => Promise<void>
  /** Only tests pass another than the machine's. */
  readonly lookUp?: LookUp | undefined
}

interface Errand extends OutboundOptions {
  readonly method: 'GET' | 'POST'
  readonly body?: { readonly text: string | Uint8Array; readonly contentType: string }
  readonly signed?: true
}

export function makeOutbound(parts: OutboundParts): Outbound {
  const reach = makeReach(parts)
  const run = async <A extends object>(text: string, errand: Errand, read: (answer: Answered) => A | Broken): Promise<A | Broken> => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const reached = url ? await reach(url, errand) : broke(outboundRules, 'outbound.url-is-absolute')
    const answer = isBroken(reached) ? reached : read(reached)
    if (isBroken(answer)) await parts.audit(refusalEvent(parts, url, errand, answer))
    return answer
  }
  return {
    get: (url, options) => run(url, { ...options, method: 'GET' }, readText),
    getBytes: (url, options) => run(url, { ...options, method: 'GET' }, readBytes),
    post: (url, text, { contentType, ...options }) => run(url, { ...options, method: 'POST', body: { text, contentType } }, readText),
    fetchSigned: (url, { body, ...options }) => {
      const sent = body
        ? { method: 'POST' as const, body: { text: body.bytes, contentType: body.contentType } }
        : { method: 'GET' as const }
      return run(url, { ...options, ...sent, signed: true }, readBytes)
    },
  }
}

/** What came whole. */
interface Answered {
  readonly status: number
  readonly headers: RawAnswer['headers']
  readonly body: Uint8Array
}

function readBytes({ headers, body }: Answered): FetchedBytes {
  return { headers, mediaType: mediaTypeOf(headers), bytes: body }
}

function readText({ status, headers, body }: Answered): Fetched | Broken {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    return { status, headers, mediaType: mediaTypeOf(headers), text }
  } catch {
    return broke(outboundRules, 'outbound.body-is-utf8')
  }
}

/** Path and query of a URL may hold a secret of its owner: the origin is told. */
export function refusalEvent(
  { issuer, clock }: OutboundParts,
  url: URL | undefined,
  errand: { readonly purpose: string; readonly exchange?: Exchange | undefined },
  { broken, seen }: Broken,
): AuditEvent {
  return {
    at: errand.exchange?.now ?? clock(),
    event: 'outbound_refused',
    issuer,
    requestId: errand.exchange?.requestId ?? 'outbound',
    rule: broken,
    purpose: errand.purpose,
    target: (url?.origin ?? '').slice(0, 300),
    ...(seen && { expected: seen.expected, received: seen.received }),
  }
}

function makeReach({ config, clock, law, lookUp = machineLookUp }: OutboundParts) {
  const quota = makeQuota(config.mostPerMinute)
  const ca = config.ca.length > 0 ? [...getCACertificates('default'), ...config.ca] : []
  return async (url: URL, errand: Errand): Promise<Answered | Broken> => {
    const allowed = config.allow.find(({ origin }) => origin === url.origin && (errand.signed || isForDocuments(origin)))
    const misdirected = judge(outboundTargetRules, { ...targetOf(url, allowed), signed: errand.signed === true }, law)
    if (misdirected) return misdirected
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), errand.seconds * 1000)
    const { signal } = deadline
    try {
      const leave = await quota.enter(url.origin, errand.exchange?.now ?? clock(), signal)
      if (!leave) return signal.aborted ? tooLate(errand) : broke(outboundRules, 'outbound.target-is-not-busy')
      try {
        const addresses = await resolve(url, allowed, { lookUp, law, signal })
        if (isBroken(addresses)) return signal.aborted ? tooLate(errand) : addresses
        return await exchange({ url, addresses, ca, law, signal }, errand)
      } finally {
        leave()
      }
    } finally {
      clearTimeout(timer)
    }
  }
}

function targetOf(url: URL, allowed: Allowed | undefined) {
  return {
    scheme: url.protocol,
    userInformation: url.username !== '' || url.password !== '',
    port: url.port,
    listed: allowed !== undefined,
  }
}

const tooLate = ({ seconds }: Errand): Broken =>
  broke(outboundRules, 'outbound.answers-in-time', { expected: `within ${seconds} s`, received: 'nothing whole' })

const machineLookUp: LookUp = async (host) => (await lookUpName(host, { all: true, order: 'verbatim' })).map((one) => one.address)

interface Resolving {
  readonly lookUp: LookUp
  readonly law: Law
  readonly signal: AbortSignal
}

/** One resolution; what it answered is what is connected to. */
async function resolve({ hostname }: URL, allowed: Allowed | undefined, how: Resolving): Promise<readonly string[] | Broken> {
  const literal = /^\[(.+)\]$/.exec(hostname)?.[1] ?? (/^[\d.]+$/.test(hostname) ? hostname : undefined)
  const found = literal === undefined ? await lookUpInTime(hostname, how) : [literal]
  if (found.length === 0) return broke(outboundRules, 'outbound.host-resolves')
  const refused = found.filter((address) => !isReachable(address, allowed))
  const seen = () => ({ expected: 'public or listed addresses', received: refused.slice(0, 8) })
  return must(outboundRules, 'outbound.addresses-are-public', refused.length === 0, how.law, seen) ?? found.slice(0, 8)
}

/** A look-up cannot be stopped, but it need not be waited for. */
async function lookUpInTime(host: string, { lookUp, signal }: Resolving): Promise<readonly string[]> {
  const { promise, resolve: giveUp } = Promise.withResolvers<readonly string[]>()
  const late = () => giveUp([])
  signal.addEventListener('abort', late, { once: true })
  const asked = async () => lookUp(host)
  try {
    return await Promise.race([promise, asked().catch(() => [])])
  } finally {
    signal.removeEventListener('abort', late)
  }
}

interface Way {
  readonly url: URL
  readonly addresses: readonly string[]
  readonly ca: readonly string[]
  readonly law: Law
  readonly signal: AbortSignal
}

async function exchange({ law, ...way }: Way, errand: Errand): Promise<Answered | Broken> {
  const { method, body, accept = [], mostBytes } = errand
  let refusal: Broken | undefined
  try {
    const raw = await exchangeOnce({ ...way, method, accept, mostBytes, ...(body && { body }) }, (status, headers) => {
      refusal = judgeHead({ status, headers, body: undefined }, errand, law)
      return refusal === undefined
    })
    return refusal ?? readAnswer(raw, errand)
  } catch (error) {
    if (way.signal.aborted) return tooLate(errand)
    return broke(outboundRules, 'outbound.connection-holds', { expected: 'an answer', received: codeOf(error) })
  }
}

/** Codes are of the platform: `ECONNRESET`, `CERT_HAS_EXPIRED`. Messages may quote the peer. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'broken'
}

function judgeHead({ status, headers }: RawAnswer, { method, signed, accept = [] }: Errand, law: Law): Broken | undefined {
  if (status >= 300 && status < 400) return broke(outboundRules, 'outbound.is-not-redirected', { expected: 200, received: status })
  const well = method === 'GET' || signed ? status === 200 : status >= 200 && status < 300
  const failed = must(outboundRules, 'outbound.status-is-success', well, law, () => ({ expected: 200, received: status }))
  if (failed) return failed
  if (!['', 'identity'].includes((headers['content-encoding'] ?? '').trim().toLowerCase()))
    return broke(outboundRules, 'outbound.content-is-plain')
  if (accept.length === 0) return undefined
  const type = mediaTypeOf(headers)
  const seen = () => ({ expected: accept, received: type.slice(0, 100) })
  return must(outboundRules, 'outbound.content-type-is-asked-for', accept.includes(type), law, seen)
}

function readAnswer({ status, headers, body }: RawAnswer, { mostBytes }: Errand): Answered | Broken {
  if (!body) return broke(outboundRules, 'outbound.body-is-bounded', { expected: `at most ${mostBytes} bytes`, received: 'more' })
  return { status, headers, body }
}

function mediaTypeOf(headers: RawAnswer['headers']): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}
