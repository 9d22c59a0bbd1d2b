// The memory engine: every plan is one synchronous turn, undone as a whole where a condition fails.
// For tests, the lab and trying things out: it forgets everything at the end of the process.
import type { AuditEvent, Issuer, WritePlan } from '@kimei/protocol'
import type { CommitAnswer, RecordReader, Storage } from '../contract.ts'
import { StorageUnavailable } from '../contract.ts'
import { mustBeOfOneIssuer } from '../plan-shape.ts'
import type { VerbAnswer } from '../verb-answer.ts'
import { frozenCopy, type Journal, type JournaledMap } from './journaled-map.ts'
import { createMemoryReplay } from './memory-replay.ts'
import { sweepMemory } from './memory-sweep.ts'
import { keyOf, type MemoryTables, makeMemoryTables } from './memory-tables.ts'
import { memoryVerbs } from './memory-verbs.ts'

export interface MemoryStorageOptions {
  /** As `maxEntries` of `createMemoryReplay`. */
  readonly maxReplayEntries?: number
  /** Audit events kept; the oldest go first. Default 10,000. */
  readonly maxAuditEvents?: number
}

export function createMemoryStorage(options: MemoryStorageOptions = {}): Storage {
  const maxAuditEvents = options.maxAuditEvents ?? 10_000
  const journal: Journal = { undos: [] }
  const replay = createMemoryReplay(options.maxReplayEntries === undefined ? {} : { maxEntries: options.maxReplayEntries })
  const tables = makeMemoryTables(journal, replay)
  const trail: AuditEvent[] = []
  let closed = false

  const remember = (events: readonly AuditEvent[]) => {
    for (const event of events) trail.push(frozenCopy(event))
    if (trail.length > maxAuditEvents * 2) trail.splice(0, trail.length - maxAuditEvents)
  }
  const mustBeOpen = () => {
    if (closed) throw new StorageUnavailable('this storage was closed')
  }

  return {
    records: memoryReader(tables, () => trail.slice(-maxAuditEvents)),
    replay: {
      reach: 'process',
      claim(space, id, until, now) {
        mustBeOpen()
        return replay.claim(space, id, until, now)
      },
    },
    async commit(plan) {
      mustBeOpen()
      mustBeOfOneIssuer(plan)
      const answer = applyPlan(tables, journal, plan)
      if (answer.done === 'committed') remember(plan.audit)
      return answer
    },
    async appendAudit(events) {
      mustBeOpen()
      remember(events)
    },
    async sweep(now, limit = 1000) {
      mustBeOpen()
      const gone = sweepMemory(tables, now, limit)
      journal.undos.length = 0
      return gone
    },
    async close() {
      closed = true
    },
  }
}

function applyPlan(tables: MemoryTables, journal: Journal, plan: WritePlan): CommitAnswer {
  journal.undos.length = 0
  let finished = false
  try {
    for (const [index, write] of plan.writes.entries()) {
      // The table is total over the verbs; only the compiler cannot see that name and write belong together.
      const verb = memoryVerbs[write.write] as (tables: MemoryTables, of: typeof write, plan: WritePlan, journal: Journal) => VerbAnswer
      const answer = verb(tables, write, plan, journal)
      if (answer === false) return { done: 'lost', lost: write.write, index }
      if (answer !== true) return { done: 'repeat', ...answer }
    }
    finished = true
    return { done: 'committed' }
  } finally {
    if (!finished) for (const undo of journal.undos.reverse()) undo()
    journal.undos.length = 0
  }
}

function memoryReader(tables: MemoryTables, trail: () => readonly AuditEvent[]): RecordReader {
  const ofIssuer = <T extends { readonly issuer: Issuer }>(table: JournaledMap<T>, issuer: Issuer) =>
    [...table.values()].filter((record) => record.issuer === issuer)
  return {
    client: (issuer, clientId) => tables.clients.get(keyOf(issuer, clientId)),
    clients: (issuer) => ofIssuer(tables.clients, issuer).sort((a, b) => order(a.clientId, b.clientId)),
    registration: (issuer, clientId) => tables.registrations.get(keyOf(issuer, clientId)),
    registrationCount: (issuer) => ofIssuer(tables.registrations, issuer).length,
    resources: (issuer) => ofIssuer(tables.resources, issuer).sort((a, b) => order(a.resource, b.resource)),
    scopes: (issuer) => ofIssuer(tables.scopes, issuer).sort((a, b) => order(a.scope, b.scope)),
    code: (issuer, codeHash) => tables.codes.get(keyOf(issuer, codeHash)),
    refreshToken: (issuer, tokenHash) => tables.refreshTokens.get(keyOf(issuer, tokenHash)),
    refreshFamily: (issuer, familyId) => tables.families.get(keyOf(issuer, familyId)),
    grant: (issuer, grantId) => tables.grants.get(keyOf(issuer, grantId)),
    grantsOf: (issuer, subject, now, clientId) =>
      ofIssuer(tables.grants, issuer)
        .filter((grant) => grant.subject === subject && grant.revokedAt === null && grant.expiresAt >= now)
        .filter((grant) => clientId === undefined || grant.clientId === clientId)
        .sort((a, b) => b.createdAt - a.createdAt || order(a.grantId, b.grantId)),
    accessToken: (issuer, jti) => tables.accessTokens.get(keyOf(issuer, jti)),
    opaqueToken: (issuer, tokenHash) => tables.opaqueTokens.get(keyOf(issuer, tokenHash)),
    user: (issuer, subject) => tables.users.get(keyOf(issuer, subject)),
    userByName: (issuer, username) => ofIssuer(tables.users, issuer).find((user) => user.username === username),
    session: (issuer, sessionHash) => tables.sessions.get(keyOf(issuer, sessionHash)),
    claimed: (space, id, now) => tables.replay.claimed(space, id, now),
    interaction: (issuer, interactionHash) => tables.interactions.get(keyOf(issuer, interactionHash)),
    pushedRequest: (issuer, requestHash) => tables.pushedRequests.get(keyOf(issuer, requestHash)),
    deviceCode: (issuer, deviceHash) => tables.deviceCodes.get(keyOf(issuer, deviceHash)),
    deviceCodeByUser(issuer, userHash) {
      const deviceHash = tables.userCodes.get(keyOf(issuer, userHash))
      return deviceHash === undefined ? undefined : tables.deviceCodes.get(keyOf(issuer, deviceHash))
    },
    sessionsOf: (issuer, subject, now) =>
      ofIssuer(tables.sessions, issuer)
        .filter((session) => session.subject === subject && session.endedAt === null && session.expiresAt > now)
        .sort((a, b) => order(a.sessionHash, b.sessionHash)),
    logoutNotices: (issuer, now, limit) =>
      ofIssuer(tables.logoutNotices, issuer)
        .filter((notice) => notice.dueAt <= now)
        .sort((a, b) => a.dueAt - b.dueAt || order(a.noticeId, b.noticeId))
        .slice(0, limit),
    claimReads: (issuer, subject, now, limit) =>
      ofIssuer(tables.claimReads, issuer)
        .filter((access) => access.subject === subject && access.keepUntil >= now)
        .sort((a, b) => b.hour - a.hour || order(a.clientId, b.clientId) || order(JSON.stringify(a.claims), JSON.stringify(b.claims)))
        .slice(0, limit),
    keys: (issuer) => ofIssuer(tables.keys, issuer).sort((a, b) => a.createdAt - b.createdAt || order(a.kid, b.kid)),
    audit(issuer, { limit, event, subject }) {
      const wanted = (line: AuditEvent) =>
        line.issuer === issuer && (event === undefined || line.event === event) && (subject === undefined || line.subject === subject)
      return trail().filter(wanted).reverse().slice(0, limit)
    },
  }
}

/** By code unit, as SQLite's BINARY collation and unlike `localeCompare` the same everywhere. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
