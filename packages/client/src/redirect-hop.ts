// Where a redirect leads and what may come along. Each hop gets its own proof, or none.
import { HolderError } from './holder-error.ts'
import type { Hop } from './request-order.ts'
import { checkTarget, isLoopback } from './targets.ts'

const redirects = new Set([301, 302, 303, 307, 308])
const mostHops = 5

/** The next hop, or `undefined` where the response is the answer. */
export function nextHop(hop: Hop, response: Response, hopsSoFar: number): Hop | undefined {
  const hidden = response.type === 'opaqueredirect'
  const location = redirects.has(response.status) ? response.headers.get('location') : null
  if (hop.redirect === 'manual' || (!hidden && location === null)) return undefined
  if (hop.redirect === 'error')
    throw new HolderError('holder.redirect-stays-safe', `${hop.url.origin} redirected where the caller allows none`)
  if (hidden) {
    throw new HolderError(
      'holder.redirect-is-readable',
      `${hop.url.origin} redirected, and a browser does not tell where to: call the final URL itself`,
    )
  }
  if (hopsSoFar >= mostHops) throw new HolderError('holder.redirects-end', `${hop.url.origin} redirected once more`)
  const url = URL.parse(location as string, hop.url) ?? undefined
  if (url === undefined) throw new HolderError('holder.redirect-stays-safe', `${hop.url.origin} redirected to something that is no URL`)
  return turn(hop, checkTarget(url), response.status)
}

function turn(hop: Hop, url: URL, status: number): Hop {
  const becomesGet =
    status === 303 ? hop.method !== 'GET' && hop.method !== 'HEAD' : (status === 301 || status === 302) && hop.method === 'POST'
  const headers = new Headers(hop.headers)
  if (becomesGet)
    for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language', 'content-location']) headers.delete(name)
  const turned = { ...hop, url, headers, ...(becomesGet && { method: 'GET', body: undefined }) }
  if (url.origin === hop.url.origin) return turned
  if (isLoopback(url) && !isLoopback(hop.url)) {
    throw new HolderError('holder.redirect-stays-safe', `${hop.url.origin} redirected into this machine`)
  }
  if (turned.body !== undefined) {
    throw new HolderError('holder.redirect-stays-safe', `${hop.url.origin} wants the request body sent on to ${url.origin}`)
  }
  headers.delete('authorization')
  headers.delete('cookie')
  return { ...turned, token: undefined, proven: false }
}
