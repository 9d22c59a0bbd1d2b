// The line to the outside: every request goes through here, is paced, recorded, and teaches the other side's clock and nonces.
import type { Seconds } from '@kimei/protocol'
import type { Ledger } from '../ledger/evidence.ts'
import type { EvidenceKind } from '../observation.ts'
import type { Pacer } from './pacer.ts'
import { headerValues, type RawAnswer, type RawClient, type RawRequest } from './raw-client.ts'

export interface Sent {
  readonly answer: RawAnswer
  readonly evidence: string
}

export interface Line {
  /** `target` is the API or issuer whose budget pays; `role` goes into the evidence. */
  send(target: string, role: string, request: RawRequest, kind?: EvidenceKind): Promise<Sent>
  /** Records a step that a browser made. */
  remember(target: string, role: string, url: string): string
  /** The other side's clock, learnt from its `Date` header. */
  now(url: string): Seconds
  /** Whether its `Date` is more than a minute off our time: some live in another time than they say. */
  clockInDoubt(url: string): boolean
  /** The nonce last offered by this origin (RFC 9449 §8.2: newest wins). */
  nonce(url: string): string | undefined
  random(): string
}

export interface LineParts {
  readonly client: RawClient
  readonly pacer: Pacer
  readonly ledger: Ledger
  readonly clock: () => Seconds
  readonly random: (bytes: number) => Uint8Array
  readonly userAgent: string
}

const doubtfulSeconds = 60

export function openLine(parts: LineParts): Line {
  const nonces = new Map<string, string>()
  const skews = new Map<string, number>()

  const learn = (url: string, answer: RawAnswer) => {
    const { origin } = new URL(url)
    const nonce = headerValues(answer.headers, 'dpop-nonce')[0]
    if (nonce !== undefined) nonces.set(origin, nonce)
    const date = Date.parse(headerValues(answer.headers, 'date')[0] ?? '')
    if (Number.isNaN(date)) return
    const skew = Math.floor(date / 1000) - parts.clock()
    // One second is rounding, not skew.
    skews.set(origin, Math.abs(skew) > 1 ? skew : 0)
  }

  return {
    async send(target, role, request, kind) {
      const named: RawRequest = { ...request, headers: [['User-Agent', parts.userAgent], ['Accept', '*/*'], ...request.headers] }
      let began = 0
      const sending = () => {
        began = performance.now()
        return parts.client.send(named)
      }
      const answer = await parts.pacer.turn(target, request.url, sending, request.address)
      const milliseconds = Math.round(performance.now() - began)
      learn(request.url, answer)
      return { answer, evidence: parts.ledger.note({ role, request: named, answer, milliseconds }, parts.clock(), kind) }
    },
    remember: (_target, role, url) =>
      parts.ledger.note(
        { role, request: { method: 'GET', url, headers: [] }, answer: { status: 0, headers: [], body: '' } },
        parts.clock(),
      ),
    now: (url) => parts.clock() + (skews.get(new URL(url).origin) ?? 0),
    clockInDoubt: (url) => Math.abs(skews.get(new URL(url).origin) ?? 0) > doubtfulSeconds,
    nonce: (url) => nonces.get(new URL(url).origin),
    random: () => Buffer.from(parts.random(16)).toString('base64url'),
  }
}
