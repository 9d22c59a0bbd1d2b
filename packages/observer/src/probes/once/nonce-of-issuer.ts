// N3, first part: a nonce that the issuer gave for its own endpoint.
import { claimSet } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const nonceOfIssuer = probeAt('api', {
  id: 'N3-issuer',
  topic: 'once',
  // RFC 9449 leaves to a server which nonces it takes: a house may well share them.
  attacks: [],
  level: 'SHOULD',
  cite: 'RFC9449§9',
  says: { ja: '発行側の出した nonce は API では通らない', en: 'a nonce of the issuer does not pass at the API' },
  proves: { ja: 'nonce は一つのサーバー限りのもの', en: 'nonces are made for one server' },
  doesNotProve: { ja: 'いつまで使えるか', en: 'how long they live' },
  depth: 'full',
  priority: 'P2',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  judgesNonceChallenge: true,
  edit: async (call, kit) => {
    if (!kit.nonceDemanded) return { notApplicable: 'no nonce is demanded here' }
    const nonce = await kit.issuerNonce?.()
    return nonce === undefined ? { notApplicable: 'the issuer gives no nonce of its own' } : claimSet('nonce', nonce)(call, kit)
  },
})
