// One piece of work at a time by name, within this process or page.
import type { Lock } from '../contract.ts'

export function createInProcessLock(): Lock {
  const tails = new Map<string, Promise<unknown>>()
  return async (name, work) => {
    const before = tails.get(name) ?? Promise.resolve()
    const turn = before.then(work, work)
    const tail = turn.then(
      () => undefined,
      () => undefined,
    )
    tails.set(name, tail)
    try {
      return await turn
    } finally {
      if (tails.get(name) === tail) tails.delete(name)
    }
  }
}
