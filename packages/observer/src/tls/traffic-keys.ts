// Opens the encrypted part of a server's handshake (RFC 8446 §5.2, §7.3) with the secret that our own side of it wrote down.
// Only what was sent to this process can be opened with it.
import { createDecipheriv, createHmac } from 'node:crypto'
import type { TlsRecord } from './handshake-records.ts'

interface Suite {
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305'
  readonly hash: 'sha256' | 'sha384'
  readonly keyBytes: number
}

/** RFC 8446 §B.4, without CCM: no library offers it unasked. */
const suites: ReadonlyMap<number, Suite> = new Map([
  [0x1301, { cipher: 'aes-128-gcm', hash: 'sha256', keyBytes: 16 }],
  [0x1302, { cipher: 'aes-256-gcm', hash: 'sha384', keyBytes: 32 }],
  [0x1303, { cipher: 'chacha20-poly1305', hash: 'sha256', keyBytes: 32 }],
])

const ivBytes = 12
const tagBytes = 16

/** What was inside one encrypted record: its true type and its content. */
export interface Opened {
  readonly type: number
  readonly content: Uint8Array
}

/** Opens records in the order in which they came. `undefined`: a suite that nobody here knows. */
export function openerFor(cipherSuite: number, secret: Uint8Array): ((record: TlsRecord) => Opened | undefined) | undefined {
  const suite = suites.get(cipherSuite)
  if (suite === undefined) return undefined
  const key = expandLabel(suite, secret, 'key', suite.keyBytes)
  const iv = expandLabel(suite, secret, 'iv', ivBytes)
  let sequence = 0n
  return (record) => {
    const nonce = Buffer.from(iv)
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ sequence, 4)
    sequence += 1n
    return open(suite, key, nonce, record)
  }
}

function open(suite: Suite, key: Uint8Array, nonce: Uint8Array, { header, fragment }: TlsRecord): Opened | undefined {
  if (fragment.length < tagBytes + 1) return undefined
  try {
    const options = { authTagLength: tagBytes } as const
    const decipher =
      suite.cipher === 'chacha20-poly1305'
        ? createDecipheriv(suite.cipher, key, nonce, options)
        : createDecipheriv(suite.cipher, key, nonce, options)
    decipher.setAAD(header, { plaintextLength: fragment.length - tagBytes })
    decipher.setAuthTag(fragment.subarray(-tagBytes))
    return withoutPadding(Buffer.concat([decipher.update(fragment.subarray(0, -tagBytes)), decipher.final()]))
  } catch {
    return undefined
  }
}

/** RFC 8446 §5.4: the type is the last octet that is not zero. */
function withoutPadding(inner: Buffer): Opened | undefined {
  let end = inner.length - 1
  while (end >= 0 && inner[end] === 0) end -= 1
  return end < 0 ? undefined : { type: inner[end]!, content: inner.subarray(0, end) }
}

/** HKDF-Expand-Label with an empty context (RFC 8446 §7.1). One block of output is enough for every key here. */
function expandLabel({ hash }: Suite, secret: Uint8Array, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`)
  const told = Buffer.concat([Buffer.from([length >> 8, length & 255, name.length]), name, Buffer.from([0, 1])])
  return createHmac(hash, secret).update(told).digest().subarray(0, length)
}

/** The server's handshake secret among lines of a key log. */
export function handshakeSecretIn(keyLog: readonly string[]): Uint8Array | undefined {
  const line = keyLog.find((entry) => entry.startsWith('SERVER_HANDSHAKE_TRAFFIC_SECRET '))
  const hex = line?.trim().split(' ')[2]
  return hex === undefined || !/^(?:[0-9a-f]{2}){32,48}$/i.test(hex) ? undefined : Buffer.from(hex, 'hex')
}
