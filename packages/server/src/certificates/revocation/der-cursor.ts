// Walks DER without building a tree of it: lists of revoked certificates have too many entries for one. Definite lengths, short tags, nothing else.

export interface Block {
  readonly tag: number
  /** Where its tag stands, where its content begins, and where both end. */
  readonly start: number
  readonly content: number
  readonly end: number
}

export const tags = { integer: 0x02, bits: 0x03, utcTime: 0x17, generalTime: 0x18, sequence: 0x30 } as const

/** @throws RangeError where nothing whole stands there. */
export function blockAt(bytes: Uint8Array, at: number, end: number): Block {
  const [tag = 0x1f, first = 0x80] = [bytes[at], bytes[at + 1]]
  const more = first < 0x80 ? 0 : first - 0x80
  if (at + 2 > end || (tag & 0x1f) === 0x1f || first === 0x80 || more > 4) throw new RangeError('no block')
  let length = first < 0x80 ? first : 0
  for (let one = 0; one < more; one += 1) length = length * 256 + (bytes[at + 2 + one] ?? 0)
  const content = at + 2 + more
  if (content + length > end) throw new RangeError('no whole block')
  return { tag, start: at, content, end: content + length }
}

/** The blocks inside one. */
export function* blocksIn(bytes: Uint8Array, { content, end }: Block): Generator<Block> {
  for (let at = content; at < end; ) {
    const block = blockAt(bytes, at, end)
    yield block
    at = block.end
  }
}

/** RFC 5280 §4.1.2.5: whole seconds, in UTC. */
export function timeOf(bytes: Uint8Array, { tag, content, end }: Block): Date {
  const text = Buffer.from(bytes.subarray(content, end)).toString('latin1')
  const parts = (tag === tags.utcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(text)
  if (!parts) throw new RangeError('no time')
  const [year = 0, month = 0, ...rest] = parts.slice(1).map(Number)
  const whole = tag === tags.utcTime ? year + (year < 50 ? 2000 : 1900) : year
  const [day, hour, minute, second] = rest
  return new Date(Date.UTC(whole, month - 1, day, hour, minute, second))
}
