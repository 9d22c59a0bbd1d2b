// GET and POST /second-factor: asks for the one-time code where the level demands it, raises the session, sends the person on.
import { broke, type Form, isBroken, type Seconds, sha256, signInRules, type Write } from '@kimei/protocol'
import { createSignInDelay, type SignInDelay } from '../accounts/sign-in-delay.ts'
import { fromBase32, matchTotp, stepSeconds } from '../accounts/totp.ts'
import { totpSecretOf } from '../config/declare.ts'
import type { Exchange, Handler, ServerContext } from '../context.ts'
import { answerPage, answerRedirect } from '../http/answers.ts'
import { keepLanguage, languageHeaders } from '../http/language.ts'
import { rememberRefusal } from '../http/refuse.ts'
import { answerOnce } from '../steps/answer-once.ts'
import type { Decision, Interaction, SignIn } from '../steps/contract.ts'
import { checkForm, makeFormToken } from '../steps/form-token.ts'
import { completeAuthorization, findNextStep, loadInteraction, stepUrl } from '../steps/interactions.ts'
import { raiseSession, readSignIn } from '../steps/sessions.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { pageFrame } from './page-frame.ts'
import { readPageForm } from './read-page-form.ts'
import { renderSecondFactor, type SecondFactorModel } from './second-factor-page.ts'
import { sendAnswer } from './send-answer.ts'

/** Somebody who is half way: the password is known, the code is not. */
interface HalfWay {
  readonly interaction: Interaction
  readonly signIn: SignIn
}

/** Or the answer, where there is nothing to ask here. */
async function halfWay(context: ServerContext, exchange: Exchange, id: string | undefined): Promise<HalfWay | Response> {
  const interaction = await loadInteraction(context, exchange, id)
  if (isBroken(interaction)) return answerErrorPage(context, exchange, 'page', interaction)
  const next = await findNextStep(context, exchange, interaction, await readSignIn(context, exchange))
  if (next.step === 'second-factor') return { interaction, signIn: next.signIn }
  const then = next.step === 'sign-in' ? next.step : 'consent'
  return answerRedirect(context, keepLanguage(exchange, stepUrl(context, then, interaction.id)))
}

export const showSecondFactor: Handler = async (context, exchange) => {
  const at = await halfWay(context, exchange, new URLSearchParams(exchange.query).get('interaction') ?? undefined)
  return at instanceof Response ? at : showForm(context, exchange, at, { status: 200 })
}

export const takeSecondFactor: Handler = async (context, exchange) => {
  const form = await readPageForm(context, exchange)
  if (isBroken(form)) return answerErrorPage(context, exchange, 'page', form)
  return answerOnce(context, exchange, form, () => answerForm(context, exchange, form))
}

async function answerForm(context: ServerContext, exchange: Exchange, form: Form): Promise<Response> {
  const at = await halfWay(context, exchange, form.get('interaction'))
  if (at instanceof Response) return at
  const foreign = await checkForm(context, exchange, { page: 'second-factor', subject: formSubject(at), token: form.get('form_token') })
  if (foreign) return answerErrorPage(context, exchange, 'page', foreign)
  if (form.get('do') === 'cancel') return finish(context, exchange, at.interaction, { answer: 'abandon' })
  return tryCode(context, exchange, at, (form.get('otp') ?? '').normalize('NFKC').replace(/[\s-]/g, ''))
}

async function tryCode(context: ServerContext, exchange: Exchange, at: HalfWay, code: string): Promise<Response> {
  const { subject } = at.signIn
  if (!/^\d{6}$/.test(code)) return showForm(context, exchange, at, { status: 422, problem: 'missing' })
  const delay = delayOf(context)
  const address = exchange.connection.remoteAddress
  const waitSeconds = delay.wait(subject, address, exchange.now)
  if (waitSeconds > 0) {
    await rememberFailure(context, exchange, at, 'signin.waits-after-failures')
    return showForm(context, exchange, at, { status: 429, problem: { waitSeconds } })
  }
  // Counted before it is looked at: parallel guesses must not all pass the door at once.
  delay.failed(subject, address, exchange.now)
  const step = await findStep(context, subject, code, exchange.now)
  const raised =
    step === undefined
      ? 'used'
      : await raiseSession(context, exchange, { signIn: at.signIn, method: 'otp', claim: await claimOf(context, subject, step) })
  if (raised === 'gone') return answerRedirect(context, keepLanguage(exchange, stepUrl(context, 'sign-in', at.interaction.id)))
  if (raised === 'used') {
    await rememberFailure(context, exchange, at, 'signin.code-matches')
    return showForm(context, exchange, at, { status: 422, problem: 'wrong' })
  }
  delay.succeeded(subject, address)
  const next = await findNextStep(context, exchange, at.interaction, raised)
  if (next.step === 'complete') return finish(context, exchange, at.interaction, { answer: 'allow', signIn: raised })
  return answerRedirect(context, keepLanguage(exchange, stepUrl(context, next.step, at.interaction.id)))
}

/** The same answer for a wrong code and for somebody who has no second factor. */
async function findStep(context: ServerContext, subject: string, code: string, now: Seconds): Promise<number | undefined> {
  const user = await context.storage.records.user(context.issuer, subject)
  const sealed = user?.sealedTotpSecret
  const secret = sealed === undefined ? undefined : await context.seals.open(sealed, totpSecretOf(subject))
  const step = matchTotp(secret === undefined ? new Uint8Array(20) : fromBase32(secret), code, now)
  return secret === undefined ? undefined : step
}

/** RFC 6238 §5.2: one code, one use. Kept until the code is too old by itself. */
async function claimOf({ issuer }: ServerContext, subject: string, step: number): Promise<Write> {
  return { write: 'claim-once', space: 'otp', id: await sha256(JSON.stringify([issuer, subject, step])), until: (step + 3) * stepSeconds }
}

async function finish(context: ServerContext, exchange: Exchange, interaction: Interaction, decision: Decision): Promise<Response> {
  const answer = await completeAuthorization(context, exchange, interaction, decision)
  return isBroken(answer) ? answerErrorPage(context, exchange, 'page', answer) : sendAnswer(context, exchange, answer)
}

/** Half a sign-in of one person is not that of the next. */
function formSubject({ interaction, signIn }: HalfWay): string {
  return `${interaction.id} ${signIn.sessionId}`
}

async function showForm(
  context: ServerContext,
  exchange: Exchange,
  at: HalfWay,
  { status, problem }: { readonly status: number } & Pick<SecondFactorModel, 'problem'>,
): Promise<Response> {
  const { interaction, signIn } = at
  const frame = pageFrame(context, exchange, interaction.request.uiLocales, { interaction: interaction.id })
  const user = await context.storage.records.user(context.issuer, signIn.subject)
  const page = renderSecondFactor({
    frame,
    action: keepLanguage(exchange, context.urls.secondFactor),
    interaction: interaction.id,
    formToken: await makeFormToken(context, 'second-factor', formSubject(at)),
    clientName: interaction.client.name[frame.language],
    userName: user?.username ?? signIn.subject,
    ...(problem !== undefined && { problem }),
  })
  const wait: Readonly<Record<string, string>> = typeof problem === 'object' ? { 'retry-after': String(problem.waitSeconds) } : {}
  return answerPage(context, status, page, { ...wait, ...languageHeaders(context, exchange, frame.language) })
}

async function rememberFailure(
  context: ServerContext,
  exchange: Exchange,
  { interaction, signIn }: HalfWay,
  rule: keyof typeof signInRules.rules,
): Promise<void> {
  const fields = { clientId: interaction.client.clientId, subject: signIn.subject }
  await rememberRefusal(context, exchange, broke(signInRules, rule), fields, 'login_failed')
}

const delays = new WeakMap<object, SignInDelay>()
function delayOf(context: ServerContext): SignInDelay {
  const known = delays.get(context.lasting) ?? createSignInDelay()
  delays.set(context.lasting, known)
  return known
}
