// GET and POST /consent: shows what is asked, takes the answer, sends the person back to the client.
import { type ClientRecord, type Form, isBroken, type Language, noClaims, personalClaims } from '@kimei/protocol'
import { claimName } from 'look'
import type { Exchange, Handler, ServerContext } from '../context.ts'
import { answerPage, answerRedirect } from '../http/answers.ts'
import { keepLanguage, languageHeaders } from '../http/language.ts'
import { answerOnce } from '../steps/answer-once.ts'
import type { Interaction, SignIn } from '../steps/contract.ts'
import { checkForm, makeFormToken } from '../steps/form-token.ts'
import { completeAuthorization, findNextStep, loadInteraction, stepUrl } from '../steps/interactions.ts'
import { hasConsented } from '../steps/next-step.ts'
import { readSignIn } from '../steps/sessions.ts'
import { logoUrl } from './answer-client-logo.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { accessMinutesOf, keptScopes, permissionOf, renewalOf, scopesToShow } from './asked-words.ts'
import { viewDetail } from './consent-details.ts'
import { type ConsentModel, renderConsent } from './consent-page.ts'
import { pageFrame } from './page-frame.ts'
import { readPageForm } from './read-page-form.ts'
import { sendAnswer } from './send-answer.ts'

export const showConsent: Handler = async (context, exchange) => {
  const id = new URLSearchParams(exchange.query).get('interaction') ?? undefined
  const interaction = await loadInteraction(context, exchange, id)
  if (isBroken(interaction)) return answerErrorPage(context, exchange, 'page', interaction)
  const next = await findNextStep(context, exchange, interaction, await readSignIn(context, exchange))
  if (next.step === 'sign-in') return toSignIn(context, exchange, interaction)
  if (next.step === 'second-factor') return answerRedirect(context, keepLanguage(exchange, stepUrl(context, next.step, interaction.id)))
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
    scopes: keptScopes(interaction.request.scopes, interaction.client, form),
  })
  if (!isBroken(answer)) return sendAnswer(context, exchange, answer)
  // The sign-in became too old while the page was read.
  if (answer.broken === 'authorize.person-is-signed-in') return toSignIn(context, exchange, interaction)
  return answerErrorPage(context, exchange, 'page', answer)
}

/** Asked for by name, and not told by a scope that is asked for anyway. */
function namedClaimsOf(
  { request, client }: Interaction,
  told: ReadonlySet<string>,
  language: Language,
): NonNullable<ConsentModel['namedClaims']> {
  const { purposes = {} } = client
  return personalClaims(request.claims ?? noClaims)
    .filter((claim) => !told.has(claim))
    .map((claim) => ({ name: claimName(language, claim), ...(purposes[claim] && { purpose: purposes[claim][language] }) }))
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
  const frame = pageFrame(context, exchange, request.uiLocales, { interaction: interaction.id })
  const { language } = frame
  const user = await context.storage.records.user(context.issuer, signIn.subject)
  const offer = await context.directory.offer()
  const scopes = scopesToShow(context, client, request.scopes, offer)
  return {
    frame,
    action: keepLanguage(exchange, context.urls.consent),
    interaction: interaction.id,
    formToken: await makeFormToken(context, 'consent', formSubject(interaction, signIn)),
    clientName: client.name[language],
    clientId: client.clientId,
    userName: user?.username ?? signIn.subject,
    accountUrl: keepLanguage(exchange, context.urls.account),
    redirectUri: request.redirectUri,
    ...redirectFacts(request.redirectUri),
    ...(client.source !== undefined && client.source !== 'declared' && { selfDescribed: describedAt(client) }),
    links: client.links,
    ...(client.links?.logo && { logo: logoUrl(context, interaction.id, language) }),
    ...(client.organisation && { organisation: client.organisation[language] }),
    isPrivate: client.privateClaims !== undefined,
    permissions: scopes.map((scope) => permissionOf(context, client, { scope, claims: offer.scopes.get(scope)?.claims ?? [] }, language)),
    namedClaims: namedClaimsOf(interaction, new Set(scopes.flatMap((scope) => offer.scopes.get(scope)?.claims ?? [])), language),
    details: (request.details ?? []).map((detail) =>
      viewDetail(detail, {
        language,
        words: context.texts.detailType(detail.type),
        nameOf: (location) => context.texts.resource(location)?.[language],
      }),
    ),
    apis: request.resources
      .filter((resource) => resource !== context.issuer)
      .map((identifier) => ({ identifier, name: context.texts.resource(identifier)?.[language] ?? identifier })),
    accessMinutes: accessMinutesOf(context, offer, request.resources),
    renewal: renewalOf(context, client, await lastsOffline(context, exchange, interaction, signIn)),
    ticket: ticketOf(interaction),
  }
}

/** A client that may stay unbound is shown as the weaker kind: what it will do is not known yet. */
function ticketOf({ request, client }: Interaction): ConsentModel['ticket'] {
  if (request.dpopJkt !== null) return { kind: 'named', thumbprint: request.dpopJkt }
  return { kind: client.binding.kind === 'required' ? 'named' : 'bearer' }
}

/** As `complete-authorization.ts` will decide: asked with prompt=consent, or recorded before. */
async function lastsOffline(context: ServerContext, { now }: Exchange, { request }: Interaction, { subject }: SignIn): Promise<boolean> {
  if (!request.scopes.includes('offline_access')) return false
  if (request.prompt.includes('consent')) return true
  return hasConsented(context, { clientId: request.clientId, scopes: ['offline_access'], resources: [] }, subject, now)
}

/** The host is what a stranger cannot choose freely; the name is. */
function describedAt({ source, clientId }: ClientRecord): { readonly host?: string } {
  return source === 'document' ? { host: new URL(clientId).host } : {}
}

/** Where the answer goes, as a person reads it: the host, or the scheme of an app on this device. */
function redirectFacts(redirectUri: string): { readonly redirectHost: string; readonly loopback: boolean } {
  const url = new URL(redirectUri)
  const web = url.protocol === 'https:' || url.protocol === 'http:'
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return { redirectHost: web ? url.host : url.protocol, loopback }
}
