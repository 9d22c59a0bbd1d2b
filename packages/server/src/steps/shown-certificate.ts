// The certificate of this connection, read and its chain judged, for a client that authenticates by it. Nobody else's is looked at here.
import {
  type Broken,
  type CertificateFacts,
  type ClientRecord,
  hasExpectedSubject,
  isBroken,
  type PresentedCertificate,
  type ShownCertificate,
} from '@kimei/protocol'
import { isPath, judgeChain } from '../certificates/judge-chain.ts'
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
  if (facts === undefined) return { x5t, der }
  const chain = client.authentication === 'tls_client_auth' ? await judge(context, exchange, { client, presented, facts }) : undefined
  return { x5t, der, facts, ...(chain && { chain }) }
}

interface Shown {
  readonly client: ClientRecord
  readonly presented: PresentedCertificate
  readonly facts: CertificateFacts
}

const nobody: readonly string[] = []

/** Only the authorities that are named for clients count, never those of the machine. */
async function judge(context: ServerContext, exchange: Exchange, { client, presented, facts }: Shown): Promise<ShownCertificate['chain']> {
  const { config, law, revocation } = context
  const path = await judgeChain(presented, { trustAnchors: config.mtls?.trustAnchors ?? nobody, now: exchange.now, law })
  if (!isPath(path)) return path
  // Whose name is another one is refused anyway: nobody is asked about it.
  const named = client.tlsClientAuth !== undefined && hasExpectedSubject(client.tlsClientAuth, facts)
  const broken = named ? await revocation?.judge(path, { exchange, clientId: client.clientId, x5t: presented.x5t }) : undefined
  return broken ?? 'trusted'
}
