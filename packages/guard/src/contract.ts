// What a guard is given and what it offers: shapes only.
// How it decides stands in `judge-request.ts`; how it is configured in `config/`.
import type { AuditEvent, Law, Seconds } from '@kimei/protocol'
import type { ReplayGuard } from '@kimei/storage'
import type { CertificateSource } from './certificates/certificate-source.ts'
import type { ConstraintDemand, NonceDemand } from './config/schema.ts'
import type { RequestFacts, Verdict } from './facts.ts'
import type { TokenLookup } from './introspection/token-lookup.ts'
import type { KeySource } from './keys/key-source.ts'
import type { ResourceMetadata } from './resource-metadata.ts'

/** What a guard needs from its surroundings. Time and randomness are arguments, so that tests can fix them. */
export interface GuardDeps {
  /** Memory of used proofs. A process-local one is refused where `replicas` is above 1. */
  readonly replay: ReplayGuard
  /** The issuer's keys. Default: fetched as `config.keys` says. */
  readonly keys?: KeySource
  /** Says what opaque tokens stand for. Default: the issuer is asked as `config.introspection` says; without it only JWTs are taken. */
  readonly lookup?: TokenLookup
  /** Says which certificate a caller showed. Default: as `config.certificates` says. */
  readonly certificates?: CertificateSource
  readonly clock: () => Seconds
  readonly random: (bytes: number) => Uint8Array
  /**
   * Told every decision. A sink that answers a promise is waited for; one that throws or rejects closes the door (503):
   * an access that cannot be recorded is not given.
   */
  readonly audit: (event: AuditEvent) => void | Promise<void>
  readonly law?: Law
  /** Fetches metadata and keys of the issuer. Default: the platform's. */
  readonly fetch?: typeof fetch
}

/** A complete HTTP answer that the guard gives itself. */
export interface GuardAnswer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** How often each decision was taken since the start; `wouldRefuse` counts what report-only let through. */
export interface GuardCounts {
  readonly admitted: number
  /** Requests on which somebody who is not the terminator told of a certificate in a header. */
  readonly ignoredCertificates: number
  /** By rule id. */
  readonly refused: Readonly<Record<string, number>>
  /** By route. */
  readonly wouldRefuse: Readonly<Record<string, number>>
}

/** One row of the route table as it is in force at a given second. */
export interface RouteView {
  readonly route: string
  readonly methods: readonly string[]
  readonly path: string
  readonly policy: 'required' | 'optional' | 'bearer-allowed' | 'public'
  /** What happens to an unbound token now: taken, refused, or taken and counted. */
  readonly unbound: 'taken' | 'refused' | 'reported'
  readonly constraint: ConstraintDemand
  readonly scopes: readonly string[]
  readonly nonce: NonceDemand
}

export interface Guard {
  /** The identifier of the API behind this guard. */
  readonly resource: string
  /** Judges one request. Never throws and never rejects: what fails inside closes the door (401 or 503). */
  verify(facts: RequestFacts): Promise<Verdict>
  /**
   * What the guard answers by itself, before any credentials: its metadata document and CORS preflights.
   * `undefined`: ask {@link Guard.verify}.
   */
  answer(facts: RequestFacts): GuardAnswer | undefined
  /** Lower-case names of the headers by which the terminator in front tells of certificates; empty where none does. */
  readonly certificateHeaders: readonly string[]
  /** RFC 9728; `undefined` when the configuration says `metadata: off`. */
  readonly metadata: ResourceMetadata | undefined
  /** The route table as it is in force now. */
  routes(): readonly RouteView[]
  counts(): GuardCounts
  /** Loads the issuer's keys now, so that the first request need not wait. Rejects when that fails. */
  warm(): Promise<void>
}
