// One-time codes by time (RFC 6238): SHA-1, six digits, thirty seconds, one step of tolerance each way. Who may try: the page.
import { createHmac } from 'node:crypto'
import { equal, type Seconds } from '@kimei/protocol'

export const stepSeconds = 30
const tolerance = [0, -1, 1] as const

/** RFC 4226 §5.3. */
export function totpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac[19] as number) & 0xf
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0')
}

/** The step whose code this is; `undefined`: of none near now. Every step is looked at, whichever matches. */
export function matchTotp(secret: Uint8Array, code: string, now: Seconds): number | undefined {
  const here = Math.floor(now / stepSeconds)
  const matching = tolerance.map((off) => here + off).filter((step) => step >= 0 && equal(totpCode(secret, step), code))
  return matching[0]
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 §6, without padding; checked by the configuration. */
export function fromBase32(text: string): Uint8Array {
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const character of text) {
    held = ((held << 5) | alphabet.indexOf(character)) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >> bits) & 0xff)
    }
  }
  return Uint8Array.from(bytes)
}
