// Which issuers a request may mean, where several share a process: by its host, and by the beginning of its path.
import type { Issuer } from '@kimei/protocol'

/** A path of an issuer has no more segments than this; no request is compared with more. */
const mostSegments = 4
/** Nothing that two readers could read differently, nothing that names a folder above. */
const segment = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/
const loopback = /^(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?$/
const wellKnown = '/.well-known/'

/** Deepest first: the issuer whose path says most is the one that is meant. */
export function namesOf(url: string): readonly Issuer[] {
  const start = url.indexOf('//') + 2
  const slash = url.indexOf('/', start)
  const host = url.slice(start, slash < 0 ? undefined : slash).toLowerCase()
  const origins = loopback.test(host) ? [`https://${host}`, `http://${host.replace(/:80$/, '')}`] : [`https://${host.replace(/:443$/, '')}`]
  return bases(slash < 0 ? '/' : url.slice(slash)).flatMap((base) => origins.map((origin) => origin + base))
}

/** The paths that issuers would have, from the deepest to none. Documents may stand before the path (RFC 8414 §3.1). */
function bases(target: string): readonly string[] {
  const path = target.split(/[?#]/, 1)[0] as string
  const rest = path.startsWith(wellKnown) ? path.split('/').slice(3) : path.split('/').slice(1)
  const end = rest.findIndex((part) => !segment.test(part))
  const parts = rest.slice(0, end < 0 ? mostSegments : Math.min(end, mostSegments))
  return Array.from({ length: parts.length + 1 }, (_, less) =>
    parts
      .slice(0, parts.length - less)
      .map((part) => `/${part}`)
      .join(''),
  )
}

/** Why an issuer could not be found by its name; `undefined`: it can. */
export function unroutable(issuer: Issuer): string | undefined {
  if (namesOf(`${issuer}/`).includes(issuer)) return undefined
  return `issuer "${issuer}" cannot share a process: its path must be at most ${mostSegments} segments of letters, digits, "-", ".", "_" and "~"`
}
