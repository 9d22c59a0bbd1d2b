// A client's own document (Client ID Metadata Document §4): from its text to metadata, or to the rule that it breaks.
// Fetching and remembering it is the server's; what metadata may say stands in metadata-rules.ts.
import { isJsonObject, type JsonObject, strictJson } from '../jose/index.ts'
import type { ClientRecord, GrantType } from '../records.ts'
import { type Broken, broke, isBroken, type Law, must, namedRules } from '../rule.ts'
import { type ClientDraft, type ClientTerms, clientOfMetadata } from './client-of-metadata.ts'
import { checkClientMetadata } from './client-rules.ts'
import { isOfADevice, type MetadataSupport } from './metadata-rules.ts'
import { readMetadata } from './read-metadata.ts'

const unseen = 'it stands in a document that the issuer fetches from the client'
const head = { level: 'MUST', unseen } as const

export const clientDocumentRules = namedRules('client', {
  'client-document.is-a-json-object': {
    ...head,
    cite: 'CIMD-02§4',
    says: 'the document is one JSON object without repeated members',
    rows: ['CIMD-5.2-01'],
    fixed: 'what cannot be read describes nobody',
  },
  'client-document.client-id-is-its-url': {
    ...head,
    cite: 'CIMD-02§4',
    says: 'client_id of the document is the URL that it was fetched from, character by character',
    rows: ['CIMD-4-01', 'CIMD-3-01'],
  },
  'client-document.has-no-shared-secret': {
    ...head,
    cite: 'CIMD-02§4.1',
    says: 'the document names no method with a shared secret, and holds no client_secret',
    rows: ['CIMD-4.1-01'],
  },
  'client-document.describes-a-sound-client': {
    ...head,
    cite: 'CIMD-02§4',
    says: 'what the document describes is a client that may be declared: keys where it signs, redirect URIs where it uses codes',
    fixed: 'such a client could not be served',
  },
  'client-document.is-asked-for-rarely': {
    ...head,
    cite: 'CIMD-02§5.2',
    level: 'PRODUCT',
    says: 'a document that could not be had is asked for again only seconds later',
  },
})

/** What this issuer gives clients that come by a document: nobody knows them, so nothing without a person. */
const documentGrants: readonly GrantType[] = ['authorization_code', 'refresh_token']
/** Not shown, not fetched: what a stranger says of other places is left out (DCR §5). */
const leftOut = ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri']
const secretMembers = ['client_secret', 'client_secret_expires_at']

export function readClientDocument(text: string, terms: ClientTerms, support: MetadataSupport, law: Law): ClientDraft | Broken {
  const document = strictJson(text)
  if (typeof document === 'string') return broke(clientDocumentRules, 'client-document.is-a-json-object')
  const broken =
    must(clientDocumentRules, 'client-document.client-id-is-its-url', document['client_id'] === terms.clientId, law) ??
    must(clientDocumentRules, 'client-document.has-no-shared-secret', !sharesSecret(document), law)
  if (broken) return broken
  const offered = { ...support, grants: documentGrants, authentication: support.authentication.filter((name) => !isShared(name)) }
  const metadata = readMetadata(plain(document, offered), offered, law)
  if (isBroken(metadata)) return metadata
  const draft = clientOfMetadata(metadata, terms)
  const unsound = checkClientMetadata({ ...draft, secretHashes: [] })[0]
  if (unsound)
    return broke(clientDocumentRules, 'client-document.describes-a-sound-client', { expected: 'a sound client', received: unsound.broken })
  return { ...draft, name: nameOf(draft) }
}

const isShared = (method: unknown): boolean => typeof method === 'string' && method.startsWith('client_secret_')

function sharesSecret(document: JsonObject): boolean {
  return isShared(document['token_endpoint_auth_method']) || secretMembers.some((name) => name in document)
}

/** What the issuer does not do is passed over instead of refused: one document is read by many issuers. */
function plain(document: JsonObject, { authentication, grants }: MetadataSupport): JsonObject {
  const among = (value: unknown, known: readonly string[]) =>
    Array.isArray(value) ? value.filter((entry) => typeof entry === 'string' && known.includes(entry)) : value
  const uris = document['redirect_uris']
  const onDevice = Array.isArray(uris) && uris.some((uri) => typeof uri === 'string' && isOfADevice(uri))
  const kept = Object.entries(document).filter(([name]) => !leftOut.includes(name.split('#', 1)[0] as string))
  return {
    ...Object.fromEntries(kept),
    token_endpoint_auth_method: document['token_endpoint_auth_method'] ?? methodAmong(document, authentication),
    grant_types: among(document['grant_types'], grants) ?? ['authorization_code'],
    response_types: among(document['response_types'], ['code']) ?? ['code'],
    ...(document['application_type'] === undefined && onDevice && { application_type: 'native' }),
  }
}

/** The plural says what the client can do, and the issuer picks; a client that says nothing has no credentials. */
function methodAmong(document: JsonObject, authentication: MetadataSupport['authentication']): string {
  const can = document['token_endpoint_auth_methods_supported']
  const signs = Array.isArray(can) && can.includes('private_key_jwt') && authentication.includes('private_key_jwt')
  return signs && (isJsonObject(document['jwks']) || typeof document['jwks_uri'] === 'string') ? 'private_key_jwt' : 'none'
}

/** A client without a name is called by its host, which it cannot choose freely. */
function nameOf({ name, clientId }: ClientDraft): ClientRecord['name'] {
  const { host } = new URL(clientId)
  return { ja: name.ja === clientId ? host : name.ja, en: name.en === clientId ? host : name.en }
}

/** Since when a client is as it is: what a person agreed to before may not hold of it any more (CIMD §8.4). */
export function changesOf(draft: ClientDraft, before: ClientRecord | undefined, now: number): NonNullable<ClientRecord['document']> {
  const known = before?.document
  if (!before || !known) return { fetchedAt: now, changedAt: 0, keysSince: 0 }
  const rekeyed =
    draft.authentication !== before.authentication ||
    draft.jwksUri !== before.jwksUri ||
    !sameSubject(draft, before) ||
    !sharesKey(draft, before)
  const moved = !sameSet(draft.redirectUris, before.redirectUris)
  return {
    fetchedAt: now,
    changedAt: rekeyed || moved ? now : known.changedAt,
    keysSince: rekeyed ? now : known.keysSince,
  }
}

/** Who must be named by its certificate. */
function sameSubject(draft: ClientDraft, before: ClientRecord): boolean {
  return JSON.stringify(draft.tlsClientAuth) === JSON.stringify(before.tlsClientAuth)
}

/** Rotation keeps a key in common; a set that shares none is another party's, as far as anybody can tell. */
function sharesKey({ jwks }: ClientDraft, before: ClientRecord): boolean {
  if (before.jwks.length === 0) return jwks.length === 0
  const known = before.jwks.map((jwk) => JSON.stringify([jwk.kty, jwk.crv, jwk.x, jwk.y, jwk.n, jwk.e]))
  return jwks.some((jwk) => known.includes(JSON.stringify([jwk.kty, jwk.crv, jwk.x, jwk.y, jwk.n, jwk.e])))
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((entry) => b.includes(entry))
}
