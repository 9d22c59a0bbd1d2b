// One test client at its issuer, ready to be used: its office, what the issuer publishes, its ticket, and the facts that edits need of it.
// What is asked of it stands in `run/observe.ts`.

import type { Inventory } from '../inventory/inventory.ts'
import type { Published } from '../metadata.ts'
import { detailFacts } from './details-facts.ts'
import { endpointFacts } from './endpoint-facts.ts'
import type { PreparedClient } from './prepare.ts'
import type { SignInWay } from './sign-in-way.ts'
import type { NoTicket, Ticket, TicketOffice } from './tickets.ts'

export interface Desk {
  readonly client: PreparedClient
  readonly office: TicketOffice
  readonly published: Published
  readonly wish: { readonly scope?: string | undefined; readonly resource?: string | undefined }
  /** Where somebody signs its test account in. */
  readonly way?: SignInWay
  /** For registering a test client, where the inventory allows it. */
  readonly initialAccessToken?: string | undefined
  ticket: Ticket | NoTicket
}

export function factsOf(
  inventory: Inventory,
  { client, published, ticket: held, wish, initialAccessToken }: Desk,
): Readonly<Record<string, string | undefined>> {
  const { ticket } = client.entry
  const { lifetimes } = client.issuer
  // Only a client that proves nothing can be spoken for by another one.
  const twin = inventory.clients.find(
    (entry) =>
      entry.issuer === client.issuer.id &&
      entry.id !== client.entry.id &&
      entry.authentication.method === 'none' &&
      client.authentication.method === 'none',
  )
  const other = inventory.clients.find(
    ({ id, issuer, ticket: own }) =>
      issuer === client.issuer.id &&
      id !== client.entry.id &&
      own.from === 'sign-in' &&
      ticket.from === 'sign-in' &&
      own.redirectUri === ticket.redirectUri,
  )
  return {
    issuer: client.issuer.url,
    heedsResource: heedsResource(held, wish.resource) ? 'yes' : undefined,
    tokenEndpoint: client.issuer.tokenEndpoint,
    clientId: client.entry.clientId,
    authentication: client.authentication.method,
    boundBy: client.boundBy,
    issuerNonce: client.issuer.nonce,
    namedKey: 'none' in held || held.type !== 'dpop' ? undefined : 'yes',
    proofAlgorithms: String(published.members['dpop_signing_alg_values_supported'] ?? ''),
    ...endpointFacts(published.members),
    initialAccessToken,
    twinClientId: twin?.clientId,
    otherClientId: other?.clientId,
    deniedScope: client.entry.denied.scope,
    deniedResource: client.entry.denied.resource,
    deniedGrant: client.entry.denied.grant,
    deniedResponseType: client.entry.denied.responseType,
    ownScope: ticket.from === 'sign-in' ? ticket.scope : undefined,
    ownResource: ticket.from === 'sign-in' ? ticket.resource : undefined,
    claimsParameter: published.members['claims_parameter_supported'] === true ? 'yes' : undefined,
    idTokenBesideCode: givesIdTokens(published.members['response_types_supported']) ? 'yes' : undefined,
    ...detailFacts(published.members['authorization_details_types_supported'], client.entry.denied.authorizationDetailsType),
    elsewhereScope: client.issuer.elsewhere?.scope,
    elsewhereResource: client.issuer.elsewhere?.resource,
    unconsentedScope: client.entry.unasked,
    codeSeconds: lifetimes.codeSeconds?.toString(),
    refreshIdleSeconds: lifetimes.refreshIdleSeconds?.toString(),
    redirectUri: ticket.from === 'sign-in' ? ticket.redirectUri : undefined,
  }
}

/** What was asked for is what the ticket is for; of a ticket that cannot be read, the owner's word is taken. */
function heedsResource(ticket: Ticket | NoTicket, asked: string | undefined): boolean {
  if ('none' in ticket || asked === undefined) return false
  return ticket.format === 'opaque' || [ticket.claims['aud']].flat().includes(asked)
}

/** The order of the values says nothing. */
function givesIdTokens(types: unknown): boolean {
  return Array.isArray(types) && types.some((type) => type === 'code id_token' || type === 'id_token code')
}
