// What a client must be like before it is declared: kind, authentication, grants, keys, redirect URIs, binding.
// Every mistake is reported, not only the first.
import type { Issuer, PublicJwk } from '../ids.ts'
import { encryptionKeyOf } from '../jose/index.ts'
import type {
  BindingPolicy,
  ClientAuthMethod,
  ClientEncryption,
  ClientKind,
  ClientOutside,
  ExchangePolicy,
  GrantType,
  ResponseType,
} from '../records.ts'
import { type Broken, rulesFor } from '../rule.ts'
import { type CertificateClientFacts, certificateClientRules } from './certificate-client-rules.ts'
import { checkLogoutUris, type LogoutUriFacts } from './logout-uri-rules.ts'
import { outsideRules } from './outside-rules.ts'
import { redirectUriKind, redirectUriRules } from './redirect-uri.ts'
import { type RequestSigningFacts, requestSigningRules } from './request-object-client-rules.ts'

export interface ClientFacts extends LogoutUriFacts, ClientOutside, RequestSigningFacts, Pick<CertificateClientFacts, 'tlsClientAuth'> {
  readonly issuer: Issuer
  readonly clientId: string
  readonly kind: ClientKind
  readonly authentication: ClientAuthMethod
  readonly secretHashes: readonly string[]
  readonly jwks: readonly PublicJwk[]
  readonly grants: readonly GrantType[]
  readonly redirectUris: readonly string[]
  readonly resources: readonly string[]
  readonly scopes: readonly string[]
  readonly binding: BindingPolicy
  readonly introspects?: readonly string[]
  readonly exchange?: ExchangePolicy
  readonly responseTypes?: readonly ResponseType[]
  readonly encryption?: ClientEncryption
  readonly dangerouslyAcceptTokenEndpointAudience: boolean
  readonly dangerouslyAllowWithoutPkce?: boolean
}

const deviceGrantType: GrantType = 'urn:ietf:params:oauth:grant-type:device_code'
const exchangeGrantType: GrantType = 'urn:ietf:params:oauth:grant-type:token-exchange'
const servesAnApi = ({ introspects = [] }: ClientFacts): boolean => introspects.length > 0

const declared = 'judged when a client is declared, before the issuer serves anything'
const head = { level: 'MUST', unseen: declared } as const

export const clientMetadataRules = rulesFor<ClientFacts>()('client-metadata', {
  'client-metadata.public-kind-has-no-secret': {
    ...head,
    cite: 'RFC8252§8.5',
    says: 'spa and mobile clients are public: authentication none, no secrets',
    rows: ['NATIVE-8.5-01', 'O21-2.1-01'],
    holds: (f) => f.kind === 'server' || (f.authentication === 'none' && f.secretHashes.length === 0),
  },
  'client-metadata.server-authenticates': {
    ...head,
    cite: 'OAuth2.1§2.4',
    says: 'a server client authenticates: by a key, by a secret or by a certificate',
    holds: (f) => f.kind !== 'server' || f.authentication !== 'none',
  },
  'client-metadata.secret-is-declared': {
    ...head,
    cite: 'OAuth2.1§2.4.1',
    says: 'a client that sends its secret has the hash of at least one secret, other clients have none',
    holds: (f) => ['client_secret_basic', 'client_secret_post'].includes(f.authentication) === f.secretHashes.length > 0,
  },
  'client-metadata.keys-are-declared': {
    ...head,
    cite: 'RFC7523§3',
    says: 'a private_key_jwt client has at least one public key, or says where its keys are published',
    holds: (f) => f.authentication !== 'private_key_jwt' || f.jwks.length > 0 || f.jwksUri !== undefined,
  },
  'client-metadata.keys-are-public': {
    ...head,
    cite: 'RFC7517§9.2',
    says: 'client keys are public keys: no private members, no symmetric keys',
    holds: (f) => arePublicKeys(f.jwks),
  },
  'client-metadata.grants-fit-kind': {
    ...head,
    cite: 'OAuth2.1§4.2',
    says: 'client_credentials is for server clients',
    rows: ['O21-4.2-01', 'ASVS-10.4.4'],
    holds: (f) => f.kind === 'server' || !f.grants.includes('client_credentials'),
  },
  'client-metadata.exchange-is-for-servers': {
    ...head,
    cite: 'RFC8693§2.1',
    says: 'token exchange is for server clients, and goes with what they may exchange',
    rows: ['TEX-2.1-01'],
    holds: (f) => f.grants.includes(exchangeGrantType) === (f.exchange !== undefined) && (f.exchange === undefined || f.kind === 'server'),
  },
  'client-metadata.refresh-needs-code': {
    ...head,
    cite: 'OAuth2.1§4.3',
    says: 'refresh_token goes with a grant that a person gives: authorization_code or device_code',
    holds: (f) => !f.grants.includes('refresh_token') || f.grants.includes('authorization_code') || f.grants.includes(deviceGrantType),
  },
  'client-metadata.code-needs-redirect': {
    ...head,
    cite: 'OAuth2.1§2.3',
    says: 'a client of the code flow has a redirect URI, others have none',
    family: 'redirect-uri',
    rows: ['O21-2.3-01'],
    holds: (f) => f.grants.includes('authorization_code') === f.redirectUris.length > 0,
  },
  'client-metadata.has-a-target': {
    ...head,
    cite: 'RFC9068§3',
    says: 'a client may ask tickets for an API, or for openid; the server of an API, and who only exchanges tickets, need none',
    holds: (f) =>
      f.resources.length > 0 || f.scopes.includes('openid') || f.exchange !== undefined || (f.grants.length === 0 && servesAnApi(f)),
  },
  'client-metadata.api-server-authenticates': {
    ...head,
    cite: 'RFC7662§2.1',
    says: 'the server of an API, which may ask about tokens, is a server client that authenticates',
    rows: ['INTRO-2.1-01'],
    holds: (f) => !servesAnApi(f) || (f.kind === 'server' && f.authentication !== 'none'),
  },
  'client-metadata.id-token-type-needs-openid': {
    ...head,
    cite: 'OIDC-Core§3.3.2.1',
    says: 'code id_token is for clients of the code flow that may ask for openid',
    rows: ['ASVS-10.6.1'],
    holds: (f) => !f.responseTypes?.includes('code id_token') || (f.grants.includes('authorization_code') && f.scopes.includes('openid')),
  },
  'client-metadata.encryption-has-a-key': {
    ...head,
    cite: 'OIDC-Registration§2',
    says: 'a client that wants encrypted answers has a public key to encrypt them to',
    rows: ['JARM-3-01'],
    holds: (f) => f.jwksUri !== undefined || Object.values(f.encryption ?? {}).every(({ alg }) => encryptionKeyOf(f.jwks, alg)),
  },
  'client-metadata.id-is-not-the-issuer': {
    ...head,
    cite: 'RFC9700§4.15',
    says: 'a client id is not the issuer identifier nor the identifier of an API',
    rows: ['O21-7.4-01'],
    holds: (f) => f.clientId !== f.issuer && !f.resources.includes(f.clientId),
  },
  'client-metadata.audience-exception-has-a-use': {
    ...head,
    level: 'PRODUCT',
    cite: 'RFC7523bis§4',
    says: 'dangerouslyAcceptTokenEndpointAudience is for private_key_jwt and client_secret_jwt',
    holds: (f) => !f.dangerouslyAcceptTokenEndpointAudience || f.authentication.endsWith('_jwt'),
  },
  'client-metadata.pkce-exception-is-confidential': {
    ...head,
    cite: 'OAuth2.1§7.5.1',
    says: 'dangerouslyAllowWithoutPkce is for clients that authenticate and use the code flow',
    rows: ['O21-4.1.1-02', 'ASVS-10.4.6'],
    holds: (f) => f.dangerouslyAllowWithoutPkce !== true || (f.authentication !== 'none' && f.grants.includes('authorization_code')),
  },
})

/** RFC 7517 §9.2: no private member, no symmetric key. */
export function arePublicKeys(jwks: readonly PublicJwk[]): boolean {
  return jwks.every((jwk) => jwk.kty !== 'oct' && !['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].some((member) => member in jwk))
}

/** Every rule the client breaks, those of its redirect URIs included. Empty: it may be declared. */
export function checkClientMetadata(facts: ClientFacts): readonly (Broken & { readonly says: string; readonly uri?: string })[] {
  const own = [...clientMetadataRules.list, ...requestSigningRules.list, ...certificateClientRules.list]
    .filter(([, rule]) => !rule.holds(facts))
    .map(([id, rule]) => ({ broken: id, family: clientMetadataRules.family, says: rule.says }))
  const uris = facts.redirectUris.flatMap((uri) =>
    redirectUriRules.list
      .filter(([, rule]) => !rule.holds({ uri, client: facts.kind }))
      .slice(0, 1)
      .map(([id, rule]) => ({ broken: id, family: redirectUriRules.family, says: rule.says, uri })),
  )
  const outside = outsideRules.list
    .filter(([, rule]) => !rule.holds(facts))
    .map(([id, rule]) => ({ broken: id, family: outsideRules.family, says: rule.says }))
  return [...own, ...uris, ...checkLogoutUris(facts), ...outside]
}

/** OAuth 2.1 §7.3.1: only then may an earlier consent answer for the person. */
export function identityIsAssured(client: { readonly authentication: ClientAuthMethod }, redirectUri: string): boolean {
  return client.authentication !== 'none' || redirectUriKind(redirectUri) === 'https'
}
