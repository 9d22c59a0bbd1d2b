// base64url without padding (RFC 7515 §2), one encoder and one strict decoder for every platform.
// No text decoding here.

/** Unpadded base64url. */
export function b64u(bytes: Uint8Array): string {
  throw new Error('pending')
}

/** `undefined` unless the text is the one canonical, unpadded spelling of some bytes. */
export function fromB64u(text: string): Uint8Array | undefined {
  throw new Error('pending')
}

/** base64url of fresh random bytes: ids, codes, tokens. */
export function randomId(bytes: Uint8Array): string {
  return b64u(bytes)
}

/** base64url of the UTF-8 bytes of a text. */
export function b64uText(text: string): string {
  throw new Error('pending')
}
