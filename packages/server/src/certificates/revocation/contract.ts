// Whether a certificate was revoked: what is asked, and what an answer comes to. Only types.
import type { Broken, Seconds } from '@kimei/protocol'
import type { ParsedCertificate } from '../parsed-certificate.ts'

export type RevocationSource = 'ocsp' | 'crl'

export interface StatusQuestion {
  readonly certificate: ParsedCertificate
  /** The next one of the chain: who signed it. */
  readonly issuer: ParsedCertificate
  readonly now: Seconds
}

/** What a sound answer says. */
export interface Told {
  readonly status: 'good' | 'revoked'
  /** When it was revoked, where it was. */
  readonly since?: Seconds
  /** The answer serves so long, this second included. */
  readonly until: Seconds
}

/** Broken: the answer does not count, and why. */
export type Answered = Told | Broken
