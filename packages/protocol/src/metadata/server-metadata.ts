// Authorization server metadata (RFC 8414 §2, OpenID Connect Discovery §3), derived from what is enabled, never hand-listed.
import { responseModes } from '../authorization/index.ts'
import { clientAuthMethods } from '../client-auth/index.ts'
import type { Issuer } from '../ids.ts'
import { contentEncryptions, keyManagementAlgorithms } from '../jose/index.ts'
import type { Profile } from '../profiles/index.ts'
import type { ClientAuthMethod, GrantType, ResponseType } from '../records.ts'
import { mtlsMembers } from './mtls-members.ts'
import { type RequestsEnabled, requestMembers } from './request-members.ts'

export interface Enabled extends RequestsEnabled {
  readonly issuer: Issuer
  readonly profile: Profile
  readonly endpoints: {
    readonly authorization: string
    readonly token: string
    readonly userinfo: string
    readonly jwks: string
    readonly revocation: string
    readonly introspection: string
    readonly pushed: string
    /** Where devices may be authorized. */
    readonly deviceAuthorization?: string
    readonly endSession: string
  }
  /** What stands for the issuer in the URLs for clients with certificates (RFC 8705 §5). Absent: mutual TLS is off. */
  readonly mtlsUrl?: string
  readonly grants: readonly GrantType[]
  /** Where clients may register themselves. */
  readonly registrationEndpoint?: string
  /** Every client must push its authorization requests (RFC 9126 §5). */
  readonly requirePushed: boolean
  readonly scopes: readonly string[]
  /** Claims that UserInfo may release. */
  readonly claims: readonly string[]
  readonly proofAlgorithms: readonly string[]
  /** How clients may authenticate by certificate. Empty: nobody is asked for one. */
  readonly certificateMethods: readonly ClientAuthMethod[]
  /** Some client authenticates by client_secret_jwt, or may be registered with it. */
  readonly sharedSecretAssertions: boolean
  readonly idTokenAlgorithms: readonly string[]
  readonly introspectionAlgorithms: readonly string[]
  /** Of signed authorization responses and UserInfo. */
  readonly answerAlgorithms: readonly string[]
  /** `code`, and what else some client is registered for. */
  readonly responseTypes: readonly ResponseType[]
  readonly uiLocales: readonly string[]
  /** A client id may be the URL of a document (CIMD §6). */
  readonly clientDocuments: boolean
  /** Weakest first. */
  readonly acrValues: readonly string[]
  /** RFC 9396 §10. */
  readonly authorizationDetailsTypes: readonly string[]
}

function methodsOf({ profile: { clientAuthentication }, sharedSecretAssertions, certificateMethods }: Enabled) {
  return Object.values(clientAuthMethods).filter(
    ({ name, certificate }) =>
      (clientAuthentication?.includes(name) ?? true) &&
      (name !== 'client_secret_jwt' || sharedSecretAssertions) &&
      (!certificate || certificateMethods.includes(name)),
  )
}

/** Empty lists are left out (RFC 8414 §3.2). The same document answers all three well-known forms. */
export function serverMetadata(enabled: Enabled): Readonly<Record<string, unknown>> {
  const { endpoints } = enabled
  const { signatureAlgorithms } = enabled.profile
  const methods = methodsOf(enabled)
  const authMethods = methods.map((method) => method.name)
  const signing = [...new Set(methods.flatMap((method) => method.signingAlgorithms ?? []))].filter(
    (alg) => signatureAlgorithms?.some((one) => one === alg) ?? true,
  )
  const document = {
    issuer: enabled.issuer,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    userinfo_endpoint: endpoints.userinfo,
    jwks_uri: endpoints.jwks,
    revocation_endpoint: endpoints.revocation,
    pushed_authorization_request_endpoint: endpoints.pushed,
    ...(endpoints.deviceAuthorization !== undefined && { device_authorization_endpoint: endpoints.deviceAuthorization }),
    require_pushed_authorization_requests: enabled.requirePushed,
    registration_endpoint: enabled.registrationEndpoint ?? [],
    scopes_supported: enabled.scopes,
    response_types_supported: enabled.responseTypes,
    response_modes_supported: responseModes,
    authorization_signing_alg_values_supported: enabled.answerAlgorithms,
    authorization_encryption_alg_values_supported: keyManagementAlgorithms,
    authorization_encryption_enc_values_supported: contentEncryptions,
    grant_types_supported: enabled.grants,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    token_endpoint_auth_methods_supported: authMethods,
    token_endpoint_auth_signing_alg_values_supported: signing,
    revocation_endpoint_auth_methods_supported: authMethods,
    revocation_endpoint_auth_signing_alg_values_supported: signing,
    introspection_endpoint: endpoints.introspection,
    // Servers of APIs alone ask, and each authenticates (RFC 7662 §2.1).
    introspection_endpoint_auth_methods_supported: authMethods.filter((name) => name !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: signing,
    introspection_signing_alg_values_supported: enabled.introspectionAlgorithms,
    introspection_encryption_alg_values_supported: keyManagementAlgorithms,
    introspection_encryption_enc_values_supported: contentEncryptions,
    ...signOutMembers(endpoints.endSession),
    dpop_signing_alg_values_supported: enabled.proofAlgorithms,
    subject_types_supported: ['public', 'pairwise'],
    id_token_signing_alg_values_supported: enabled.idTokenAlgorithms,
    id_token_encryption_alg_values_supported: keyManagementAlgorithms,
    id_token_encryption_enc_values_supported: contentEncryptions,
    userinfo_signing_alg_values_supported: enabled.answerAlgorithms,
    userinfo_encryption_alg_values_supported: keyManagementAlgorithms,
    userinfo_encryption_enc_values_supported: contentEncryptions,
    claims_supported: enabled.claims,
    ...askingOf(enabled),
    ...(enabled.clientDocuments && { client_id_metadata_document_supported: true }),
    ...requestMembers(enabled),
  }
  const whole = { ...document, ...mtlsMembers(enabled.issuer, enabled.mtlsUrl, document) }
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => !Array.isArray(value) || value.length > 0))
}

/** OpenID Connect RP-Initiated Logout §2.1, Back-Channel Logout §2.1, Front-Channel Logout §3. */
function signOutMembers(endSession: string): Readonly<Record<string, unknown>> {
  return {
    end_session_endpoint: endSession,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
  }
}

/** What a person may be asked, how strongly to sign in, and how finely permissions may be cut. */
function askingOf({ uiLocales, acrValues, authorizationDetailsTypes }: Enabled): Readonly<Record<string, unknown>> {
  return {
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    ui_locales_supported: uiLocales,
    acr_values_supported: acrValues,
    authorization_details_types_supported: authorizationDetailsTypes,
  }
}

/** The paths at which the document stands: inserted for RFC 8414, inserted and appended for OpenID. */
export function wellKnownPaths(issuer: Issuer): readonly string[] {
  const path = issuer.replace(/^https?:\/\/[^/]+/, '').replace(/\/$/, '')
  return [
    ...new Set([
      `/.well-known/oauth-authorization-server${path}`,
      `/.well-known/openid-configuration${path}`,
      `${path}/.well-known/openid-configuration`,
    ]),
  ]
}
