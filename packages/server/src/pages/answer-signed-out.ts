// GET and POST /signed-out: asks whether to sign out, does it, and says so; the answer to /logout comes together here.
// A link alone must not end a sign-in: OpenID Connect RP-Initiated Logout §2.
import { type EndedUse, formEncode, isBroken } from '@kimei/protocol'
import type { Exchange, Handler, ServerContext } from '../context.ts'
import { answerPage, answerRedirect, pagePolicy } from '../http/answers.ts'
import { cookieName, writeCookie } from '../http/cookies.ts'
import { keepLanguage, languageHeaders } from '../http/language.ts'
import { clientSid } from '../steps/client-sid.ts'
import type { SignIn } from '../steps/contract.ts'
import { endSignIns, foreseeEnding } from '../steps/end-sign-ins.ts'
import { checkForm, makeFormToken } from '../steps/form-token.ts'
import { deliverFor, tendNotices } from '../steps/logout-notices.ts'
import { openNote, sealNote } from '../steps/sealed-note.ts'
import { readSignIn } from '../steps/sessions.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { pageFrame } from './page-frame.ts'
import { readPageForm } from './read-page-form.ts'
import { framesSeconds, renderSignedOut, renderSignOutQuestion, type SignedOutModel } from './signed-out-page.ts'

/** What is to happen after the sign-out. */
export interface After {
  /** The client that asked. */
  readonly clientId: string | null
  /** Registered by that client, `state` included. */
  readonly returnTo: string | null
}

export interface Ended extends After {
  readonly uses: readonly EndedUse[]
}

export const showSignedOut: Handler = async (context, exchange) => {
  const ended = await openNote<Ended>(context, exchange, 'ended', new URLSearchParams(exchange.query).get('ended') ?? undefined)
  if (ended) return showEnded(context, exchange, ended)
  const signIn = await readSignIn(context, exchange)
  if (signIn) return askWhetherToSignOut(context, exchange, { signIn, after: { clientId: null, returnTo: null }, uiLocales: [] })
  const frame = pageFrame(context, exchange, [], {})
  return answerPage(context, 200, renderSignedOut({ frame }), languageHeaders(context, exchange, frame.language))
}

export interface Asking {
  readonly signIn: SignIn
  readonly after: After
  readonly uiLocales: readonly string[]
}

export async function askWhetherToSignOut(context: ServerContext, exchange: Exchange, asking: Asking): Promise<Response> {
  const { signIn, after } = asking
  const { issuer, storage } = context
  const frame = pageFrame(context, exchange, asking.uiLocales, ownParameters(exchange))
  const { language } = frame
  const ending = await foreseeEnding(context, exchange, { subject: signIn.subject, sessions: [signIn], everything: false })
  const sessions = await storage.records.sessionsOf(issuer, signIn.subject, exchange.now)
  const asker = after.clientId === null ? undefined : await context.directory.client(after.clientId)
  const page = renderSignOutQuestion({
    frame,
    action: keepLanguage(exchange, context.urls.signedOut),
    formToken: await makeFormToken(context, 'signed-out', signIn.sessionId),
    userName: (await storage.records.user(issuer, signIn.subject))?.username ?? signIn.subject,
    accountUrl: keepLanguage(exchange, context.urls.account),
    ends: await namesOf(context, ending.ended, language),
    goesOn: await namesOf(context, ending.kept, language),
    others: sessions.filter(({ sessionId }) => sessionId !== signIn.sessionId).length,
    ...(asker && { asker: { name: asker.name[language], host: after.returnTo === null ? null : hostOf(after.returnTo) } }),
    after: await sealNote(context, exchange, 'after', after),
  })
  return answerPage(context, 200, page, languageHeaders(context, exchange, language))
}

/** What the language switch keeps: everything, unless it came by POST and a reload would lose it. */
function ownParameters({ request, query }: Exchange): Readonly<Record<string, string>> | undefined {
  if (request.method === 'POST') return undefined
  return Object.fromEntries([...new URLSearchParams(query)].filter(([name]) => name !== 'lang'))
}

async function namesOf(context: ServerContext, grants: readonly { readonly clientId: string }[], language: 'ja' | 'en') {
  const names = [...new Set(grants.map(({ clientId }) => clientId))].map(
    async (clientId) => (await context.directory.client(clientId))?.name[language] ?? clientId,
  )
  return Promise.all(names)
}

/** The host, or the scheme of an app on this device. */
function hostOf(url: string): string {
  const { protocol, host } = new URL(url)
  return protocol === 'https:' || protocol === 'http:' ? host : protocol
}

export const takeSignOut: Handler = async (context, exchange) => {
  const form = await readPageForm(context, exchange)
  if (isBroken(form)) return answerErrorPage(context, exchange, 'page', form)
  const after = (await openNote<After>(context, exchange, 'after', form.get('after'))) ?? { clientId: null, returnTo: null }
  const signIn = await readSignIn(context, exchange)
  // Signed out already, perhaps by a second press: that is what was asked for.
  if (!signIn) return afterSignOut(context, exchange, { ...after, returnTo: null, uses: [] })
  const foreign = await checkForm(context, exchange, { page: 'signed-out', subject: signIn.sessionId, token: form.get('form_token') })
  if (foreign) return answerErrorPage(context, exchange, 'page', foreign)
  return signOutNow(context, exchange, { signIn, everything: form.get('which') === 'all', after, by: after.clientId ?? 'signed-out' })
}

export interface SignOutOrder {
  readonly signIn: SignIn
  readonly everything: boolean
  readonly after: After
  readonly by: string
  readonly uiLocales?: readonly string[]
}

/** How long a person waits for the other apps to be told before going back to one (RP-Initiated Logout §3). */
const tellSeconds = 1

export async function signOutNow(context: ServerContext, exchange: Exchange, order: SignOutOrder): Promise<Response> {
  const { signIn, everything, after, by } = order
  const { subject } = signIn
  const all = everything ? await context.storage.records.sessionsOf(context.issuer, subject, exchange.now) : []
  const others = all.filter(({ sessionHash }) => sessionHash !== signIn.sessionHash)
  const uses = await endSignIns(context, exchange, { subject, sessions: [signIn, ...others], everything, by })
  if (after.returnTo === null) tendNotices(context, exchange.now, 'now')
  else await deliverFor(context, tellSeconds)
  const here = uses.filter(({ sessionId }) => sessionId === signIn.sessionId)
  const answer = await afterSignOut(context, exchange, { ...after, uses: here }, order.uiLocales)
  answer.headers.append('set-cookie', writeCookie(context, cookieName(context, 'session'), '', 0))
  return answer
}

/** Back to the client, unless apps have to be loaded first; otherwise the page that says so. */
export async function afterSignOut(
  context: ServerContext,
  exchange: Exchange,
  ended: Ended,
  uiLocales: readonly string[] = [],
): Promise<Response> {
  const loads = await framesOf(context, ended)
  if (loads.length === 0 && ended.returnTo !== null) return answerRedirect(context, ended.returnTo)
  const note: readonly (readonly [string, string])[] =
    loads.length === 0 ? [] : [['ended', await sealNote(context, exchange, 'ended', ended)]]
  const language = context.texts.languages.find((one) => uiLocales.some((tag) => tag.toLowerCase().startsWith(one)))
  const query = formEncode([...note, ...(language === undefined ? [] : [['lang', language] as const])])
  return answerRedirect(context, keepLanguage(exchange, query === '' ? context.urls.signedOut : `${context.urls.signedOut}?${query}`))
}

async function showEnded(context: ServerContext, exchange: Exchange, ended: Ended): Promise<Response> {
  const note = new URLSearchParams(exchange.query).get('ended') ?? ''
  const frame = pageFrame(context, exchange, [], { ended: note })
  const frames = await framesOf(context, ended)
  const client = ended.clientId === null ? undefined : await context.directory.client(ended.clientId)
  const { returnTo } = ended
  const model: SignedOutModel = {
    frame,
    frames,
    ...(returnTo !== null && { returnTo: { url: returnTo, name: client?.name[frame.language] ?? '', host: hostOf(returnTo) } }),
  }
  const origins = [...new Set(frames.map((url) => new URL(url).origin))]
  return answerPage(context, 200, renderSignedOut(model), {
    ...languageHeaders(context, exchange, frame.language),
    'content-security-policy': `${pagePolicy}; frame-src ${origins.join(' ')}`,
    ...(returnTo !== null && { refresh: `${framesSeconds}; url=${returnTo}` }),
  })
}

/** OpenID Connect Front-Channel Logout 1.0 §3: iss and sid go along where they are demanded. Only apps of this browser's own sign-in. */
async function framesOf(context: ServerContext, { uses }: Ended): Promise<readonly string[]> {
  const urls: string[] = []
  for (const { clientId, sessionId } of uses) {
    const client = await context.directory.client(clientId)
    const uri = client?.disabled ? undefined : client?.frontchannelLogoutUri
    if (uri === undefined) continue
    const named = [['iss', context.issuer] as const, ['sid', await clientSid(sessionId, clientId)] as const]
    urls.push(client?.frontchannelLogoutSessionRequired ? `${uri}${uri.includes('?') ? '&' : '?'}${formEncode(named)}` : uri)
  }
  return urls
}
