// Remembers for people which app read what of them through UserInfo: one row for each app, set of claims and hour.
import type { Seconds } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'

export interface ClaimRead {
  readonly subject: string
  readonly clientId: string
  /** Names of what was told. */
  readonly claims: readonly string[]
}

export const hourSeconds = 3600
const mostKnown = 20_000

interface Known {
  hour: Seconds
  readonly rows: Set<string>
}
/** Rows of this hour that this process has written: they need not be written again. */
const shelves = new WeakMap<object, Known>()

/** Resolves when it is remembered: what could not be remembered must not be told. */
export async function noteClaimRead(context: ServerContext, exchange: Exchange, read: ClaimRead): Promise<void> {
  const { accessHistorySeconds } = context.config.lifetimes
  const hour = exchange.now - (exchange.now % hourSeconds)
  const known = shelves.get(context.lasting) ?? { hour, rows: new Set<string>() }
  shelves.set(context.lasting, known)
  if (known.hour !== hour || known.rows.size >= mostKnown) known.rows.clear()
  known.hour = hour
  const claims = [...new Set(read.claims)].sort()
  const name = JSON.stringify([read.subject, read.clientId, claims])
  if (known.rows.has(name)) return
  const { subject, clientId } = read
  const record = { issuer: context.issuer, subject, clientId, hour, claims, keepUntil: hour + hourSeconds + accessHistorySeconds }
  await context.commit(exchange, [{ write: 'note-claim-read', record }], [])
  known.rows.add(name)
}
