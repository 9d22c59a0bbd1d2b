// Whether whoever presents a token is whom it names (RFC 9449 §7, RFC 8705 §3). Proof and certificate were verified before.
import type { VerifiedProof } from '../dpop/index.ts'
import type { Confirmation } from '../ids.ts'
import type { PresentedCertificate } from '../mtls/index.ts'
import type { Broken, Law } from '../rule.ts'

export interface Presentation {
  readonly confirmation: Confirmation | undefined
  /** Authorization scheme, already read without case. */
  readonly scheme: 'dpop' | 'bearer'
  readonly proof: VerifiedProof | undefined
  readonly certificate: PresentedCertificate | undefined
}

/** Every constraint in `cnf` must be met. An unbound token passes here under `Bearer`: see `checkBound`. */
export function checkBinding(presentation: Presentation, law: Law): Broken | undefined {
  throw new Error('pending')
}

/** For routes whose policy demands binding: an unbound token is refused. */
export function checkBound(confirmation: Confirmation | undefined, law: Law): Broken | undefined {
  throw new Error('pending')
}
