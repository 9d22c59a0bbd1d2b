// The verbs of signing out and of access histories on the memory tables.
import type { ClaimReadRecord, Issuer, Seconds } from '@kimei/protocol'
import { keyOf, type MemoryTables } from './memory-tables.ts'
import type { Verb } from './memory-verbs.ts'

type SigningOutWrite = 'end-grant-tokens' | 'put-logout-notice' | 'drop-logout-notice' | 'note-claim-read'

export const signingOutVerbs: { readonly [Name in SigningOutWrite]: Verb<Name> } = {
  'end-grant-tokens': (tables, { grantId, at }, { issuer }) => {
    endTokensOfGrant(tables, issuer, grantId, at)
    return true
  },
  'put-logout-notice': ({ logoutNotices }, { record }, { issuer }) => {
    const key = keyOf(issuer, record.noticeId)
    if ((logoutNotices.get(key)?.version ?? 0) !== record.version - 1) return false
    logoutNotices.set(key, record)
    return true
  },
  'drop-logout-notice': ({ logoutNotices }, { noticeId }, { issuer }) => {
    const key = keyOf(issuer, noticeId)
    if (!logoutNotices.get(key)) return false
    logoutNotices.delete(key)
    return true
  },
  'note-claim-read': ({ claimReads }, { record }, { issuer }) => {
    const key = keyOf(issuer, nameOf(record))
    if (!claimReads.get(key)) claimReads.set(key, record)
    return true
  },
}

/** What stands for one row: claims hold no line break that a name of ours could be confused by, as they are quoted. */
function nameOf({ subject, clientId, hour, claims }: ClaimReadRecord): string {
  return JSON.stringify([subject, clientId, hour, claims])
}

/** Unredeemed codes, refresh families and access tokens of a grant; the grant itself is not touched. */
export function endTokensOfGrant(tables: MemoryTables, issuer: Issuer, grantId: string, at: Seconds): void {
  for (const [codeKey, code] of tables.codes.pairs()) {
    // Redeemed ones stay: their replay must still be recognized.
    if (code.issuer === issuer && code.grantId === grantId && code.redeemedAt === null) tables.codes.delete(codeKey)
  }
  for (const [familyKey, family] of tables.families.pairs()) {
    if (family.issuer === issuer && family.grantId === grantId && family.revokedAt === null) {
      tables.families.set(familyKey, { ...family, revokedAt: at })
    }
  }
  for (const [key, token] of tables.accessTokens.pairs()) {
    if (token.issuer === issuer && token.grantId === grantId && token.revokedAt === null)
      tables.accessTokens.set(key, { ...token, revokedAt: at })
  }
}
