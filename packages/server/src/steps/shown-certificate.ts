// The certificate of this connection, read and its chain judged, for a client that authenticates by it. Nobody else's is looked at here.
import { type Broken, type ClientRecord, isBroken, type PresentedCertificate, type ShownCertificate } from '@kimei/protocol'
import { isTrustedChain } from '../certificates/judge-chain.ts'
import { readCertificate } from '../certificates/read-certificate.ts'
import { isByCertificate } from '../config/certificate-methods.ts'
import type { Exchange, ServerContext } from '../context.ts'
import { presentedCertificate } from './present-certificate.ts'

/** `undefined`: there is none, or it is not what authenticates this client. */
export async function shownCertificate(
  context: ServerContext,
  exchange: Exchange,
  client: ClientRecord | undefined,
): Promise<ShownCertificate | Broken | undefined> {
  if (!client || client.disabled || !isByCertificate(client.authentication)) return undefined
  const presented = await presentedCertificate(context, exchange)
  if (presented === undefined || isBroken(presented)) return presented
  const { x5t, der } = presented
  if (der === undefined) return { x5t }
  const facts = await readCertificate(der)
  const chain = client.authentication === 'tls_client_auth' && facts ? judgeChain(context, exchange, presented) : undefined
  return { x5t, der, ...(facts && { facts }), ...(chain && { chain }) }
}

/** Only the authorities that are named for clients count, never those of the machine. */
function judgeChain({ config }: ServerContext, { now }: Exchange, presented: PresentedCertificate): ShownCertificate['chain'] {
  return isTrustedChain(presented, { trustAnchors: config.mtls?.trustAnchors ?? [], now }) ? 'trusted' : undefined
}
