// RFC 9728: where a protected resource says who issues its tickets and which kind it takes.
import type { Seconds } from '@kimei/protocol'
import type { GuardConfig } from './config/schema.ts'
import { type GuardedRoute, type Route, unboundFate } from './policy.ts'

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

const wellKnown = '/.well-known/oauth-protected-resource'

/** RFC 9728 §3.1: inserted between host and path; only a slash that is the whole path is dropped. */
export function metadataLocation(resource: string): { readonly url: string; readonly target: string } {
  const parts = /^([a-z]+:\/\/[^/?]+)(\/[^?]*)?(\?.*)?$/i.exec(resource)
  const path = parts?.[2] === '/' ? '' : (parts?.[2] ?? '')
  const target = `${wellKnown}${path}${parts?.[3] ?? ''}`
  return { url: `${parts?.[1] ?? ''}${target}`, target }
}

export function makeResourceMetadata(config: GuardConfig, routes: readonly Route[]): ResourceMetadata | undefined {
  const { metadata } = config
  if (metadata === 'off') return undefined
  const guarded = routes.filter((route) => route.kind === 'guarded')
  const scopes = [...new Set(guarded.flatMap((route) => route.demand.scopes))]
  const dpop = guarded.some((route) => route.demand.constraint !== 'mtls')
  const mtls = guarded.some((route) => route.demand.constraint !== 'dpop')
  return {
    ...metadataLocation(config.resource),
    document: (now) => ({
      resource: config.resource,
      authorization_servers: [config.issuer],
      ...(scopes.length > 0 && { scopes_supported: scopes }),
      // The Authorization header is the only carrier (OAuth 2.1 §5.1.1); the name is older than bound tokens.
      bearer_methods_supported: ['header'],
      ...(metadata.name !== undefined && { resource_name: metadata.name }),
      ...(metadata.documentation !== undefined && { resource_documentation: metadata.documentation }),
      ...(mtls && { tls_client_certificate_bound_access_tokens: true as const }),
      ...(dpop && { dpop_signing_alg_values_supported: config.dpop.algorithms }),
      ...(requiresDpop(guarded, now) && { dpop_bound_access_tokens_required: true as const }),
    }),
  }
}

function requiresDpop(guarded: readonly GuardedRoute[], now: Seconds): boolean {
  const bound = (route: GuardedRoute) => route.demand.constraint === 'dpop' || route.demand.constraint === 'both'
  return guarded.length > 0 && guarded.every((route) => bound(route) && unboundFate(route, now) === 'refused')
}
