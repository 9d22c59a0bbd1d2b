// The renewal of a client's certificate as one walk: look, ask the issuer, and where it is wanted change over: certificate, ticket, use.
// How it is told stands in commands/client.ts.
import type { Ticket } from '@kimei/client'
import type { CertificatePlace } from '../tickets/certificate-place.ts'
import { openWallet, rememberOrder, type TicketOrder } from '../tickets/wallet.ts'
import { askIssuer } from './ask-issuer.ts'
import { checkPublished, keyOf, publish } from './published-keys.ts'
import { type CertificateFace, checkPair, faceOf, isSelfSigned, type RenewalStep, readPlace } from './renewal-checks.ts'

export interface RenewalWish {
  readonly wallet: string
  readonly order: TicketOrder
  /** The one in use. */
  readonly before: CertificatePlace
  readonly after: CertificatePlace
  /** File of the keys that this client publishes or registers. */
  readonly keysFile: string | undefined
  readonly publish: boolean
  readonly change: boolean
}

export interface Renewal {
  readonly issuer: string
  readonly clientId: string
  readonly grant: TicketOrder['grant']
  readonly old: CertificateFace
  readonly new: CertificateFace
  readonly steps: readonly RenewalStep[]
  /** Nothing stands in the way. */
  readonly ready: boolean
  readonly changed: boolean
  /** The first ticket of the new certificate. */
  readonly ticket?: Ticket
  /** For a self-signed one that the issuer does not know yet: what to publish or register. */
  readonly toPublish?: object
}

export async function renew(wish: RenewalWish): Promise<Renewal> {
  const { order, keysFile } = wish
  const [before, after] = [readPlace(wish.before), readPlace(wish.after)]
  if (keysFile !== undefined && wish.publish) publish(keysFile, after)
  const looked = [
    ...checkPair(before, after, Math.floor(Date.now() / 1000)),
    ...(keysFile === undefined ? [] : checkPublished(keysFile, before, after)),
  ]
  // What cannot be used is not shown to anybody.
  const usable = !looked.some(({ id, state }) => id !== 'published-new' && state === 'failed')
  const asked = usable ? [await askIssuer(order, wish.before, 'old'), await askIssuer(order, wish.after, 'new')] : []
  const steps = [...looked, ...asked]
  const ready = steps.every(({ state }) => state !== 'failed')
  const ticket = ready && wish.change ? await changeOver(wish) : undefined
  const unknown = asked.some(({ id, state }) => id === 'issuer-knows-new' && state === 'failed')
  return {
    issuer: order.issuer,
    clientId: order.clientId,
    grant: order.grant,
    old: faceOf(before),
    new: faceOf(after),
    steps,
    ready,
    changed: ticket !== undefined,
    ...(ticket && { ticket }),
    ...(unknown && isSelfSigned(after) && { toPublish: keyOf(after) }),
  }
}

/** New certificate, then a ticket of it, and only then does anything use it: what fails leaves the order as it was. */
async function changeOver({ wallet, order, after }: RenewalWish): Promise<Ticket | undefined> {
  const next: TicketOrder = { ...order, certificate: after, binding: order.binding ?? 'certificate' }
  const { holder, certificate } = await openWallet(wallet, next)
  try {
    const ticket = await holder.ticket()
    if (ticket) await rememberOrder(wallet, { ...next, ...(ticket.x5t !== undefined && { x5t: ticket.x5t }) })
    return ticket
  } finally {
    await certificate?.close()
  }
}

/** Where the new one is: what is not named anew stays as it was. */
export function placeAfter(before: CertificatePlace, after: CertificatePlace): CertificatePlace {
  const caFile = after.caFile ?? before.caFile
  return { ...after, ...(caFile !== undefined && { caFile }) }
}
