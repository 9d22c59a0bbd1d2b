// Where one certificate ends (RFC 5280 §4.1): its outermost DER, as much of ASN.1 as it takes to see trailing bytes.

const sequence = 0x30
const bitString = 0x03

interface Element {
  readonly tag: number
  /** First octet of the value, and the one after its last. */
  readonly from: number
  readonly to: number
}

/** Definite lengths in their shortest form, as DER has them. `undefined`: not an element that ends within `end`. */
function readElement(bytes: Uint8Array, at: number, end: number): Element | undefined {
  if (at + 2 > end) return undefined
  const tag = bytes[at]!
  const first = bytes[at + 1]!
  if (first < 0x80) return within({ tag, from: at + 2, to: at + 2 + first }, end)
  const octets = first & 0x7f
  if (octets === 0 || octets > 3 || at + 2 + octets > end) return undefined
  let length = 0
  for (let each = 0; each < octets; each += 1) length = length * 256 + bytes[at + 2 + each]!
  if (length < 0x80 || length < 256 ** (octets - 1)) return undefined
  return within({ tag, from: at + 2 + octets, to: at + 2 + octets + length }, end)
}

const within = (element: Element, end: number): Element | undefined => (element.to <= end ? element : undefined)

/** The certificate that begins at `at`: a sequence of body, algorithm and signature. */
function endOfCertificate(bytes: Uint8Array, at: number): number | undefined {
  const whole = readElement(bytes, at, bytes.length)
  if (whole?.tag !== sequence) return undefined
  const body = readElement(bytes, whole.from, whole.to)
  const algorithm = body && readElement(bytes, body.to, whole.to)
  const signature = algorithm && readElement(bytes, algorithm.to, whole.to)
  if (body?.tag !== sequence || algorithm?.tag !== sequence || signature?.tag !== bitString) return undefined
  return signature.to === whole.to ? whole.to : undefined
}

/** One certificate, from the first octet to the last. What stands in it is not looked at. */
export function isOneCertificate(bytes: Uint8Array): boolean {
  return endOfCertificate(bytes, 0) === bytes.length
}

/** One certificate after the other, with nothing between them. `undefined`: something else is there. */
export function splitCertificates(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const found: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = endOfCertificate(bytes, at)
    if (end === undefined) return undefined
    found.push(bytes.slice(at, end))
    at = end
  }
  return found.length > 0 ? found : undefined
}
