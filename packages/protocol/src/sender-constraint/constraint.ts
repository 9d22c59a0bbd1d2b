// What a new token is bound to, as evidence. Bearer is a constraint too and must be permitted by policy.
import type { VerifiedProof } from '../dpop/index.ts'
import type { Confirmation, Seconds } from '../ids.ts'
import type { PresentedCertificate } from '../mtls/index.ts'
import type { BindingMeans, BindingPolicy } from '../records.ts'
import { type Broken, isBroken, type Law, must } from '../rule.ts'
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

/** What the caller proved in this request. A certificate counts only where it was asked for. */
export interface Proven {
  readonly proof: VerifiedProof | undefined
  readonly certificate: PresentedCertificate | undefined
}

/** By what this client's tokens are named. `undefined`: nothing is demanded. */
export function meansOf(policy: BindingPolicy): BindingMeans | undefined {
  return policy.kind === 'required' ? (policy.by ?? 'key') : undefined
}

/** Whether the certificate of the connection is to be looked at for this client's tokens. */
export function wantsCertificate(policy: BindingPolicy): boolean {
  const means = meansOf(policy)
  return means === 'certificate' || means === 'both'
}

/**
 * What a new token will be bound to. Whoever sends a proof is given a token that names its key, and a client that is registered
 * for it one that names its certificate: neither takes the place of the other.
 */
export function decideConstraint(policy: BindingPolicy, { proof, certificate }: Proven, now: Seconds, law: Law): Constraint | Broken {
  if (wantsCertificate(policy)) {
    const broken =
      must(bindingPolicyRules, 'binding.certificate-is-shown', certificate !== undefined, law) ??
      must(bindingPolicyRules, 'binding.key-is-proven-beside', meansOf(policy) === 'certificate' || proof !== undefined, law)
    if (broken) return broken
    if (certificate) return proof ? { kind: 'both', proof, certificate } : { kind: 'mtls', certificate }
  }
  if (proof) return { kind: 'dpop', proof }
  const permission = bearerPermission(policy, now, law)
  return isBroken(permission) ? permission : { kind: 'bearer', permission }
}

/** The same constraint, and this certificate with it: what descends from a bound token is bound as that was. */
export function withCertificate(constraint: Constraint, certificate: PresentedCertificate): Constraint {
  return 'proof' in constraint ? { kind: 'both', proof: constraint.proof, certificate } : { kind: 'mtls', certificate }
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
