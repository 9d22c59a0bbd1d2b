// The encodings in which terminators write a certificate: base64 (RFC 4648 §4), PEM (RFC 7468), percent-encoded PEM, hex. Each strict.
import type { Thumbprint } from '../../ids.ts'
import { b64u, fromB64u } from '../../jose/index.ts'

const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'

/** Padded, canonical, of the standard alphabet. `undefined`: it is not. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length === 0 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  return fromB64u(text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'))
}

export function toBase64(bytes: Uint8Array): string {
  const text = b64u(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/** One block after the other, in order. `separator`: what stands where a file has its line ends. */
export function readPemText(text: string, separator: '\n' | ' '): readonly Uint8Array[] | undefined {
  const lines = (separator === ' ' ? text.replace(/ (?!CERTIFICATE-----)/g, '\n') : text.replaceAll('\r\n', '\n')).split('\n')
  if (lines.at(-1) === '') lines.pop()
  const found: Uint8Array[] = []
  for (let at = 0; at < lines.length; ) {
    const last = lines.indexOf(end, at)
    if (lines[at] !== begin || last < 0) return undefined
    const bytes = fromBase64(lines.slice(at + 1, last).join(''))
    if (!bytes) return undefined
    found.push(bytes)
    at = last + 1
  }
  return found.length > 0 ? found : undefined
}

/** Percent-encoded PEM, whatever the writer left as it is. */
export function readEscapedPem(text: string): readonly Uint8Array[] | undefined {
  const plain = unescapePercent(text)
  return plain === undefined ? undefined : readPemText(plain, '\n')
}

export function unescapePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** SHA-256 in hex, as a thumbprint (RFC 8705 §3.1). */
export function readHexDigest(text: string): Thumbprint | undefined {
  if (!/^[0-9A-Fa-f]{64}$/.test(text)) return undefined
  return b64u(Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16)))
}
