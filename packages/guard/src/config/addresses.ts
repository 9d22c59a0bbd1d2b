// Peer addresses and CIDR ranges: who counts as one of our own proxies.
import { BlockList, isIP } from 'node:net'

/** `undefined` when the text is neither an address nor a range. */
function readRange(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', length, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined) return undefined
  const widest = version === 4 ? 32 : 128
  if (length === undefined) return { address, prefix: widest, family: version === 4 ? 'ipv4' : 'ipv6' }
  if (!/^\d{1,3}$/.test(length) || Number(length) > widest) return undefined
  return { address, prefix: Number(length), family: version === 4 ? 'ipv4' : 'ipv6' }
}

export function isPeerRange(text: string): boolean {
  return readRange(text) !== undefined
}

/** Answers whether an address is in one of the ranges. IPv4 addresses mapped into IPv6 count as IPv4. */
export function peerMatcher(ranges: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList()
  for (const text of ranges) {
    const range = readRange(text)
    if (range) list.addSubnet(range.address, range.prefix, range.family)
  }
  return (address) => {
    if (!address) return false
    const plain = address.split('%')[0]!
    const version = isIP(plain)
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6')
  }
}
