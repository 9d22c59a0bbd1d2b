// Ends sign-ins: the sessions, what lived by them, and the notices to clients, in one plan.
import {
  type ClientRecord,
  decideEnding,
  type EndedUse,
  type Ending,
  type GrantRecord,
  type SessionRecord,
  type Write,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { noticeWrites } from './logout-notices.ts'

export interface EndOrder {
  readonly subject: string
  readonly sessions: readonly Pick<SessionRecord, 'sessionHash' | 'sessionId'>[]
  /** All of the person, also those whose browser is lost. */
  readonly everything: boolean
  /** Who asked for it, for the audit log: a client, or a page of ours. */
  readonly by: string
}

/** What would end, and what would go on. */
export async function foreseeEnding(context: ServerContext, exchange: Exchange, order: Omit<EndOrder, 'by'>): Promise<Ending> {
  const grants = await context.storage.records.grantsOf(context.issuer, order.subject, exchange.now)
  return decideEnding({
    grants,
    sessionIds: new Set(order.sessions.map(({ sessionId }) => sessionId)),
    everything: order.everything,
    clients: await clientsOf(context, grants),
    now: exchange.now,
    sessionSeconds: context.config.lifetimes.sessionAbsoluteSeconds,
  })
}

/** Answers which apps were used at these sign-ins. What is ended already stays so: it may be asked twice. */
export async function endSignIns(context: ServerContext, exchange: Exchange, order: EndOrder): Promise<readonly EndedUse[]> {
  const { now } = exchange
  const ending = await foreseeEnding(context, exchange, order)
  const writes: readonly Write[] = [
    ...order.sessions.map(({ sessionHash }): Write => ({ write: 'end-session', sessionHash, at: now })),
    ...ending.ended.map(({ grantId }): Write => ({ write: 'end-grant-tokens', grantId, at: now })),
    ...(await noticeWrites(context, exchange, order.subject, ending.uses)),
  ]
  const told = { by: order.by, clients: [...new Set(ending.uses.map(({ clientId }) => clientId))] }
  const sessionIds = order.sessions.length === 0 ? [undefined] : order.sessions.map(({ sessionId }) => sessionId)
  const events = sessionIds.map((sessionId) =>
    context.audit.event(exchange, 'logout', {
      subject: order.subject,
      ...(sessionId !== undefined && { sessionId }),
      ...(order.everything && { everything: true }),
      ...told,
    }),
  )
  await context.commit(exchange, writes, events)
  return ending.uses
}

/** Takes back what the person allowed one app, and tells the app. Answers how many grants went. */
export async function revokeApp(context: ServerContext, exchange: Exchange, subject: string, clientId: string): Promise<number> {
  const { now } = exchange
  const grants = await context.storage.records.grantsOf(context.issuer, subject, now, clientId)
  if (grants.length === 0) return 0
  const uses = usesOf(grants, clientId, now - context.config.lifetimes.sessionAbsoluteSeconds)
  const writes: readonly Write[] = [
    ...grants.map(({ grantId }): Write => ({ write: 'revoke-grant', grantId, at: now })),
    ...(await noticeWrites(context, exchange, subject, uses)),
  ]
  const event = context.audit.event(exchange, 'consent', { subject, clientId, decision: 'revoked', grants: grants.length })
  await context.commit(exchange, writes, [event])
  return grants.length
}

function usesOf(grants: readonly GrantRecord[], clientId: string, since: number): readonly EndedUse[] {
  const live = grants.filter(({ authTime, scopes }) => scopes.includes('openid') && authTime > since)
  const sessionIds = new Set(live.flatMap(({ sessionId }) => (sessionId === null ? [] : [sessionId])))
  return [...sessionIds].map((sessionId) => ({ clientId, sessionId }))
}

async function clientsOf(context: ServerContext, grants: readonly GrantRecord[]): Promise<ReadonlyMap<string, ClientRecord>> {
  const known = new Map<string, ClientRecord>()
  for (const clientId of new Set(grants.map((grant) => grant.clientId))) {
    const client = await context.directory.client(clientId)
    if (client) known.set(clientId, client)
  }
  return known
}
