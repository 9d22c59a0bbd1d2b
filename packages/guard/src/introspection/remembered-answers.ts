// Answers about tokens, kept for a stated time: that time is how long a revocation may go unseen (RFC 7662 §4).
// One question at a time for a token, so many at once in all; by hash, so that no token is kept.
import {
  type BoundedMemory,
  type Broken,
  boundedMemory,
  deepFreeze,
  isBroken,
  type JsonObject,
  type Seconds,
  sha256,
} from '@kimei/protocol'
import { IntrospectionUnavailable, type LookupOrder, type TokenLookup } from './token-lookup.ts'

export interface RememberedAnswersOptions {
  readonly ask: (token: string, now: Seconds) => Promise<JsonObject | Broken>
  /** 0: every request asks. */
  readonly cacheSeconds: number
  /** Answers remembered; the least recently used goes first. */
  readonly entries: number
  /** Questions at the issuer at once: a flood of invented tokens must not become one there. */
  readonly mostAtOnce: number
}

interface Remembered {
  readonly told: JsonObject
  readonly askedAt: Seconds
  /** The last second at which it is believed. */
  readonly until: Seconds
}

export function rememberedAnswers(options: RememberedAnswersOptions): TokenLookup {
  const { ask, cacheSeconds, mostAtOnce } = options
  const answers: BoundedMemory<Remembered> = boundedMemory(options.entries)
  const underWay = new Map<string, Promise<JsonObject | Broken>>()
  const queued = new Map<string, Promise<JsonObject | Broken>>()

  const askOnce = async (name: string, token: string, now: Seconds): Promise<JsonObject | Broken> => {
    try {
      const told = await ask(token, now)
      if (!isBroken(told)) answers.set(name, { told: deepFreeze(told), askedAt: now, until: believedUntil(told, now, cacheSeconds) })
      return told
    } finally {
      underWay.delete(name)
    }
  }
  const start = (name: string, token: string, now: Seconds) => {
    const asking = askOnce(name, token, now)
    underWay.set(name, asking)
    return asking
  }
  /** The question under way may have been answered before a revocation that this caller must see: the next one is for it. */
  const askNext = (name: string, token: string, now: Seconds, before: Promise<unknown>) => {
    const next = before
      .catch(() => undefined)
      .then(() => {
        queued.delete(name)
        return underWay.get(name) ?? start(name, token, now)
      })
    queued.set(name, next)
    return next
  }

  return {
    async ask(token, { now, fresh }: LookupOrder) {
      const name = await sha256(token)
      const known = answers.get(name)
      // A clock that stepped back before the answer makes it as old as any.
      if (known && !fresh && now <= known.until && now >= known.askedAt) return known.told
      const asking = underWay.get(name)
      if (asking) return fresh ? (queued.get(name) ?? askNext(name, token, now, asking)) : asking
      if (underWay.size >= mostAtOnce) throw new IntrospectionUnavailable(`${mostAtOnce} questions are under way already`)
      return start(name, token, now)
    },
  }
}

/** Never beyond the token's end. An inactive one within this very second: it may be one that was issued a moment ago. */
function believedUntil(told: JsonObject, now: Seconds, cacheSeconds: number): Seconds {
  if (cacheSeconds === 0) return now - 1
  if (told['active'] !== true) return now
  const end = typeof told['exp'] === 'number' ? Math.ceil(told['exp']) - 1 : now
  return Math.min(now + cacheSeconds - 1, end)
}
