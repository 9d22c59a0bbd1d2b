// The cookie that ties an open request to one browser. It signs nobody in.
import { b64u, type SecretHash, sha256 } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { readCookie } from '../http/header-lines.ts'

/** Cookies ignore ports, so each issuer of one host has names of its own; `__Host-` where the scheme allows it. */
export async function cookieName(context: ServerContext, purpose: string): Promise<string> {
  const tag = (await sha256(context.issuer)).slice(0, 6)
  return `${context.issuer.startsWith('https:') ? '__Host-' : ''}kimei-${purpose}-${tag}`
}

/** `Lax`: a person comes back from a client by a link, and must be known then. */
export function writeCookie(context: ServerContext, name: string, value: string, maxAgeSeconds: number): string {
  const secure = context.issuer.startsWith('https:') ? '; Secure' : ''
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${secure}`
}

/** The hash of this browser's cookie; `undefined`: it has none. */
export async function readBrowser(context: ServerContext, exchange: Exchange): Promise<SecretHash | undefined> {
  const value = readCookie(exchange, await cookieName(context, 'browser'))
  return value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value) ? sha256(value) : undefined
}

/** This browser, or a new name for it with the cookie that tells it. */
export async function ensureBrowser(
  context: ServerContext,
  exchange: Exchange,
): Promise<{ readonly browserHash: SecretHash; readonly headers: Readonly<Record<string, string>> }> {
  const known = await readBrowser(context, exchange)
  if (known !== undefined) return { browserHash: known, headers: {} }
  const value = b64u(context.random(32))
  const name = await cookieName(context, 'browser')
  const cookie = writeCookie(context, name, value, context.config.lifetimes.interactionSeconds)
  return { browserHash: await sha256(value), headers: { 'set-cookie': cookie } }
}
