// GET and POST /signin: shows the form, checks the password, opens the session, sends the person on.
import { type Form, isBroken } from '@kimei/protocol'
import type { Exchange, Handler, ServerContext } from '../context.ts'
import { answerPage, answerRedirect } from '../http/answers.ts'
import { keepLanguage, languageHeaders } from '../http/language.ts'
import { answerOnce } from '../steps/answer-once.ts'
import type { Interaction, SignIn } from '../steps/contract.ts'
import { checkForm, makeFormToken } from '../steps/form-token.ts'
import { completeAuthorization, findNextStep, loadInteraction, noteSignIn, stepUrl } from '../steps/interactions.ts'
import { readSignIn } from '../steps/sessions.ts'
import { tryPassword } from '../steps/try-password.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { keptChoice, showChoice, takeChoice, toOtherAccount } from './choose-account.ts'
import { pageFrame } from './page-frame.ts'
import { asksForPage, showPageSignIn, takePageSignIn } from './page-sign-in.ts'
import { readPageForm } from './read-page-form.ts'
import { sendAnswer } from './send-answer.ts'
import { renderSignIn, type SignInModel } from './sign-in-page.ts'

export const showSignIn: Handler = async (context, exchange) => {
  if (asksForPage(exchange)) return showPageSignIn(context, exchange)
  const id = new URLSearchParams(exchange.query).get('interaction') ?? undefined
  const interaction = await loadInteraction(context, exchange, id)
  if (isBroken(interaction)) return answerErrorPage(context, exchange, 'page', interaction)
  const signIn = await readSignIn(context, exchange)
  // Signed in meanwhile, in another tab: on to what is next.
  const next = await findNextStep(context, exchange, interaction, signIn)
  const then = next.step === 'second-factor' ? next.step : 'consent'
  if (next.step !== 'sign-in') return answerRedirect(context, keepLanguage(exchange, stepUrl(context, then, interaction.id)))
  const choice = await showChoice(context, exchange, interaction, signIn)
  if (choice) return choice
  const username = await suggestedName(context, interaction, signIn)
  return showForm(context, exchange, interaction, 200, { username, reason: reasonOf(interaction, signIn) })
}

export const takeSignIn: Handler = async (context, exchange) => {
  const form = await readPageForm(context, exchange)
  if (isBroken(form)) return answerErrorPage(context, exchange, 'page', form)
  if (form.get('page') !== undefined) return answerOnce(context, exchange, form, () => takePageSignIn(context, exchange, form))
  return answerOnce(context, exchange, form, () => answerForm(context, exchange, form))
}

async function answerForm(context: ServerContext, exchange: Exchange, form: Form): Promise<Response> {
  const interaction = await loadInteraction(context, exchange, form.get('interaction'))
  if (isBroken(interaction)) return answerErrorPage(context, exchange, 'page', interaction)
  if (choices.has(form.get('do') ?? '')) return answerChoice(context, exchange, interaction, form)
  const foreign = await checkForm(context, exchange, { page: 'signin', subject: interaction.id, token: form.get('form_token') })
  if (foreign) return answerErrorPage(context, exchange, 'page', foreign)
  if (form.get('do') === 'cancel') return finish(context, exchange, interaction, 'abandon')
  return enter(context, exchange, interaction, form)
}

/** What the page that offers an account posts. */
const choices = new Set(['continue', 'other', 'leave'])

async function answerChoice(context: ServerContext, exchange: Exchange, interaction: Interaction, form: Form): Promise<Response> {
  const chosen = await takeChoice(context, exchange, interaction, form.get('form_token'))
  if (chosen === undefined) return answerRedirect(context, keepLanguage(exchange, stepUrl(context, 'sign-in', interaction.id)))
  if (isBroken(chosen)) return answerErrorPage(context, exchange, 'page', chosen)
  if (form.get('do') === 'other') return toOtherAccount(context, exchange, interaction)
  return form.get('do') === 'leave' ? finish(context, exchange, interaction, 'abandon') : goOn(context, exchange, interaction, chosen)
}

async function enter(context: ServerContext, exchange: Exchange, interaction: Interaction, form: Form): Promise<Response> {
  const username = form.get('username') ?? ''
  const reason = reasonOf(interaction, await readSignIn(context, exchange))
  const about = { clientId: interaction.client.clientId }
  const tried = await tryPassword(context, exchange, { username, password: form.get('password') ?? '', about })
  if ('signIn' in tried) return goOn(context, exchange, interaction, tried.signIn, tried.cookie)
  return showForm(context, exchange, interaction, tried.status, { username, reason, problem: tried.problem }, tried.headers)
}

async function goOn(
  context: ServerContext,
  exchange: Exchange,
  interaction: Interaction,
  signIn: SignIn,
  cookie?: string,
): Promise<Response> {
  const noted = await noteSignIn(context, exchange, interaction, signIn)
  if (isBroken(noted)) return answerErrorPage(context, exchange, 'page', noted)
  const next = await findNextStep(context, exchange, noted, signIn)
  // `sign-in` once more: somebody else than the request hinted at.
  if (next.step !== 'complete')
    return answerRedirect(
      context,
      keepLanguage(exchange, stepUrl(context, next.step, noted.id)),
      cookie === undefined ? {} : { 'set-cookie': cookie },
    )
  return finish(context, exchange, noted, signIn, cookie)
}

async function finish(
  context: ServerContext,
  exchange: Exchange,
  interaction: Interaction,
  who: SignIn | 'abandon',
  cookie?: string,
): Promise<Response> {
  const decision = who === 'abandon' ? ({ answer: 'abandon' } as const) : ({ answer: 'allow', signIn: who } as const)
  const answer = await completeAuthorization(context, exchange, interaction, decision)
  if (isBroken(answer)) return answerErrorPage(context, exchange, 'page', answer)
  const response = await sendAnswer(context, exchange, answer)
  if (cookie !== undefined) response.headers.append('set-cookie', cookie)
  return response
}

type FormState = Pick<SignInModel, 'username' | 'reason' | 'problem'>

async function showForm(
  context: ServerContext,
  exchange: Exchange,
  interaction: Interaction,
  status: number,
  state: FormState,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const frame = pageFrame(context, exchange, interaction.request.uiLocales, { interaction: interaction.id, ...keptChoice(exchange) })
  const page = renderSignIn({
    ...state,
    frame,
    action: keepLanguage(exchange, context.urls.signIn),
    fields: { interaction: interaction.id },
    formToken: await makeFormToken(context, 'signin', interaction.id),
    clientName: interaction.client.name[frame.language],
  })
  return answerPage(context, status, page, { ...headers, ...languageHeaders(context, exchange, frame.language) })
}

/** Why this person, of all people who are signed in or not, sees the form. */
function reasonOf({ request }: Interaction, signIn: SignIn | undefined): SignInModel['reason'] {
  if (request.prompt.includes('select_account')) return 'choose'
  if (!signIn) return 'first'
  return request.hintedSubject === null || request.hintedSubject === signIn.subject ? 'again' : 'other'
}

/** `login_hint`, or the name of the person who has to sign in again. */
async function suggestedName(context: ServerContext, { request }: Interaction, signIn: SignIn | undefined): Promise<string> {
  if (request.loginHint !== null) return request.loginHint.slice(0, 200)
  if (!signIn || request.prompt.includes('select_account')) return ''
  if (request.hintedSubject !== null && request.hintedSubject !== signIn.subject) return ''
  return (await context.storage.records.user(context.issuer, signIn.subject))?.username ?? ''
}
