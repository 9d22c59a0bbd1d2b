// From judged client metadata and the operator's terms to a client: one mapping for registrations and for documents.
// Secrets and the place in storage are the caller's. A member that other parts of the issuer learn to honour is mapped here.
import type { Issuer, Text } from '../ids.ts'
import type { BindingPolicy, ClientLogout, ClientOutside, ClientRecord, RequestObjectAlg } from '../records.ts'
import { meansOf, wantsCertificate } from '../sender-constraint/index.ts'
import { answersOfMetadata } from './answers-of-metadata.ts'
import { certificateOfMetadata } from './certificate-client-rules.ts'
import type { ClientMetadata, localizedMembers, SentMetadata } from './metadata-members.ts'
import { kindOfMetadata } from './metadata-rules.ts'

/** What the operator gives every client that comes this way. */
export interface ClientTerms {
  readonly issuer: Issuer
  readonly clientId: string
  readonly source: 'registered' | 'document'
  /** Every scope it may have; it gets those that it asks for, or all where it names none. */
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly binding: BindingPolicy
  readonly dangerouslyAcceptTokenEndpointAudience: boolean
  /** For clients that authenticate, whatever is said of the others. */
  readonly dangerouslyAllowWithoutPkce: boolean
  /** What it is told of people where it knows them pairwise. Absent: all that its scopes tell. */
  readonly privateClaims?: readonly string[]
}

/** Without secrets and version. */
export type ClientDraft = Omit<ClientRecord, 'version' | 'secretHashes'>

export function clientOfMetadata(metadata: ClientMetadata, terms: ClientTerms): ClientDraft {
  const confidential = metadata.token_endpoint_auth_method !== 'none'
  return {
    issuer: terms.issuer,
    clientId: terms.clientId,
    source: terms.source,
    kind: kindOfMetadata(metadata),
    name: nameOfMetadata(metadata, terms.clientId),
    redirectUris: metadata.redirect_uris,
    authentication: metadata.token_endpoint_auth_method,
    ...(signsAssertions(metadata) &&
      metadata.token_endpoint_auth_signing_alg !== undefined && { authenticationAlg: metadata.token_endpoint_auth_signing_alg }),
    ...certificateOfMetadata(metadata),
    jwks: metadata.jwks?.keys ?? [],
    grants: metadata.grant_types,
    scopes: scopesOf(metadata, terms),
    resources: terms.resources,
    binding: bindingOfMetadata(metadata, terms.binding),
    idTokenAlg: metadata.id_token_signed_response_alg as ClientRecord['idTokenAlg'],
    ...answersOfMetadata(metadata),
    dangerouslyAcceptTokenEndpointAudience: confidential && terms.dangerouslyAcceptTokenEndpointAudience && signsAssertions(metadata),
    ...(confidential &&
      terms.dangerouslyAllowWithoutPkce &&
      metadata.grant_types.includes('authorization_code') && { dangerouslyAllowWithoutPkce: true }),
    origins: originsOf(metadata.redirect_uris),
    ...(metadata.require_pushed_authorization_requests === true && { requirePushedAuthorizationRequests: true }),
    ...requestsOfMetadata(metadata),
    ...linksOfMetadata(metadata),
    ...logoutOfMetadata(metadata),
    ...outsideOfMetadata(metadata),
    ...(metadata.subject_type === 'pairwise' && terms.privateClaims && { privateClaims: terms.privateClaims }),
    disabled: false,
  }
}

/** Whoever asks for binding gets it, whatever the terms would allow; a certificate that the terms demand is not left out. */
export function bindingOfMetadata(metadata: SentMetadata, terms: BindingPolicy): BindingPolicy {
  const key = metadata.dpop_bound_access_tokens === true
  const certificate = metadata.tls_client_certificate_bound_access_tokens === true
  if (!key && !certificate) return terms
  const both = (key && (certificate || wantsCertificate(terms))) || meansOf(terms) === 'both'
  if (both) return { kind: 'required', by: 'both' }
  return certificate ? { kind: 'required', by: 'certificate' } : { kind: 'required' }
}

/** How it signs what it asks, where that may stand, and what it asks for where it does not say. */
function requestsOfMetadata(metadata: ClientMetadata): Partial<ClientDraft> {
  const { request_object_signing_alg: alg, request_uris: uris, default_max_age: age } = metadata
  return {
    ...(alg !== undefined && { requestObjectSigningAlg: alg as RequestObjectAlg }),
    ...(uris !== undefined && uris.length > 0 && { requestUris: uris }),
    ...(metadata.require_signed_request_object === true && { requireSignedRequestObject: true }),
    ...(age !== undefined && { defaultMaxAgeSeconds: age }),
  }
}

/** What of it stands at URLs of its own. Its sector is for whoever checks it. */
export function outsideOfMetadata(metadata: SentMetadata): ClientOutside {
  const { jwks_uri: jwksUri, subject_type: subjectType, sector_identifier_uri: sectorIdentifierUri } = metadata
  return {
    ...(jwksUri !== undefined && { jwksUri }),
    ...(subjectType === 'pairwise' && { subjectType, ...(sectorIdentifierUri !== undefined && { sectorIdentifierUri }) }),
  }
}

/** How it takes part in signing out. */
export function logoutOfMetadata(metadata: SentMetadata): ClientLogout {
  const { post_logout_redirect_uris: returns, backchannel_logout_uri: back, frontchannel_logout_uri: front } = metadata
  return {
    ...(returns !== undefined && { postLogoutRedirectUris: returns }),
    ...(back !== undefined && {
      backchannelLogoutUri: back,
      backchannelLogoutSessionRequired: metadata.backchannel_logout_session_required ?? false,
    }),
    ...(front !== undefined && {
      frontchannelLogoutUri: front,
      frontchannelLogoutSessionRequired: metadata.frontchannel_logout_session_required ?? false,
    }),
  }
}

const signsAssertions = ({ token_endpoint_auth_method: method }: ClientMetadata): boolean => method.endsWith('_jwt')

/** RFC 7591 §2: the server decides; what is not in its terms is left out, and the answer says what is left. */
function scopesOf({ scope }: ClientMetadata, { scopes }: ClientTerms): readonly string[] {
  if (scope === undefined || scope.trim() === '') return scopes
  const asked = scope.split(' ')
  return scopes.filter((name) => asked.includes(name))
}

/** `client_name#ja`, else the name without a language, else whichever there is. */
export function nameOfMetadata(metadata: ClientMetadata, otherwise: string): Text {
  return inLanguages(metadata, 'client_name') ?? { ja: otherwise, en: otherwise }
}

function inLanguages(metadata: ClientMetadata, member: (typeof localizedMembers)[number]): Text | undefined {
  const prefix = `${member}#`
  const all = Object.entries(metadata).filter(([name]) => name.startsWith(prefix)) as [string, string][]
  const inLanguage = (language: string) => all.find(([name]) => name.slice(prefix.length).toLowerCase().split('-', 1)[0] === language)?.[1]
  const plain = metadata[member] ?? inLanguage('en') ?? inLanguage('ja') ?? all[0]?.[1]
  return plain === undefined ? undefined : { ja: inLanguage('ja') ?? plain, en: inLanguage('en') ?? plain }
}

/** Links of a client without a host of its own are not shown: nobody answers for them (RFC 7591 §5). */
function linksOfMetadata(metadata: ClientMetadata): Pick<ClientRecord, 'links'> {
  if (!metadata.redirect_uris.some((uri) => uri.startsWith('https:'))) return {}
  const found = Object.entries({ home: 'client_uri', logo: 'logo_uri', policy: 'policy_uri', terms: 'tos_uri' } as const).flatMap(
    ([link, member]) => {
      const text = inLanguages(metadata, member)
      return text === undefined ? [] : [[link, text] as const]
    },
  )
  return found.length === 0 ? {} : { links: Object.fromEntries(found) }
}

/** Browser origins of web redirect URIs; a private-use scheme has none. */
export function originsOf(uris: readonly string[]): readonly string[] {
  return [...new Set(uris.flatMap((uri) => (/^https?:\/\//.test(uri) && URL.canParse(uri) ? [new URL(uri).origin] : [])))]
}
