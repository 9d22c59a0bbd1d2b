// RFC 9728: where a protected resource says who issues its tickets and which kind it takes.
import type { Seconds } from '@kimei/protocol'

/** RFC 9728 §2. Empty members are omitted (§3.2). */
export interface ResourceMetadataDocument {
  readonly resource: string
  readonly authorization_servers: readonly string[]
  readonly scopes_supported?: readonly string[]
  readonly bearer_methods_supported: readonly string[]
  readonly resource_name?: string
  readonly resource_documentation?: string
  readonly tls_client_certificate_bound_access_tokens?: true
  readonly dpop_signing_alg_values_supported?: readonly string[]
  readonly dpop_bound_access_tokens_required?: true
}

export interface ResourceMetadata {
  /** Absolute URL, for `resource_metadata` in challenges. */
  readonly url: string
  /** Path and query on the resource's own origin. */
  readonly target: string
  /** What is true at this second: `required` is said only while every route really requires. */
  document(now: Seconds): ResourceMetadataDocument
}
