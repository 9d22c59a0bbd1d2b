// Notes that a registered client is in use: once a day for each, so that no request pays for it and no client in use is swept.
import type { ClientRecord, Seconds } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../../context.ts'

const daySeconds = 86_400
const mostRemembered = 10_000
const noted = new WeakMap<object, Map<string, Seconds>>()

export async function noteUse(context: ServerContext, { now }: Exchange, client: ClientRecord): Promise<void> {
  if (client.source !== 'registered') return
  const shelf = noted.get(context.lasting) ?? new Map<string, Seconds>()
  noted.set(context.lasting, shelf)
  const last = shelf.get(client.clientId)
  if (last !== undefined && now < last + daySeconds) return
  shelf.delete(client.clientId)
  if (shelf.size >= mostRemembered) shelf.delete(shelf.keys().next().value as string)
  shelf.set(client.clientId, now)
  const keepUntil = now + context.config.registration.unusedDays * daySeconds
  const write = { write: 'touch-registration', clientId: client.clientId, at: now, keepUntil } as const
  await context.storage.commit({ issuer: context.issuer, writes: [write], audit: [], now })
}
