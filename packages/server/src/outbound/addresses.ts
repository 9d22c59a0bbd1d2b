// Which addresses may be connected to: the public ones, or what the operator listed for an origin.
import { isIP } from 'node:net'
import { peerMatcher } from '@kimei/guard'
import ipaddr from 'ipaddr.js'
import type { OutboundConfig } from '../config/outbound-schema.ts'

export type Allowed = OutboundConfig['allow'][number]

/** The registries of RFC 6890: whatever has a special use is not public, tunnels and translations included. */
export function isPublic(address: string): boolean {
  const read = parse(address)
  if (read?.range() !== 'unicast') return false
  // RFC 4291 §2.4: of IPv6 only 2000::/3 is given out; what hides an IPv4 address behind zeros lies outside.
  return read.kind() === 'ipv4' || (read.toByteArray()[0] ?? 0) >> 5 === 1
}

/** What a listed origin may resolve to when it names no ranges: never where clouds keep their credentials. */
const inner = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat'])

export function isReachable(address: string, allowed: Allowed | undefined): boolean {
  if (allowed?.addresses) return parse(address) !== undefined && peerMatcher(allowed.addresses)(address)
  return isPublic(address) || (allowed !== undefined && inner.has(parse(address)?.range() ?? ''))
}

/** An address with a zone names an interface of this machine. */
function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return isIP(address) === 0 || address.includes('%') ? undefined : ipaddr.parse(address)
}
