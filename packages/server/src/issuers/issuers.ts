// Many issuers in one process. Each is composed by issuer.ts when it is first asked for, and put aside when others need the room;
// nothing of one is known to another. Which one a request means is told in issuer-names.ts.
import { type AuditEvent, Fault, type Issuer, Misuse, type Seconds } from '@kimei/protocol'
import { type Awaitable, StorageUnavailable } from '@kimei/storage'
import type { IssuerConfig } from '../config/schema.ts'
import type { Connection } from '../context.ts'
import { type CreateIssuerOptions, createIssuer, type IssuerServer, requestIds, sweepAll } from '../issuer.ts'
import { namesOf, unroutable } from './issuer-names.ts'
import { Turns } from './turns.ts'

/** Where the configurations are. */
export interface IssuerSource {
  /** Changes whenever the configuration of this issuer does; `undefined`: there is no such issuer. Asked on every request. */
  stamp(issuer: Issuer): string | undefined
  /** Whose `mtls.url` this is; absent where no issuer has one. Asked on requests for names that no issuer has. */
  issuerAt?(mtlsUrl: string): Issuer | undefined
  /** Throws Misuse. Asked once for each stamp, and again after the issuer was put aside. */
  load(issuer: Issuer): Awaitable<IssuerConfig>
}

export interface CreateIssuersOptions extends Omit<CreateIssuerOptions, 'config' | 'lasting'> {
  readonly source: IssuerSource
  /** How many issuers are kept ready; beyond, the one that was asked least recently is put aside. Default 200. */
  readonly warm?: number
}

export interface IssuersServer {
  /** Answers one request; never rejects. 404 for hosts and paths of nobody, 503 for an issuer whose configuration is broken. */
  fetch(request: Request, connection?: Connection): Promise<Response>
  /** The issuer itself, ready; `undefined`: there is none of that name. Rejects with Misuse where its configuration is broken. */
  issuer(name: Issuer): Promise<IssuerServer | undefined>
  sweep(): Promise<number>
  /** How many are ready, and how many were loaded since the start. */
  counts(): { readonly warm: number; readonly loads: number }
}

const defaultWarm = 200
const loadsAtOnce = 8
const mostWaiting = 1000
/** A broken configuration is not read again before. */
const retrySeconds = 5
/** Memories against guessing outlast an issuer that was put aside by as long as they last themselves. */
const restSeconds = 60 * 60

interface Place {
  readonly stamp: string
  readonly lasting: object
  readonly server: Promise<IssuerServer>
}

export function createIssuers(options: CreateIssuersOptions): IssuersServer {
  const clock = options.clock ?? (() => Math.floor(Date.now() / 1000))
  const shelf = new WarmShelf(options, clock)
  const nextId = requestIds(options.random ?? ((bytes) => crypto.getRandomValues(new Uint8Array(bytes))))
  return {
    async fetch(request, connection) {
      const found = find(options.source, request.url)
      if (!found) return answer(404, 'invalid_request')
      let server: IssuerServer
      try {
        server = await shelf.get(found.name, found.stamp)
      } catch (error) {
        const requestId = nextId()
        shelf.tell(found.name, requestId, error)
        return answer(503, 'temporarily_unavailable', { 'retry-after': String(retrySeconds), 'x-request-id': requestId })
      }
      return server.fetch(request, connection)
    },
    async issuer(name) {
      const stamp = options.source.stamp(name)
      return stamp === undefined ? undefined : shelf.get(name, stamp)
    },
    async sweep() {
      await shelf.tellClients()
      return sweepAll(options.storage, clock())
    },
    counts: () => shelf.counts(),
  }
}

function find(source: IssuerSource, url: string): { readonly name: Issuer; readonly stamp: string } | undefined {
  for (const name of namesOf(url)) {
    const stamp = source.stamp(name)
    if (stamp !== undefined) return { name, stamp }
    const behind = source.issuerAt?.(name)
    const itsStamp = behind === undefined ? undefined : source.stamp(behind)
    if (behind !== undefined && itsStamp !== undefined) return { name: behind, stamp: itsStamp }
  }
  return undefined
}

/** Nothing of the reason: the request id leads the operator to it. */
function answer(status: number, error: string, extra: Readonly<Record<string, string>> = {}): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...extra }
  return new Response(JSON.stringify({ error }), { status, headers })
}

/** What keeps failing is told once; `told` is the audit trail's. */
class Failure {
  readonly stamp: string
  readonly until: Seconds
  readonly error: unknown
  told = false
  constructor(stamp: string, until: Seconds, error: unknown) {
    this.stamp = stamp
    this.until = until
    this.error = error
  }
}

class WarmShelf {
  private readonly options: CreateIssuersOptions
  private readonly clock: () => Seconds
  /** Least recently asked first. */
  private readonly places = new Map<Issuer, Place>()
  private readonly resting = new Map<Issuer, { readonly lasting: object; readonly since: Seconds }>()
  private readonly failures = new Map<Issuer, Failure>()
  private readonly turns = new Turns(loadsAtOnce, mostWaiting)
  private loads = 0

  constructor(options: CreateIssuersOptions, clock: () => Seconds) {
    this.options = options
    this.clock = clock
  }

  get(name: Issuer, stamp: string): Promise<IssuerServer> {
    const place = this.places.get(name)
    if (place && (place.stamp === stamp || this.failing(name, stamp))) {
      this.places.delete(name)
      this.places.set(name, place)
      return place.server
    }
    const failure = this.failing(name, stamp)
    if (failure) return Promise.reject(failure.error)
    return this.begin(name, stamp, place)
  }

  /** A failure of this very configuration, while it is not read again. */
  private failing(name: Issuer, stamp: string): Failure | undefined {
    const failure = this.failures.get(name)
    const now = this.clock()
    return failure?.stamp === stamp && now < failure.until && now >= failure.until - retrySeconds ? failure : undefined
  }

  /** One load at a time for an issuer: who comes meanwhile waits for the same one. */
  private begin(name: Issuer, stamp: string, before: Place | undefined): Promise<IssuerServer> {
    const lasting = before?.lasting ?? this.resting.get(name)?.lasting ?? {}
    const loading = this.turns.take(() => this.load(name, lasting))
    // A changed configuration that is broken does not take the running issuer away: its old one stays in force.
    const server: Promise<IssuerServer> = loading.catch((error) => {
      this.failures.set(name, new Failure(stamp, this.clock() + retrySeconds, error))
      // Unless a newer configuration took the place meanwhile.
      if (this.places.get(name)?.server === server) {
        this.places.delete(name)
        if (before) this.places.set(name, before)
      }
      if (!before) throw error
      this.tell(name, 'reload', error)
      return before.server
    })
    this.places.delete(name)
    this.places.set(name, { stamp, lasting, server })
    this.resting.delete(name)
    this.makeRoom()
    return server
  }

  private async load(name: Issuer, lasting: object): Promise<IssuerServer> {
    this.loads += 1
    const config = await this.options.source.load(name)
    if (config.issuer !== name) throw new Misuse([`the configuration of ${name} says that it is ${config.issuer}`])
    const lost = unroutable(name)
    if (lost !== undefined) throw new Misuse([lost])
    if (config.mtls && this.options.source.issuerAt?.(config.mtls.url) !== name)
      throw new Misuse([`mtls.url "${config.mtls.url}" does not lead to ${name}: the server of several issuers is not told of that host`])
    const server = await createIssuer({ ...this.options, config, lasting })
    const taken = server.segments.find((one) => name.split('/').slice(3).includes(one))
    if (taken !== undefined) throw new Misuse([`the path of ${name} contains "${taken}", which is an endpoint of every issuer`])
    this.failures.delete(name)
    return server
  }

  /** Notices of issuers that were put aside wait until somebody asks for them. */
  async tellClients(): Promise<void> {
    for (const { server } of [...this.places.values()]) {
      await server.then((ready) => ready.tellClients()).catch(() => 0)
    }
  }

  private makeRoom(): void {
    const now = this.clock()
    for (const [name, place] of this.places) {
      if (this.places.size <= (this.options.warm ?? defaultWarm)) break
      this.places.delete(name)
      // What it still has to tell its clients is not left until it is asked again.
      place.server.then((server) => server.tellClients()).catch(() => undefined)
      this.resting.set(name, { lasting: place.lasting, since: now })
    }
    for (const [name, { since }] of this.resting) {
      if (now - since <= restSeconds) break
      this.resting.delete(name)
    }
    for (const [name, { until }] of this.failures) if (until < now) this.failures.delete(name)
  }

  /** Once for each failure, to the sink: storage may be what failed. */
  tell(name: Issuer, requestId: string, error: unknown): void {
    const failure = this.failures.get(name)
    if (failure?.told) return
    if (failure) failure.told = true
    const known = error instanceof Misuse || error instanceof Fault || error instanceof StorageUnavailable
    const event: AuditEvent = {
      at: this.clock(),
      event: 'fault',
      issuer: name,
      requestId,
      name: error instanceof Error ? error.name : 'unknown',
      message: known ? (error as Error).message.slice(0, 2000) : '',
    }
    this.options.onAudit?.(event)
  }

  counts(): { readonly warm: number; readonly loads: number } {
    return { warm: this.places.size, loads: this.loads }
  }
}
