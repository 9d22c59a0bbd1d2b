// What metadata says about signed and encrypted authorization requests (RFC 9101 §10.5, OpenID Connect Discovery §3).
import { contentEncryptions } from '../jose/index.ts'

export interface RequestsEnabled {
  /** Signatures of request objects. */
  readonly requestObjectAlgorithms: readonly string[]
  /** How request objects may be encrypted to this issuer; empty: not at all. */
  readonly requestObjectEncryption: readonly string[]
  /** Every client must sign its authorization requests. */
  readonly requireSigned: boolean
}

export function requestMembers({ requestObjectAlgorithms, requestObjectEncryption, requireSigned }: RequestsEnabled) {
  return {
    claims_parameter_supported: true,
    request_parameter_supported: true,
    request_object_signing_alg_values_supported: requestObjectAlgorithms,
    request_object_encryption_alg_values_supported: requestObjectEncryption,
    request_object_encryption_enc_values_supported: requestObjectEncryption.length > 0 ? contentEncryptions : [],
    require_signed_request_object: requireSigned,
    request_uri_parameter_supported: true,
    require_request_uri_registration: true,
  }
}
