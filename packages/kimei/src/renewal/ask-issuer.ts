// Whether an issuer knows a client by a certificate: asked over that certificate, in a way that changes nothing for its tickets.
import { randomBytes } from 'node:crypto'
import { createClientCredentials, createMemoryDevice, HolderError, isHolderError, type TicketHolder } from '@kimei/client'
import type { ShownCertificate } from '@kimei/client/node'
import { type CertificatePlace, openPlace } from '../tickets/certificate-place.ts'
import { readAuthentication } from '../tickets/client-secret.ts'
import { peekJwt } from '../tickets/read-jwt.ts'
import type { TicketOrder } from '../tickets/wallet.ts'
import type { RenewalStep } from './renewal-checks.ts'

/** `which`: old or new, in the sentence and in the id. */
export async function askIssuer(order: TicketOrder, place: CertificatePlace, which: 'old' | 'new'): Promise<RenewalStep> {
  const id = `issuer-knows-${which}`
  let certificate: ShownCertificate | undefined
  try {
    certificate = openPlace(place)
    const says = order.grant === 'client-credentials' ? await askForTicket(order, certificate) : await askToRevoke(order, certificate)
    return { id, state: 'ok', says: `the issuer takes the ${which} one: ${says}` }
  } catch (error) {
    if (!isHolderError(error)) throw error
    const told = error.oauthError === undefined ? error.message : `${error.status} ${error.oauthError}`
    const says =
      error.code === 'holder.certificate-is-usable'
        ? `the ${which} one is shown to nobody any more`
        : `the issuer does not take the ${which} one: ${told}`
    return { id, state: which === 'old' ? 'unclear' : 'failed', says }
  } finally {
    await certificate?.close()
  }
}

/** A ticket in memory, thrown away. */
async function askForTicket(order: TicketOrder, certificate: ShownCertificate): Promise<string> {
  const holder = createClientCredentials({
    issuer: order.issuer,
    clientId: order.clientId,
    authentication: await readAuthentication(order.secret),
    scopes: order.scopes,
    resources: order.resources,
    certificate,
    ...(order.binding && { binding: order.binding }),
    device: createMemoryDevice(),
  })
  const ticket = await holder.ticket()
  if (ticket?.x5t === undefined) return 'it gave a ticket'
  return (await namesIt(holder, ticket.x5t)) ? 'it gave a ticket that names it' : 'it gave a ticket'
}

async function namesIt(holder: TicketHolder, x5t: string): Promise<boolean> {
  const token = await holder.dangerouslyRevealAccessToken()
  const cnf = token === undefined ? undefined : (peekJwt(token)?.claims['cnf'] as Readonly<Record<string, unknown>> | undefined)
  return cnf?.['x5t#S256'] === x5t
}

/** RFC 7009 §2.2: the client is authenticated first, and a token that nobody knows is answered 200. */
async function askToRevoke({ issuer, clientId, secret }: TicketOrder, certificate: ShownCertificate): Promise<string> {
  if (secret.kind !== 'certificate') return 'its first ticket will show it; this client is known by something else'
  const response = await certificate.plainFetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const metadata = (response.ok ? await response.json() : {}) as Metadata
  const endpoint = metadata.mtls_endpoint_aliases?.revocation_endpoint ?? metadata.revocation_endpoint
  if (metadata.issuer !== issuer || endpoint === undefined) return 'it could not be asked, for it has no revocation endpoint'
  const body = new URLSearchParams({ client_id: clientId, token: randomBytes(24).toString('base64url') })
  const answer = await certificate.current().fetch(endpoint, { method: 'POST', body, redirect: 'manual' })
  const { error } = (await answer.json().catch(() => ({}))) as { readonly error?: unknown }
  if (answer.ok) return 'it answered a request of this client'
  const code = typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? { oauthError: error } : {}
  throw new HolderError('holder.request-is-granted', `it answered ${answer.status}`, { status: answer.status, ...code })
}

interface Metadata {
  readonly issuer?: string
  readonly revocation_endpoint?: string
  readonly mtls_endpoint_aliases?: { readonly revocation_endpoint?: string }
}
