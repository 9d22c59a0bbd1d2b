// What the guard is told of a request, and what it answers. Adapters build the one and render the other.
import type { AuditEvent, Confirmation, PresentedCertificate, Seconds, Thumbprint } from '@kimei/protocol'

/** One request as it arrived: nothing decoded, nothing joined. */
export interface RequestFacts {
  readonly method: string
  /** Request target as on the wire: path and query, `/v1/me?x=1`. */
  readonly target: string
  /** Every header line in order, names in any case. Repeated headers are repeated lines. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly connection: ConnectionFacts
  /** The caller's own id of this request, so that its log lines and ours join. Default: made by the guard. */
  readonly requestId?: string
}

export interface ConnectionFacts {
  readonly remoteAddress?: string
  readonly encrypted: boolean
  /** DER of the leaf certificate the TLS layer verified possession of. */
  readonly peerCertificate?: Uint8Array
  /** DER of the further certificates that came with it, in the order in which they came. */
  readonly peerChain?: readonly Uint8Array[]
  /** It came over a Unix socket: who may open that decides who may speak. */
  readonly unixSocket?: true
}

/** The caller may pass. `headers` go on the response (nonces). */
export interface Admitted {
  readonly admitted: true
  readonly route: string
  readonly mode: 'bearer' | 'dpop' | 'mtls' | 'mixed' | 'none'
  /** Public URL of the request without its query, as the proof names it, else under the first base URL. */
  readonly url: string
  readonly requestId: string
  /** The route lets the proxy change the protocol (WebSocket). */
  readonly upgrade?: 'allowed'
  /** Absent on a route that is public by policy. */
  readonly token?: AdmittedToken
  readonly headers: readonly (readonly [string, string])[]
  /** The caller’s, where the token names one. */
  readonly certificate?: PresentedCertificate
  /** Lower-case names of header lines that are there and must not reach the application. Absent: none. */
  readonly withheld?: readonly string[]
  readonly audit: AuditEvent
}

export interface AdmittedToken {
  readonly issuer: string
  readonly subject: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
  readonly expiresAt: Seconds
  readonly confirmation: Confirmation | undefined
  readonly jkt: Thumbprint | undefined
  /** Of the certificate that the token names (RFC 8705 §3.1). */
  readonly x5t: Thumbprint | undefined
  readonly claims: Readonly<Record<string, unknown>>
}

/** The caller is refused: a complete HTTP answer. */
export interface Refused {
  readonly admitted: false
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly rule: string
  readonly audit: AuditEvent
}

export type Verdict = Admitted | Refused
