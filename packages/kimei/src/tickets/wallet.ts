// Where the command keeps tickets between calls: one private folder for each issuer, and a note of which was asked last.
// Keys and tickets inside are the holder's own business.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  createClientCredentials,
  createSession,
  type Fetch,
  type HolderCertificate,
  type HolderOptions,
  openDevice,
  type Session,
  type TicketHolder,
} from '@kimei/client'
import { createTrustingFetch, openPrivateFolder, type ShownCertificate } from '@kimei/client/node'
import { UsageError } from '../command/command.ts'
import { type CertificatePlace, openPlace } from './certificate-place.ts'
import { type ClientSecretPlace, readAuthentication } from './client-secret.ts'

/** How a ticket was obtained: enough to renew it, and no secret. */
export interface TicketOrder {
  readonly issuer: string
  readonly clientId: string
  readonly grant: 'code' | 'client-credentials'
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly secret: ClientSecretPlace
  /** Shown on TLS connections. */
  readonly certificate?: CertificatePlace
  /** The one that the last ticket came with. */
  readonly x5t?: string
  readonly binding?: 'key' | 'certificate' | 'both'
  /** Authorities whose servers are believed, where no certificate is shown. */
  readonly caFile?: string
}

const orderFile = 'order.json'
/** The orders of one issuer, one a client. */
const ordersFile = 'orders.json'
const latestFile = 'latest.json'

/** `.kimei` here, where there is one; otherwise in the home folder. */
export function walletFolder(given: string | undefined): string {
  if (given !== undefined) return given
  return existsSync('.kimei') ? '.kimei' : join(homedir(), '.kimei')
}

function issuerFolder(wallet: string, issuer: string): string {
  const { host, pathname } = new URL(issuer)
  return join(wallet, 'tickets', `${host}${pathname === '/' ? '' : pathname}`.replaceAll(/[^A-Za-z0-9.-]/g, '_'))
}

/** Remembers an order as the latest of its issuer and of the wallet. */
export async function rememberOrder(wallet: string, order: TicketOrder): Promise<void> {
  await openPrivateFolder(wallet)
  const top = await openPrivateFolder(join(wallet, 'tickets'))
  const own = await openPrivateFolder(issuerFolder(wallet, order.issuer))
  await own.write(orderFile, JSON.stringify(order))
  const others = ordersIn(issuerFolder(wallet, order.issuer)).filter(({ clientId }) => clientId !== order.clientId)
  await own.write(ordersFile, JSON.stringify([order, ...others]))
  await top.write(latestFile, JSON.stringify({ issuer: order.issuer }))
}

function ordersIn(folder: string): readonly TicketOrder[] {
  return (readJson(join(folder, ordersFile)) as readonly TicketOrder[] | undefined) ?? []
}

export interface OrderWish {
  readonly issuer?: string | undefined
  readonly clientId?: string | undefined
  /** Of several clients at one issuer, the one with a ticket for this place. */
  readonly url?: URL
}

/** The latest order that fits. @throws UsageError where there is none. */
export async function recallOrder(wallet: string, { issuer, clientId, url }: OrderWish = {}): Promise<TicketOrder> {
  const wanted = issuer ?? (readJson(join(wallet, 'tickets', latestFile)) as { issuer: string } | undefined)?.issuer
  const order = wanted === undefined ? undefined : (readJson(join(issuerFolder(wallet, wanted), orderFile)) as TicketOrder | undefined)
  if (!order) throw new UsageError(`there is no ticket${issuer ? ` of ${issuer}` : ''} in ${wallet}: get one with kimei token`)
  const fits = ({ resources }: TicketOrder): boolean => resources.some((one) => URL.canParse(one) && new URL(one).origin === url?.origin)
  if (clientId !== undefined && clientId !== order.clientId) {
    const other = ordersIn(issuerFolder(wallet, order.issuer)).find((one) => one.clientId === clientId)
    if (!other) throw new UsageError(`there is no ticket of ${clientId} in ${wallet}: get one with kimei token`)
    return other
  }
  if (url === undefined || fits(order)) return order
  return ordersIn(issuerFolder(wallet, order.issuer)).find(fits) ?? order
}

function readJson(path: string): unknown {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as unknown) : undefined
}

export interface OpenedWallet {
  readonly holder: TicketHolder
  /** What it shows, as the files hold it. */
  readonly certificate?: ShownCertificate
  /** Shows nothing, and trusts the same authorities. */
  readonly plainFetch: Fetch
  /** Present for the code grant: it can begin a sign-in. */
  readonly session?: Session
}

/** `x5t`: of the certificate that `inner` shows. */
type Wrap = (inner: Fetch, x5t?: string) => Fetch

interface Opening {
  readonly options: HolderOptions
  readonly certificate?: ShownCertificate
  readonly plainFetch: Fetch
}

/** What every holder of an order is opened with. `wrap`: what goes over the wire passes through it. */
export async function openOrder(wallet: string, order: TicketOrder, wrap: Wrap = (inner) => inner): Promise<Opening> {
  const certificate = order.certificate && openPlace(order.certificate)
  const plainFetch = certificate?.plainFetch ?? (order.caFile === undefined ? fetch : createTrustingFetch(readAuthorities(order.caFile)))
  const line = certificate
    ? { certificate: wrapped(certificate, wrap), ...(order.binding && { binding: order.binding }) }
    : { fetch: wrap(plainFetch) }
  return { options: { ...(await identityOf(wallet, order)), ...line }, plainFetch, ...(certificate && { certificate }) }
}

function wrapped(certificate: ShownCertificate, wrap: Wrap): HolderCertificate {
  return {
    plainFetch: wrap(certificate.plainFetch),
    current() {
      const now = certificate.current()
      return { ...now, fetch: wrap(now.fetch, now.x5t) }
    },
  }
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new UsageError(`there is no file ${file} with authorities`)
  }
}

async function identityOf(wallet: string, order: TicketOrder): Promise<HolderOptions> {
  return {
    issuer: order.issuer,
    clientId: order.clientId,
    authentication: await readAuthentication(order.secret),
    scopes: order.scopes,
    resources: order.resources,
    device: await openDevice({ folder: issuerFolder(wallet, order.issuer) }),
  }
}

/** Opens the holder that an order describes. `wrap`: what goes over the wire passes through it. */
export async function openWallet(wallet: string, order: TicketOrder, wrap?: Wrap): Promise<OpenedWallet> {
  const { options, ...lines } = await openOrder(wallet, order, wrap)
  if (order.grant === 'client-credentials') return { holder: createClientCredentials(options), ...lines }
  const session = createSession({ ...options, redirectUri: 'http://127.0.0.1/callback' })
  return { holder: session, session, ...lines }
}
