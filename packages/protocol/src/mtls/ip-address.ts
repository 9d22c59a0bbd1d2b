// Addresses in their text forms (RFC 791, RFC 4291 §2.2, RFC 5952), read into octets: that is how they are compared.

const octet = /^(?:0|[1-9][0-9]{0,2})$/
const group = /^[0-9A-Fa-f]{1,4}$/

/** Four or sixteen octets in lower-case hex. `undefined`: not an address; no zone, no prefix, no other spelling of IPv4. */
export function parseIpAddress(text: string): string | undefined {
  return text.includes(':') ? readGroups(text) : readOctets(text)
}

function readOctets(text: string): string | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => octet.test(part) && Number(part) < 256)) return undefined
  return parts.map((part) => Number(part).toString(16).padStart(2, '0')).join('')
}

function readGroups(text: string): string | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, at) => readHalf(half, at === halves.length - 1)) as [string | undefined, string | undefined]
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const digits = head.length + (tail?.length ?? 0)
  // "::" stands for at least one group (RFC 5952 §4.2.2 is for writers; readers take one).
  if (halves.length === 1) return digits === 32 ? head : undefined
  return digits <= 28 ? head + '0'.repeat(32 - digits) + tail : undefined
}

function readHalf(half: string, isLast: boolean): string | undefined {
  if (half === '') return ''
  const parts = half.split(':')
  const read = parts.map((part, at) => {
    if (part.includes('.')) return isLast && at === parts.length - 1 ? readOctets(part) : undefined
    return group.test(part) ? part.toLowerCase().padStart(4, '0') : undefined
  })
  return read.includes(undefined) ? undefined : read.join('')
}
