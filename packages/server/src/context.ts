// What every endpoint and step is given: the issuer's parts, and one HTTP exchange. Only types.
// The parts are made in issuer.ts; nobody else constructs them.
import type { CertificateSource } from '@kimei/guard'
import type { AuditEvent, AuditName, Issuer, Language, Law, Profile, ProofWindow, Seconds, Text, Write } from '@kimei/protocol'
import type { CommitAnswer, Storage } from '@kimei/storage'
import type { Seals } from './config/declare.ts'
import type { DetailWords } from './config/detail-types.ts'
import type { IssuerConfig } from './config/schema.ts'
import type { Directory } from './directory.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { Secrets } from './keys/secrets.ts'
import type { ClientDocuments } from './outbound/client-documents.ts'
import type { Outbound } from './outbound/contract.ts'
import type { KeySets } from './outbound/key-sets.ts'
import type { Logos } from './outbound/logos.ts'
import type { Revocation } from './outbound/revocation.ts'

/** What the connection proves beside the request. The listener fills it; an embedder may. */
export interface Connection {
  readonly remoteAddress?: string
  /** Of the proxy that forwarded, where `remoteAddress` is what it said of the caller. Ours to set. */
  readonly peerAddress?: string | undefined
  readonly encrypted: boolean
  /** DER of the leaf certificate the TLS layer verified possession of. */
  readonly peerCertificate?: Uint8Array
  /** DER of the further certificates that came with it, in the order in which they came. */
  readonly peerChain?: readonly Uint8Array[]
  /**
   * Header lines as they arrived, never joined: name, value, name, value, as `rawHeaders` of Node.
   * Without them a comma in a once-only header counts as two lines.
   */
  readonly rawHeaders?: readonly string[]
  /** The request target as on the wire. */
  readonly target?: string
  /** `mtls`: a listener of ours that asks for certificates. `unix-socket`: one for a terminator on this machine. Absent: any other. */
  readonly door?: 'mtls' | 'unix-socket'
}

/** One request being answered. */
export interface Exchange {
  readonly request: Request
  readonly connection: Connection
  readonly requestId: string
  /** One clock read for the whole exchange. */
  readonly now: Seconds
  /** Parsed once: `new URL(request.url)` costs. */
  readonly path: string
  readonly query: string
  /** At which of the issuer's origins it was asked: only `mtls` hears of certificates. */
  readonly origin: 'issuer' | 'mtls'
}

/** What an audit event adds to its time, issuer and request id. */
export type AuditFields = Omit<AuditEvent, 'at' | 'event' | 'issuer' | 'requestId'>

export interface AuditTrail {
  /** Makes the event; it is remembered by the plan it is put in, or by {@link append}. */
  event(exchange: Exchange, name: AuditName, fields: AuditFields): AuditEvent
  /** Remembers events that belong to no plan, and writes them to the sink. */
  append(...events: readonly AuditEvent[]): Promise<void>
  /** Writes to the sink what a committed plan remembered. */
  emitted(events: readonly AuditEvent[]): void
}

/** The words of configuration: names and descriptions in both languages. */
export interface Texts {
  readonly languages: readonly Language[]
  readonly issuerName: Text
  scope(scope: string): Text | undefined
  resource(resource: string): Text | undefined
  detailType(type: string): DetailWords | undefined
}

/** What differs at the other origin. */
export interface MtlsUrls extends Pick<EndpointUrls, 'tokenTargets' | 'pushedTargets' | 'deviceTargets'> {
  /** Scheme, host and port. */
  readonly origin: string
  /** As in a Host header. */
  readonly host: string
  /** What stands for the issuer at the beginning of its URLs. */
  readonly url: string
}

/** Absolute URLs of the endpoints, made once from the issuer. */
export interface EndpointUrls {
  readonly authorization: string
  readonly token: string
  readonly userinfo: string
  readonly jwks: string
  readonly revocation: string
  readonly introspection: string
  readonly registration: string
  readonly pushed: string
  readonly signIn: string
  /** Where devices ask, and where people type their codes. */
  readonly deviceAuthorization: string
  readonly device: string
  readonly consent: string
  readonly signedOut: string
  readonly account: string
  readonly endSession: string
  readonly secondFactor: string
  /** The same endpoints at the origin for clients with certificates (RFC 8705 §5). */
  readonly mtls: MtlsUrls | undefined
  /** What `htu` of a proof at the token endpoint may say, normalized. */
  readonly tokenTargets: readonly string[]
  /** The same for the endpoint that takes pushed requests. */
  readonly pushedTargets: readonly string[]
  /** The same for the endpoint at which devices ask. */
  readonly deviceTargets: readonly string[]
  /** Path of the issuer, without a final slash: every path of ours begins with it. */
  readonly base: string
}

export interface ServerContext {
  readonly config: IssuerConfig
  readonly issuer: Issuer
  readonly urls: EndpointUrls
  /** What the configured profile demands beyond the rules for everybody. */
  readonly profile: Profile
  readonly proofWindow: ProofWindow
  readonly storage: Storage
  readonly clock: () => Seconds
  readonly random: (bytes: number) => Uint8Array
  readonly law: Law
  /** Signing keys and the JWK Set. */
  readonly keys: KeyRing
  /** Outlasts this context, where the issuer is put aside and loaded again: memories against guessing hang on it. */
  readonly lasting: object
  /** Those of `keys`: nonces, sealed successors, form tokens. */
  readonly secrets: Secrets
  /** People's second factors. */
  readonly seals: Seals
  /** Clients, resources and scopes, cached. */
  readonly directory: Directory
  readonly audit: AuditTrail
  /** The one way out: nothing else may fetch. */
  readonly outbound: Outbound
  /** Clients that describe themselves; `findClient` and the directory ask here. */
  readonly clientDocuments: ClientDocuments
  /** Published keys of clients; `clientKeys` asks here. */
  readonly keySets: KeySets
  /** Logos of clients, fetched here and served from here. */
  readonly logos: Logos
  /** Which certificate a caller showed; the step `presentCertificate` asks here. `undefined`: certificates are not configured. */
  readonly certificates: CertificateSource | undefined
  /** Whether a certificate was revoked; the step `shownCertificate` asks here. */
  readonly revocation: Revocation | undefined
  readonly texts: Texts
  /** Commits one plan with its audit rows; what was committed also goes to the sink. */
  commit(exchange: Exchange, writes: readonly Write[], audit: readonly AuditEvent[]): Promise<CommitAnswer>
  /** Tells the sink that our side failed; storage may be what failed, so it is not asked. */
  fault(exchange: Exchange, error: unknown): void
}

/** How a routed handler looks: it always answers, and throws only a Fault. */
export type Handler = (context: ServerContext, exchange: Exchange) => Response | Promise<Response>
