// What stands before an API in houses where it is guarded at the front and open at the side. Each mistake is small, and real.
import type { IncomingMessage, RequestListener } from 'node:http'
import type { Beside, Doors } from './house.ts'
import { asBearer, claimsIn, pathOf, rewriteHeaders, schemeOf, tokenOf } from './rewrite.ts'

/** Looks for a ticket wherever one was ever sent, and asks nothing else of what it finds outside `Authorization`. */
export function looksEverywhere({ strict, open }: Doors): RequestListener {
  return async (request, response) => {
    const found = request.headers.authorization === undefined ? await ticketIn(request) : undefined
    if (found === undefined) return strict(request, response)
    asBearer(request, found)
    request.url = pathOf(request)
    open(request, response)
  }
}

async function ticketIn(request: IncomingMessage): Promise<string | undefined> {
  const { headers, url = '' } = request
  const protocol = /^bearer,\s*(\S+)$/.exec(headers['sec-websocket-protocol'] ?? '')?.[1]
  const query = new URLSearchParams(url.split('?')[1] ?? '').get('access_token')
  const cookie = /(?:^|;\s*)access_token=([^;]+)/.exec(headers.cookie ?? '')?.[1]
  const other = headers['x-access-token']
  const told = protocol ?? query ?? cookie ?? (typeof other === 'string' ? other : undefined)
  if (told !== undefined || headers['content-type'] !== 'application/x-www-form-urlencoded') return told
  let body = ''
  for await (const part of request) body += String(part)
  return new URLSearchParams(body).get('access_token') ?? undefined
}

/**
 * The guard is told of paths as they are written in its list, the application behind tidies what it gets: other letter case, doubled
 * slashes, a slash at the end, parameters of a segment, dots and letters in `%`.
 */
export function tidiesPaths(guarded: readonly string[]): (doors: Doors) => RequestListener {
  return ({ strict, open }) =>
    (request, response) => {
      const written = pathOf(request)
      const tidied = tidy(written)
      if (guarded.includes(written) || !guarded.includes(tidied)) return strict(request, response)
      request.url = tidied
      open(request, response)
    }
}

function tidy(path: string): string {
  const letters = path.replace(/%([0-9a-f]{2})/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  const segments = letters.split('/').flatMap((part) => {
    const bare = part.split(';', 1)[0]!
    return bare === '' || bare === '.' ? [] : [bare]
  })
  return `/${segments.join('/').toLowerCase()}`
}

/** What was guarded when it was built is guarded; the version before it was built earlier. */
export function forgetsVersions({ strict, open }: Doors): RequestListener {
  return (request, response) => (pathOf(request).startsWith('/v1/') ? open : strict)(request, response)
}

/** The guard is bound to the methods of the API's description. What else the framework answers goes past it. */
export function guardsGetAlone({ strict, open }: Doors): RequestListener {
  return (request, response) => {
    const other = request.method === 'HEAD' || request.method === 'OPTIONS'
    if (!other || request.headers.authorization === undefined) return strict(request, response)
    const token = tokenOf(request)
    asBearer(request, token)
    rewriteHeaders(request, (line) => (line[0].toLowerCase() === 'dpop' ? undefined : line))
    request.method = 'GET'
    open(request, response)
  }
}

/** Whatever cannot be read as a proof is taken for the proof of an older client, and let through. */
export function skipsWhatItCannotRead({ strict, open }: Doors): RequestListener {
  return (request, response) => {
    const claims = Object.keys(claimsIn(String(request.headers['dpop'] ?? '')))
    if (schemeOf(request) !== 'DPoP' || claims.length > 0) return strict(request, response)
    asBearer(request, tokenOf(request))
    rewriteHeaders(request, (line) => (line[0].toLowerCase() === 'dpop' ? undefined : line))
    open(request, response)
  }
}

/** Compares the text of `htu` with the address it was called by, before the guard, which knows better, is asked. */
export function comparesText({ strict }: Doors): RequestListener {
  return (request, response) => {
    const { htu } = claimsIn(String(request.headers['dpop'] ?? ''))
    if (htu === undefined || htu === `http://${request.headers.host}${request.url}`) return strict(request, response)
    response.writeHead(401, { 'WWW-Authenticate': 'DPoP error="invalid_dpop_proof"' }).end()
  }
}

/** One list of used `jti` for everybody, written before anybody looked whose it is. */
export function sharesOneList({ strict }: Doors): RequestListener {
  const used = new Set<unknown>()
  return (request, response) => {
    const { jti } = claimsIn(String(request.headers['dpop'] ?? ''))
    if (jti !== undefined && used.has(jti)) {
      response.writeHead(401, { 'WWW-Authenticate': 'DPoP error="invalid_dpop_proof"' }).end()
      return
    }
    if (jti !== undefined) used.add(jti)
    strict(request, response)
  }
}

/** Used proofs lie in a column of 255 letters that is never empty. What it cannot hold is not written down, and its proof is taken as it is. */
export function remembersShortNames({ strict, open }: Doors): RequestListener {
  return (request, response) => {
    const { jti } = claimsIn(String(request.headers['dpop'] ?? ''))
    if (typeof jti !== 'string' || (jti !== '' && jti.length <= 255)) return strict(request, response)
    asBearer(request, tokenOf(request))
    rewriteHeaders(request, (line) => (line[0].toLowerCase() === 'dpop' ? undefined : line))
    open(request, response)
  }
}

/** Whose ticket it is decides who is asked: the door beside takes those of another issuer. */
export function trustsAnother({ strict }: Doors, beside: Beside | undefined): RequestListener {
  return (request, response) => (beside?.door && claimsIn(tokenOf(request))['iss'] === beside.url ? beside.door : strict)(request, response)
}
