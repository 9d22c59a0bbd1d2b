// The cookie that ties an open request to one browser. It signs nobody in.
import { b64u, type SecretHash, sha256 } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { cookieName, writeCookie } from '../http/cookies.ts'
import { readCookie } from '../http/header-lines.ts'

/** The hash of this browser's cookie; `undefined`: it has none. */
export async function readBrowser(context: ServerContext, exchange: Exchange): Promise<SecretHash | undefined> {
  const value = readCookie(exchange, cookieName(context, 'browser'))
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
  const cookie = writeCookie(context, cookieName(context, 'browser'), value, context.config.lifetimes.interactionSeconds)
  return { browserHash: await sha256(value), headers: { 'set-cookie': cookie } }
}
