// Proof that a posted form came out of a page of ours for this very request: a keyed token, and where the browser says it came from.
import { type Broken, broke, equal, hmacSha256, must, pageRules } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'

/** `subject` ties the token to one interaction or one session. */
export async function makeFormToken(context: ServerContext, page: string, subject: string): Promise<string> {
  return hmacSha256(context.secrets.derive('form').current, JSON.stringify([context.issuer, page, subject]))
}

export async function checkForm(
  context: ServerContext,
  exchange: Exchange,
  form: { readonly page: string; readonly subject: string; readonly token: string | undefined },
): Promise<Broken | undefined> {
  const site = exchange.request.headers.get('sec-fetch-site')
  const origin = exchange.request.headers.get('origin')
  const fromHere = must(pageRules, 'page.form-comes-from-here', isFromHere(context, site, origin), context.law, () => ({
    expected: 'same-origin',
    received: site ?? origin,
  }))
  if (fromHere) return fromHere
  const { current, previous } = context.secrets.derive('form')
  const text = JSON.stringify([context.issuer, form.page, form.subject])
  for (const key of previous ? [current, previous] : [current]) {
    if (form.token !== undefined && equal(form.token, await hmacSha256(key, text))) return undefined
  }
  return context.law.waives('page.form-is-ours') ? undefined : broke(pageRules, 'page.form-is-ours')
}

/** `Origin: null` is what browsers send from a page with Referrer-Policy no-referrer: then the token alone decides. */
function isFromHere(context: ServerContext, site: string | null, origin: string | null): boolean {
  if (site !== null) return site === 'same-origin'
  return origin === null || origin === 'null' || origin === new URL(context.issuer).origin
}
