// Whether two addresses are of one network, as far as addresses tell: equal, or the same /64 of IPv6.
import ipaddr from 'ipaddr.js'

/** `undefined`: one of them is not known. */
export function isSameNetwork(one: string | null | undefined, other: string | null | undefined): boolean | undefined {
  const a = read(one)
  const b = read(other)
  if (!a || !b) return undefined
  return a.kind() === b.kind() && a.match(b as ipaddr.IPv4 & ipaddr.IPv6, a.kind() === 'ipv6' ? 64 : 32)
}

function read(text: string | null | undefined): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return text && ipaddr.isValid(text) ? ipaddr.process(text) : undefined
}
