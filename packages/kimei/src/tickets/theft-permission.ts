// Where theft may be tried: the owner's own token, reading methods, the token's own audience, loopback or a consenting inventory.
// Every other place is refused before anything is sent.
import { readFileSync } from 'node:fs'
import { UsageError } from '../command/command.ts'

export interface TheftWish {
  readonly url: URL
  readonly method: string
  readonly body: boolean
  /** File that lists consenting hosts. */
  readonly inventory: string | undefined
}

/** @throws UsageError saying which promise it would break. */
export async function checkTheftAllowed({ url, method, body, inventory }: TheftWish): Promise<void> {
  if ((method !== 'GET' && method !== 'HEAD') || body) throw new UsageError('--as-thief only reads: GET or HEAD, without a body')
  if (url.searchParams.has('access_token')) throw new UsageError('--as-thief never puts a token into a query string: it would stay in logs')
  if (isLoopback(url.hostname)) return
  if (inventory === undefined) {
    throw new UsageError(`--as-thief stays on this machine: ${url.host} needs an inventory with its owner's consent (--inventory <file>)`)
  }
  const [{ parseInventory }, { parse }] = await Promise.all([import('@kimei/observer'), import('yaml')])
  const { allowedHosts, consent } = parseInventory(parse(readFileSync(inventory, 'utf8')))
  const until = consent && Date.parse(`${consent.until}T23:59:59Z`)
  if (until !== undefined && until < Date.now()) throw new UsageError(`the consent in ${inventory} ended on ${consent?.until}`)
  if (!allowedHosts.has(url.host)) throw new UsageError(`${url.host} is not among the consenting hosts of ${inventory}`)
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
