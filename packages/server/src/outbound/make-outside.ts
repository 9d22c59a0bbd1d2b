// What is fetched and what is kept of it, composed once for an issuer.
import type { Outbound } from './contract.ts'
import { type KeySets, makeKeySets } from './key-sets.ts'
import { makeOutbound, type OutboundParts, refusalEvent } from './make-outbound.ts'

export interface Outside {
  readonly outbound: Outbound
  readonly keySets: KeySets
}

export function makeOutside(parts: OutboundParts): Outside {
  const { clock, law, audit } = parts
  const outbound = makeOutbound(parts)
  return {
    outbound,
    keySets: makeKeySets({
      outbound,
      clock,
      law,
      refused: (broken, uri, exchange) => audit(refusalEvent(parts, new URL(uri), { purpose: 'client keys', exchange }, broken)),
    }),
  }
}
