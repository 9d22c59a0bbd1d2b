// How the access of a spare ticket is ended: it is revoked, the refresh token that came with it is, or its person signs out.
// Only sign-ins that the observer made for this are ended. How long the ticket goes on passing is watched in `after-revocation.ts`.
import { fingerprint } from '../baseline.ts'
import { authorizationRequest, freshCode, writeAuthorization } from '../clients/grant-source.ts'
import { formCall } from '../clients/prepare.ts'
import { readTokenAnswer, type Ticket } from '../clients/tickets.ts'
import { writeFormCall } from '../edits/plans.ts'
import type { ObserveOptions } from '../observation.ts'
import type { Ending } from '../residual.ts'
import { type PlaceParts, ticketWish } from '../stations/api.ts'
import { refreshForm } from '../stations/code-flow.ts'

/** Where one ending is watched. */
export interface EndingPlace {
  readonly parts: PlaceParts
  readonly after: Ending
  readonly hands: Pick<ObserveOptions, 'signIn' | 'signInBy' | 'signOut'>
}

/** A ticket whose access can be ended in this way; `undefined` where none is to be had. */
export async function spareTicket({ parts, after, hands }: EndingPlace): Promise<Ticket | undefined> {
  const { office, facts = {} } = parts
  const wish = ticketWish(parts)
  if (after !== 'sign-out') {
    if (facts['revocationEndpoint'] === undefined) return undefined
    const spare = await office.spare(wish)
    if ('none' in spare) return undefined
    return after === 'refresh-token' && spare.refreshToken === undefined ? undefined : spare
  }
  if (facts['endSessionEndpoint'] === undefined || hands.signOut === undefined) return undefined
  // With an ID token the issuer knows whose sign-in is meant; not every client may ask for one.
  const hinted = await office.spare({ ...wish, scope: [...new Set(['openid', ...(wish.scope ?? '').split(' ')])].join(' ').trim() })
  const spare = 'none' in hinted ? await office.spare(wish) : hinted
  return 'none' in spare ? undefined : spare
}

/** The exchanges by which it was ended; `undefined` where it was not. */
export async function endAccess(place: EndingPlace, spare: Ticket): Promise<readonly string[] | undefined> {
  const { parts, after } = place
  if (after === 'access-token') return revoke(parts, spare.accessToken, 'revocation of a spare ticket')
  if (after === 'refresh-token') return revoke(parts, spare.refreshToken ?? '', 'revocation of a spare refresh token')
  return signOut(place, spare)
}

async function revoke({ api, line, office, facts }: PlaceParts, token: string, role: string): Promise<readonly string[] | undefined> {
  const url = facts?.['revocationEndpoint']
  if (url === undefined) return undefined
  const sent = await line.send(api.id, role, writeFormCall(formCall(office.client, { url, form: [['token', token]], proof: false }, line)))
  return sent.answer.status === 200 ? [sent.evidence] : undefined
}

async function signOut({ parts, hands }: EndingPlace, { idToken }: Ticket): Promise<readonly string[] | undefined> {
  const { api, line, office, facts } = parts
  const url = facts?.['endSessionEndpoint']
  if (url === undefined || hands.signOut === undefined) return undefined
  const { clientId, postLogoutRedirectUri } = office.client.entry
  const back = await hands.signOut(
    writeAuthorization({
      url,
      parameters: [
        ...(idToken === undefined ? [] : [['id_token_hint', idToken] as const]),
        ['client_id', clientId],
        ...(postLogoutRedirectUri === undefined ? [] : [['post_logout_redirect_uri', postLogoutRedirectUri] as const]),
      ],
    }),
  )
  const told = line.remember(api.id, 'the test account signs out', url)
  if ('page' in back && back.status >= 400) return undefined
  return (await isStillSignedIn(parts, hands)) ? undefined : [told]
}

/** Asked only where a driver answers at once: a person would have to look. */
async function isStillSignedIn({ office, facts }: PlaceParts, { signIn, signInBy }: EndingPlace['hands']): Promise<boolean> {
  const endpoint = facts?.['authorizationEndpoint']
  const { ticket, clientId } = office.client.entry
  if (endpoint === undefined || signIn === undefined || signInBy === 'person' || ticket.from !== 'sign-in') return false
  const plan = authorizationRequest({
    endpoint,
    clientId,
    redirectUri: ticket.redirectUri,
    wish: { scope: ticket.scope, resource: ticket.resource },
  })
  const code = await freshCode({ ...plan, parameters: [...plan.parameters, ['prompt', 'none']] }, signIn)
  return typeof code === 'object'
}

export interface Refreshed {
  readonly accepted: boolean
  readonly evidence: readonly string[]
}

/** The old refresh token, with its proof. A nonce challenge is a step. */
export async function refreshAgain({ api, line, office }: PlaceParts, token: string): Promise<Refreshed> {
  const url = office.client.issuer.tokenEndpoint
  const once = () =>
    line.send(api.id, 'the old refresh token', writeFormCall(formCall(office.client, { url, form: refreshForm(token), proof: true }, line)))
  const first = await once()
  const challenged = fingerprint(first.answer).error === 'use_dpop_nonce'
  const last = challenged ? await once() : first
  return { accepted: readTokenAnswer(last.answer) !== undefined, evidence: [first.evidence, ...(challenged ? [last.evidence] : [])] }
}
