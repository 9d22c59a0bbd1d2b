// TLS records and handshake messages out of the bytes that a server sent (RFC 5246 §6.2, §7.4; RFC 8446 §4, §5.1). Pure.
// What the messages say stands in `certificate-request.ts`; decryption in `traffic-keys.ts`.

export const recordTypes = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const
export const messageTypes = { serverHello: 2, certificate: 11, certificateRequest: 13, serverHelloDone: 14, finished: 20 } as const

export interface TlsRecord {
  readonly type: number
  /** As it was sent: also what an AEAD authenticates (RFC 8446 §5.2). */
  readonly header: Uint8Array
  readonly fragment: Uint8Array
}

export interface Records {
  readonly records: readonly TlsRecord[]
  /** `cut`: a record was begun and not ended. `not-tls`: what stands there is no record. */
  readonly end: 'whole' | 'cut' | 'not-tls'
}

const headerBytes = 5
/** RFC 5246 §6.2.3, the larger of the two versions. */
const mostFragmentBytes = 16_384 + 2048
/** More belong to no flight of a server, however small it makes them. */
const mostRecords = 4096

export function readRecords(bytes: Uint8Array): Records {
  const records: TlsRecord[] = []
  let at = 0
  while (at < bytes.length && records.length < mostRecords) {
    const header = bytes.subarray(at, at + headerBytes)
    const [type = 0, major = 3, , high = 0, low = 0] = header
    const length = high * 256 + low
    if (type < recordTypes.changeCipherSpec || type > 24 || major !== 3 || length > mostFragmentBytes) return { records, end: 'not-tls' }
    const next = at + headerBytes + length
    if (header.length < headerBytes || next > bytes.length) return { records, end: 'cut' }
    records.push({ type, header, fragment: bytes.subarray(at + headerBytes, next) })
    at = next
  }
  return { records, end: 'whole' }
}

export interface HandshakeMessage {
  readonly type: number
  readonly body: Uint8Array
}

/** A message may be spread over records, and a record may hold several. An unfinished one at the end is left out. */
export function readMessages(fragments: readonly Uint8Array[]): readonly HandshakeMessage[] {
  const bytes = Buffer.concat(fragments)
  const messages: HandshakeMessage[] = []
  let at = 0
  while (at + 4 <= bytes.length) {
    const length = bytes.readUIntBE(at + 1, 3)
    const next = at + 4 + length
    if (next > bytes.length) break
    messages.push({ type: bytes[at]!, body: bytes.subarray(at + 4, next) })
    at = next
  }
  return messages
}

/** Reads big-endian lengths and what they announce. `undefined`: there is less than announced. */
export interface Cursor {
  number(bytes: 1 | 2 | 3): number | undefined
  take(bytes: number): Uint8Array | undefined
  /** A vector with its length in front. */
  vector(lengthBytes: 1 | 2 | 3): Uint8Array | undefined
  readonly done: () => boolean
}

export function cursorOf(bytes: Uint8Array): Cursor {
  let at = 0
  const take = (count: number): Uint8Array | undefined => {
    if (at + count > bytes.length) return undefined
    at += count
    return bytes.subarray(at - count, at)
  }
  const number = (count: number): number | undefined => take(count)?.reduce((sum, byte) => sum * 256 + byte, 0)
  return {
    number,
    take,
    vector(lengthBytes) {
      const length = number(lengthBytes)
      return length === undefined ? undefined : take(length)
    },
    done: () => at === bytes.length,
  }
}

export interface ServerHello {
  readonly version: 'TLSv1.2' | 'TLSv1.3' | 'older'
  readonly cipherSuite: number
  /** RFC 8446 §4.1.4: not yet the hello itself. */
  readonly isRetryRequest: boolean
}

const retryRandom = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'
const supportedVersions = 43

/** RFC 8446 §4.1.3. `undefined`: it cannot be read. */
export function readServerHello(body: Uint8Array): ServerHello | undefined {
  const cursor = cursorOf(body)
  const legacy = cursor.number(2)
  const random = cursor.take(32)
  const session = cursor.vector(1)
  const cipherSuite = cursor.number(2)
  if (legacy === undefined || random === undefined || session === undefined || cipherSuite === undefined) return undefined
  if (cursor.number(1) === undefined) return undefined
  const extensions = cursor.done() ? new Uint8Array() : cursor.vector(2)
  const chosen = extensions && readExtensions(extensions)?.get(supportedVersions)
  const is13 = chosen?.length === 2 && chosen[0] === 3 && chosen[1] === 4
  const version = is13 ? 'TLSv1.3' : legacy === 0x0303 ? 'TLSv1.2' : 'older'
  return { version, cipherSuite, isRetryRequest: Buffer.from(random).toString('hex') === retryRandom }
}

/** `undefined`: lengths that do not fit. */
export function readExtensions(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  const found = new Map<number, Uint8Array>()
  const cursor = cursorOf(bytes)
  while (!cursor.done()) {
    const type = cursor.number(2)
    const value = cursor.vector(2)
    if (type === undefined || value === undefined) return undefined
    found.set(type, value)
  }
  return found
}
