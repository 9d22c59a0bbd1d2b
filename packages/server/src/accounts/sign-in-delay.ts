// Slows down guessing: each failure doubles the wait of its account and its address. A delay, never a lockout:
// nobody can keep another person out for longer than the longest wait.
import type { Seconds } from '@kimei/protocol'

/** Failures that cost nothing: people mistype. */
const free = 3
const longestWaitSeconds = 60
const forgetAfterSeconds = 15 * 60
/** Beyond this many remembered names the oldest go; each entry is under 200 bytes. */
const most = 20_000

interface Failures {
  readonly count: number
  readonly last: Seconds
}

export interface SignInDelay {
  /** Seconds this account and address still have to wait; 0: go on. */
  wait(username: string, address: string | undefined, now: Seconds): number
  failed(username: string, address: string | undefined, now: Seconds): void
  /** Takes back the failure that was counted for this try. */
  succeeded(username: string, address: string | undefined): void
  /** The try was not made after all. */
  notTried(username: string, address: string | undefined): void
}

/** Memory of one process. Several processes each delay by themselves, which only loosens the bound by their number. */
export function createSignInDelay(): SignInDelay {
  const memory = new Map<string, Failures>()
  const accountKey = (username: string) => `account ${username.normalize('NFKC').toLowerCase()}`
  // An address may be shared by many people: it bears ten times as many failures.
  const keys = (username: string, address: string | undefined): readonly (readonly [string, number])[] => [
    [accountKey(username), free],
    ...(address === undefined ? [] : [[`address ${address}`, free * 10] as const]),
  ]
  const alive = (key: string, now: Seconds): Failures | undefined => {
    const known = memory.get(key)
    return known && now - known.last <= forgetAfterSeconds ? known : undefined
  }
  const oneLess = (key: string) => {
    const known = memory.get(key)
    if (known) memory.set(key, { ...known, count: known.count - 1 })
  }
  return {
    wait(username, address, now) {
      const waits = keys(username, address).map(([key, allowed]) => {
        const known = alive(key, now)
        if (!known || known.count < allowed) return 0
        const due = known.last + Math.min(longestWaitSeconds, 2 ** (known.count - allowed))
        return Math.max(0, due - now)
      })
      return Math.max(...waits)
    },
    failed(username, address, now) {
      for (const [key] of keys(username, address)) {
        const count = (alive(key, now)?.count ?? 0) + 1
        memory.delete(key)
        memory.set(key, { count, last: now })
      }
      while (memory.size > most) memory.delete(memory.keys().next().value as string)
    },
    succeeded(username, address) {
      memory.delete(accountKey(username))
      oneLess(`address ${address}`)
    },
    notTried(username, address) {
      oneLess(accountKey(username))
      oneLess(`address ${address}`)
    },
  }
}
