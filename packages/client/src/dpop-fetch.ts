// A fetch that proves possession on every request: of a key (RFC 9449 §7, §8, §9), of a certificate (RFC 8705 §3), or of both.
// It knows nonces, clocks and redirects; it does not know sessions.
import { buildProof, randomId } from '@kimei/protocol'
import { readChallenges } from './challenges.ts'
import type { CertificateInUse, DpopFetch, DpopFetchOptions, Fetch, NonceJar, OriginClock, ProofKey, Random } from './contract.ts'
import { HolderError } from './holder-error.ts'
import { createNonceJar } from './nonce-jar.ts'
import { createOriginClock } from './origin-clock.ts'
import { nextHop } from './redirect-hop.ts'
import { type Hop, readOrder } from './request-order.ts'

const mebibyte = 1_048_576
const jtiBytes = 16

interface Parts {
  /** Absent: the connection proves everything. */
  readonly key: ProofKey | undefined
  readonly send: Fetch
  /** For where a redirect leads away. */
  readonly elsewhere: Fetch
  readonly nonces: NonceJar
  readonly times: OriginClock
  readonly random: Random
}

/** Responses that a second try, built anew, may turn into success. */
const worthAnotherTry = new WeakSet<Response>()

/** True for a response to `onChallenge: 'surface'` that brought a new nonce or the right time. Try once more, not twice. */
export function asksForAnotherTry(response: Response): boolean {
  return worthAnotherTry.has(response)
}

/** Random bytes of the platform. */
export const systemRandom: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes))

/** Makes a fetch for one key. Throws `HolderError` before sending where sending would harm; refusals of servers are plain responses. */
export function createDpopFetch(options: DpopFetchOptions): DpopFetch {
  const send: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  return createNamedFetch({ ...options, name: { key: options.key }, elsewhere: send })
}

export interface NamedFetchOptions extends Omit<DpopFetchOptions, 'key' | 'fetch'> {
  readonly name: { readonly key?: ProofKey; readonly certificate?: CertificateInUse }
  /** Shows no certificate. */
  readonly elsewhere: Fetch
}

/** The same for tickets named after a certificate, with or without a key. */
export function createNamedFetch(options: NamedFetchOptions): DpopFetch {
  const { key, certificate } = options.name
  const parts: Parts = {
    key,
    send: certificate?.fetch ?? options.elsewhere,
    elsewhere: options.elsewhere,
    nonces: options.nonces ?? createNonceJar(),
    times: options.times ?? createOriginClock(options.clock),
    random: options.random ?? systemRandom,
  }
  return async (input, init = {}) => {
    const order = await readOrder(input, init, options.bufferBodyBytes ?? mebibyte)
    // A token of a certificate looks like any bearer token: only its connection makes it more.
    if (order.token !== undefined && key === undefined && certificate === undefined) {
      throw new HolderError('holder.named-token-is-never-bearer', 'there is neither key nor certificate')
    }
    return follow(parts, { ...order, proven: true })
  }
}

async function follow(parts: Parts, first: Hop): Promise<Response> {
  let hop = first
  for (let hops = 0; ; hops += 1) {
    const response = await sendHop(parts, hop)
    const next = nextHop(hop, response, hops)
    if (next === undefined) return response
    await response.body?.cancel()
    hop = next
  }
}

/** One retry in all, whether for a nonce or for the time: a server that asks again is not going to be satisfied. */
async function sendHop(parts: Parts, hop: Hop): Promise<Response> {
  const origin = hop.url.origin
  const nonce = parts.nonces.get(origin)
  const first = await sendOnce(parts, hop, nonce)
  if (!hop.proven || (first.response.status !== 400 && first.response.status !== 401)) return first.response
  const complaint = await readComplaint(first.response)
  const helped =
    (complaint === 'use_dpop_nonce' && parts.nonces.get(origin) !== nonce) || (complaint === 'invalid_dpop_proof' && first.timeMoved)
  if (!helped) return first.response
  if (hop.onChallenge === 'surface') {
    worthAnotherTry.add(first.response)
    return first.response
  }
  await first.response.body?.cancel()
  return (await sendOnce(parts, hop, parts.nonces.get(origin))).response
}

async function sendOnce(parts: Parts, hop: Hop, nonce: string | undefined): Promise<{ response: Response; timeMoved: boolean }> {
  const { origin } = hop.url
  const headers = new Headers(hop.headers)
  if (hop.proven) {
    if (hop.token !== undefined) headers.set('authorization', `${parts.key ? 'DPoP' : 'Bearer'} ${hop.token}`)
    if (parts.key) headers.set('dpop', await proofFor(parts, parts.key, hop, nonce))
  }
  const sentAt = parts.times.local()
  const body = hop.body === undefined ? {} : { body: hop.body }
  const send = hop.proven ? parts.send : parts.elsewhere
  const response = await send(hop.url.href, { ...hop.rest, ...body, method: hop.method, headers, redirect: 'manual' })
  parts.nonces.learn(origin, response)
  return { response, timeMoved: parts.times.learn(origin, response, sentAt) }
}

function proofFor({ times, random }: Parts, key: ProofKey, hop: Hop, nonce: string | undefined): Promise<string> {
  return buildProof({
    key,
    method: hop.method,
    url: hop.url.href,
    now: times.now(hop.url.origin),
    jti: randomId(random(jtiBytes)),
    ...(hop.token !== undefined && { accessToken: hop.token }),
    ...(nonce !== undefined && { nonce }),
  })
}

/** The error of a DPoP challenge at an API, else that of a JSON body at an issuer; also where CORS hides the challenge. */
async function readComplaint(response: Response): Promise<string | undefined> {
  const challenge = readChallenges(response.headers.get('www-authenticate')).find(({ scheme }) => scheme === 'dpop')
  if (challenge?.parameters['error'] !== undefined) return challenge.parameters['error']
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(response.headers.get('content-type') ?? '')) return undefined
  try {
    const body: unknown = JSON.parse(await readStart(response.clone()))
    const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  }
}

const longestComplaint = 65_536

async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  const reader = response.body?.getReader()
  if (reader === undefined) return text
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    text += decoder.decode(step.value, { stream: true })
    if (text.length > longestComplaint) {
      await reader.cancel()
      break
    }
  }
  return text
}
