// The issuer's keys, fetched and kept fresh behind the requests: no request waits for a rotation, no stranger's `kid`
// makes us fetch more than once in a cooldown, and an issuer that is down does not take the API down with it.
// How one document is fetched stands in `fetch-jwks.ts`.
import type { Seconds } from '@kimei/protocol'
import { type KeyRing, makeKeyRing } from './key-ring.ts'
import { type KeySource, KeysUnavailable } from './key-source.ts'

export interface FetchedKeysOptions {
  /** Answers the members of `keys`. Rejects when they cannot be had. */
  readonly load: () => Promise<readonly unknown[]>
  readonly clock: () => Seconds
  readonly cooldownSeconds: number
  readonly refreshSeconds: number
  readonly staleSeconds: number
}

/** After a failure, the next attempt waits this long: an issuer that comes back is not met by a storm. */
const retrySeconds = 2

export function fetchedKeys(options: FetchedKeysOptions): KeySource {
  return new FetchedKeys(options)
}

class FetchedKeys implements KeySource {
  #options: FetchedKeysOptions
  #ring: KeyRing | undefined
  #loadedAt = 0
  #triedAt = Number.NEGATIVE_INFINITY
  #failed = false
  #loading: Promise<void> | undefined

  constructor(options: FetchedKeysOptions) {
    this.#options = options
  }

  async keyFor(question: Parameters<KeySource['keyFor']>[0]) {
    const ring = await this.#current()
    const key = await ring.keyFor(question)
    if (key !== undefined || !this.#mayFetch(this.#options.cooldownSeconds)) return key
    // Perhaps a key that is younger than what we know. A failure here changes nothing for anybody else.
    await this.#load().catch(() => undefined)
    return this.#ring?.keyFor(question)
  }

  async warm(): Promise<void> {
    await this.#load()
  }

  /** Fresh keys, or stale ones with a fetch behind, or a fetch now. */
  async #current(): Promise<KeyRing> {
    const { clock, refreshSeconds, staleSeconds } = this.#options
    const age = clock() - this.#loadedAt
    if (this.#ring && age <= staleSeconds) {
      if (age > refreshSeconds && this.#mayFetch(retrySeconds)) this.#load().catch(() => undefined)
      return this.#ring
    }
    if (!this.#loading && this.#failed && !this.#mayFetch(retrySeconds))
      throw new KeysUnavailable('the keys of the issuer could not be loaded')
    await this.#load()
    return this.#ring!
  }

  /** Also after the clock stepped back: then the last attempt lies in the future and counts as long ago. */
  #mayFetch(after: number): boolean {
    const since = this.#options.clock() - this.#triedAt
    return this.#loading === undefined && (since >= after || since < 0)
  }

  /** One fetch at a time; whoever comes meanwhile waits for the same one. */
  #load(): Promise<void> {
    this.#loading ??= this.#fetch().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #fetch(): Promise<void> {
    this.#triedAt = this.#options.clock()
    try {
      const ring = makeKeyRing(await this.#options.load())
      if (ring.print === '') throw new KeysUnavailable('the issuer publishes no key that could verify a signature')
      // The same set stays the same objects: what was verified with them need not be verified again.
      if (ring.print !== this.#ring?.print) this.#ring = ring
      this.#loadedAt = this.#options.clock()
      this.#failed = false
    } catch (error) {
      this.#failed = true
      throw error
    }
  }
}
