// What ends with a sign-in, and whom to tell (OpenID Connect Back-Channel Logout 1.0 §2.7). Pure: what to write comes out as data.
import type { Seconds } from '../ids.ts'
import type { ClientRecord, GrantRecord } from '../records.ts'

export interface EndingFacts {
  /** Unrevoked grants of the person. */
  readonly grants: readonly GrantRecord[]
  /** Public ids of the sign-ins that end. */
  readonly sessionIds: ReadonlySet<string>
  /** Every sign-in of the person ends, those whose browser is lost included. */
  readonly everything: boolean
  readonly clients: ReadonlyMap<string, ClientRecord>
  readonly now: Seconds
  /** Longest life of a sign-in. */
  readonly sessionSeconds: number
}

/** One app at one sign-in. */
export interface EndedUse {
  readonly clientId: string
  readonly sessionId: string
}

export interface Ending {
  /** Grants whose codes, refresh and access tokens end. */
  readonly ended: readonly GrantRecord[]
  /** Grants that go on: offline access, unless the client declared that it ends. */
  readonly kept: readonly GrantRecord[]
  /** Apps that hold an ID token of an ended sign-in, each once. */
  readonly uses: readonly EndedUse[]
}

export function decideEnding(facts: EndingFacts): Ending {
  const touched = facts.grants.filter((grant) => isTouched(facts, grant))
  const outlives = (grant: GrantRecord) =>
    grant.scopes.includes('offline_access') && facts.clients.get(grant.clientId)?.offlineOnLogout !== 'end'
  const uses = new Map<string, EndedUse>()
  for (const { clientId, sessionId, scopes } of touched) {
    if (sessionId !== null && scopes.includes('openid')) uses.set(JSON.stringify([clientId, sessionId]), { clientId, sessionId })
  }
  return {
    ended: touched.filter((grant) => !outlives(grant)),
    kept: touched.filter(outlives),
    uses: [...uses.values()],
  }
}

function isTouched({ sessionIds, everything, now, sessionSeconds, clients }: EndingFacts, grant: GrantRecord): boolean {
  if (grant.sessionId !== null && sessionIds.has(grant.sessionId)) return true
  if (!everything || grant.sessionId === null) return false
  // Tokens of an older sign-in have ended by themselves, offline ones apart.
  const offline = grant.scopes.includes('offline_access') && clients.get(grant.clientId)?.offlineOnLogout === 'end'
  return offline || grant.authTime + sessionSeconds > now
}
