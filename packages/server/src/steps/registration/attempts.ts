// How many registrations one address may try in an hour. Memory of one process: several of them only loosen the bound by their number.
import { type Broken, must, registrationRules, type Seconds } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../../context.ts'

const hourSeconds = 3600
/** Beyond this many remembered addresses the oldest go. */
const mostAddresses = 10_000

interface Attempts {
  count: number
  readonly until: Seconds
}

const attempts = new WeakMap<object, Map<string, Attempts>>()

export const retryAfter = { 'retry-after': String(hourSeconds) } as const

export function countAttempt(context: ServerContext, { connection, now }: Exchange): Broken | undefined {
  const shelf = attempts.get(context.lasting) ?? new Map<string, Attempts>()
  attempts.set(context.lasting, shelf)
  const address = connection.remoteAddress ?? ''
  const known = shelf.get(address)
  const current = known && now < known.until ? known : { count: 0, until: now + hourSeconds }
  if (current !== known) {
    shelf.delete(address)
    if (shelf.size >= mostAddresses) shelf.delete(shelf.keys().next().value as string)
    shelf.set(address, current)
  }
  current.count += 1
  const { perAddressAndHour } = context.config.registration.limits
  return must(registrationRules, 'registration.attempts-are-few', current.count <= perAddressAndHour, context.law)
}
