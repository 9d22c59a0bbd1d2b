// GET and POST /logout: a client asks that its person signs out (OpenID Connect RP-Initiated Logout 1.0).
// The person is asked, unless the hint names the sign-in of this very browser; the answer is taken by answer-signed-out.ts.
import {
  type Broken,
  checkIdToken,
  checkRepeats,
  decideLogout,
  type Form,
  isBroken,
  type LogoutHint,
  type LogoutRequest,
  logoutRules,
  must,
  parseCompactJws,
  parseForm,
  type Refusal,
} from '@kimei/protocol'
import type { Exchange, Handler, ServerContext } from '../context.ts'
import { answerRedirect } from '../http/answers.ts'
import { readForm } from '../http/read-form.ts'
import { rememberRefusal } from '../http/refuse.ts'
import { clientSid } from '../steps/client-sid.ts'
import type { SignIn } from '../steps/contract.ts'
import { readSignIn } from '../steps/sessions.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { afterSignOut, askWhetherToSignOut, signOutNow } from './answer-signed-out.ts'

/** What every browser and every header bound lets through. */
const mostQuery = 6000

export const answerLogout: Handler = async (context, exchange) => {
  const post = exchange.request.method === 'POST'
  const form = post ? await readForm(context, exchange) : parseForm(exchange.query)
  if (isBroken(form)) return refuse(context, exchange, form)
  const repeated = checkRepeats(form, context.law)
  if (repeated) return refuse(context, exchange, repeated)
  const signIn = await readSignIn(context, exchange)
  // A form posted from another site comes without our cookies; the same request by GET brings them.
  if (post && !signIn && form.text.length <= mostQuery) return answerRedirect(context, `${context.urls.endSession}?${form.text}`)
  const request = await decide(context, exchange, form, signIn)
  if (isBroken(request)) return refuse(context, exchange, request, form.get('client_id'))
  return act(context, exchange, { request, signIn, uiLocales: form.get('ui_locales')?.slice(0, 100).split(' ') ?? [] })
}

interface Acting {
  readonly request: LogoutRequest
  readonly signIn: SignIn | undefined
  readonly uiLocales: readonly string[]
}

async function act(context: ServerContext, exchange: Exchange, { request, signIn, uiLocales }: Acting): Promise<Response> {
  const { client, returnTo, certain, proven } = request
  const after = { clientId: client?.clientId ?? null, returnTo }
  // Nobody is signed in: that is what was asked for (§4). Without a proof of the client nobody is sent on.
  if (!signIn) return afterSignOut(context, exchange, { ...after, returnTo: proven ? returnTo : null, uses: [] }, uiLocales)
  if (!certain) return askWhetherToSignOut(context, exchange, { signIn, after, uiLocales })
  return signOutNow(context, exchange, { signIn, everything: false, after, by: after.clientId ?? 'logout', uiLocales })
}

async function decide(context: ServerContext, exchange: Exchange, form: Form, signIn: SignIn | undefined): Promise<LogoutRequest | Broken> {
  const clientId = form.get('client_id')
  const hint = await readHint(context, exchange, form.get('id_token_hint'))
  const named = hint !== undefined && !isBroken(hint) ? hint.clientId : clientId
  const client = named === undefined ? undefined : await context.directory.client(named)
  return decideLogout(
    {
      hint,
      clientId,
      client,
      postLogoutRedirectUri: form.get('post_logout_redirect_uri'),
      state: form.get('state'),
      otherPerson: await isOtherPerson(context, form.get('logout_hint'), signIn),
      currentSid: signIn && client ? await clientSid(signIn.sessionId, client.clientId) : undefined,
    },
    context.law,
  )
}

/** Expired hints are fine; foreign ones are not. The client is the one the token names: nothing else is known of it. */
async function readHint(context: ServerContext, { now }: Exchange, hint: string | undefined): Promise<LogoutHint | Broken | undefined> {
  if (hint === undefined) return undefined
  const foreign: Broken = { broken: 'logout.hint-is-ours', family: logoutRules.family }
  const parsed = parseCompactJws(hint, 'access-token', context.law)
  if (isBroken(parsed)) return foreign
  const { aud } = parsed.claims
  const clientId = Array.isArray(aud) ? aud[0] : aud
  if (typeof clientId !== 'string') return foreign
  const checked = await checkIdToken(
    hint,
    {
      issuer: context.issuer,
      clientId,
      keyFor: (question) => context.keys.keyFor(question),
      now,
      leewaySeconds: 0,
      algorithms: ['RS256', 'ES256'],
      purpose: 'hint',
    },
    context.law,
  )
  if (!isBroken(checked)) return { clientId, sid: checked.sessionId }
  // Only where the law waives it is a foreign hint believed.
  const { sid } = parsed.claims
  return must(logoutRules, 'logout.hint-is-ours', false, context.law) ?? { clientId, sid: typeof sid === 'string' ? sid : undefined }
}

/** `logout_hint` is a username here. */
async function isOtherPerson(context: ServerContext, hint: string | undefined, signIn: SignIn | undefined): Promise<boolean> {
  if (hint === undefined || !signIn) return false
  const user = await context.storage.records.user(context.issuer, signIn.subject)
  return user?.username !== hint && signIn.subject !== hint
}

async function refuse(context: ServerContext, exchange: Exchange, refusal: Refusal, clientId?: string): Promise<Response> {
  await rememberRefusal(
    context,
    exchange,
    refusal,
    { ...(clientId && { clientId: clientId.slice(0, 200) }), route: 'logout' },
    'logout_refused',
  )
  return answerErrorPage(context, exchange, 'page', refusal)
}
