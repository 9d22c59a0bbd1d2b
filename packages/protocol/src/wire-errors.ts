// How each family of broken rules reads on the wire, for each kind of endpoint: total, checked by the compiler.
// Rendering to HTTP belongs to the server and the guard.
import type { ErrorFamily } from './rule.ts'

export type EndpointKind = 'token' | 'par' | 'device' | 'revocation' | 'introspection' | 'authorize' | 'api' | 'page' | 'registration'

export interface WireError {
  /** OAuth error code; `null` where the answer must carry none (RFC 6750 §3.1). */
  readonly error: string | null
  readonly status: number
  /** At the authorization endpoint: may it travel to the redirect_uri? */
  readonly redirect: boolean
  /** May the sentence of the rule (`says`) be shown to the peer as error_description? */
  readonly reveal: boolean
}

const e = (error: string | null, status: number, reveal = true, redirect = false): WireError => ({ error, status, reveal, redirect })
const r = (error: string, reveal = true): WireError => ({ error, status: 303, reveal, redirect: true })

/** RFC 6749 §5.2, RFC 9449 §5, RFC 8707 §2: JSON at endpoints that clients call directly. */
const direct: Record<ErrorFamily, WireError> = {
  request: e('invalid_request', 400),
  'too-large': e('invalid_request', 413),
  'headers-too-large': e('invalid_request', 431),
  'early-data': e('invalid_request', 425),
  method: e('invalid_request', 405),
  // One sentence for all client failures: which check failed helps only an attacker (RFC 6749 §5.2; OIDC Core §16.12).
  client: e('invalid_client', 401, false),
  'unauthorized-client': e('unauthorized_client', 400),
  grant: e('invalid_grant', 400, false),
  'grant-type': e('unsupported_grant_type', 400),
  'response-type': e('unsupported_response_type', 400),
  'response-mode': e('invalid_request', 400),
  'request-object': e('invalid_request_object', 400),
  'request-uri': e('invalid_request_uri', 400),
  registration: e('registration_not_supported', 400),
  'client-metadata': e('invalid_client_metadata', 400),
  'redirect-uri': e('invalid_redirect_uri', 400),
  'software-statement': e('invalid_software_statement', 400),
  'unapproved-software': e('unapproved_software_statement', 400),
  scope: e('invalid_scope', 400),
  target: e('invalid_target', 400),
  'authorization-details': e('invalid_authorization_details', 400),
  proof: e('invalid_dpop_proof', 400),
  'proof-nonce': e('use_dpop_nonce', 400),
  'no-credentials': e('invalid_client', 401, false),
  'mixed-credentials': e('invalid_request', 400),
  'access-token': e('invalid_grant', 400, false),
  binding: e('invalid_grant', 400, false),
  'insufficient-scope': e('invalid_scope', 400),
  'insufficient-authentication': e('unmet_authentication_requirements', 400),
  route: e('invalid_request', 404),
  'ambiguous-path': e('invalid_request', 400),
  'untrusted-redirect': e('invalid_request', 400),
  'login-required': e('login_required', 400),
  'consent-required': e('consent_required', 400),
  'interaction-required': e('interaction_required', 400),
  'account-selection': e('account_selection_required', 400),
  denied: e('access_denied', 400),
  'authorization-pending': e('authorization_pending', 400),
  'slow-down': e('slow_down', 400),
  'expired-token': e('expired_token', 400),
  throttled: e('temporarily_unavailable', 429),
  unavailable: e('temporarily_unavailable', 503),
}

/** RFC 6750 §3.1, RFC 9449 §7.1, RFC 9470 §3: at a protected resource. */
const api: Record<ErrorFamily, WireError> = {
  ...direct,
  client: e('invalid_token', 401, false),
  'unauthorized-client': e('invalid_token', 401, false),
  grant: e('invalid_token', 401, false),
  proof: e('invalid_dpop_proof', 401),
  'proof-nonce': e('use_dpop_nonce', 401),
  'no-credentials': e(null, 401, false),
  'access-token': e('invalid_token', 401, false),
  binding: e('invalid_token', 401),
  'insufficient-scope': e('insufficient_scope', 403),
  'insufficient-authentication': e('insufficient_user_authentication', 401),
  route: e(null, 401, false),
  'ambiguous-path': e('invalid_request', 400),
  'too-large': e('invalid_request', 431),
}

/** RFC 7591 §3.2.2, RFC 7592 §2: the message is metadata; its credential is an access token (RFC 6750). */
const registration: Record<ErrorFamily, WireError> = {
  ...direct,
  request: e('invalid_client_metadata', 400),
  'too-large': e('invalid_client_metadata', 413),
  method: e('invalid_request', 405),
  'no-credentials': e('invalid_token', 401),
  'access-token': e('invalid_token', 401, false),
  'mixed-credentials': e('invalid_request', 400),
  'unauthorized-client': e('access_denied', 403),
  scope: e('invalid_client_metadata', 400),
}

/** OAuth 2.1 §4.1.2.1, OIDC Core §3.1.2.6: redirects once client and redirect_uri are trusted. */
const authorize: Record<ErrorFamily, WireError> = {
  ...direct,
  request: r('invalid_request'),
  'unauthorized-client': r('unauthorized_client'),
  'response-type': r('unsupported_response_type'),
  'response-mode': e('invalid_request', 400),
  'request-object': r('invalid_request_object'),
  'request-uri': r('invalid_request_uri'),
  registration: r('registration_not_supported'),
  scope: r('invalid_scope'),
  target: r('invalid_target'),
  'authorization-details': r('invalid_authorization_details'),
  'login-required': r('login_required'),
  'consent-required': r('consent_required'),
  'interaction-required': r('interaction_required'),
  'account-selection': r('account_selection_required'),
  'insufficient-authentication': r('unmet_authentication_requirements'),
  denied: r('access_denied'),
  unavailable: r('temporarily_unavailable'),
  client: e('invalid_client', 400, false),
  'untrusted-redirect': e('invalid_request', 400),
}

export const wireErrors: Record<EndpointKind, Record<ErrorFamily, WireError>> = {
  token: direct,
  par: direct,
  device: direct,
  revocation: direct,
  // RFC 7662 §2.3: authenticated, but not the server of an API.
  introspection: { ...direct, 'unauthorized-client': e('unauthorized_client', 403) },
  authorize,
  api,
  registration,
  page: { ...direct, 'no-credentials': e('access_denied', 401, false) },
}

/** RFC 6749 §5.2: error_description is %x20-21 / %x23-5B / %x5D-7E; anything else becomes a space. */
export function wireSentence(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, ' ')
}
