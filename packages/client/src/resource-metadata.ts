// Finds out what an API demands (RFC 9728): by its identifier, or by the challenge it answered with.
import { readChallenges } from './challenges.ts'
import type { Fetch } from './contract.ts'
import { HolderError } from './holder-error.ts'
import { checkTarget, plainFetch } from './targets.ts'

export interface ResourceMetadata {
  readonly resource: string
  readonly authorizationServers: readonly string[]
  readonly scopes: readonly string[]
  readonly bindingRequired: boolean
}

const wellKnown = '/.well-known/oauth-protected-resource'

/** By identifier: the well-known path goes between host and path; a slash right after the host goes away (RFC 9728 §3.1). */
export async function readResourceMetadata(resource: string, fetch: Fetch = globalThis.fetch): Promise<ResourceMetadata> {
  const url = checkTarget(resource)
  return load(`${url.origin}${wellKnown}${url.pathname === '/' ? '' : url.pathname}${url.search}`, resource, fetch)
}

/** By challenge: the metadata must speak of the very URL that was asked, or anybody could answer for it (RFC 9728 §3.3, §7.3). */
export async function readChallengedMetadata(
  requested: string,
  response: Response,
  fetch: Fetch = globalThis.fetch,
): Promise<ResourceMetadata | undefined> {
  const challenges = readChallenges(response.headers.get('www-authenticate'))
  const where = challenges.map(({ parameters }) => parameters['resource_metadata']).find((found) => found !== undefined)
  return where === undefined ? undefined : load(where, requested, fetch)
}

async function load(url: string, resource: string, fetch: Fetch): Promise<ResourceMetadata> {
  const response = await plainFetch(fetch)(url, { headers: { accept: 'application/json' } })
  const found: unknown = response.status === 200 ? await response.json().catch(() => undefined) : undefined
  if (typeof found !== 'object' || found === null || !('resource' in found)) {
    throw new HolderError('holder.metadata-is-complete', `${new URL(url).origin} has no metadata for this resource`)
  }
  if (found.resource !== resource) throw new HolderError('holder.resource-is-exact', 'the metadata speaks of another resource')
  const metadata = found as Readonly<Record<string, unknown>>
  return {
    resource,
    authorizationServers: texts(metadata['authorization_servers']),
    scopes: texts(metadata['scopes_supported']),
    bindingRequired: metadata['dpop_bound_access_tokens_required'] === true,
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : []
}
