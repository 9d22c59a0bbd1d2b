// The audit log: one line for each thing that happened. Never a token, code, proof or secret.
import type { Issuer, Seconds, Thumbprint } from '../ids.ts'

export type AuditName =
  | 'authorization_refused'
  | 'request_pushed'
  | 'device_requested'
  | 'device_waiting'
  | 'device_code_guessed'
  | 'device_code_reused'
  | 'token_issued'
  | 'token_exchanged'
  | 'token_refused'
  | 'token_revoked'
  | 'token_introspected'
  | 'api_access'
  | 'api_refused'
  | 'dpop_invalid'
  | 'dpop_nonce_required'
  | 'mtls_missing'
  | 'binding_mismatch'
  | 'would_refuse'
  | 'refresh_reused'
  | 'refresh_repeated'
  | 'code_reused'
  | 'login'
  | 'login_failed'
  | 'logout'
  | 'logout_refused'
  | 'logout_told'
  | 'logout_not_told'
  | 'consent'
  | 'client_registered'
  | 'client_changed'
  | 'client_deleted'
  | 'registration_refused'
  | 'key_rotated'
  | 'outbound_refused'
  | 'client_document_changed'
  | 'certificate_expires_soon'
  | 'certificate_unchecked'
  | 'fault'

/** One line of the audit log. Never a token, code, proof or secret. */
export interface AuditEvent {
  readonly at: Seconds
  readonly event: AuditName
  readonly issuer: Issuer
  readonly requestId: string
  readonly mode?: 'bearer' | 'dpop' | 'mtls' | 'mixed'
  readonly rule?: string
  readonly clientId?: string
  readonly subject?: string
  readonly jkt?: Thumbprint
  readonly x5t?: Thumbprint
  readonly grantType?: string
  readonly route?: string
  readonly resource?: string
  readonly expected?: unknown
  readonly received?: unknown
  readonly [more: string]: unknown
}
