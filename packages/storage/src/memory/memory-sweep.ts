// Forgets what nobody may ask for any more, in bounded batches. How long each record stays is told in `retention.ts`.
import type { Seconds } from '@kimei/protocol'
import { forever, keepUntil } from '../retention.ts'
import type { JournaledMap } from './journaled-map.ts'
import { keyOf, type MemoryTables } from './memory-tables.ts'

/** Answers how many records went. */
export function sweepMemory(tables: MemoryTables, now: Seconds, limit: number): number {
  eraseSealedSuccessors(tables, now, limit)
  let left = limit
  const drop = <T>(table: JournaledMap<T>, until: (record: T) => Seconds) => {
    for (const [key, record] of table.pairs()) {
      if (left === 0) return
      if (until(record) < now) {
        table.delete(key)
        left -= 1
      }
    }
  }
  left -= tables.replay.sweep(now, left)
  drop(tables.codes, keepUntil.code)
  // Tokens first: a family without tokens may wait for the next round, a token without its family may not exist.
  drop(tables.refreshTokens, (token) => {
    const family = tables.families.get(keyOf(token.issuer, token.familyId))
    return family ? keepUntil.refreshFamily(family) : 0
  })
  if (left > 0) drop(tables.families, keepUntil.refreshFamily)
  drop(tables.accessTokens, keepUntil.accessToken)
  drop(tables.opaqueTokens, keepUntil.opaqueToken)
  drop(tables.grants, keepUntil.grant)
  drop(tables.sessions, keepUntil.session)
  drop(tables.interactions, keepUntil.interaction)
  drop(tables.pushedRequests, keepUntil.pushedRequest)
  drop(tables.deviceCodes, keepUntil.deviceCode)
  for (const [key, deviceHash] of tables.userCodes.pairs()) {
    if (!tables.deviceCodes.get(keyOf(key.slice(0, key.indexOf('\n')), deviceHash))) tables.userCodes.delete(key)
  }
  drop(tables.logoutNotices, keepUntil.logoutNotice)
  drop(tables.claimReads, keepUntil.claimRead)
  // Registrations last: one without its client may wait for the next round, a client without its registration may not exist.
  drop(tables.clients, (client) => tables.registrations.get(keyOf(client.issuer, client.clientId))?.keepUntil ?? forever)
  drop(tables.registrations, (one) => (tables.clients.get(keyOf(one.issuer, one.clientId)) ? forever : one.keepUntil))
  drop(tables.keys, keepUntil.key)
  return limit - left
}

function eraseSealedSuccessors({ refreshTokens }: MemoryTables, now: Seconds, limit: number): void {
  let left = limit
  for (const [key, token] of refreshTokens.pairs()) {
    if (left === 0) return
    if (token.sealedUntil !== null && token.sealedUntil < now) {
      refreshTokens.set(key, { ...token, sealedSuccessor: null, sealedUntil: null })
      left -= 1
    }
  }
}
