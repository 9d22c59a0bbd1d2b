// Clients that come by a document of their own: fetched when their id shows up, kept within bounds, never on an error.
// Nothing is stored for a stranger; `keep` stores what a person agreed to.
import {
  atprotoDevelopmentClient,
  type Broken,
  boundedMemory,
  broke,
  type ClientDraft,
  type ClientRecord,
  changesOf,
  checkAtprotoClient,
  clientDocumentRules,
  clientIdUrlRules,
  isBroken,
  isClientIdUrl,
  judge,
  type Law,
  type MetadataSupport,
  profiles,
  readClientDocument,
  type Seconds,
} from '@kimei/protocol'
import { documentTerms } from '../config/records.ts'
import type { IssuerConfig } from '../config/schema.ts'
import type { Exchange } from '../context.ts'
import type { Fetched, Outbound } from './contract.ts'
import { freshSeconds } from './fresh-seconds.ts'
import { withSector } from './sectors.ts'

export interface ClientDocuments {
  /** Whether ids of this kind are served at all. */
  serves(clientId: string): boolean
  /** `stored`: what was kept of it before. Broken names the rule; it was audited where something was fetched. */
  find(clientId: string, stored: ClientRecord | undefined, exchange?: Exchange): Promise<ClientRecord | Broken>
}

export interface ClientDocumentParts {
  readonly config: IssuerConfig
  readonly support: MetadataSupport
  readonly outbound: Outbound
  readonly clock: () => Seconds
  readonly law: Law
  readonly refused: (broken: Broken, url: string, exchange: Exchange | undefined) => Promise<void>
  /** Stores anew a client that was stored before. */
  readonly keep: (record: ClientRecord, exchange: Exchange | undefined) => Promise<void>
}

/** RFC 9111 freshness is respected between these. */
const freshness = { least: 60, usual: 600, most: 86_400 }
const cooldownSeconds = 5
/** How long a stored client goes on while its document cannot be reached. */
const staleSeconds = 86_400
const mostDocuments = 2000
/** CIMD §8.7. */
const mostBytes = 5 * 1024
const accept = ['application/json']

interface Entry {
  record: ClientRecord | undefined
  fetchedAt: Seconds
  freshUntil: Seconds
  nextTryAt: Seconds
  underWay: Promise<ClientRecord | Broken> | undefined
}

export function makeClientDocuments(parts: ClientDocumentParts): ClientDocuments {
  const { config, clock } = parts
  const { enabled, allow } = config.clientIdMetadataDocuments
  const entries = boundedMemory<Entry>(mostDocuments)
  const refresh = (entry: Entry, clientId: string, stored: ClientRecord | undefined, exchange: Exchange | undefined) => {
    const run = async () => {
      const got = await fetchDocument(parts, clientId, stored ?? entry.record, exchange)
      if (isBroken(got)) {
        entry.nextTryAt = clock() + cooldownSeconds
        return withoutDocument(got, stored, clock())
      }
      const record = await settle(parts, got.draft, stored ?? entry.record, stored !== undefined, exchange)
      const now = clock()
      Object.assign(entry, { record, fetchedAt: now, freshUntil: now + freshSeconds(got.fetched.headers, freshness) })
      return record
    }
    entry.underWay ??= run().finally(() => {
      entry.underWay = undefined
    })
    return entry.underWay
  }
  return {
    serves: (clientId) => enabled && isClientIdUrl(clientId),
    async find(clientId, stored, exchange) {
      const inDevelopment = developmentClient(config, clientId, stored)
      if (inDevelopment) return inDevelopment
      const misnamed = judge(clientIdUrlRules, { clientId, allow }, parts.law)
      if (misnamed) return misnamed
      const entry = entries.get(clientId) ?? { record: undefined, fetchedAt: 0, freshUntil: 0, nextTryAt: 0, underWay: undefined }
      const now = clock()
      if (entry.record && now < entry.freshUntil && now >= entry.fetchedAt) return as(entry.record, stored)
      if (now < entry.nextTryAt && now >= entry.nextTryAt - cooldownSeconds)
        return withoutDocument(broke(clientDocumentRules, 'client-document.is-asked-for-rarely'), stored, now)
      entries.set(clientId, entry)
      return refresh(entry, clientId, stored, exchange)
    },
  }
}

/** The one kind of client under atproto that has no document: what it says of itself stands in its id. */
function developmentClient(config: IssuerConfig, clientId: string, stored: ClientRecord | undefined): ClientRecord | undefined {
  const draft = profiles[config.profile].atprotoClients ? atprotoDevelopmentClient(documentTerms(config, clientId)) : undefined
  return draft && as({ ...draft, secretHashes: [], document: { fetchedAt: 0, changedAt: 0, keysSince: 0 }, version: 1 }, stored)
}

/** The operator may have blocked it, and storage counts its versions. */
function as(record: ClientRecord, stored: ClientRecord | undefined): ClientRecord {
  return stored ? { ...record, disabled: stored.disabled, version: stored.version } : record
}

async function fetchDocument(
  { config, support, outbound, law, refused }: ClientDocumentParts,
  clientId: string,
  before: ClientRecord | undefined,
  exchange: Exchange | undefined,
) {
  const options = { purpose: 'client document', accept, mostBytes, seconds: 5, ...(exchange && { exchange }) }
  const fetched = await outbound.get(clientId, options)
  if (isBroken(fetched)) return fetched
  const plain = readClientDocument(fetched.text, documentTerms(config, clientId), support, law)
  const judged = isBroken(plain) || !profiles[config.profile].atprotoClients ? undefined : checkAtprotoClient(fetched.text, plain, law)
  const read = judged ?? plain
  const draft = isBroken(read) ? read : await withSector(read, { outbound, law, before, exchange })
  if (!isBroken(draft)) return { fetched, draft } satisfies { fetched: Fetched; draft: ClientDraft }
  await refused(draft, clientId, exchange)
  return draft
}

/** A client that people agreed to outlives an outage of its site, not its own word that it is gone. */
const outages: ReadonlySet<string> = new Set([
  'outbound.host-resolves',
  'outbound.connection-holds',
  'outbound.answers-in-time',
  'outbound.target-is-not-busy',
  'client-document.is-asked-for-rarely',
])

function withoutDocument(broken: Broken, stored: ClientRecord | undefined, now: Seconds): ClientRecord | Broken {
  const down = outages.has(broken.broken) || Number(broken.seen?.received) >= 500
  return stored?.document && down && now < stored.document.fetchedAt + staleSeconds ? stored : { ...broken, family: 'client' }
}

async function settle(
  { clock, keep }: ClientDocumentParts,
  draft: ClientDraft,
  before: ClientRecord | undefined,
  isStored: boolean,
  exchange: Exchange | undefined,
): Promise<ClientRecord> {
  const now = clock()
  const document = changesOf(draft, before, now)
  const record: ClientRecord = {
    ...draft,
    secretHashes: [],
    document,
    disabled: before?.disabled ?? false,
    version: (before?.version ?? 0) + 1,
  }
  if (!before || !isStored) return { ...record, version: before?.version ?? 1 }
  // What storage holds follows what matters: another client, or a look that is older than an hour.
  if (same(record, before) && now < (before.document?.fetchedAt ?? 0) + 3600) return { ...record, version: before.version }
  await keep(record, exchange)
  return record
}

function same(a: ClientRecord, b: ClientRecord): boolean {
  const bare = ({ document: _, version: __, ...rest }: ClientRecord) =>
    JSON.stringify(Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1)))
  return bare(a) === bare(b)
}
