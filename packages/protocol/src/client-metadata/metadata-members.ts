// The members of client metadata (RFC 7591 §2, OpenID Connect Registration §2 and its family) and what type each has.
// What they may say stands in metadata-rules.ts. Members that have no row here are ignored, as every specification asks.
import type { PublicJwk } from '../ids.ts'
import { isJsonObject, type JsonObject } from '../jose/index.ts'
import type { ClientAuthMethod, GrantType } from '../records.ts'
import { type Broken, broke, namedRules } from '../rule.ts'

interface MemberTypes {
  /** Whom a certificate names. */
  readonly subject: string
  /** Words a person reads. */
  readonly text: string
  /** A name of the protocol. */
  readonly name: string
  readonly words: string
  readonly uri: string
  readonly list: readonly string[]
  readonly flag: boolean
  readonly seconds: number
  readonly keys: { readonly keys: readonly PublicJwk[] }
}

export const metadataMembers = {
  redirect_uris: 'list',
  token_endpoint_auth_method: 'name',
  token_endpoint_auth_signing_alg: 'name',
  tls_client_auth_subject_dn: 'subject',
  tls_client_auth_san_dns: 'subject',
  tls_client_auth_san_uri: 'subject',
  tls_client_auth_san_ip: 'subject',
  tls_client_auth_san_email: 'subject',
  grant_types: 'list',
  response_types: 'list',
  application_type: 'name',
  client_name: 'text',
  client_uri: 'uri',
  logo_uri: 'uri',
  tos_uri: 'uri',
  policy_uri: 'uri',
  contacts: 'list',
  scope: 'words',
  jwks: 'keys',
  jwks_uri: 'uri',
  software_id: 'text',
  software_version: 'text',
  subject_type: 'name',
  sector_identifier_uri: 'uri',
  id_token_signed_response_alg: 'name',
  id_token_encrypted_response_alg: 'name',
  id_token_encrypted_response_enc: 'name',
  userinfo_signed_response_alg: 'name',
  userinfo_encrypted_response_alg: 'name',
  userinfo_encrypted_response_enc: 'name',
  authorization_signed_response_alg: 'name',
  authorization_encrypted_response_alg: 'name',
  authorization_encrypted_response_enc: 'name',
  introspection_signed_response_alg: 'name',
  introspection_encrypted_response_alg: 'name',
  introspection_encrypted_response_enc: 'name',
  request_object_signing_alg: 'name',
  request_object_encryption_alg: 'name',
  request_object_encryption_enc: 'name',
  require_signed_request_object: 'flag',
  request_uris: 'list',
  require_pushed_authorization_requests: 'flag',
  dpop_bound_access_tokens: 'flag',
  tls_client_certificate_bound_access_tokens: 'flag',
  authorization_details_types: 'list',
  default_max_age: 'seconds',
  require_auth_time: 'flag',
  default_acr_values: 'list',
  initiate_login_uri: 'uri',
  post_logout_redirect_uris: 'list',
  backchannel_logout_uri: 'uri',
  backchannel_logout_session_required: 'flag',
  frontchannel_logout_uri: 'uri',
  frontchannel_logout_session_required: 'flag',
} as const satisfies Readonly<Record<string, keyof MemberTypes>>

export type MetadataMember = keyof typeof metadataMembers
type MemberKind = (typeof metadataMembers)[MetadataMember]

/** RFC 7591 §2.2: what may come once for each language, as `client_name#ja`. */
export const localizedMembers = ['client_name', 'client_uri', 'logo_uri', 'tos_uri', 'policy_uri'] as const

/** As sent: typed, nothing judged, no defaults. */
export type SentMetadata = { readonly [Member in MetadataMember]?: MemberTypes[(typeof metadataMembers)[Member]] } & {
  readonly [localized: `${string}#${string}`]: string
}

/** Judged, and with every default in place: what is registered, in the words of the wire. */
export type ClientMetadata = SentMetadata & {
  readonly redirect_uris: readonly string[]
  readonly token_endpoint_auth_method: ClientAuthMethod
  readonly grant_types: readonly GrantType[]
  readonly response_types: readonly string[]
  readonly application_type: 'web' | 'native'
  readonly id_token_signed_response_alg: string
}

/** What refused it: the rule, and the member it is about. */
export interface BrokenMetadata extends Broken {
  readonly member?: string
}

export const registrationWhy =
  'registration is closed unless its operator opens it, and a probe that got through would leave a client behind'

export const metadataShapeRules = namedRules('client-metadata', {
  'registration.members-have-their-types': {
    cite: 'RFC7591§2',
    level: 'MUST',
    says: 'every member that is known has its type: lists are arrays of strings, flags are true or false, keys are a JWK Set',
    rows: ['DCR-2-01'],
    fixed: 'what has another type cannot be read',
  },
})

const mostCharacters = 2000
const mostEntries = 32
const mostKeys = 16
const mostLocalized = 40
/** Controls, and what turns the direction of writing: a name could look like another's. */
const unseemly = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]|[\uD800-\uDFFF]/u

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= 200 && !unseemly.test(value)
const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= mostCharacters && /^[\x21-\x7E]+$/.test(value)
const isKey = (value: unknown): boolean => isJsonObject(value) && typeof value['kty'] === 'string' && value['kty'] !== ''

const fits: Readonly<Record<MemberKind, (value: unknown) => boolean>> = {
  text: isText,
  subject: (value) => typeof value === 'string' && value !== '' && value.length <= mostCharacters && !unseemly.test(value),
  name: isName,
  words: (value) => typeof value === 'string' && value.length <= mostCharacters && /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/.test(value),
  uri: (value) => isName(value) && URL.canParse(value),
  list: (value) =>
    Array.isArray(value) &&
    value.length <= mostEntries &&
    value.every((entry) => typeof entry === 'string' && entry !== '' && entry.length <= mostCharacters && !unseemly.test(entry)),
  flag: (value) => typeof value === 'boolean',
  seconds: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1_000_000_000,
  keys: (value) => isJsonObject(value) && Array.isArray(value['keys']) && value['keys'].length <= mostKeys && value['keys'].every(isKey),
}

/** `null` counts as absent (RFC 7592 §2.2); unknown members are left out. */
export function parseMetadata(input: JsonObject): SentMetadata | BrokenMetadata {
  const sent: Record<string, unknown> = {}
  let localized = 0
  for (const [name, value] of Object.entries(input)) {
    const kind = kindOf(name)
    if (kind === undefined || value === null) continue
    if (name.includes('#') && ++localized > mostLocalized) continue
    if (!fits[kind](value)) return { ...broke(metadataShapeRules, 'registration.members-have-their-types'), member: name.slice(0, 100) }
    sent[name] = kind === 'list' ? [...new Set(value as string[])] : value
  }
  return sent as SentMetadata
}

function kindOf(name: string): MemberKind | undefined {
  const [member = '', tag] = name.split('#', 2)
  if (!Object.hasOwn(metadataMembers, member)) return undefined
  if (tag === undefined) return metadataMembers[member as MetadataMember]
  const known = (localizedMembers as readonly string[]).includes(member) && /^[A-Za-z0-9-]{2,35}$/.test(tag)
  return known ? metadataMembers[member as MetadataMember] : undefined
}

/** Every value of one member: without a language, and in each. */
export function valuesOf(metadata: SentMetadata, member: (typeof localizedMembers)[number]): readonly string[] {
  const all = metadata as Readonly<Record<string, unknown>>
  return Object.keys(all)
    .filter((name) => name === member || name.startsWith(`${member}#`))
    .map((name) => all[name] as string)
}
