// One TLS connection whose server side is written down: bytes, key log, how it ended. Bounded in bytes and time, whatever is sent.
// What the bytes mean stands in `server-flight.ts`.
import { connect as connectTcp, isIP } from 'node:net'
import { Duplex } from 'node:stream'
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'

/** Certificate and key that a test client shows. PEM texts. */
export interface ClientIdentity {
  readonly cert: string
  readonly key: string
}

export interface TlsWish {
  readonly identity?: ClientIdentity | undefined
  /** Name in the handshake. `''` sends none. Default: the host of the URL. */
  readonly servername?: string
  readonly version?: 'TLSv1.2' | 'TLSv1.3'
  /** Of an earlier connection, perhaps to another name. */
  readonly session?: Buffer
}

/** The connection broke one of our bounds: nothing can be said about it. */
export class BoundBroken extends Error {
  override readonly name = 'BoundBroken'
}

export interface Watched {
  readonly socket: TLSSocket
  /** What the server sent until now, as far as it is kept. */
  readonly received: () => Uint8Array
  readonly keyLog: readonly string[]
  /** The handshake is done on our side. In TLS 1.3 that says nothing about a certificate that was missing. */
  readonly secured: () => boolean
  /** The last session the server gave. */
  readonly session: () => Buffer | undefined
}

export interface WatchBounds {
  /** Of the handshake; an endless one ends here. */
  readonly handshakeBytes: number
  /** Of the whole connection. */
  readonly allBytes: number
  readonly milliseconds: number
}

export const usualBounds: WatchBounds = { handshakeBytes: 262_144, allBytes: 2_097_152, milliseconds: 10_000 }

/** What the server's certificate is checked with: always, and beside the machine's own authorities those of the inventory. */
function serverTrust(authorities: readonly string[]): Pick<ConnectionOptions, 'ca'> {
  return authorities.length === 0 ? {} : { ca: [...rootCertificates, ...authorities] }
}

const contexts = new WeakMap<readonly string[], Map<string, SecureContext>>()

/** Made once for each list of authorities, identity and version: reading all authorities anew for each connection took a third of a run. */
function contextFor(authorities: readonly string[], { identity, version }: TlsWish): SecureContext {
  const own = contexts.get(authorities) ?? new Map<string, SecureContext>()
  contexts.set(authorities, own)
  const name = JSON.stringify([version, identity?.cert, identity?.key])
  const known = own.get(name)
  if (known) return known
  const made = createSecureContext({
    ...serverTrust(authorities),
    ...(identity && { cert: identity.cert, key: identity.key }),
    ...(version && { minVersion: version, maxVersion: version }),
  })
  own.set(name, made)
  return made
}

/** The name may be another than the host that is called: the certificate must be for one of the two. */
export function identityCheck(host: string): NonNullable<ConnectionOptions['checkServerIdentity']> {
  return (name, certificate) => checkServerIdentity(name, certificate) && checkServerIdentity(host, certificate)
}

export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

export function connectionOptions(url: URL, wish: TlsWish, authorities: readonly string[]): ConnectionOptions {
  const host = hostOf(url)
  const servername = wish.servername ?? (isIP(host) === 0 ? host : '')
  return {
    secureContext: contextFor(authorities, wish),
    host,
    port: Number(url.port || 443),
    servername,
    checkServerIdentity: identityCheck(host),
    ALPNProtocols: ['http/1.1'],
    // Of no effect beside a context; agents tell connections apart by them.
    ...(wish.identity && { cert: wish.identity.cert, key: wish.identity.key }),
    ...(wish.version && { minVersion: wish.version, maxVersion: wish.version }),
    ...(wish.session && { session: wish.session }),
  }
}

export function openWatched(url: URL, wish: TlsWish, authorities: readonly string[], bounds: WatchBounds = usualBounds): Watched {
  const chunks: Buffer[] = []
  let kept = 0
  let all = 0
  let secured = false
  let session: Buffer | undefined
  const keyLog: string[] = []
  const { host, port, ...options } = connectionOptions(url, wish, authorities)
  const wire = teed({ host: host!, port: port as number }, (chunk) => {
    all += chunk.length
    if (all > bounds.allBytes) return new BoundBroken(`the server sent more than ${bounds.allBytes} bytes`)
    if (kept + chunk.length <= bounds.handshakeBytes) {
      chunks.push(chunk)
      kept += chunk.length
    } else if (!secured) return new BoundBroken(`the server sent more than ${bounds.handshakeBytes} bytes before the handshake ended`)
    return undefined
  })
  const socket = connect({ ...options, socket: wire })
  socket.on('keylog', (line) => {
    if (keyLog.length < 20) keyLog.push(line.toString('latin1'))
  })
  socket.on('session', (given) => {
    session = given
  })
  socket.once('secureConnect', () => {
    secured = true
  })
  // A socket over a stream does not fail with it by itself.
  wire.once('error', (error) => socket.destroy(error))
  wire.once('close', () => socket.destroy())
  const late = setTimeout(() => socket.destroy(new BoundBroken('no answer in time')), bounds.milliseconds)
  socket.once('close', () => {
    clearTimeout(late)
    wire.destroy()
  })
  return { socket, keyLog, received: () => Buffer.concat(chunks), secured: () => secured, session: () => session }
}

/** A TCP connection as a stream that shows each chunk before it passes it on; an error from `see` ends it. */
function teed(to: { readonly host: string; readonly port: number }, see: (chunk: Buffer) => Error | undefined): Duplex {
  const tcp = connectTcp(to)
  const stream = new Duplex({
    read: () => void tcp.resume(),
    write: (chunk: Buffer, _encoding, done) => void tcp.write(chunk, done),
    final: (done) => void tcp.end(done),
    destroy(error, done) {
      tcp.destroy()
      done(error)
    },
  })
  tcp.on('data', (chunk: Buffer) => {
    const broken = see(chunk)
    if (broken) stream.destroy(broken)
    else if (!stream.push(chunk)) tcp.pause()
  })
  tcp.on('end', () => void stream.push(null))
  tcp.on('error', (error) => stream.destroy(error))
  return stream
}
