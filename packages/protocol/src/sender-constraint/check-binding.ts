// Whether whoever presents a token is whom it names (RFC 9449 §7, RFC 8705 §3). Proof and certificate were verified before.
import type { VerifiedProof } from '../dpop/index.ts'
import type { Confirmation } from '../ids.ts'
import { equal } from '../jose/index.ts'
import type { PresentedCertificate } from '../mtls/index.ts'
import { type Broken, judge, type Law, must } from '../rule.ts'
import { bindingPolicyRules, bindingRules } from './binding-rules.ts'

export interface Presentation {
  readonly confirmation: Confirmation | undefined
  /** Authorization scheme, already read without case. */
  readonly scheme: 'dpop' | 'bearer'
  readonly proof: VerifiedProof | undefined
  readonly certificate: PresentedCertificate | undefined
}

/** Every constraint in `cnf` must be met. An unbound token passes here under `Bearer`: see {@link checkBound}. */
export function checkBinding({ confirmation, scheme, proof, certificate }: Presentation, law: Law): Broken | undefined {
  const jkt = confirmation?.jkt
  const x5t = confirmation?.['x5t#S256']
  const facts = {
    confirmation,
    scheme,
    hasProof: proof !== undefined,
    proofKeyMatches: jkt !== undefined && proof !== undefined && equal(jkt, proof.jkt),
    hasCertificate: certificate !== undefined,
    certificateMatches: x5t !== undefined && certificate !== undefined && equal(x5t, certificate.x5t),
  }
  return judge(bindingRules, facts, law)
}

/** For routes whose policy demands binding: an unbound token is refused. */
export function checkBound(confirmation: Confirmation | undefined, law: Law): Broken | undefined {
  return must(bindingPolicyRules, 'binding.token-is-bound', confirmation !== undefined, law)
}
