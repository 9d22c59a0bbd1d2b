// One piece of work at a time by name, across all tabs and workers of the origin (Web Locks API).
import type { Lock } from '../contract.ts'
import { createInProcessLock } from './in-process.ts'

/** Where the browser has no Web Locks, tabs take turns only within themselves; the issuer forgives an honest duplicate. */
export function createWebLock(prefix: string): Lock {
  const locks = globalThis.navigator?.locks
  if (locks === undefined) return createInProcessLock()
  return async (name, work) => await locks.request(`${prefix}:${name}`, { mode: 'exclusive' }, work)
}
