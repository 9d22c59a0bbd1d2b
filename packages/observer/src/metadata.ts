// What an issuer and an API publish about themselves (RFC 8414, OpenID Connect Discovery, RFC 9728): declarations, not proof.
// Only hosts of the inventory are asked, whatever a document or a challenge names.
import type { ApiEntry, Inventory, IssuerEntry } from './inventory/inventory.ts'
import type { Line } from './wire/line.ts'

export interface Published {
  /** Selected members; empty when nothing could be read. */
  readonly members: Readonly<Record<string, unknown>>
  readonly evidence: readonly string[]
}

const issuerMembers = [
  'issuer',
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'end_session_endpoint',
  'pushed_authorization_request_endpoint',
  'require_pushed_authorization_requests',
  'device_authorization_endpoint',
  'backchannel_authentication_endpoint',
  'registration_endpoint',
  'response_types_supported',
  'grant_types_supported',
  'code_challenge_methods_supported',
  'authorization_response_iss_parameter_supported',
  'dpop_signing_alg_values_supported',
  'tls_client_certificate_bound_access_tokens',
  'mtls_endpoint_aliases',
  'dpop_bound_access_tokens_required',
  'request_parameter_supported',
  'claims_parameter_supported',
  'authorization_details_types_supported',
]
const resourceMembers = [
  'resource',
  'authorization_servers',
  'dpop_bound_access_tokens_required',
  'dpop_signing_alg_values_supported',
  'tls_client_certificate_bound_access_tokens',
  'bearer_methods_supported',
]

/**
 * RFC 8414 §3.1 inserts the well-known part before the path; OpenID Connect Discovery appends it. Mounted applications that do not own
 * the root of their host append the name of the former as well.
 */
export function issuerMetadataForms({ origin, pathname }: URL): readonly string[] {
  const path = pathname.replace(/\/$/, '')
  const right = [`${origin}/.well-known/oauth-authorization-server${path}`, `${origin}${path}/.well-known/openid-configuration`]
  return path === '' ? right : [...right, `${origin}${path}/.well-known/oauth-authorization-server`]
}

export async function readIssuerMetadata(issuer: IssuerEntry, line: Line): Promise<Published> {
  return firstReadable(issuer.id, 'issuer metadata', issuerMetadataForms(new URL(issuer.url)), issuerMembers, line)
}

/** RFC 9728 §3.1, and the place a challenge names (§5.1). */
export async function readResourceMetadata(
  api: ApiEntry,
  challenges: readonly string[],
  inventory: Inventory,
  line: Line,
): Promise<Published> {
  const named = challenges.flatMap((challenge) => /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? [])
  const resource = new URL(api.resource ?? api.url)
  const path = resource.pathname.replace(/\/$/, '')
  const forms = [...new Set([...named, `${resource.origin}/.well-known/oauth-protected-resource${path}`])]
  const allowed = forms.filter((form) => URL.canParse(form) && inventory.allowedHosts.has(new URL(form).host)).slice(0, 2)
  return firstReadable(api.id, 'resource metadata', allowed, resourceMembers, line)
}

async function firstReadable(
  target: string,
  role: string,
  urls: readonly string[],
  members: readonly string[],
  line: Line,
): Promise<Published> {
  const evidence: string[] = []
  for (const url of urls) {
    const sent = await line.send(target, role, { method: 'GET', url, headers: [] }, 'config')
    evidence.push(sent.evidence)
    const found = sent.answer.status === 200 ? readObject(sent.answer.body) : undefined
    if (found) return { members: Object.fromEntries(members.flatMap((name) => (name in found ? [[name, found[name]]] : []))), evidence }
  }
  return { members: {}, evidence }
}

function readObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
