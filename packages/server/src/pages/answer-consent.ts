// GET and POST /consent: shows what is asked, takes the answer, sends the person back to the client.
import { type Form, isBroken } from '@kimei/protocol'
import type { Exchange, Handler, ServerContext } from '../context.ts'
import { answerPage, answerRedirect } from '../http/answers.ts'
import { keepLanguage, languageHeaders } from '../http/language.ts'
import { answerOnce } from '../steps/answer-once.ts'
import type { Interaction, SignIn } from '../steps/contract.ts'
import { checkForm, makeFormToken } from '../steps/form-token.ts'
import { completeAuthorization, findNextStep, loadInteraction, stepUrl } from '../steps/interactions.ts'
import { readSignIn } from '../steps/sessions.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { type ConsentModel, renderConsent } from './consent-page.ts'
import { pageFrame } from './page-frame.ts'
import { readPageForm } from './read-page-form.ts'

export const showConsent: Handler = async (context, exchange) => {
  const id = new URLSearchParams(exchange.query).get('interaction') ?? undefined
  const interaction = await loadInteraction(context, exchange, id)
  if (isBroken(interaction)) return answerErrorPage(context, exchange, 'page', interaction)
  const next = await findNextStep(context, exchange, interaction, await readSignIn(context, exchange))
  if (next.step === 'sign-in') return toSignIn(context, exchange, interaction)
  // Even where an earlier consent would do: somebody who opened this page is asked.
  const model = await consentModel(context, exchange, interaction, next.signIn)
  return answerPage(context, 200, renderConsent(model), languageHeaders(context, exchange, model.frame.language))
}

export const takeConsent: Handler = async (context, exchange) => {
  const form = await readPageForm(context, exchange)
  if (isBroken(form)) return answerErrorPage(context, exchange, 'page', form)
  return answerOnce(context, exchange, form, () => decide(context, exchange, form))
}

async function decide(context: ServerContext, exchange: Exchange, form: Form): Promise<Response> {
  const interaction = await loadInteraction(context, exchange, form.get('interaction'))
  if (isBroken(interaction)) return answerErrorPage(context, exchange, 'page', interaction)
  const signIn = await readSignIn(context, exchange)
  if (!signIn) return toSignIn(context, exchange, interaction)
  const subject = formSubject(interaction, signIn)
  const foreign = await checkForm(context, exchange, { page: 'consent', subject, token: form.get('form_token') })
  if (foreign) return answerErrorPage(context, exchange, 'page', foreign)
  const answer = await completeAuthorization(context, exchange, interaction, {
    answer: form.get('do') === 'allow' ? 'allow' : 'deny',
    signIn,
  })
  if (!isBroken(answer)) return answer
  // The sign-in became too old while the page was read.
  if (answer.broken === 'authorize.person-is-signed-in') return toSignIn(context, exchange, interaction)
  return answerErrorPage(context, exchange, 'page', answer)
}

function toSignIn(context: ServerContext, exchange: Exchange, interaction: Interaction): Response {
  return answerRedirect(context, keepLanguage(exchange, stepUrl(context, 'sign-in', interaction.id)))
}

/** The answer of one person is not that of the next who signs in on the same request. */
function formSubject(interaction: Interaction, signIn: SignIn): string {
  return `${interaction.id} ${signIn.sessionId}`
}

async function consentModel(context: ServerContext, exchange: Exchange, interaction: Interaction, signIn: SignIn): Promise<ConsentModel> {
  const { request, client } = interaction
  const { lifetimes } = context.config
  const frame = pageFrame(context, exchange, request.uiLocales, { interaction: interaction.id })
  const { language } = frame
  const scopes = request.scopes.filter((scope) => scope !== 'offline_access')
  const user = await context.storage.records.user(context.issuer, signIn.subject)
  const offer = await context.directory.offer()
  const shortest = request.resources.map(
    (resource) => offer.resources.get(resource)?.accessTokenLifetimeSeconds ?? lifetimes.accessTokenSeconds,
  )
  return {
    frame,
    action: keepLanguage(exchange, context.urls.consent),
    interaction: interaction.id,
    formToken: await makeFormToken(context, 'consent', formSubject(interaction, signIn)),
    clientName: client.name[language],
    clientId: client.clientId,
    userName: user?.username ?? signIn.subject,
    redirectUri: request.redirectUri,
    ...redirectFacts(request.redirectUri),
    // Offline access is a matter of how long, not of what.
    permissions: scopes.map((scope) => ({ scope, description: context.texts.scope(scope)?.[language] ?? scope })),
    apis: request.resources
      .filter((resource) => resource !== context.issuer)
      .map((identifier) => ({ identifier, name: context.texts.resource(identifier)?.[language] ?? identifier })),
    accessMinutes: Math.max(1, Math.round(Math.min(...shortest, lifetimes.accessTokenSeconds) / 60)),
    renewal: renewalOf(context, interaction),
    ticket: ticketOf(interaction),
  }
}

/** A client that may stay unbound is shown as the weaker kind: what it will do is not known yet. */
function ticketOf({ request, client }: Interaction): ConsentModel['ticket'] {
  if (request.dpopJkt !== null) return { kind: 'named', thumbprint: request.dpopJkt }
  return { kind: client.binding.kind === 'required' ? 'named' : 'bearer' }
}

/** Offline access lasts by itself; any other renewal ends with the sign-in it came from. */
function renewalOf({ config: { lifetimes } }: ServerContext, { request, client }: Interaction): ConsentModel['renewal'] {
  if (!client.grants.includes('refresh_token')) return null
  const offline = request.scopes.includes('offline_access') && request.prompt.includes('consent')
  if (offline) return { days: Math.max(1, Math.round(lifetimes.refreshAbsoluteSeconds / 86_400)) }
  return { hours: Math.max(1, Math.round(Math.min(lifetimes.refreshAbsoluteSeconds, lifetimes.sessionAbsoluteSeconds) / 3600)) }
}

/** Where the answer goes, as a person reads it: the host, or the scheme of an app on this device. */
function redirectFacts(redirectUri: string): { readonly redirectHost: string; readonly loopback: boolean } {
  const url = new URL(redirectUri)
  const web = url.protocol === 'https:' || url.protocol === 'http:'
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return { redirectHost: web ? url.host : url.protocol, loopback }
}
