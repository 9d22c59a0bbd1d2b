// Composes the demo in one process: an issuer, a guarded API and an app on three loopback ports, issuer and API once more on a
// fourth for clients with certificates; one database in one folder.
// What they declare stands in demo-config.ts; what a terminal shows of it in commands/dev.ts.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createGuard, type GuardConfigInput } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'
import type { AuditEvent, Seconds } from '@kimei/protocol'
import { createIssuer, hashPassword, type IssuerServer, nodeListener, parseIssuerConfig } from '@kimei/server'
import type { Storage } from '@kimei/storage'
import { openSqlite } from '@kimei/storage/sqlite'
import { type ControlSocket, openControl } from '../control/control-socket.ts'
import { answerControl, theOne } from '../control/key-control.ts'
import { demoApi } from './demo-api.ts'
import type { CertificatePair } from './demo-authority.ts'
import { type DemoCertificates, loadDemoCertificates } from './demo-certificates.ts'
import { certifiedGuardConfig, demoGuardConfig, demoIssuerConfig, isApiPath } from './demo-config.ts'
import { type DemoFolder, type DemoSecrets, loadDemoSecrets, openDemoFolder } from './demo-folder.ts'
import { certifiedResourceOf, type DemoPlaces, type DemoPorts, placesOf, resourceOf } from './demo-names.ts'
import { type LoopbackDoor, openLoopbackDoor } from './loopback-door.ts'
import { type NoteShelf, openNoteShelf } from './note-shelf.ts'

export interface DemoOptions {
  readonly folder: string
  readonly host: 'localhost' | '127.0.0.1'
  /** 0 takes any free port. */
  readonly ports: DemoPorts
  /** Told every audit event of issuer and guard. */
  readonly onAudit?: (event: AuditEvent) => void
}

export interface Demo {
  readonly places: DemoPlaces
  readonly folder: DemoFolder
  readonly secrets: DemoSecrets
  readonly certificates: DemoCertificates
  /** The API's identifier: `aud` of its tickets. */
  readonly resource: string
  /** The same where tickets are bound to certificates. */
  readonly certifiedResource: string
  close(): Promise<void>
}

const clock = (): Seconds => Math.floor(Date.now() / 1000)
const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes))
const sweepEveryMs = 60_000

/** @throws Misuse for an unsafe folder or one that another process uses; Trouble where a port is taken. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const folder = openDemoFolder(options.folder)
  const storage = openSqlite({ file: folder.file('kimei.sqlite') })
  const opened: { close(): unknown }[] = [storage]
  // Last opened, first closed; the database goes when nobody can ask it any more.
  const closeAll = async (): Promise<void> => {
    for (const one of opened.splice(0).reverse()) await one.close()
  }
  try {
    const certificates = await loadDemoCertificates(folder, clock())
    const doors = await openDoors(options, certificates, opened)
    const places = placesOf(options.host, portsOf(doors))
    const secrets = await loadDemoSecrets(folder, (password) => hashPassword(password))
    const issuer = await startIssuer({ places, secrets, certificates, storage, options })
    const notes = openNoteShelf(folder.file('notes.sqlite'))
    opened.splice(1, 0, notes)
    doors.issuer.open(nodeListener(issuer))
    const apis = guardedApis({ places, storage, issuer, notes, options })
    doors.api.open(apis.byKey)
    doors.mtls.open(certifiedPlace(nodeListener(issuer, 'mtls'), apis.byCertificate))
    doors.app.open(demoApp(places))
    const control = await openControl(folder.file('control'), answerControl(theOne(issuer)))
    opened.push(...tending(issuer, control))
    const identifiers = { resource: resourceOf(places), certifiedResource: certifiedResourceOf(places) }
    return { places, folder, secrets, certificates, ...identifiers, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

type Doors = Readonly<Record<keyof DemoPorts, LoopbackDoor>>

async function openDoors({ host, ports }: DemoOptions, { listener }: DemoCertificates, opened: { close(): unknown }[]): Promise<Doors> {
  const open = async (port: number, tls?: CertificatePair): Promise<LoopbackDoor> => {
    const door = await openLoopbackDoor({ host, port, ...(tls && { tls }) })
    opened.push(door)
    return door
  }
  return {
    issuer: await open(ports.issuer),
    api: await open(ports.api),
    app: await open(ports.app),
    mtls: await open(ports.mtls, listener),
  }
}

function portsOf(doors: Doors): DemoPorts {
  return { issuer: doors.issuer.port, api: doors.api.port, app: doors.app.port, mtls: doors.mtls.port }
}

/** One origin for those who have a certificate: the API's paths are the API's, all others the issuer's. */
function certifiedPlace(issuer: RequestListener, api: RequestListener): RequestListener {
  return (request, response) => (isApiPath((request.url ?? '').split('?')[0] ?? '') ? api : issuer)(request, response)
}

interface Parts {
  readonly places: DemoPlaces
  readonly storage: Storage
  readonly options: DemoOptions
}

type IssuerParts = Parts & { readonly secrets: DemoSecrets; readonly certificates: DemoCertificates }

function startIssuer({ places, secrets, certificates, storage, options }: IssuerParts): Promise<IssuerServer> {
  const config = parseIssuerConfig(demoIssuerConfig(places, { ...secrets, authority: certificates.clientAuthority.cert }))
  return createIssuer({ config, storage, clock, random, ...(options.onAudit && { onAudit: options.onAudit }) })
}

/** The API asks the issuer for its keys over HTTP, as any API would. */
function guardedApis({ places, storage, issuer, notes, options }: Parts & { issuer: IssuerServer; notes: NoteShelf }): {
  readonly byKey: RequestListener
  readonly byCertificate: RequestListener
} {
  const audit = async (event: AuditEvent): Promise<void> => {
    await storage.appendAudit([event])
    options.onAudit?.(event)
  }
  const users = async (): Promise<string[]> => issuer.context.config.users.map((user) => user.username)
  const api = demoApi({ notes, users })
  const guarded = (config: GuardConfigInput): RequestListener =>
    guardNode(createGuard(config, { replay: storage.replay, clock, random, audit }), api)
  return { byKey: guarded(demoGuardConfig(places)), byCertificate: guarded(certifiedGuardConfig(places)) }
}

/** Built when somebody first looks at it: the bundler is slow to load. */
function demoApp(places: DemoPlaces): RequestListener {
  const build = async () => {
    const { buildDemoApp } = await import('../demo-app/build-demo-app.ts')
    return buildDemoApp({ issuer: places.issuer, api: resourceOf(places), clientId: 'demo-app' })
  }
  return (request, response) => {
    build()
      .then(({ files, headers }) => sendFile(request, response, files.get((request.url ?? '').split('?')[0] ?? ''), headers))
      .catch((error: Error) => {
        response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(`The demo app was not built: ${error.message}\n`)
      })
  }
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: { readonly type: string; readonly body: string } | undefined,
  headers: Readonly<Record<string, string>>,
): void {
  const reads = request.method === 'GET' || request.method === 'HEAD'
  const status = !reads ? 405 : file ? 200 : 404
  const body = status === 200 && file ? file.body : status === 405 ? 'GET only.\n' : 'There is no such page.\n'
  response.writeHead(status, {
    ...headers,
    'content-type': status === 200 && file ? file.type : 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** What goes on beside the requests: deleting what has expired, and the control socket. */
function tending(issuer: IssuerServer, control: ControlSocket | undefined): { close(): unknown }[] {
  // What could not be swept is swept next time; a full disk shows itself in the requests.
  const timer = setInterval(() => void issuer.sweep().catch(() => undefined), sweepEveryMs).unref()
  return [{ close: () => clearInterval(timer) }, ...(control ? [control] : [])]
}
