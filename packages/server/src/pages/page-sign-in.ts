// Signing in for a page of the issuer itself, where no client asks: GET and POST /signin?page=<name>, then back to that page.
import { broke, type Form, redirectTrustRules } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { answerPage, answerRedirect } from '../http/answers.ts'
import { keepLanguage, languageHeaders } from '../http/language.ts'
import { ensureBrowser, readBrowser } from '../steps/browser-cookie.ts'
import { checkForm, makeFormToken } from '../steps/form-token.ts'
import { readSignIn } from '../steps/sessions.ts'
import { tryPassword } from '../steps/try-password.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { pageFrame } from './page-frame.ts'
import { renderSignIn, type SignInModel } from './sign-in-page.ts'

/** Pages that are for people who are signed in, and the one parameter that each gets back. Nothing else is returned to. */
const pages = {
  account: { path: '/account' },
  device: { path: '/device', keeps: 'user_code' },
} as const satisfies Record<string, { readonly path: string; readonly keeps?: string }>
export type PageName = keyof typeof pages

/** Where a page sends somebody it does not know. */
export function pageSignInUrl({ urls }: ServerContext, page: PageName, kept?: string): string {
  return `${urls.signIn}?${new URLSearchParams({ page, ...keeping(page, kept?.slice(0, 100)) })}`
}

function keptBy(page: PageName): string | undefined {
  const one: { readonly path: string; readonly keeps?: string } = pages[page]
  return one.keeps
}

function keeping(page: PageName, kept: string | undefined): Readonly<Record<string, string>> {
  const name = keptBy(page)
  return name === undefined || kept === undefined ? {} : { [name]: kept }
}

export function asksForPage({ query }: Exchange): boolean {
  return query.includes('page=') && new URLSearchParams(query).has('page')
}

interface Way {
  readonly page: PageName
  readonly kept: string | undefined
}

export async function showPageSignIn(context: ServerContext, exchange: Exchange): Promise<Response> {
  const query = new URLSearchParams(exchange.query)
  const way = wayOf((name) => query.get(name) ?? undefined)
  if (!way) return unknownPage(context, exchange)
  if (await readSignIn(context, exchange)) return answerRedirect(context, backTo(context, exchange, way))
  return showForm(context, exchange, way, 200, { username: '' })
}

export async function takePageSignIn(context: ServerContext, exchange: Exchange, form: Form): Promise<Response> {
  const way = wayOf((name) => form.get(name))
  if (!way) return unknownPage(context, exchange)
  const browser = await readBrowser(context, exchange)
  const foreign = await checkForm(context, exchange, { page: 'signin-page', subject: browser ?? '', token: form.get('form_token') })
  if (foreign) return answerErrorPage(context, exchange, 'page', foreign)
  const username = form.get('username') ?? ''
  const tried = await tryPassword(context, exchange, { username, password: form.get('password') ?? '', about: { route: way.page } })
  if ('signIn' in tried) return answerRedirect(context, backTo(context, exchange, way), { 'set-cookie': tried.cookie })
  return showForm(context, exchange, way, tried.status, { username, problem: tried.problem }, tried.headers)
}

function wayOf(read: (name: string) => string | undefined): Way | undefined {
  const page = read('page')
  if (page === undefined || !Object.hasOwn(pages, page)) return undefined
  const name = page as PageName
  const keeps = keptBy(name)
  return { page: name, kept: keeps === undefined ? undefined : read(keeps)?.slice(0, 100) }
}

function backTo({ urls }: ServerContext, exchange: Exchange, { page, kept }: Way): string {
  const query = new URLSearchParams(keeping(page, kept)).toString()
  return keepLanguage(exchange, `${urls.base}${pages[page].path}${query === '' ? '' : `?${query}`}`)
}

function unknownPage(context: ServerContext, exchange: Exchange): Response {
  return answerErrorPage(context, exchange, 'page', broke(redirectTrustRules, 'authorize.interaction-is-open'))
}

async function showForm(
  context: ServerContext,
  exchange: Exchange,
  { page, kept }: Way,
  status: number,
  state: Pick<SignInModel, 'username' | 'problem'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const fields = { page, ...keeping(page, kept) }
  const frame = pageFrame(context, exchange, [], fields)
  const browser = await ensureBrowser(context, exchange)
  const formToken = await makeFormToken(context, 'signin-page', browser.browserHash)
  const text = renderSignIn({ ...state, reason: 'page', frame, fields, formToken, action: keepLanguage(exchange, context.urls.signIn) })
  const answer = answerPage(context, status, text, { ...headers, ...browser.headers })
  // Two cookies may be set at once: that of the browser and that of the language.
  for (const [name, value] of Object.entries(languageHeaders(context, exchange, frame.language))) answer.headers.append(name, value)
  return answer
}
