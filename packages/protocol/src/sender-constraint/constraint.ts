// What a new token is bound to, as evidence. Bearer is a constraint too and must be permitted by policy.
import type { VerifiedProof } from '../dpop/index.ts'
import type { Confirmation, Seconds } from '../ids.ts'
import type { PresentedCertificate } from '../mtls/index.ts'
import type { BindingPolicy } from '../records.ts'
import type { Broken, Law } from '../rule.ts'

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

export function bearerPermission(policy: BindingPolicy, now: Seconds, law: Law): BearerPermission | Broken {
  throw new Error('pending')
}

/** The `cnf` a token under this constraint carries; `undefined` for bearer. */
export function confirmationOf(constraint: Constraint): Confirmation | undefined {
  throw new Error('pending')
}

/** RFC 9449 §5, RFC 8705 §3: `DPoP` where a key is named, else `Bearer`. */
export function tokenTypeOf(constraint: Constraint): 'DPoP' | 'Bearer' {
  throw new Error('pending')
}
