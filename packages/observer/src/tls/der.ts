// DER as far as certificates need it (X.690): elements read with every length checked, and written.

export const derTags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** The elements inside one element of this tag, each whole. `undefined`: lengths or tag do not fit. */
export function childrenOf(der: Uint8Array, tag: number): Uint8Array[] | undefined {
  const outer = elementAt(der, 0)
  if (outer === undefined || der[0] !== tag || outer.end !== der.length) return undefined
  const children: Uint8Array[] = []
  for (let at = outer.start; at < der.length; ) {
    const child = elementAt(der, at)
    if (child === undefined) return undefined
    children.push(der.subarray(at, child.end))
    at = child.end
  }
  return children
}

function elementAt(der: Uint8Array, at: number): { readonly start: number; readonly end: number } | undefined {
  const first = der[at + 1]
  if (first === undefined) return undefined
  const more = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || more > 3) return undefined
  const length = more === 0 ? first : der.subarray(at + 2, at + 2 + more).reduce((sum, byte) => sum * 256 + byte, 0)
  const start = at + 2 + more
  return start + length > der.length ? undefined : { start, end: start + length }
}

/** Dotted. `undefined`: it is no OID. */
export function readOid(der: Uint8Array): string | undefined {
  const element = elementAt(der, 0)
  if (der[0] !== derTags.oid || element === undefined || element.end !== der.length || element.start === element.end) return undefined
  const arcs: number[] = []
  let arc = 0
  for (const byte of der.subarray(element.start)) {
    arc = arc * 128 + (byte & 127)
    if (byte < 128) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [first = 0, ...rest] = arcs
  const top = Math.min(Math.floor(first / 40), 2)
  return [top, first - top * 40, ...rest].join('.')
}

export function writeElement(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

export const writeSequence = (...parts: readonly Uint8Array[]): Uint8Array => writeElement(derTags.sequence, ...parts)

export function writeOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const arcs = [first * 40 + second, ...rest].flatMap((arc) => {
    const bytes = [arc & 127]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) bytes.unshift((left & 127) | 128)
    return bytes
  })
  return writeElement(derTags.oid, Buffer.from(arcs))
}
