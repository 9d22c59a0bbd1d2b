// From handshakes without a certificate to what a place does with clients that have none: asks, demands, or neither. Pure.
// `not-observable` is an answer of its own: it never counts as a demand.
import type { RawAnswer } from '../wire/raw-client.ts'
import type { Handshake } from './see-handshake.ts'
import { describeAlert, describeEnd } from './tls-alerts.ts'

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

/** From the weakest to the strongest. */
const modes = ['not-requested', 'optional', 'required-in-http', 'required-in-tls'] as const
export type TlsMode = (typeof modes)[number] | 'not-observable'

export interface VersionSeen {
  readonly version: TlsVersion
  /** Whether the server's handshake asks for a client certificate. */
  readonly asked: 'requested' | 'not-requested' | 'not-spoken' | 'not-observable'
  readonly mode: TlsMode | 'not-spoken'
  readonly reason?: string
  /** Of those it would take; empty: it names none. */
  readonly authorities: readonly string[]
  readonly furtherAuthorities: number
  readonly signatureAlgorithms: readonly string[]
  /** What came back without a certificate: an HTTP status, an alert, or why nothing did. */
  readonly withoutCertificate: string
  /** A second handshake was begun for this path (TLS 1.2 alone can). */
  readonly renegotiates: boolean
}

/** What one host and port does about client certificates. */
export interface TlsSeen {
  readonly at: string
  /** The weakest of its versions. */
  readonly mode: TlsMode
  readonly versions: readonly VersionSeen[]
  readonly evidence: readonly string[]
}

/** What is beside the handshake that tells more. */
export interface Beside {
  /** The end of the same once more, where the first was a close without an alert. */
  readonly again?: RawAnswer | undefined
  /** The answer to the same request with a certificate. */
  readonly withCertificate?: RawAnswer | undefined
}

const postHandshake =
  'not requested in the handshake; a later request (post-handshake authentication) cannot be seen from here: try openssl s_client -enable_pha'

export function versionSeen(version: TlsVersion, answer: RawAnswer, beside: Beside = {}): VersionSeen {
  const { handshake } = answer
  const asked = handshake?.flight.asked
  const base = {
    version,
    authorities: asked?.state === 'requested' ? asked.authorities : [],
    furtherAuthorities: asked?.state === 'requested' ? asked.furtherAuthorities : 0,
    signatureAlgorithms: asked?.state === 'requested' ? asked.signatureAlgorithms : [],
    withoutCertificate: endWords(answer),
    renegotiates: handshake?.flight.renegotiates ?? false,
  }
  if (handshake === undefined || asked === undefined) return { ...base, asked: 'not-observable', mode: 'not-observable', reason: 'no TLS' }
  if (isOtherVersion(version, handshake)) return { ...base, asked: 'not-spoken', mode: 'not-spoken' }
  if (asked.state === 'not-observable') return { ...base, asked: 'not-observable', mode: 'not-observable', reason: asked.reason }
  if (asked.state === 'not-requested') return { ...base, asked: 'not-requested', ...withoutRequest(version, answer) }
  return { ...base, asked: 'requested', ...withRequest(answer, beside) }
}

/** It answered another version, or said that it does not speak this one. */
function isOtherVersion(version: TlsVersion, { flight, end }: Handshake): boolean {
  if (flight.version !== undefined) return flight.version !== version
  return end.kind === 'alert' && end.alert.name === 'protocol_version'
}

type Judged = Pick<VersionSeen, 'mode' | 'reason'>

function withoutRequest(version: TlsVersion, answer: RawAnswer): Judged {
  if (answer.handshake?.flight.renegotiates)
    return { mode: 'not-observable', reason: 'not requested in the first handshake; a second one is begun for this path' }
  // A server that wants to ask later must refuse a client that does not offer it.
  const mayAskLater = version === 'TLSv1.3' && answer.status === 403
  if (mayAskLater || namesCertificate(answer)) return { mode: 'not-observable', reason: postHandshake }
  return answer.ended ? { mode: 'not-observable', reason: endWords(answer) } : { mode: 'not-requested' }
}

function withRequest(answer: RawAnswer, { again, withCertificate }: Beside): Judged {
  const { ended } = answer
  if (ended?.kind === 'alert')
    return ended.alert.aboutCertificate ? { mode: 'required-in-tls' } : { mode: 'not-observable', reason: describeAlert(ended.alert) }
  if (ended?.kind === 'closed') {
    return again?.ended?.kind === 'closed'
      ? { mode: 'required-in-tls' }
      : { mode: 'not-observable', reason: 'the connection was closed without an alert' }
  }
  if (ended) return { mode: 'not-observable', reason: ended.reason }
  return { mode: demandsInHttp(answer, withCertificate) ? 'required-in-http' : 'optional' }
}

/** With a certificate to compare with, the difference tells; without one, only what the answer says itself. */
function demandsInHttp(answer: RawAnswer, withCertificate: RawAnswer | undefined): boolean {
  if (namesCertificate(answer)) return true
  const differs = withCertificate !== undefined && withCertificate.ended === undefined && withCertificate.status !== answer.status
  return differs && answer.status >= 400 && answer.status < 500 && !(withCertificate.status >= 500)
}

/** nginx answers 400 and says "No required SSL certificate was sent"; it and others use 495 and 496. */
function namesCertificate({ status, body }: RawAnswer): boolean {
  if (status === 495 || status === 496) return true
  return (
    (status === 400 || status === 403) && /\b(?:ssl|tls|client)\b[^<]{0,40}\bcertificate\b|post-handshake auth/i.test(body.slice(0, 4000))
  )
}

function endWords({ ended, status }: RawAnswer): string {
  return ended === undefined ? `HTTP ${status}` : describeEnd(ended)
}

/** A version that could not be seen leaves the whole open; one that is not spoken does not. */
export function weakestMode(versions: readonly VersionSeen[]): TlsMode {
  const spoken = versions.filter(({ mode }) => mode !== 'not-spoken')
  if (spoken.length === 0 || spoken.some(({ mode }) => mode === 'not-observable')) return 'not-observable'
  return modes.find((mode) => spoken.some((seen) => seen.mode === mode)) ?? 'not-observable'
}
