// Private mode of pairwise clients: a name of its own protects nobody who is told with an e-mail address beside it (OpenID Connect Core §17.3).
// What a client is told in this mode is a list of its operator; everything else of a person's record is as if it were not there.
import type { ClientRecord } from '../records.ts'
import { type Law, must, namedRules } from '../rule.ts'

export const privateClaimRules = namedRules('request', {
  'claims.private-client-hears-what-is-listed': {
    cite: 'OIDC-Core§17.3',
    level: 'PRODUCT',
    says: 'a client in private mode is told no claim of a person but those listed for it, by scope or by name; any other is left out, which is no error',
    rows: ['OIDC-17.3-1'],
    unseen: 'what the issuer knows of the test person, and does not tell, is known to its operator alone',
  },
})

type Told = Pick<ClientRecord, 'privateClaims'>

/** Told where nothing else is said: they are shared by very many people. */
export const sharedByMany: readonly string[] = ['locale', 'zoneinfo']

export function mayBeTold({ privateClaims }: Told, claim: string, law: Law): boolean {
  if (privateClaims === undefined) return true
  return must(privateClaimRules, 'claims.private-client-hears-what-is-listed', privateClaims.includes(claim), law) === undefined
}

/** A person's record as this client may know it. */
export function recordToldTo(client: Told, record: Readonly<Record<string, unknown>>, law: Law): Readonly<Record<string, unknown>> {
  if (client.privateClaims === undefined) return record
  return Object.fromEntries(Object.entries(record).filter(([claim]) => mayBeTold(client, claim, law)))
}

/** Whether a scope that tells these claims gives this client anything: one without claims always does. */
export function isWorthAsking(client: Told, claims: readonly string[], law: Law): boolean {
  return claims.length === 0 || claims.some((claim) => mayBeTold(client, claim, law))
}
