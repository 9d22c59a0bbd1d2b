// User codes (RFC 8628 §6.1): eight letters that look and sound apart and spell no words, typed in any case and grouping.

const letters = 'BCDFGHJKLMNPQRSTVWXZ'
const length = 8
/** The largest multiple of 20 in a byte: bytes above it are thrown away, so that every letter is equally likely. */
const fair = 240

/** How many there are: 20 to the 8th, a little over 2^34. */
export const userCodeCount = letters.length ** length

/** A fresh one, without hyphen. */
export function makeUserCode(random: (bytes: number) => Uint8Array): string {
  let code = ''
  while (code.length < length) {
    for (const byte of random(length)) {
      if (byte < fair && code.length < length) code += letters[byte % letters.length]
    }
  }
  return code
}

/** As people see it: `WDJB-MJHT`. */
export function showUserCode(code: string): string {
  return `${code.slice(0, length / 2)}-${code.slice(length / 2)}`
}

/** What a person typed, without case, hyphens, spaces and full-width forms; `undefined` when it cannot be a user code. */
export function parseUserCode(typed: string): string | undefined {
  if (typed.length > 100) return undefined
  const code = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}\u30FC._]/gu, '')
  return code.length === length && [...code].every((letter) => letters.includes(letter)) ? code : undefined
}
