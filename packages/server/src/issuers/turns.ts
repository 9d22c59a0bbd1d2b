// So many pieces of work at once; the rest wait for their turn, and beyond a bound nobody waits.
import { StorageUnavailable } from '@kimei/storage'

export class Turns {
  private readonly atOnce: number
  private readonly mostWaiting: number
  private busy = 0
  private readonly waiting: (() => void)[] = []

  constructor(atOnce: number, mostWaiting: number) {
    this.atOnce = atOnce
    this.mostWaiting = mostWaiting
  }

  /** @throws StorageUnavailable where too many wait already. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy >= this.atOnce) {
      if (this.waiting.length >= this.mostWaiting) throw new StorageUnavailable(`${this.mostWaiting} issuers wait to be loaded already`)
      await new Promise<void>((go) => this.waiting.push(go))
    } else {
      this.busy += 1
    }
    try {
      return await work()
    } finally {
      const next = this.waiting.shift()
      if (next) next()
      else this.busy -= 1
    }
  }
}
