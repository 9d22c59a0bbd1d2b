// What a client declares about its signed authorization requests must be possible.
import { isThumbprint, type PublicJwk } from '../ids.ts'
import type { RequestObjectAlg } from '../records.ts'
import { rulesFor } from '../rule.ts'
import { isFetchable } from './outside-rules.ts'

export interface RequestSigningFacts {
  readonly jwks: readonly PublicJwk[]
  readonly jwksUri?: string
  readonly requestObjectSigningAlg?: RequestObjectAlg
  readonly requireSignedRequestObject?: boolean
  readonly requestUris?: readonly string[]
}

export const requestSigningRules = rulesFor<RequestSigningFacts>()('client-metadata', {
  'client-metadata.signed-requests-have-keys': {
    cite: 'RFC9101§6.2',
    level: 'MUST',
    says: 'a client that signs its authorization requests has at least one public key, or says where its keys are published',
    rows: ['JAR-6.2-01'],
    unseen: 'judged when a client is declared, before the issuer serves anything',
    holds: (f) => (!f.requireSignedRequestObject && !f.requestObjectSigningAlg) || f.jwks.length > 0 || f.jwksUri !== undefined,
  },
  'client-metadata.request-uris-can-be-fetched': {
    cite: 'OIDC-Registration§2',
    level: 'MUST',
    says: 'each request_uri is https, without user information and at most 512 characters long; http on loopback alone; a fragment is a SHA-256',
    rows: ['JAR-5.2-01'],
    unseen: 'judged when a client is declared, before the issuer serves anything',
    holds: ({ requestUris = [] }) => requestUris.every(isRequestUri),
  },
})

function isRequestUri(uri: string): boolean {
  const [url = '', fragment, ...more] = uri.split('#')
  return uri.length <= 512 && isFetchable(url) && more.length === 0 && (fragment === undefined || isThumbprint(fragment))
}
