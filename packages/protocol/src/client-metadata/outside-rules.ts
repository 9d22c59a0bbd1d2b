// What a client may leave at URLs of its own instead of saying it here. Judged when it is declared; fetched later, through the guarded fetcher.
import type { PublicJwk } from '../ids.ts'
import type { ClientOutside } from '../records.ts'
import { rulesFor } from '../rule.ts'
import { readLoopback } from './redirect-uri.ts'
import { ownSector } from './sector.ts'

export interface OutsideFacts extends ClientOutside {
  readonly jwks: readonly PublicJwk[]
  readonly redirectUris: readonly string[]
}

const declared = 'judged when a client is declared, before the issuer serves anything'
const head = { level: 'MUST', unseen: declared } as const

/** Plain http names a server of this machine: the operator lists it, or it is not fetched. */
export function isFetchable(uri: string): boolean {
  if (!/^https?:\/\/[\x21\x23-\x5B\x5D-\x7E]+$/.test(uri) || !URL.canParse(uri) || uri.includes('#')) return false
  const { protocol, username, password } = new URL(uri)
  return username === '' && password === '' && (protocol === 'https:' || readLoopback(uri) !== undefined)
}

export const outsideRules = rulesFor<OutsideFacts>()('request', {
  'client-metadata.keys-come-one-way': {
    ...head,
    cite: 'RFC7591§2',
    says: 'a client has its keys in jwks or at jwks_uri, not both',
    rows: ['DCR-2-01'],
    holds: (f) => f.jwksUri === undefined || f.jwks.length === 0,
  },
  'client-metadata.keys-uri-is-https': {
    ...head,
    cite: 'RFC7591§2',
    says: 'jwks_uri is https without fragment and user information; http on loopback alone',
    holds: (f) => f.jwksUri === undefined || isFetchable(f.jwksUri),
  },
  'client-metadata.pairwise-has-one-sector': {
    ...head,
    cite: 'OIDC-Core§8.1',
    says: 'a pairwise client has https redirect URIs on one host, or names its sector by sector_identifier_uri',
    rows: ['OIDC-8.1-01'],
    holds: (f) => f.subjectType !== 'pairwise' || f.sectorIdentifierUri !== undefined || ownSector(f) !== undefined,
  },
  'client-metadata.private-mode-is-for-pairwise': {
    ...head,
    level: 'PRODUCT',
    cite: 'OIDC-Core§17.3',
    says: 'private mode is for pairwise clients: whoever knows people by their own subject can compare notes anyway',
    rows: ['OIDC-17.3-1'],
    holds: (f) => f.privateClaims === undefined || f.subjectType === 'pairwise',
  },
  'client-metadata.sector-uri-is-https': {
    ...head,
    cite: 'OIDC-Registration§5',
    says: 'sector_identifier_uri is https without fragment and user information; http on loopback alone',
    rows: ['OIDC-8.1-01'],
    holds: (f) => f.sectorIdentifierUri === undefined || isFetchable(f.sectorIdentifierUri),
  },
})
