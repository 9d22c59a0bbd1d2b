// What a new token is bound to, as evidence. Bearer is a constraint too and must be permitted by policy.
import type { VerifiedProof } from '../dpop/index.ts'
import type { Confirmation, Seconds } from '../ids.ts'
import type { PresentedCertificate } from '../mtls/index.ts'
import type { BindingPolicy } from '../records.ts'
import { type Broken, type Law, must } from '../rule.ts'
import { bindingPolicyRules } from './binding-rules.ts'

declare const permitted: unique symbol

/** Policy allows this client an unbound token now. Only `bearerPermission` mints it. */
export interface BearerPermission {
  readonly [permitted]: true
  readonly reason: string
}

export type Constraint =
  | { readonly kind: 'dpop'; readonly proof: VerifiedProof }
  | { readonly kind: 'mtls'; readonly certificate: PresentedCertificate }
  | { readonly kind: 'both'; readonly proof: VerifiedProof; readonly certificate: PresentedCertificate }
  | { readonly kind: 'bearer'; readonly permission: BearerPermission }

/** Permission to issue an unbound token. `required` never gives one; a dated permission ends with its last second. */
export function bearerPermission(policy: BindingPolicy, now: Seconds, law: Law): BearerPermission | Broken {
  const until = policy.kind === 'bearer' ? policy.until : undefined
  const holds = policy.kind !== 'required' && (until === undefined || now <= until)
  const broken = must(bindingPolicyRules, 'binding.bearer-is-permitted', holds, law, () => ({
    expected: until === undefined ? 'a proof or a certificate' : { permittedUntil: until },
    received: 'neither proof nor certificate',
  }))
  return broken ?? ({ reason: policy.kind === 'required' ? 'the rule is waived' : policy.reason } as BearerPermission)
}

/** The `cnf` a token under this constraint carries; `undefined` for bearer. */
export function confirmationOf(constraint: Constraint): Confirmation | undefined {
  switch (constraint.kind) {
    case 'dpop':
      return { jkt: constraint.proof.jkt }
    case 'mtls':
      return { 'x5t#S256': constraint.certificate.x5t }
    case 'both':
      return { jkt: constraint.proof.jkt, 'x5t#S256': constraint.certificate.x5t }
    case 'bearer':
      return undefined
  }
}

/** RFC 9449 §5, RFC 8705 §3: `DPoP` where a key is named, else `Bearer`. */
export function tokenTypeOf(constraint: Constraint): 'DPoP' | 'Bearer' {
  return constraint.kind === 'dpop' || constraint.kind === 'both' ? 'DPoP' : 'Bearer'
}
