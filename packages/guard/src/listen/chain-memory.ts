// What a resumed TLS session does not bring along: it keeps the client's certificate, but not the further ones that came with it.
// A ticket and what is remembered for it end together: when the memory is full, new ticket keys make the old tickets worthless.

export interface ChainMemory {
  /** After a full handshake. `leaf` names the certificate. */
  keep(leaf: string, chain: readonly Uint8Array[]): void
  /** After a resumed one. */
  recall(leaf: string): readonly Uint8Array[]
}

const mostBytes = 8_388_608
const mostChains = 4096
const none: readonly Uint8Array[] = []

export function makeChainMemory(forgetTickets: () => void): ChainMemory {
  let current = new Map<string, readonly Uint8Array[]>()
  /** For handshakes that resumed a moment before the ticket keys changed. */
  let previous = new Map<string, readonly Uint8Array[]>()
  let bytes = 0
  const keep = (leaf: string, chain: readonly Uint8Array[]): void => {
    const before = current.get(leaf)
    if (before === undefined && chain.length === 0) return
    const size = sizeOf(chain) - (before ? sizeOf(before) : 0)
    if (bytes + size > mostBytes || (before === undefined && current.size >= mostChains)) {
      previous = current
      current = new Map()
      bytes = 0
      forgetTickets()
      if (chain.length > 0) keep(leaf, chain)
      return
    }
    bytes += size
    current.set(leaf, chain)
  }
  return {
    keep,
    recall(leaf) {
      const known = current.get(leaf)
      if (known) return known
      const old = previous.get(leaf)
      // Its connection got a new ticket: what it stands for is remembered along with it.
      if (old) keep(leaf, old)
      return old ?? none
    },
  }
}

function sizeOf(chain: readonly Uint8Array[]): number {
  return chain.reduce((sum, der) => sum + der.length, 0)
}
