// Which client a holder is at an issuer: given beforehand, published as a document, or registered there. Never one of another issuer.
import * as oauth from 'oauth4webapi'
import type { ClientAuthentication, Device, HolderOptions } from './contract.ts'
import { HolderError } from './holder-error.ts'
import { createIssuerLink } from './issuer-link.ts'
import { within } from './library-errors.ts'

export interface ClientChoices extends Pick<HolderOptions, 'issuer' | 'fetch' | 'clock' | 'random' | 'discovery'> {
  readonly device: Device
  /** By issuer, code point by code point. */
  readonly given?: Readonly<Record<string, { readonly clientId: string; readonly authentication?: ClientAuthentication }>>
  /** URL of a published client metadata document. */
  readonly documentUrl?: string
  /** What to register where nothing else is possible (RFC 7591 §2); deprecated in MCP, and so asked for last. */
  readonly registration?: {
    readonly clientName: string
    readonly redirectUris: readonly string[]
    readonly applicationType: 'native' | 'web'
    readonly scopes?: readonly string[]
  }
}

export interface FoundClient {
  readonly issuer: string
  readonly clientId: string
  readonly by: 'given' | 'document' | 'registration'
  readonly authentication: ClientAuthentication
}

/** In the order of MCP 2026-07-28. Throws {@link HolderError} `holder.client-is-known` where a person has to be asked. */
export async function findClient(choices: ClientChoices): Promise<FoundClient> {
  const { issuer, given = {}, documentUrl, device } = choices
  const own = Object.hasOwn(given, issuer) ? given[issuer] : undefined
  if (own) return { issuer, clientId: own.clientId, by: 'given', authentication: own.authentication ?? { method: 'none' } }
  const link = createIssuerLink({ ...choices, clientId: documentUrl ?? 'unregistered' })
  const as = await link.metadata()
  if (documentUrl !== undefined && as['client_id_metadata_document_supported'] === true) {
    return { issuer, clientId: documentUrl, by: 'document', authentication: { method: 'none' } }
  }
  return device.lock(slotOf(issuer), async () => {
    const saved = parseFound(await device.shelf.read(slotOf(issuer)), issuer)
    if (saved) return saved
    const found = await register(choices, await link.plainly())
    await device.shelf.write(slotOf(issuer), found)
    return found
  })
}

/** After `invalid_client`: the issuer has forgotten this client, and it is registered anew at the next need. */
export async function forgetClient({ issuer, device }: Pick<ClientChoices, 'issuer' | 'device'>): Promise<void> {
  await device.shelf.remove(slotOf(issuer))
}

const slotOf = (issuer: string): string => `client:${issuer}`

async function register({ issuer, registration }: ClientChoices, { as, options }: Awaited<ReturnType<Plainly>>): Promise<FoundClient> {
  if (registration === undefined || as.registration_endpoint === undefined) {
    throw new HolderError('holder.client-is-known', 'none was given, and the issuer neither reads documents nor registers')
  }
  const metadata = {
    client_name: registration.clientName,
    redirect_uris: [...registration.redirectUris],
    application_type: registration.applicationType,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    dpop_bound_access_tokens: true,
    ...(registration.scopes && { scope: registration.scopes.join(' ') }),
  }
  const response = await oauth.dynamicClientRegistrationRequest(as, metadata, options)
  const { client_id: clientId } = await within('holder.answer-is-readable', () => oauth.processDynamicClientRegistrationResponse(response))
  return { issuer, clientId, by: 'registration', authentication: { method: 'none' } }
}

type Plainly = ReturnType<typeof createIssuerLink>['plainly']

function parseFound(value: unknown, issuer: string): FoundClient | undefined {
  const found = value as Partial<FoundClient> | undefined
  return found?.issuer === issuer && typeof found.clientId === 'string' && found.by === 'registration' ? (found as FoundClient) : undefined
}
