// Composes one issuer from its configuration and its storage: declares, loads the keys, mounts the routes.
import { randomFillSync } from 'node:crypto'
import { makeCertificateSource } from '@kimei/guard'
import { type AuditEvent, type ClientRecord, type Law, profiles, type Seconds, type WriteName, wholeLaw } from '@kimei/protocol'
import type { Storage } from '@kimei/storage'
import { makeAuditTrail } from './audit/audit-trail.ts'
import { type DeclareParts, declareAll } from './config/declare.ts'
import { compileDetailTypes } from './config/detail-types.ts'

import type { ClientDeclaration } from './config/records.ts'
import type { IssuerConfig } from './config/schema.ts'
import type { Connection, Exchange, ServerContext } from './context.ts'
import { type Directory, makeDirectory } from './directory.ts'
import { isMtlsHost, urlsOf } from './endpoint-urls.ts'
import { makeConnectionReader } from './http/client-address.ts'
import { sealClientSecrets } from './keys/client-secrets.ts'
import { type KeyRing, openKeyRing } from './keys/key-ring.ts'
import { type Rotation, rotateKeys, type ShelfParts } from './keys/key-shelf.ts'
import { makeSeals } from './keys/seals.ts'
import type { LookUp } from './outbound/contract.ts'
import { makeOutbound } from './outbound/make-outbound.ts'
import { makeOutside } from './outbound/make-outside.ts'
import { withSector } from './outbound/sectors.ts'
import { makeApp, segmentsOf } from './routes.ts'
import { deliverNotices, tendNotices } from './steps/logout-notices.ts'
import { textsOf } from './texts.ts'

export interface CreateIssuerOptions {
  readonly config: IssuerConfig
  readonly storage: Storage
  /** Integer seconds; the machine's clock when absent. */
  readonly clock?: () => Seconds
  readonly random?: (bytes: number) => Uint8Array
  /** Only the lab passes another than the whole law. */
  readonly law?: Law
  /** Addresses of a name that something is fetched from; the machine's resolver when absent. */
  readonly lookUp?: LookUp
  /** See `ServerContext.lasting`. Made here when absent. */
  readonly lasting?: object
  /** Told every audit event after it was remembered; the JSON-lines sink of `kimei serve` hangs here. */
  readonly onAudit?: (event: AuditEvent) => void
}

export interface IssuerServer {
  readonly context: ServerContext
  /** First segments of its paths, behind its own: no issuer may have one of them in its path. */
  readonly segments: readonly string[]
  /** Answers one request; never rejects. */
  fetch(request: Request, connection?: Connection): Promise<Response>
  /** Published keys sign from now on; see `rotateIssuerKeys`. */
  rotateKeys(options?: { readonly force?: boolean }): Promise<readonly Rotation[]>
  /** Tells clients of ended sign-ins, where it is time; answers how many took it. `sweep` does it, too. */
  tellClients(): Promise<number>
  /** Deletes what has expired; answers how many rows went. */
  sweep(): Promise<number>
}

/** Syncs the declared clients, APIs, scopes and users into storage, makes keys at first start. Throws Misuse. */
export async function createIssuer(options: CreateIssuerOptions): Promise<IssuerServer> {
  const { config, storage } = options
  const clock = options.clock ?? (() => Math.floor(Date.now() / 1000))
  const random = options.random ?? pooledRandom()
  const outbound = makeDeclaring({ ...options, clock })
  const law = options.law ?? wholeLaw
  const seals = makeSeals(config.serverKeys, random)
  const withDeclaredSector = (client: ClientDeclaration, before: ClientRecord | undefined) => withSector(client, { outbound, law, before })
  const seal = { serverKeys: config.serverKeys, random }
  const sealSecrets: DeclareParts['sealSecrets'] = (...secrets) => sealClientSecrets(seal, ...secrets)
  await declareAll({ config, storage, now: clock(), random, seals, withSector: withDeclaredSector, sealSecrets })
  const shelf = shelfOf({ config, storage, clock, random, onAudit: options.onAudit })
  const keys = await openKeyRing(shelf)
  const context = makeContext({ ...options, clock, random, keys })
  const app = makeApp(context)
  const readConnection = makeConnectionReader(config)
  const nextId = requestIds(random)
  return {
    context,
    segments: segmentsOf(context),
    async fetch(request, connection = plainConnection) {
      const now = clock()
      keys.tend(now)
      tendNotices(context, now)
      const exchange = openExchange(context, request, readConnection(request, connection), { requestId: nextId(), now })
      return app.fetch(request, { exchange })
    },
    async rotateKeys(how) {
      await keys.complete
      const rotations = await rotateKeys(shelf, { now: clock(), requestId: nextId(), ...how })
      await keys.reload()
      return rotations
    },
    tellClients: () => deliverNotices(context),
    async sweep() {
      await deliverNotices(context)
      return sweepAll(storage, clock())
    },
  }
}

/** `kimei keys rotate`: on the storage alone, without a running issuer. Running ones see it within seconds. */
export async function rotateIssuerKeys(
  options: Pick<CreateIssuerOptions, 'config' | 'storage' | 'clock' | 'random'>,
  how: { readonly force?: boolean } = {},
): Promise<readonly Rotation[]> {
  const clock = options.clock ?? (() => Math.floor(Date.now() / 1000))
  const random = options.random ?? pooledRandom()
  const shelf = shelfOf({ config: options.config, storage: options.storage, clock, random, onAudit: undefined })
  return rotateKeys(shelf, { now: clock(), requestId: requestIds(random)(), ...how })
}

const sweepBatch = 1000

/** In batches, so that requests come in between; no longer than what had expired when it began. */
export async function sweepAll(storage: Storage, now: Seconds): Promise<number> {
  let all = 0
  for (;;) {
    const gone = await storage.sweep(now, sweepBatch)
    all += gone
    if (gone === 0) return all
  }
}

const plainConnection: Connection = { encrypted: false }
/** What verifiers may be off by. */
const leewaySeconds = 300

function shelfOf({
  config,
  storage,
  clock,
  random,
  onAudit,
}: Omit<ShelfParts, 'issuer' | 'serverKeys' | 'encryption' | 'publishSeconds' | 'outliveSeconds'> & { config: IssuerConfig }): ShelfParts {
  const longest = Math.max(
    config.lifetimes.idTokenSeconds,
    config.lifetimes.accessTokenSeconds,
    ...config.apis.map((api) => api.accessTokenLifetimeSeconds ?? 0),
  )
  return {
    issuer: config.issuer,
    storage,
    clock,
    random,
    onAudit,
    serverKeys: config.serverKeys,
    encryption: config.requestObjectEncryption,
    publishSeconds: config.keys.publishSeconds,
    outliveSeconds: longest + leewaySeconds,
  }
}

/** What is fetched before the issuer stands. */
function makeDeclaring({
  config,
  storage,
  clock,
  law = wholeLaw,
  lookUp,
  onAudit,
}: CreateIssuerOptions & { readonly clock: () => Seconds }) {
  const audit = makeAuditTrail({ issuer: config.issuer, storage, onAudit })
  return makeOutbound({ issuer: config.issuer, config: config.outbound, clock, law, lookUp, audit: (event) => audit.append(event) })
}

type Parts = CreateIssuerOptions & { readonly clock: () => Seconds; readonly random: (bytes: number) => Uint8Array; readonly keys: KeyRing }

/** Writes after which cached clients, APIs or scopes are old. */
const declares: ReadonlySet<WriteName> = new Set<WriteName>(['put-client', 'delete-client', 'put-resource', 'put-scope'])

function makeContext({ config, storage, clock, random, law = wholeLaw, onAudit, keys, lookUp, lasting = {} }: Parts): ServerContext {
  const { issuer } = config
  const audit = makeAuditTrail({ issuer, storage, onAudit })
  const { levels, unmetAcrValues } = config.authentication
  const { types: details } = compileDetailTypes(config.authorizationDetailsTypes)
  const more = { details, levels, acrValuesAreDemands: unmetAcrValues === 'refuse' }
  const outside = makeOutside({
    config,
    clock,
    law,
    lookUp,
    audit: (event) => audit.append(event),
    random,
    unchecked: ({ exchange, ...about }, silence) =>
      audit.append(audit.event(exchange, 'certificate_unchecked', { ...about, received: silence })),
    keepClient: async (record, events) => {
      const answer = await storage.commit({ issuer, writes: [{ write: 'put-client', record }], audit: events, now: clock() })
      // Another process was quicker: it saw the same document.
      if (answer.done !== 'committed') return
      directory.forget()
      audit.emitted(events)
    },
  })
  const directory: Directory = makeDirectory({ issuer, storage, clock, documents: outside.clientDocuments, more })
  return {
    config,
    issuer,
    storage,
    clock,
    random,
    law,
    keys,
    lasting,
    get secrets() {
      return keys.secrets
    },
    seals: makeSeals(config.serverKeys, random),
    directory,
    audit,
    ...outside,
    urls: urlsOf(issuer, config.mtls?.url),
    profile: profiles[config.profile],
    certificates: config.mtls && makeCertificateSource(config.mtls.certificates, law),
    texts: textsOf(config),
    proofWindow: { pastSeconds: config.dpop.proofPastSeconds, futureSeconds: config.dpop.proofFutureSeconds },
    async commit({ now }, writes, events) {
      const answer = await storage.commit({ issuer, writes, audit: events, now })
      if (answer.done !== 'committed') return answer
      if (writes.some((write) => declares.has(write.write))) directory.forget()
      audit.emitted(events)
      return answer
    },
    fault(exchange, error) {
      const { name, message } = error instanceof Error ? error : { name: 'unknown', message: '' }
      audit.emitted([audit.event(exchange, 'fault', { route: exchange.path, name, message })])
    },
  }
}

type Opening = Pick<Exchange, 'requestId' | 'now'>

function openExchange({ urls: { mtls } }: ServerContext, request: Request, connection: Connection, opening: Opening): Exchange {
  const { url } = request
  const host = url.indexOf('//') + 2
  const start = url.indexOf('/', host)
  const hash = url.indexOf('#', start)
  const target = hash < 0 ? url.slice(start) : url.slice(start, hash)
  const mark = target.indexOf('?')
  return {
    request,
    connection,
    ...opening,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    // Whoever came through the door for certificates is there, whatever its Host says: no page is shown to it.
    origin: mtls && (connection.door === 'mtls' || isMtlsHost(mtls, url.slice(host, start))) ? 'mtls' : 'issuer',
  }
}

/** Random once, counted after: unique, and no randomness is asked for on every request. */
export function requestIds(random: (bytes: number) => Uint8Array): () => string {
  const start = Buffer.from(random(9)).toString('base64url')
  let count = 0
  return () => `${start}-${(count++).toString(36)}`
}

/** Asking the kernel costs more than the bytes do: they are taken from a pool, each given out once. */
function pooledRandom(): (bytes: number) => Uint8Array {
  const pool = Buffer.alloc(4096)
  let used = pool.length
  return (bytes) => {
    if (bytes > 1024) return randomFillSync(new Uint8Array(bytes))
    if (used + bytes > pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const taken = Uint8Array.from(pool.subarray(used, used + bytes))
    pool.fill(0, used, used + bytes)
    used += bytes
    return taken
  }
}
