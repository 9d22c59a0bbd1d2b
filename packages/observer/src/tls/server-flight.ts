// The first flight of a server's handshake, as far as it tells whether a client certificate is asked for. Pure: bytes and key log in.
// Where the bytes come from stands in `watched-connection.ts`.
import { type CertificateRequest, readCertificateRequest } from './certificate-request.ts'
import {
  type HandshakeMessage,
  messageTypes,
  type Records,
  readMessages,
  readRecords,
  readServerHello,
  recordTypes,
  type ServerHello,
} from './handshake-records.ts'
import { handshakeSecretIn, openerFor } from './traffic-keys.ts'

export type Asked =
  | ({ readonly state: 'requested' } & CertificateRequest)
  /** The flight was read to its end, and nothing in it asks. */
  | { readonly state: 'not-requested' }
  | { readonly state: 'not-observable'; readonly reason: string }

export interface ServerFlight {
  readonly version: ServerHello['version'] | undefined
  readonly cipherSuite: number | undefined
  /** The server first wanted another key share. */
  readonly retried: boolean
  readonly asked: Asked
  /** TLS 1.2: the server began a second handshake on the connection, inside which it may ask (RFC 5246 §7.4.1.1). */
  readonly renegotiates: boolean
}

export function readServerFlight(bytes: Uint8Array, keyLog: readonly string[]): ServerFlight {
  const read = readRecords(bytes)
  const hellos = readMessages(clearFragments(read)).flatMap(({ type, body }) =>
    type === messageTypes.serverHello ? (readServerHello(body) ?? []) : [],
  )
  const hello = hellos.find(({ isRetryRequest }) => !isRetryRequest)
  const flight = (asked: Asked, renegotiates = false): ServerFlight => ({
    version: hello?.version,
    cipherSuite: hello?.cipherSuite,
    retried: hellos.some(({ isRetryRequest }) => isRetryRequest),
    asked,
    renegotiates,
  })
  if (hello === undefined) return flight(notObservable(withoutHello(bytes, read)))
  if (hello.version === 'TLSv1.3') return flight(askedInside(read, hello, keyLog))
  if (hello.version === 'TLSv1.2') return flight(askedInClear(read), renegotiates(read))
  return flight(notObservable('the server chose a version before TLS 1.2'))
}

function notObservable(reason: string): Asked {
  return { state: 'not-observable', reason }
}

function withoutHello(bytes: Uint8Array, { end, records }: Records): string {
  if (bytes.length === 0) return 'the server sent nothing'
  if (records.some(({ type }) => type === recordTypes.alert)) return 'the server refused the handshake'
  return end === 'not-tls' ? 'what the server sent is not TLS' : 'the server sent no hello that can be read'
}

/** Handshake records before the first one that is encrypted. */
function clearFragments({ records }: Records): Uint8Array[] {
  const encrypted = records.findIndex(({ type }) => type === recordTypes.applicationData)
  const clear = encrypted < 0 ? records : records.slice(0, encrypted)
  return clear.flatMap(({ type, fragment }) => (type === recordTypes.handshake ? [fragment] : []))
}

function askedInClear(read: Records): Asked {
  const changed = read.records.findIndex(({ type }) => type === recordTypes.changeCipherSpec)
  const clear = changed < 0 ? read.records : read.records.slice(0, changed)
  const messages = readMessages(clear.flatMap(({ type, fragment }) => (type === recordTypes.handshake ? [fragment] : [])))
  return judge('TLSv1.2', messages, messageTypes.serverHelloDone)
}

/** A handshake record after the server's Finished is a HelloRequest: record types stay in the clear in TLS 1.2. */
function renegotiates({ records }: Records): boolean {
  const changed = records.findIndex(({ type }) => type === recordTypes.changeCipherSpec)
  if (changed < 0) return false
  return records.slice(changed + 1).filter(({ type }) => type === recordTypes.handshake).length > 1
}

function askedInside({ records }: Records, { cipherSuite }: ServerHello, keyLog: readonly string[]): Asked {
  const secret = handshakeSecretIn(keyLog)
  if (secret === undefined) return notObservable('the handshake ended before its keys were agreed')
  const open = openerFor(cipherSuite, secret)
  if (open === undefined) return notObservable(`cipher suite 0x${cipherSuite.toString(16)} is unknown here`)
  const fragments: Uint8Array[] = []
  for (const record of records) {
    if (record.type !== recordTypes.applicationData) continue
    const opened = open(record)
    // What follows the server's Finished is under other keys.
    if (opened === undefined) break
    if (opened.type === recordTypes.handshake) fragments.push(opened.content)
  }
  return judge('TLSv1.3', readMessages(fragments), messageTypes.finished)
}

function judge(version: 'TLSv1.2' | 'TLSv1.3', messages: readonly HandshakeMessage[], last: number): Asked {
  const request = messages.find(({ type }) => type === messageTypes.certificateRequest)
  if (request) return { state: 'requested', ...readCertificateRequest(version, request.body) }
  if (!messages.some(({ type }) => type === last)) return notObservable("the server's flight ended early")
  // RFC 8446 §4.3.2: a server that resumes a session may not ask.
  return messages.some(({ type }) => type === messageTypes.certificate)
    ? { state: 'not-requested' }
    : notObservable('the server showed no certificate of its own: it resumed a session')
}
