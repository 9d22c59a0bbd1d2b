// prompt=select_account (OpenID Connect Core §3.1.2.1): whoever is signed in may go on as that person, or sign in as another.
// Part of /signin; where somebody has to sign in anyway, the form there is choice enough.
import { type Broken, isBroken } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { answerPage, answerRedirect } from '../http/answers.ts'
import { keepLanguage, languageHeaders } from '../http/language.ts'
import type { Interaction, SignIn } from '../steps/contract.ts'
import { checkForm, makeFormToken } from '../steps/form-token.ts'
import { findNextStep, stepUrl } from '../steps/interactions.ts'
import { readSignIn } from '../steps/sessions.ts'
import { renderChooseAccount } from './choose-account-page.ts'
import { pageFrame } from './page-frame.ts'

/** Whom this browser may go on as without a password: everything else that the request asks of a sign-in is met. */
export async function offeredAccount(
  context: ServerContext,
  exchange: Exchange,
  interaction: Interaction,
  signIn: SignIn | undefined,
): Promise<SignIn | undefined> {
  const { request } = interaction
  if (!signIn || !request.prompt.includes('select_account')) return undefined
  const otherwise = { ...interaction, request: { ...request, prompt: request.prompt.filter((value) => value !== 'select_account') } }
  const next = await findNextStep(context, exchange, otherwise, signIn)
  return next.step === 'sign-in' ? undefined : signIn
}

/** `undefined`: nobody to choose, or another account was asked for. */
export async function showChoice(
  context: ServerContext,
  exchange: Exchange,
  interaction: Interaction,
  signIn: SignIn | undefined,
): Promise<Response | undefined> {
  const offered = await offeredAccount(context, exchange, interaction, signIn)
  if (!offered || keptChoice(exchange).account) return undefined
  const frame = pageFrame(context, exchange, interaction.request.uiLocales, { interaction: interaction.id })
  const user = await context.storage.records.user(context.issuer, offered.subject)
  const page = renderChooseAccount({
    frame,
    action: keepLanguage(exchange, context.urls.signIn),
    interaction: interaction.id,
    formToken: await makeFormToken(context, 'signin', choiceOf(interaction, offered)),
    clientName: interaction.client.name[frame.language],
    userName: user?.username ?? offered.subject,
  })
  return answerPage(context, 200, page, languageHeaders(context, exchange, frame.language))
}

/** Answers of this page. `undefined`: the person who chose is no longer signed in, or has to show it again. */
export async function takeChoice(
  context: ServerContext,
  exchange: Exchange,
  interaction: Interaction,
  token: string | undefined,
): Promise<SignIn | Broken | undefined> {
  const offered = await offeredAccount(context, exchange, interaction, await readSignIn(context, exchange))
  if (!offered) return undefined
  const foreign = await checkForm(context, exchange, { page: 'signin', subject: choiceOf(interaction, offered), token })
  return isBroken(foreign) ? foreign : offered
}

export function toOtherAccount(context: ServerContext, exchange: Exchange, { id }: Interaction): Response {
  return answerRedirect(context, keepLanguage(exchange, `${stepUrl(context, 'sign-in', id)}&account=other`))
}

/** That another account was asked for, which a change of the language keeps. */
export function keptChoice({ query }: Exchange): { readonly account?: 'other' } {
  return new URLSearchParams(query).get('account') === 'other' ? { account: 'other' } : {}
}

/** Two tabs, two people: a choice is of the sign-in that the page showed. */
function choiceOf({ id }: Interaction, { sessionId }: SignIn): string {
  return `${id} ${sessionId}`
}
