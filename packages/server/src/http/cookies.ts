// Names and attributes of the cookies that Kimei sets.
import type { ServerContext } from '../context.ts'

export type CookiePurpose = 'session' | 'browser' | 'language'

/**
 * Browsers share the cookies of one host between its ports and paths, so each issuer of a host has names of its own:
 * what could be confused is spelled out.
 * `__Host-` where the scheme allows it.
 */
export function cookieName({ issuer }: ServerContext, purpose: CookiePurpose): string {
  const { protocol, port, pathname } = new URL(issuer)
  const own = [port, ...pathname.split('/')]
    .map((part) => part.replace(/[^A-Za-z0-9]/g, (sign) => `_${sign.charCodeAt(0).toString(16)}_`))
    .filter((part) => part !== '')
  return [protocol === 'https:' ? '__Host-kimei' : 'kimei', purpose, ...own].join('-')
}

/** `Lax`: a person comes back from a client by a link, and must be known then. 0 seconds delete the cookie. */
export function writeCookie(context: ServerContext, name: string, value: string, maxAgeSeconds: number): string {
  const secure = context.issuer.startsWith('https:') ? '; Secure' : ''
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${secure}`
}
