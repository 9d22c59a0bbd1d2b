// Tickets beside the one of the working exchange, for edits at an API: for another wish, or revoked at once.
import { formCall } from '../clients.ts'
import { writeFormCall } from '../edits/plans.ts'
import type { Ticket } from '../tickets.ts'
import { type PlaceParts, wishedResource, wishedScope } from './api.ts'

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
