// GET and POST /account: the signed-in person sees and ends sign-ins, sees and takes back what apps were allowed.
import { type Form, type GrantRecord, isBroken, type Language, mayBeTold, personalClaims, type SessionRecord } from '@kimei/protocol'
import { claimName } from 'look'
import type { Exchange, Handler, ServerContext } from '../context.ts'
import { answerPage, answerRedirect } from '../http/answers.ts'
import { keepLanguage, languageHeaders } from '../http/language.ts'
import type { SignIn } from '../steps/contract.ts'
import { endSignIns, revokeApp } from '../steps/end-sign-ins.ts'
import { checkForm, makeFormToken } from '../steps/form-token.ts'
import { tendNotices } from '../steps/logout-notices.ts'
import { readSignIn } from '../steps/sessions.ts'
import { type AccountModel, type AllowedApp, type Moment, renderAccount } from './account-page.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { signOutNow } from './answer-signed-out.ts'
import { describeScope, scopesToShow } from './asked-words.ts'
import { pageFrame } from './page-frame.ts'
import { pageSignInUrl } from './page-sign-in.ts'
import { readPageForm } from './read-page-form.ts'

const shownReads = 50

export const showAccount: Handler = async (context, exchange) => {
  const signIn = await readSignIn(context, exchange)
  if (!signIn) return answerRedirect(context, keepLanguage(exchange, pageSignInUrl(context, 'account')))
  const model = await accountModel(context, exchange, signIn)
  return answerPage(context, 200, renderAccount(model), languageHeaders(context, exchange, model.frame.language))
}

export const takeAccount: Handler = async (context, exchange) => {
  const form = await readPageForm(context, exchange)
  if (isBroken(form)) return answerErrorPage(context, exchange, 'page', form)
  const signIn = await readSignIn(context, exchange)
  const back = keepLanguage(exchange, context.urls.account)
  if (!signIn) return answerRedirect(context, back)
  const foreign = await checkForm(context, exchange, { page: 'account', subject: signIn.sessionId, token: form.get('form_token') })
  if (foreign) return answerErrorPage(context, exchange, 'page', foreign)
  const left = await act(context, exchange, signIn, form)
  tendNotices(context, exchange.now, 'now')
  return left ?? answerRedirect(context, back)
}

/** An answer of its own where the person's own sign-in ended. What is not theirs, or gone already, is left alone. */
async function act(context: ServerContext, exchange: Exchange, signIn: SignIn, form: Form): Promise<Response | undefined> {
  const { subject } = signIn
  const order = { subject, everything: false, by: 'account' }
  if (form.get('do') === 'revoke') {
    await revokeApp(context, exchange, subject, form.get('client') ?? '')
    return undefined
  }
  if (form.get('do') === 'end-all')
    return signOutNow(context, exchange, { signIn, everything: true, after: { clientId: null, returnTo: null }, by: 'account' })
  const sessions = await othersOf(context, exchange, signIn)
  const wanted = form.get('do') === 'end-others' ? sessions : sessions.filter(({ sessionId }) => sessionId === form.get('sid'))
  if (wanted.length > 0) await endSignIns(context, exchange, { ...order, sessions: wanted })
  return undefined
}

async function othersOf(context: ServerContext, { now }: Exchange, signIn: SignIn): Promise<readonly SessionRecord[]> {
  const sessions = await context.storage.records.sessionsOf(context.issuer, signIn.subject, now)
  return sessions.filter(({ sessionId }) => sessionId !== signIn.sessionId)
}

async function accountModel(context: ServerContext, exchange: Exchange, signIn: SignIn): Promise<AccountModel> {
  const { issuer, storage, urls } = context
  const { now } = exchange
  const frame = pageFrame(context, exchange, [], {})
  const { language } = frame
  const user = await storage.records.user(issuer, signIn.subject)
  const moment = momentIn(language, user?.claims['zoneinfo'])
  const sessions = await storage.records.sessionsOf(issuer, signIn.subject, now)
  const reads = await storage.records.claimReads(issuer, signIn.subject, now, shownReads + 1)
  return {
    frame,
    action: keepLanguage(exchange, urls.account),
    formToken: await makeFormToken(context, 'account', signIn.sessionId),
    userName: user?.username ?? signIn.subject,
    signOutUrl: keepLanguage(exchange, urls.signedOut),
    signIns: sessions
      .map((one) => ({
        sessionId: one.sessionId,
        here: one.sessionHash === signIn.sessionHash,
        at: one.authTime,
        since: moment(one.authTime),
        until: moment(one.expiresAt),
      }))
      .sort((a, b) => Number(b.here) - Number(a.here) || b.at - a.at),
    apps: await appsOf(context, await storage.records.grantsOf(issuer, signIn.subject, now), language, moment),
    reads: await Promise.all(
      reads.slice(0, shownReads).map(async ({ clientId, claims, hour }) => ({
        app: (await context.directory.client(clientId))?.name[language] ?? clientId,
        claims: claims.map((claim) => claimName(language, claim)),
        hour: moment(hour),
      })),
    ),
    moreReads: reads.length > shownReads,
    keptDays: Math.max(1, Math.round(context.config.lifetimes.accessHistorySeconds / 86_400)),
    downloads: { csv: `${urls.account}/history.csv`, json: `${urls.account}/history.json` },
  }
}

/** All grants to one app are one line: everything it may do, since the first of them. */
async function appsOf(
  context: ServerContext,
  grants: readonly GrantRecord[],
  language: Language,
  moment: (seconds: number) => Moment,
): Promise<readonly AllowedApp[]> {
  const byClient = Map.groupBy(grants, ({ clientId }) => clientId)
  const offer = await context.directory.offer()
  const apps = [...byClient].map(async ([clientId, own]): Promise<AllowedApp> => {
    const client = await context.directory.client(clientId)
    const scopes = [...new Set(own.flatMap((grant) => grant.scopes))]
    const told = new Set(scopes.flatMap((scope) => offer.scopes.get(scope)?.claims ?? []))
    const named = new Set(
      own
        .flatMap(({ claims }) => (claims ? personalClaims(claims) : []))
        .filter((claim) => !told.has(claim) && (!client || mayBeTold(client, claim, context.law))),
    )
    const words = scopesToShow(context, client, scopes, offer).map((scope) =>
      describeScope(context, client, { scope, claims: offer.scopes.get(scope)?.claims ?? [] }, language),
    )
    return {
      clientId,
      name: client?.name[language] ?? clientId,
      ...(client?.organisation && { organisation: client.organisation[language] }),
      permissions: [...words, ...[...named].map((claim) => claimName(language, claim))],
      since: moment(Math.min(...own.map(({ createdAt }) => createdAt))),
      offline: scopes.includes('offline_access'),
    }
  })
  return Promise.all(apps)
}

/** In the person's own time zone where it is known, otherwise in this machine's; the page says which. */
function momentIn(language: Language, zone: unknown): (seconds: number) => Moment {
  const fields = { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const
  const formatIn = (timeZone?: string) =>
    new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { ...fields, ...(timeZone && { timeZone }) })
  const format = isTimeZone(zone) ? formatIn(zone) : formatIn()
  return (seconds) => ({ text: format.format(seconds * 1000), iso: new Date(seconds * 1000).toISOString() })
}

function isTimeZone(zone: unknown): zone is string {
  if (typeof zone !== 'string') return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}
