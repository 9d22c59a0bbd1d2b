// Key sets of clients, fetched from their jwks_uri and kept for a while: asked again on an unknown key, but rarely.
import { type Broken, boundedMemory, isBroken, type Law, type PublicJwk, readKeySet, type Seconds } from '@kimei/protocol'
import type { Exchange } from '../context.ts'
import type { Outbound } from './contract.ts'
import { freshSeconds } from './fresh-seconds.ts'

export interface KeyQuestion {
  /** Whose keys they are: two clients at one URL wait for each other's cooldown no more than they share keys. */
  readonly owner?: string
  /** Whether the key that is needed may be this one; without one that fits the set is fetched again. */
  readonly fits?: (jwk: PublicJwk) => boolean
  readonly exchange?: Exchange
}

export interface KeySets {
  /** Empty where none could be fetched; the reason was audited. */
  keysAt(uri: string, question: KeyQuestion): Promise<readonly PublicJwk[]>
}

export interface KeySetParts {
  readonly outbound: Outbound
  readonly clock: () => Seconds
  readonly law: Law
  /** Remembers why a document was refused. */
  readonly refused: (broken: Broken, uri: string, exchange: Exchange | undefined) => Promise<void>
}

/** RFC 9111 freshness is respected between these; without any word of it the default. */
const keep = { least: 60, usual: 300, most: 3600 }
/** How long after its freshness a set still serves while it cannot be fetched. */
const staleSeconds = 600
/** One fetch in so many seconds, whoever asks for keys that are not there. */
const cooldownSeconds = 30
const mostSets = 2000
const mostBytes = 65_536
const accept = ['application/jwk-set+json', 'application/json']

interface Entry {
  keys: readonly PublicJwk[]
  fetchedAt: Seconds
  freshUntil: Seconds
  nextTryAt: Seconds
  underWay: Promise<void> | undefined
}

export function makeKeySets({ outbound, clock, law, refused }: KeySetParts): KeySets {
  const sets = boundedMemory<Entry>(mostSets)
  const fetchInto = async (entry: Entry, uri: string, { exchange }: KeyQuestion) => {
    const fetched = await outbound.get(uri, { purpose: 'client keys', accept, mostBytes, seconds: 5, ...(exchange && { exchange }) })
    if (isBroken(fetched)) return
    const keys = readKeySet(fetched.text, law)
    if (isBroken(keys)) return refused(keys, uri, exchange)
    const now = clock()
    Object.assign(entry, { keys, fetchedAt: now, freshUntil: now + freshSeconds(fetched.headers, keep) })
  }
  /** At most once at a time, and not again before the cooldown is over. */
  const refresh = (entry: Entry, uri: string, question: KeyQuestion, now: Seconds): Promise<void> | undefined => {
    if (entry.underWay || (now < entry.nextTryAt && now >= entry.nextTryAt - cooldownSeconds)) return entry.underWay
    entry.nextTryAt = now + cooldownSeconds
    entry.underWay = fetchInto(entry, uri, question).finally(() => {
      entry.underWay = undefined
    })
    return entry.underWay
  }
  return {
    async keysAt(uri, question) {
      const name = `${question.owner ?? ''} ${uri}`
      const entry = sets.get(name) ?? emptyEntry()
      sets.set(name, entry)
      const now = clock()
      const fresh = now < entry.freshUntil && now >= entry.fetchedAt
      const known = question.fits === undefined || entry.keys.some(question.fits)
      if (!fresh || !known) await refresh(entry, uri, question, now)
      return now < entry.freshUntil + staleSeconds ? entry.keys : []
    },
  }
}

function emptyEntry(): Entry {
  return { keys: [], fetchedAt: 0, freshUntil: 0, nextTryAt: 0, underWay: undefined }
}
