// DER octet by octet, for certificates and answers about them that no library would make.

export function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : length < 65_536 ? [0x82, length >> 8, length & 255] : threeBytes(length)
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const threeBytes = (length: number): number[] => [0x83, length >> 16, (length >> 8) & 255, length & 255]

export const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts)
export const octets = (...parts: Uint8Array[]): Buffer => der(0x04, ...parts)
export const bits = (value: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), value)
export const yes = der(0x01, Buffer.from([255]))
export const integer = (bytes: Uint8Array): Buffer => der(0x02, (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const arcs = [first * 40 + second, ...rest].flatMap((arc) => {
    const bytes = [arc & 127]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) bytes.unshift((left & 127) | 128)
    return bytes
  })
  return der(0x06, Buffer.from(arcs))
}

const digits = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14)
/** RFC 5280 §4.1.2.5: UTCTime until 2049. */
export const time = (seconds: number): Buffer => {
  const text = digits(seconds)
  return text < '2050' ? der(0x17, Buffer.from(`${text.slice(2)}Z`)) : generalTime(seconds)
}
export const generalTime = (seconds: number): Buffer => der(0x18, Buffer.from(`${digits(seconds)}Z`))

/** RFC 5280 §4.2. */
export const extension = (type: string, value: Uint8Array, critical = false): Buffer =>
  sequence(oid(type), ...(critical ? [yes] : []), octets(value))
