// Where the command keeps tickets between calls: one private folder for each issuer, and a note of which was asked last.
// Keys and tickets inside are the holder's own business.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  createClientCredentials,
  createSession,
  type Fetch,
  type HolderOptions,
  openDevice,
  type Session,
  type TicketHolder,
} from '@kimei/client'
import { openPrivateFolder } from '@kimei/client/node'
import { UsageError } from '../command/command.ts'
import { type ClientSecretPlace, readAuthentication } from './client-secret.ts'

/** How a ticket was obtained: enough to renew it, and no secret. */
export interface TicketOrder {
  readonly issuer: string
  readonly clientId: string
  readonly grant: 'code' | 'client-credentials'
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly secret: ClientSecretPlace
}

const orderFile = 'order.json'
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
  await top.write(latestFile, JSON.stringify({ issuer: order.issuer }))
}

/** The latest order, of the issuer where one is named. @throws UsageError where there is none. */
export async function recallOrder(wallet: string, issuer?: string): Promise<TicketOrder> {
  const wanted = issuer ?? (readJson(join(wallet, 'tickets', latestFile)) as { issuer: string } | undefined)?.issuer
  const order = wanted === undefined ? undefined : (readJson(join(issuerFolder(wallet, wanted), orderFile)) as TicketOrder | undefined)
  if (!order) throw new UsageError(`there is no ticket${issuer ? ` of ${issuer}` : ''} in ${wallet}: get one with kimei token`)
  return order
}

function readJson(path: string): unknown {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as unknown) : undefined
}

export interface OpenedWallet {
  readonly holder: TicketHolder
  /** Present for the code grant: it can begin a sign-in. */
  readonly session?: Session
}

/** What every holder of an order is opened with. */
export async function holderOptions(wallet: string, order: TicketOrder): Promise<HolderOptions> {
  return {
    issuer: order.issuer,
    clientId: order.clientId,
    authentication: await readAuthentication(order.secret),
    scopes: order.scopes,
    resources: order.resources,
    device: await openDevice({ folder: issuerFolder(wallet, order.issuer) }),
  }
}

/** Opens the holder that an order describes. `fetch`: what goes over the wire passes through it. */
export async function openWallet(wallet: string, order: TicketOrder, fetch?: Fetch): Promise<OpenedWallet> {
  const options = { ...(await holderOptions(wallet, order)), ...(fetch && { fetch }) }
  if (order.grant === 'client-credentials') return { holder: createClientCredentials(options) }
  const session = createSession({ ...options, redirectUri: 'http://127.0.0.1/callback' })
  return { holder: session, session }
}
