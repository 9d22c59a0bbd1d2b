// The chapters about certificates: a client that is known by one gets a ticket of it, which is worth nothing over any other connection.
import { createClientCredentials, type TicketHolder } from '@kimei/client'
import { createCertificate, type ShownCertificate } from '@kimei/client/node'
import { issueCertificate } from '../demo/demo-authority.ts'
import { machineName } from '../demo/demo-certificates.ts'
import type { Demo } from '../demo/start-demo.ts'
import { claimsOf, type Outcome, tokenOf } from './story.ts'

type CertificateChapter = readonly [id: string, tell: () => Promise<Outcome>, last?: boolean]

interface Stage {
  readonly url: string
  readonly certificate: ShownCertificate
  readonly holder: TicketHolder
}

export function certificateChapters(demo: Demo): readonly CertificateChapter[] {
  let opened: Stage | undefined
  const stage = (): Stage => {
    opened ??= setStage(demo)
    return opened
  }
  return [
    ['certificate-ticket-issued', () => ticketIsIssued(stage()), true],
    ['certificate-accepted', () => apiAccepts(stage()), true],
    ['no-certificate-refused', () => refusedOver(stage(), stage().certificate)],
    ['other-certificate-refused', () => otherRefused(demo, stage())],
    ['certificate-still-accepted', () => apiAccepts(stage()).finally(() => stage().certificate.close())],
  ]
}

function setStage({ places, certificates, certifiedResource }: Demo): Stage {
  const certificate = createCertificate({ ...certificates.machine, ca: certificates.authority.cert })
  const holder = createClientCredentials({
    issuer: places.issuer,
    clientId: 'demo-machine',
    authentication: { method: 'tls_client_auth' },
    scopes: ['notes:read'],
    resources: [certifiedResource],
    certificate,
  })
  return { url: `${places.mtls}/notes`, certificate, holder }
}

async function ticketIsIssued({ holder, certificate }: Stage): Promise<Outcome> {
  const ticket = await holder.ticket()
  if (!ticket) return { found: 'no ticket' }
  const { x5t } = certificate.current()
  const named = claimsOf(await tokenOf(holder))['cnf'] as { 'x5t#S256'?: string } | undefined
  if (named?.['x5t#S256'] !== x5t) return { found: `cnf x5t#S256 is ${named?.['x5t#S256'] ?? 'absent'}, the certificate is ${x5t}` }
  return ticket.x5t === x5t ? {} : { found: 'the ticket names another certificate' }
}

async function apiAccepts({ holder, url }: Stage): Promise<Outcome> {
  const response = await holder.fetch(url)
  await response.body?.cancel()
  return response.status === 200 ? {} : { found: `status ${response.status}` }
}

/** The token over a connection that shows nothing. */
async function refusedOver({ holder, url }: Stage, { plainFetch }: Pick<ShownCertificate, 'plainFetch'>): Promise<Outcome> {
  const response = await plainFetch(url, { headers: { authorization: `Bearer ${await tokenOf(holder)}` } })
  await response.body?.cancel()
  return response.status === 401 ? {} : { found: `status ${response.status}, expected 401` }
}

/** By the same authority, for the same name: only the certificate is another. */
async function otherRefused({ certificates }: Demo, stage: Stage): Promise<Outcome> {
  const now = Math.floor(Date.now() / 1000)
  const pair = await issueCertificate(certificates.clientAuthority, { commonName: machineName, usage: 'client', now })
  const other = createCertificate({ ...pair, ca: certificates.authority.cert })
  try {
    return await refusedOver(stage, { plainFetch: other.current().fetch })
  } finally {
    await other.close()
  }
}
