// What a client declares about its signed authorization requests must be possible.
import type { PublicJwk } from '../ids.ts'
import type { RequestObjectAlg } from '../records.ts'
import { rulesFor } from '../rule.ts'

export interface RequestSigningFacts {
  readonly jwks: readonly PublicJwk[]
  readonly jwksUri?: string
  readonly requestObjectSigningAlg?: RequestObjectAlg
  readonly requireSignedRequestObject?: boolean
}

export const requestSigningRules = rulesFor<RequestSigningFacts>()('request', {
  'client-metadata.signed-requests-have-keys': {
    cite: 'RFC9101§6.2',
    level: 'MUST',
    says: 'a client that signs its authorization requests has at least one public key, or says where its keys are published',
    rows: ['JAR-6.2-01'],
    unseen: 'judged when a client is declared, before the issuer serves anything',
    holds: (f) => (!f.requireSignedRequestObject && !f.requestObjectSigningAlg) || f.jwks.length > 0 || f.jwksUri !== undefined,
  },
})
