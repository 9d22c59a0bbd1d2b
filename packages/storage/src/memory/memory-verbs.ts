// Every verb of a plan on the memory tables. What each promises is told in `writes.ts` of the protocol.
import type { GrantRecord, Issuer, Write, WriteName, WritePlan } from '@kimei/protocol'
import { judgeRotation } from '../rotation.ts'
import type { VerbAnswer } from '../verb-answer.ts'
import { deviceVerbs } from './device-verbs.ts'
import type { Journal } from './journaled-map.ts'
import { revokeAccessTokensOf, revokeGrant } from './memory-revocation.ts'
import { keyOf, type MemoryTables } from './memory-tables.ts'
import { registrationVerbs } from './registration-verbs.ts'
import { signingOutVerbs } from './signing-out-verbs.ts'

export type Verb<Name extends WriteName> = (
  tables: MemoryTables,
  write: Extract<Write, { write: Name }>,
  plan: WritePlan,
  journal: Journal,
) => VerbAnswer

export const memoryVerbs: { readonly [Name in WriteName]: Verb<Name> } = {
  'claim-once': ({ replay }, { space, id, until }, plan, journal) => {
    const before = replay.peek(space, id)
    if (replay.claim(space, id, until, plan.now) === 'seen') return false
    journal.undos.push(() => replay.restore(space, id, before))
    return true
  },
  'put-code': (tables, { record }, { issuer }) => {
    const key = keyOf(issuer, record.codeHash)
    if (tables.codes.get(key) || !grantLives(tables, issuer, record.grantId)) return false
    tables.codes.set(key, record)
    return true
  },
  'redeem-code': ({ codes }, { codeHash, at }, { issuer }) => {
    const key = keyOf(issuer, codeHash)
    const code = codes.get(key)
    if (!code || code.redeemedAt !== null) return false
    codes.set(key, { ...code, redeemedAt: at })
    return true
  },
  'put-refresh-family': (tables, { record, token }, { issuer }) => {
    const key = keyOf(issuer, record.familyId)
    const tokenKey = keyOf(issuer, token.tokenHash)
    if (tables.families.get(key) || tables.refreshTokens.get(tokenKey) || !grantLives(tables, issuer, record.grantId)) return false
    tables.families.set(key, record)
    tables.refreshTokens.set(tokenKey, token)
    return true
  },
  'rotate-refresh-token': ({ families, refreshTokens }, write, { issuer, now }) => {
    const family = families.get(keyOf(issuer, write.familyId))
    const presentedKey = keyOf(issuer, write.presentedHash)
    const presented = refreshTokens.get(presentedKey)
    const successor = presented?.successorHash ? refreshTokens.get(keyOf(issuer, presented.successorHash)) : undefined
    const rotation = judgeRotation(!family || family.revokedAt !== null, presented, successor, write.familyId, now)
    if (!rotation.go) return rotation.repeat ?? false
    if (!family || !presented || refreshTokens.get(keyOf(issuer, write.successor.tokenHash))) return false
    refreshTokens.set(presentedKey, {
      ...presented,
      rotatedAt: write.at,
      successorHash: write.successor.tokenHash,
      sealedSuccessor: write.sealedSuccessor,
      sealedUntil: write.sealedUntil,
    })
    refreshTokens.set(keyOf(issuer, write.successor.tokenHash), write.successor)
    families.set(keyOf(issuer, write.familyId), { ...family, idleExpiresAt: write.idleExpiresAt })
    return true
  },
  'bind-refresh-family': ({ families }, { familyId, confirmation }, { issuer }) => {
    const key = keyOf(issuer, familyId)
    const family = families.get(key)
    if (!family || family.revokedAt !== null || family.confirmation !== null) return false
    families.set(key, { ...family, confirmation })
    return true
  },
  'touch-refresh-family': ({ families }, { familyId, idleExpiresAt }, { issuer }) => {
    const key = keyOf(issuer, familyId)
    const family = families.get(key)
    if (!family || family.revokedAt !== null) return false
    families.set(key, { ...family, idleExpiresAt })
    return true
  },
  'put-access-token': (tables, { record }, { issuer }) => {
    if (record.grantId !== null && !grantLives(tables, issuer, record.grantId)) return false
    const key = keyOf(issuer, record.jti)
    const known = tables.accessTokens.get(key)
    if (!known) tables.accessTokens.set(key, record)
    else if (known.revokedAt === null && record.revokedAt !== null) tables.accessTokens.set(key, { ...known, revokedAt: record.revokedAt })
    return true
  },
  'put-opaque-token': ({ opaqueTokens }, { record }, { issuer }) => {
    const key = keyOf(issuer, record.tokenHash)
    if (opaqueTokens.get(key)) return false
    opaqueTokens.set(key, record)
    return true
  },
  'revoke-access-token': ({ accessTokens }, { jti, at }, { issuer }) => {
    const key = keyOf(issuer, jti)
    const known = accessTokens.get(key)
    if (known && known.revokedAt === null) accessTokens.set(key, { ...known, revokedAt: at })
    return true
  },
  'revoke-grant': (tables, { grantId, at }, { issuer }) => {
    revokeGrant(tables, issuer, grantId, at)
    return true
  },
  'revoke-refresh-family': (tables, { familyId, at }, { issuer }) => {
    const key = keyOf(issuer, familyId)
    const family = tables.families.get(key)
    if (!family) return true
    if (family.revokedAt === null) tables.families.set(key, { ...family, revokedAt: at })
    revokeAccessTokensOf(tables, issuer, family.grantId, at)
    return true
  },
  'put-grant': ({ grants }, { record }, { issuer }) => putVersioned(grants, keyOf(issuer, record.grantId), record),
  'put-session': ({ sessions }, { record }, { issuer }) => putVersioned(sessions, keyOf(issuer, record.sessionHash), record),
  'end-session': ({ sessions }, { sessionHash, at }, { issuer }) => {
    const key = keyOf(issuer, sessionHash)
    const session = sessions.get(key)
    // The version moves on, so that a change decided before the end cannot revive it.
    if (session && session.endedAt === null) sessions.set(key, { ...session, endedAt: at, version: session.version + 1 })
    return true
  },
  'put-interaction': ({ interactions }, { record }, { issuer }) =>
    putVersioned(interactions, keyOf(issuer, record.interactionHash), record),
  'take-interaction': ({ interactions }, { interactionHash }, { issuer }) => {
    const key = keyOf(issuer, interactionHash)
    if (!interactions.get(key)) return false
    interactions.delete(key)
    return true
  },
  'put-pushed-request': ({ pushedRequests }, { record }, { issuer }) => {
    const key = keyOf(issuer, record.requestHash)
    if (pushedRequests.get(key)) return false
    pushedRequests.set(key, record)
    return true
  },
  'take-pushed-request': ({ pushedRequests }, { requestHash }, { issuer, now }) => {
    const key = keyOf(issuer, requestHash)
    const pushed = pushedRequests.get(key)
    if (!pushed || pushed.takeUntil < now) return false
    pushedRequests.delete(key)
    return true
  },
  ...deviceVerbs,
  ...signingOutVerbs,
  ...registrationVerbs,
  'put-client': ({ clients }, { record }, { issuer }) => putVersioned(clients, keyOf(issuer, record.clientId), record),
  'put-user': ({ users }, { record }, { issuer }) => {
    for (const user of users.values()) {
      if (user.issuer === issuer && user.username === record.username && user.subject !== record.subject) return false
    }
    return putVersioned(users, keyOf(issuer, record.subject), record)
  },
  'put-key': ({ keys }, { record }, { issuer }) => putVersioned(keys, keyOf(issuer, record.kid), record),
  'put-resource': ({ resources }, { record }, { issuer }) => {
    resources.set(keyOf(issuer, record.resource), record)
    return true
  },
  'put-scope': ({ scopes }, { record }, { issuer }) => {
    scopes.set(keyOf(issuer, record.scope), record)
    return true
  },
}

function putVersioned<T extends { readonly version: number }>(
  table: { get(key: string): T | undefined; set(key: string, value: T): void },
  key: string,
  record: T,
): boolean {
  if ((table.get(key)?.version ?? 0) !== record.version - 1) return false
  table.set(key, record)
  return true
}

/** Nothing may be born into a grant that is gone: a decision that began before the revocation would outlive it. */
function grantLives({ grants }: MemoryTables, issuer: Issuer, grantId: GrantRecord['grantId']): boolean {
  return grants.get(keyOf(issuer, grantId))?.revokedAt === null
}
