// base64url without padding (RFC 7515 §2): one encoder, one strict decoder, and strict UTF-8 beside them.
// The work is the platform's, chosen by the `#base64url` import condition; every platform reads and refuses the same texts.
import { base64UrlCodec } from '#base64url'

export interface Base64UrlCodec {
  encode(bytes: Uint8Array): string
  /** Of the UTF-8 bytes of a text. */
  encodeText(text: string): string
  /** `undefined` unless the text is the one canonical, unpadded spelling of some bytes. */
  decode(text: string): Uint8Array<ArrayBuffer> | undefined
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Unpadded base64url. */
export function b64u(bytes: Uint8Array): string {
  return base64UrlCodec.encode(bytes)
}

/** `undefined` unless the text is the one canonical, unpadded spelling of some bytes. */
export function fromB64u(text: string): Uint8Array<ArrayBuffer> | undefined {
  return base64UrlCodec.decode(text)
}

/** base64url of fresh random bytes: ids, codes, tokens. */
export function randomId(bytes: Uint8Array): string {
  return b64u(bytes)
}

/** base64url of the UTF-8 bytes of a text. */
export function b64uText(text: string): string {
  return base64UrlCodec.encodeText(text)
}

/** The text these bytes spell; `undefined` where they are no UTF-8. A byte order mark stays in, to be refused. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
