// From the JSON of a registration, or of a client's own document, to judged client metadata with every default in place.
// Pure: what its URIs lead to is fetched by others, and what an operator allows is judged after it.
import type { JsonObject } from '../jose/index.ts'
import { type Broken, isBroken, judge, type Law, must } from '../rule.ts'
import { subjectMembersRules } from './certificate-client-rules.ts'
import { logoutOfMetadata } from './client-of-metadata.ts'
import { arePublicKeys, clientMetadataRules } from './client-rules.ts'
import { type LogoutUriFacts, logoutUriRules } from './logout-uri-rules.ts'
import { type BrokenMetadata, type ClientMetadata, parseMetadata, type SentMetadata } from './metadata-members.ts'
import { isOfADevice, kindOfMetadata, type MetadataFacts, type MetadataSupport, metadataRules } from './metadata-rules.ts'
import { redirectUriRules } from './redirect-uri.ts'

/** Unknown members are ignored; the first broken rule is answered. */
export function readMetadata(input: JsonObject, support: MetadataSupport, law: Law): ClientMetadata | BrokenMetadata {
  const sent = parseMetadata(input)
  if (isBroken(sent)) return sent
  const metadata = withDefaults(leaveOut(sent, support.ignores), support)
  const broken =
    checkRedirects(metadata, law) ??
    judge(metadataRules, { metadata, support }, law) ??
    judge(subjectMembersRules, { metadata }, law) ??
    must(clientMetadataRules, 'client-metadata.keys-are-public', arePublicKeys(metadata.jwks?.keys ?? []), law) ??
    judge(logoutUriRules, logoutFacts(metadata), law)
  // Every member that the wider facts leave open was judged.
  return broken ?? (metadata as ClientMetadata)
}

/** RFC 7591 §2, OIDC Registration §2. */
function withDefaults(sent: SentMetadata, { idTokenAlgs }: MetadataSupport): MetadataFacts['metadata'] {
  const { redirect_uris = [], token_endpoint_auth_method = 'client_secret_basic' } = sent
  const withCode = (sent.response_types ?? sent.grant_types ?? ['code']).some((name) => name === 'code' || name === 'authorization_code')
  const grant_types = sent.grant_types ?? (withCode ? ['authorization_code'] : [])
  const response_types = sent.response_types ?? (withCode ? ['code'] : [])
  // Plain OAuth clients do not know application_type; what only a device can receive is native.
  const ofADevice = redirect_uris.length > 0 && redirect_uris.every(isOfADevice)
  return {
    ...sent,
    redirect_uris,
    token_endpoint_auth_method,
    grant_types,
    response_types,
    application_type: sent.application_type ?? (ofADevice ? 'native' : 'web'),
    id_token_signed_response_alg: sent.id_token_signed_response_alg ?? defaultAlg(idTokenAlgs),
    ...withEncryptionDefaults(sent),
  }
}

/** RS256, unless a profile has no such signatures. */
function defaultAlg(algs: readonly string[]): string {
  return algs.includes('RS256') ? 'RS256' : (algs[0] ?? 'RS256')
}

const encrypted = ['id_token', 'userinfo', 'authorization', 'introspection'] as const

/** OIDC Registration §2, JARM §3: with `alg` alone, `enc` is A128CBC-HS256. */
function withEncryptionDefaults(sent: SentMetadata): SentMetadata {
  const asked = encrypted.filter((answer) => sent[`${answer}_encrypted_response_alg`] !== undefined)
  return Object.fromEntries(
    asked.map((answer) => [`${answer}_encrypted_response_enc`, sent[`${answer}_encrypted_response_enc`] ?? 'A128CBC-HS256']),
  )
}

function leaveOut(sent: SentMetadata, names: readonly string[]): SentMetadata {
  return Object.fromEntries(Object.entries(sent).filter(([name]) => !names.includes(name.split('#', 1)[0] as string))) as SentMetadata
}

function checkRedirects(metadata: MetadataFacts['metadata'], law: Law): Broken | undefined {
  const client = kindOfMetadata(metadata)
  for (const uri of metadata.redirect_uris) {
    const broken = judge(redirectUriRules, { uri, client }, law)
    if (broken) return { ...broken, seen: { expected: 'a redirect URI that may be registered', received: uri.slice(0, 200) } }
  }
  return undefined
}

function logoutFacts(metadata: MetadataFacts['metadata']): LogoutUriFacts {
  return { ...logoutOfMetadata(metadata), kind: kindOfMetadata(metadata), redirectUris: metadata.redirect_uris, scopes: [] }
}
