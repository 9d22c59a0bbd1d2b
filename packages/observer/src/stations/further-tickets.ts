// What edits at an API may take from its issuer, beside the ticket of the working exchange: further tickets, and its nonce.
import { formCall } from '../clients/prepare.ts'
import { openTicketOffice, type Ticket } from '../clients/tickets.ts'
import { writeFormCall } from '../edits/plans.ts'
import { type PlaceParts, ticketWish, wishedResource, wishedScope } from './api.ts'

/** For another resource the API's own scope is asked first, then any that the other resource knows. */
export async function otherTicket(
  parts: PlaceParts,
  wish: { readonly scope?: string; readonly resource?: string },
): Promise<Ticket | undefined> {
  const { api, office } = parts
  const own = api.scope ?? wishedScope(office)
  const scopes = wish.scope === undefined ? [own, parts.facts?.['elsewhereScope']] : [wish.scope]
  for (const scope of scopes) {
    const got = await office.ticket({ scope, resource: wish.resource ?? api.resource ?? wishedResource(office), proof: true })
    if (!('none' in got)) return got
  }
  return undefined
}

/** A ticket of its own for this API, revoked at once: the working exchange keeps the other one. */
export async function revokedTicket(parts: PlaceParts): Promise<Ticket | undefined> {
  const { api, line, office } = parts
  const { client } = office
  const url = parts.facts?.['revocationEndpoint']
  if (url === undefined) return undefined
  const spare = await office.spare({
    scope: api.scope ?? wishedScope(office),
    resource: api.resource ?? wishedResource(office),
    proof: true,
  })
  if ('none' in spare) return undefined
  const form = [['token', spare.accessToken]] as const
  const sent = await line.send(api.id, 'revocation of a spare ticket', writeFormCall(formCall(client, { url, form, proof: false }, line)))
  return sent.answer.status === 200 ? spare : undefined
}

/** The same client with another key. Only where it asks for itself: other grants are bound to the first key. */
export async function ticketOfOtherKey(parts: PlaceParts, subjects: readonly string[]): Promise<Ticket | undefined> {
  const { client, source } = parts.office
  if (client.entry.ticket.from !== 'client-credentials') return undefined
  const office = openTicketOffice({ ...client, key: client.otherKey }, parts.line, source, subjects)
  const got = await office.ticket(ticketWish(parts))
  return 'none' in got || got.type !== 'dpop' ? undefined : got
}

/**
 * A nonce that the token endpoint gives just now, where that is another origin than the API. One of before could be older than that of the
 * API and yet of the same make: houses may share their nonces. It is asked with a code that never was.
 */
export async function issuerNonce({ api, line, office }: PlaceParts): Promise<string | undefined> {
  const { client } = office
  const { tokenEndpoint } = client.issuer
  if (new URL(tokenEndpoint).origin === new URL(api.url).origin || line.nonce(tokenEndpoint) === undefined) return undefined
  const form = [
    ['grant_type', 'authorization_code'],
    ['code', line.random()],
    ['code_verifier', `${line.random()}${line.random()}`],
    ['redirect_uri', 'http://127.0.0.1/callback'],
  ] as const
  await line.send(api.id, 'a fresh nonce of the issuer', writeFormCall(formCall(client, { url: tokenEndpoint, form, proof: true }, line)))
  return line.nonce(tokenEndpoint)
}
