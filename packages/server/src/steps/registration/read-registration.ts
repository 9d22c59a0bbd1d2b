// From the body of a registration or a change to a client that may be remembered: message, statement, metadata, policy, sector.
// Nothing is written here.
import {
  type Broken,
  type BrokenMetadata,
  broke,
  type ClientMetadata,
  type ClientRecord,
  certificateClientRules,
  checkSoftwareStatement,
  clientMetadataRules,
  clientOfMetadata,
  directRequestRules,
  isBroken,
  type JsonObject,
  judge,
  must,
  outsideRules,
  readMetadata,
  redirectUriKind,
  registrationRules,
  requestSigningRules,
  softwareStatementRules,
  strictJson,
} from '@kimei/protocol'
import { declarePrivate } from '../../config/client-outside-schema.ts'
import { metadataSupport } from '../../config/metadata-support.ts'
import { declareBinding } from '../../config/records.ts'
import type { Exchange, ServerContext } from '../../context.ts'
import { readText } from '../../http/read-form.ts'
import { withNamedSector } from '../../outbound/sectors.ts'

export interface Readable {
  readonly metadata: ClientMetadata
  /** As sent: answered unchanged (RFC 7591 §3.2.1). */
  readonly statement: string | undefined
}

const limits = { depth: 8, members: 512 }

/** The object that the body holds. */
export async function readBody(context: ServerContext, { request }: Exchange): Promise<JsonObject | Broken> {
  const unreadable = broke(registrationRules, 'registration.body-is-json')
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json') return unreadable
  const text = await readText(request, context.config.limits.bodyBytes)
  if (text === undefined) return broke(directRequestRules, 'request.body-is-bounded')
  const object = strictJson(text, limits)
  return typeof object === 'string' ? unreadable : object
}

/** What is said of the client, by itself and by whom the operator trusts, judged; its URIs not yet. */
export async function readClient(context: ServerContext, exchange: Exchange, body: JsonObject): Promise<Readable | BrokenMetadata> {
  const { config, law } = context
  const stated = await readStatement(context, exchange, body['software_statement'])
  if (isBroken(stated)) return stated
  const support = metadataSupport(config)
  const { policy } = config.registration
  const offered = {
    ...support,
    authentication: support.authentication.filter((method) => policy.authentication.some((one) => one === method)),
    grants: support.grants.filter((grant) => policy.grants.some((one) => one === grant)),
  }
  const metadata = readMetadata({ ...body, ...stated }, offered, law)
  if (isBroken(metadata)) return metadata
  const allowed = metadata.redirect_uris.every((uri) => isAllowedHost(uri, policy.redirectHosts))
  const stray = must(registrationRules, 'registration.redirect-hosts-are-allowed', allowed, law, () => ({
    expected: policy.redirectHosts,
    received: metadata.redirect_uris,
  }))
  return stray ?? { metadata, statement: typeof body['software_statement'] === 'string' ? body['software_statement'] : undefined }
}

async function readStatement(context: ServerContext, { now }: Exchange, statement: unknown): Promise<JsonObject | Broken> {
  const { softwareStatements: trusted } = context.config.registration
  if (statement === undefined || statement === null) {
    return must(softwareStatementRules, 'software-statement.is-sent', trusted?.required !== true, context.law) ?? {}
  }
  const issuers = (trusted?.issuers ?? []).map(({ issuer, jwks, softwareIds }) => ({ issuer, keys: jwks.keys, softwareIds }))
  return checkSoftwareStatement(statement, issuers, now, context.law)
}

/** Whether the operator named the place of a redirect URI; where none are named, every place is allowed. */
export function isAllowedHost(uri: string, allowed: readonly string[] | undefined): boolean {
  if (allowed === undefined) return true
  const kind = redirectUriKind(uri)
  if (kind !== 'https') return kind !== undefined && allowed.includes(kind)
  const { hostname } = new URL(uri)
  return allowed.some((one) => one === hostname || (one.startsWith('*.') && hostname.endsWith(one.slice(1))))
}

export interface DraftParts {
  readonly clientId: string
  readonly secretHashes: readonly string[]
  /** The client as it is, where this is a change. */
  readonly before?: ClientRecord
}

const inMetadata = (broken: Broken | undefined): Broken | undefined => broken && { ...broken, family: 'client-metadata' }

/** The client by the operator's terms, judged as every client is. */
export async function draftClient(
  context: ServerContext,
  exchange: Exchange,
  metadata: ClientMetadata,
  parts: DraftParts,
): Promise<Omit<ClientRecord, 'version'> | Broken> {
  const { policy } = context.config.registration
  const privateClaims = declarePrivate(policy.pairwiseClaims)
  const draft = clientOfMetadata(metadata, {
    issuer: context.issuer,
    clientId: parts.clientId,
    source: 'registered',
    scopes: policy.scopes,
    resources: policy.apis,
    binding: declareBinding(policy.binding),
    dangerouslyAcceptTokenEndpointAudience: policy.dangerouslyAcceptTokenEndpointAudience,
    dangerouslyAllowWithoutPkce: policy.dangerouslyAllowWithoutPkce,
    ...(privateClaims && { privateClaims }),
  })
  const client = { ...draft, secretHashes: parts.secretHashes }
  const broken =
    judge(clientMetadataRules, client, context.law) ??
    judge(certificateClientRules, client, context.law) ??
    inMetadata(judge(requestSigningRules, client, context.law) ?? judge(outsideRules, client, context.law))
  const { outbound, law } = context
  return broken ?? withNamedSector(client, metadata.sector_identifier_uri, { outbound, law, before: parts.before, exchange })
}
