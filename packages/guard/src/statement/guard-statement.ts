// What a guard says of itself, signed: which route demands what, and how often it said no. A declaration for whoever looks from outside,
// given to holders of a ticket with the scope for it; everybody else learns its digest alone. Serving it stands in `statement-desk.ts`.
import { type KeyPair, randomId, type Seconds, type Signer, sha256, signerFrom, signJwt } from '@kimei/protocol'
import type { Guard, RouteView } from '../contract.ts'

export const statementType = 'kimei-guard-statement+jwt'
export const statementFormat = 'kimei-guard-statement/1'
/** Where it is published. */
export const statementPath = '/.well-known/kimei-guard'
/** How the route of the statement is called in audit events. */
export const statementRoute = 'kimei-guard-statement'

export interface StatementPolicy {
  readonly issuer: string
  readonly replicas: number
  /** Whether used proofs are known to one process, or to all. */
  readonly usedProofs: 'process' | 'shared'
}

export interface StatementOptions {
  readonly guard: Guard
  readonly policy: StatementPolicy
  readonly key: KeyPair & { readonly kid: string }
  readonly lifetimeSeconds: number
  readonly random: (bytes: number) => Uint8Array
}

export interface GuardStatements {
  /** SHA-256 over what is demanded now, without counts: the same as long as nothing changes. */
  digest(): Promise<string>
  sign(now: Seconds): Promise<string>
}

export async function makeStatements({ guard, policy, key, lifetimeSeconds, random }: StatementOptions): Promise<GuardStatements> {
  const signer: Signer = await signerFrom(key.privateJwk, key.alg, key.kid)
  const demands = () => ({ resource: guard.resource, ...policy, routes: guard.routes().map(shownRoute) })
  const digest = async () => sha256(JSON.stringify(demands()))
  return {
    digest,
    async sign(now) {
      const { admitted, refused, wouldRefuse } = guard.counts()
      const claims = {
        iss: guard.resource,
        iat: now,
        exp: now + lifetimeSeconds,
        jti: randomId(random(12)),
        format: statementFormat,
        digest: await digest(),
        ...demands(),
        counts: { admitted, refused, would_refuse: wouldRefuse },
      }
      return signJwt({ typ: statementType }, claims, signer)
    },
  }
}

/** In a fixed order of members, so that the digest is one of the demands alone. */
function shownRoute({ methods, path, policy, unbound, constraint, scopes, nonce }: RouteView) {
  return { methods, path, policy, unbound, constraint, scopes, nonce }
}
