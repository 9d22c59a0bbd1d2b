// What client metadata may say (RFC 7591 §2, §5; OpenID Connect Registration §2), wherever it comes from: a registration, or a document.
// What a client must be like whatever its origin stands in client-rules.ts; an operator's policy is judged after both.
import type { ClientAuthMethod, ClientKind, GrantType } from '../records.ts'
import { rulesFor } from '../rule.ts'
import { type ClientMetadata, localizedMembers, registrationWhy, type SentMetadata, valuesOf } from './metadata-members.ts'
import { readLoopback } from './redirect-uri.ts'

/** What the issuer can do for a client that asks for it. Derived from what is enabled. */
export interface MetadataSupport {
  readonly authentication: readonly ClientAuthMethod[]
  /** For each method that signs, its algorithms. */
  readonly authenticationAlgs: Readonly<Partial<Record<ClientAuthMethod, readonly string[]>>>
  readonly grants: readonly GrantType[]
  readonly responseTypes: readonly string[]
  readonly subjectTypes: readonly string[]
  /** Algorithms that sign or encrypt each answer; empty: the issuer does not do it. */
  readonly idTokenAlgs: readonly string[]
  readonly userinfoAlgs: readonly string[]
  readonly authorizationAlgs: readonly string[]
  readonly introspectionAlgs: readonly string[]
  readonly requestObjectAlgs: readonly string[]
  readonly encryptionAlgs: readonly string[]
  readonly encryptionEncs: readonly string[]
  readonly requestEncryptionAlgs: readonly string[]
  readonly requestEncryptionEncs: readonly string[]
  /** Tokens can be bound to certificates (RFC 8705 §3.3). */
  readonly certificateBinding: boolean
  /** Members that mean nothing here and are left out, as unknown ones are. */
  readonly ignores: readonly string[]
  /** Origins that the operator listed to be fetched from, https or not. */
  readonly listedOrigins: readonly string[]
}

export interface MetadataFacts {
  readonly metadata: Omit<ClientMetadata, 'grant_types' | 'token_endpoint_auth_method' | 'application_type'> & {
    readonly grant_types: readonly string[]
    readonly token_endpoint_auth_method: string
    readonly application_type: string
  }
  readonly support: MetadataSupport
}

const head = { level: 'MUST', unseen: registrationWhy } as const
/** The groups that OpenID Connect and its family name alike: how each answer is encrypted. */
const encrypted = ['id_token', 'userinfo', 'authorization', 'introspection'] as const

const isSafeUri = (uri: string, { listedOrigins }: MetadataSupport): boolean =>
  /^https:\/\/[A-Za-z0-9.[\]:-]+([/?]|$)/.test(uri) || (URL.canParse(uri) && listedOrigins.includes(new URL(uri).origin))

/** Everything that is fetched, shown or led to. */
function linksOf(metadata: SentMetadata): readonly string[] {
  const {
    jwks_uri,
    sector_identifier_uri,
    initiate_login_uri,
    backchannel_logout_uri,
    frontchannel_logout_uri,
    request_uris = [],
  } = metadata
  const single = [jwks_uri, sector_identifier_uri, initiate_login_uri, backchannel_logout_uri, frontchannel_logout_uri]
  const shown = localizedMembers.filter((member) => member !== 'client_name').flatMap((member) => valuesOf(metadata, member))
  return [...single.filter((uri) => uri !== undefined), ...shown, ...request_uris.map((uri) => uri.split('#', 1)[0] as string)]
}

function signed({ metadata, support }: MetadataFacts): readonly (readonly [asked: string | undefined, can: readonly string[]])[] {
  return [
    [metadata.id_token_signed_response_alg, support.idTokenAlgs],
    [metadata.userinfo_signed_response_alg, support.userinfoAlgs],
    [metadata.authorization_signed_response_alg, support.authorizationAlgs],
    [metadata.introspection_signed_response_alg, support.introspectionAlgs],
    [metadata.request_object_signing_alg, support.requestObjectAlgs],
  ]
}

interface Encryption {
  readonly alg: string | undefined
  readonly enc: string | undefined
  readonly algs: readonly string[]
  readonly encs: readonly string[]
}

function encryptions({ metadata, support }: MetadataFacts): readonly Encryption[] {
  const answers = encrypted.map((answer) => ({
    alg: metadata[`${answer}_encrypted_response_alg`],
    enc: metadata[`${answer}_encrypted_response_enc`],
    algs: support.encryptionAlgs,
    encs: support.encryptionEncs,
  }))
  const { request_object_encryption_alg: alg, request_object_encryption_enc: enc } = metadata
  return [...answers, { alg, enc, algs: support.requestEncryptionAlgs, encs: support.requestEncryptionEncs }]
}

const hostsOf = (uris: readonly string[]): ReadonlySet<string> =>
  new Set(uris.flatMap((uri) => (/^https?:/.test(uri) && URL.canParse(uri) ? [new URL(uri).host] : [])))
const webHostsOf = (uris: readonly string[]): ReadonlySet<string> => hostsOf(uris.filter((uri) => uri.startsWith('https:')))

export const metadataRules = rulesFor<MetadataFacts>()('client-metadata', {
  'registration.application-type-is-known': {
    ...head,
    cite: 'OIDC-Registration§2',
    says: 'application_type is web or native',
    holds: ({ metadata }) => ['web', 'native'].includes(metadata.application_type),
  },
  'registration.authentication-is-supported': {
    ...head,
    cite: 'RFC7591§2',
    says: 'token_endpoint_auth_method is one that this issuer offers to registered clients',
    rows: ['DCR-2-01'],
    holds: ({ metadata, support }) => (support.authentication as readonly string[]).includes(metadata.token_endpoint_auth_method),
    seen: ({ metadata, support }) => ({ expected: support.authentication, received: metadata.token_endpoint_auth_method.slice(0, 100) }),
  },
  'registration.authentication-alg-is-supported': {
    ...head,
    cite: 'OIDC-Registration§2',
    says: 'token_endpoint_auth_signing_alg is an algorithm of the method, never none',
    holds: ({ metadata, support }) => {
      const algs = support.authenticationAlgs[metadata.token_endpoint_auth_method as ClientAuthMethod]
      const asked = metadata.token_endpoint_auth_signing_alg
      return algs === undefined || asked === undefined || algs.includes(asked)
    },
  },
  'registration.certificate-binding-is-supported': {
    ...head,
    cite: 'RFC8705§3.4',
    level: 'PRODUCT',
    says: 'tls_client_certificate_bound_access_tokens is asked for only where this issuer takes certificates',
    rows: ['MTLS-3.3-01'],
    holds: ({ metadata, support }) => support.certificateBinding || metadata.tls_client_certificate_bound_access_tokens !== true,
  },
  'registration.grants-are-supported': {
    ...head,
    cite: 'RFC7591§2',
    says: 'grant_types holds only grants that this issuer gives registered clients',
    rows: ['DCR-2-01'],
    holds: ({ metadata, support }) => metadata.grant_types.every((grant) => (support.grants as readonly string[]).includes(grant)),
    seen: ({ metadata, support }) => ({ expected: support.grants, received: metadata.grant_types.map((grant) => grant.slice(0, 100)) }),
  },
  'registration.response-types-are-supported': {
    ...head,
    cite: 'RFC7591§2',
    says: 'response_types holds only response types that this issuer gives',
    rows: ['DCR-2-01'],
    holds: ({ metadata, support }) => metadata.response_types.every((type) => support.responseTypes.includes(type)),
    seen: ({ metadata, support }) => ({ expected: support.responseTypes, received: metadata.response_types.map((t) => t.slice(0, 100)) }),
  },
  'registration.grants-fit-response-types': {
    ...head,
    cite: 'RFC7591§2.1',
    says: 'response type code goes with grant type authorization_code, and with no other',
    rows: ['DCR-2-01'],
    holds: ({ metadata }) => metadata.response_types.length > 0 === metadata.grant_types.includes('authorization_code'),
  },
  'registration.keys-come-one-way': {
    ...head,
    cite: 'RFC7591§2',
    says: 'jwks and jwks_uri are not both sent',
    rows: ['DCR-2-01'],
    holds: ({ metadata }) => metadata.jwks === undefined || metadata.jwks_uri === undefined,
  },
  'registration.links-are-https': {
    ...head,
    cite: 'RFC7591§5',
    says: 'every URI that is shown, led to or fetched is https, names a host and carries no user information',
    rows: ['DCR-5-01', 'O21-1.5-01'],
    holds: ({ metadata, support }) => linksOf(metadata).every((uri) => isSafeUri(uri, support)),
    seen: ({ metadata, support }) => ({
      expected: 'https',
      received: linksOf(metadata)
        .find((uri) => !isSafeUri(uri, support))
        ?.slice(0, 200),
    }),
  },
  'registration.shown-links-share-a-host': {
    ...head,
    cite: 'RFC7591§5',
    says: 'client_uri, logo_uri, tos_uri and policy_uri stand on the host of a redirect URI, where there is one',
    rows: ['DCR-5-01', 'ASVS-10.4.7'],
    level: 'SHOULD',
    holds: ({ metadata }) => {
      const hosts = webHostsOf(metadata.redirect_uris)
      const shown = localizedMembers.filter((member) => member !== 'client_name').flatMap((member) => valuesOf(metadata, member))
      return hosts.size === 0 || shown.every((uri) => hosts.has(new URL(uri).host))
    },
  },
  'registration.signing-is-supported': {
    ...head,
    cite: 'OIDC-Registration§2',
    says: 'every answer is asked to be signed with an algorithm that this issuer signs it with, never none',
    rows: ['JARM-3-01'],
    holds: (f) => signed(f).every(([asked, can]) => asked === undefined || can.includes(asked)),
    seen: (f) => {
      const [received, expected] = signed(f).find(([asked, can]) => asked !== undefined && !can.includes(asked)) ?? []
      return { expected, received: received?.slice(0, 100) }
    },
  },
  'registration.encryption-names-its-alg': {
    ...head,
    cite: 'OIDC-Registration§2',
    says: 'a content encryption algorithm comes with a key management algorithm',
    rows: ['JARM-3-01'],
    holds: (f) => encryptions(f).every(({ alg, enc }) => enc === undefined || alg !== undefined),
  },
  'registration.encryption-is-supported': {
    ...head,
    cite: 'OIDC-Registration§2',
    says: 'every answer is asked to be encrypted with algorithms of this issuer',
    holds: (f) =>
      encryptions(f).every(
        ({ alg, enc, algs, encs }) =>
          (alg === undefined || algs.includes(alg)) && (alg === undefined || enc === undefined || encs.includes(enc)),
      ),
  },
  'registration.encryption-has-a-key': {
    ...head,
    cite: 'OIDC-Core§10.2',
    says: 'a client that wants encrypted answers has keys to encrypt them to',
    holds: ({ metadata }) =>
      encrypted.every((answer) => metadata[`${answer}_encrypted_response_alg`] === undefined) ||
      metadata.jwks_uri !== undefined ||
      (metadata.jwks?.keys.length ?? 0) > 0,
  },
  'registration.subject-type-is-supported': {
    ...head,
    cite: 'OIDC-Registration§2',
    says: 'subject_type is one that this issuer offers',
    rows: ['OIDC-8.1-01'],
    holds: ({ metadata, support }) => metadata.subject_type === undefined || support.subjectTypes.includes(metadata.subject_type),
  },
  'registration.pairwise-has-one-sector': {
    ...head,
    cite: 'OIDC-Core§8.1',
    says: 'a pairwise client with redirect URIs on several hosts names its sector by sector_identifier_uri',
    rows: ['OIDC-8.1-01'],
    holds: ({ metadata }) =>
      metadata.subject_type !== 'pairwise' || metadata.sector_identifier_uri !== undefined || hostsOf(metadata.redirect_uris).size <= 1,
  },
  'registration.web-is-not-on-loopback': {
    ...head,
    cite: 'OIDC-Registration§2',
    says: 'a client that calls itself web has no redirect URI on loopback and no private-use scheme',
    family: 'redirect-uri',
    holds: ({ metadata }) => metadata.application_type !== 'web' || metadata.redirect_uris.every((uri) => !isOfADevice(uri)),
  },
})

/** Loopback or a private-use scheme. What is neither is judged by the rules of redirect URIs. */
export function isOfADevice(uri: string): boolean {
  return readLoopback(uri) !== undefined || !/^https?:/.test(uri)
}

/** A client that authenticates is a server; without credentials it is an app of a device, or a page in a browser. */
export function kindOfMetadata(metadata: Pick<MetadataFacts['metadata'], 'token_endpoint_auth_method' | 'application_type'>): ClientKind {
  if (metadata.token_endpoint_auth_method !== 'none') return 'server'
  return metadata.application_type === 'native' ? 'mobile' : 'spa'
}
