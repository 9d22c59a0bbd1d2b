// base64url in plain JavaScript, for platforms without `Buffer`: one encoder and one strict decoder.
// What it promises stands in base64url.ts.
import type { Base64UrlCodec } from './base64url.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const value = new Uint8Array(128).fill(255)
for (let i = 0; i < 64; i++) value[alphabet.charCodeAt(i)] = i

const utf8 = new TextEncoder()

function encode(bytes: Uint8Array): string {
  let text = ''
  let i = 0
  for (; i + 2 < bytes.length; i += 3) {
    const three = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!
    text += alphabet[three >> 18]! + alphabet[(three >> 12) & 63]! + alphabet[(three >> 6) & 63]! + alphabet[three & 63]!
  }
  const left = bytes.length - i
  if (left === 1) text += alphabet[bytes[i]! >> 2]! + alphabet[(bytes[i]! & 3) << 4]!
  if (left === 2) {
    const two = (bytes[i]! << 8) | bytes[i + 1]!
    text += alphabet[two >> 10]! + alphabet[(two >> 4) & 63]! + alphabet[(two & 15) << 2]!
  }
  return text
}

function decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  const length = text.length
  const left = length & 3
  if (left === 1) return undefined
  const bytes = new Uint8Array((length * 3) >> 2)
  const whole = length - left
  let at = 0
  // Every value is below 64 unless a character was none of ours: one test at the end of each group finds it.
  for (let i = 0; i < whole; i += 4) {
    const a = sextet(text, i)
    const b = sextet(text, i + 1)
    const c = sextet(text, i + 2)
    const d = sextet(text, i + 3)
    if ((a | b | c | d) > 63) return undefined
    bytes[at++] = (a << 2) | (b >> 4)
    bytes[at++] = (b << 4) | (c >> 2)
    bytes[at++] = (c << 6) | d
  }
  if (left === 0) return bytes
  const a = sextet(text, whole)
  const b = sextet(text, whole + 1)
  const c = left === 3 ? sextet(text, whole + 2) : 0
  if ((a | b | c) > 63) return undefined
  // The bits that no byte needs must be zero, else several texts would spell the same bytes.
  if ((left === 2 ? b & 15 : c & 3) !== 0) return undefined
  bytes[at++] = (a << 2) | (b >> 4)
  if (left === 3) bytes[at] = (b << 4) | (c >> 2)
  return bytes
}

function sextet(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code < 128 ? value[code]! : 255
}

export const base64UrlCodec: Base64UrlCodec = { encode, decode, encodeText: (text) => encode(utf8.encode(text)) }
