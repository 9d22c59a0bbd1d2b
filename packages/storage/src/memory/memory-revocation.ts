// Revocation on the memory tables: a grant with everything that lives by it.
import type { Issuer, Seconds } from '@kimei/protocol'
import { keyOf, type MemoryTables } from './memory-tables.ts'
import { endTokensOfGrant } from './signing-out-verbs.ts'

export function revokeGrant(tables: MemoryTables, issuer: Issuer, grantId: string, at: Seconds): void {
  const key = keyOf(issuer, grantId)
  const grant = tables.grants.get(key)
  // The version moves on, so that a change decided before the revocation cannot undo it.
  if (grant && grant.revokedAt === null) tables.grants.set(key, { ...grant, revokedAt: at, version: grant.version + 1 })
  endTokensOfGrant(tables, issuer, grantId, at)
}

export function revokeAccessTokensOf({ accessTokens }: MemoryTables, issuer: Issuer, grantId: string, at: Seconds): void {
  for (const [key, token] of accessTokens.pairs()) {
    if (token.issuer === issuer && token.grantId === grantId && token.revokedAt === null) accessTokens.set(key, { ...token, revokedAt: at })
  }
}
