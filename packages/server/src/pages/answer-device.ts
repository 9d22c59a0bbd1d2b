// GET and POST /device: a person who is signed in types the code of a device, compares what it asks, and decides. Never by a link alone.
import { broke, type DeviceCodeRecord, deviceUseRules, type Form, isBroken, must, parseUserCode, showUserCode } from '@kimei/protocol'
import { createGuessLimit, type GuessLimit } from '../accounts/guess-limit.ts'
import type { Exchange, Handler, ServerContext } from '../context.ts'
import { answerPage, answerRedirect } from '../http/answers.ts'
import { keepLanguage, languageHeaders } from '../http/language.ts'
import { rememberRefusal } from '../http/refuse.ts'
import { isSameNetwork } from '../http/same-network.ts'
import { answerOnce } from '../steps/answer-once.ts'
import type { SignIn } from '../steps/contract.ts'
import { decideDeviceRequest } from '../steps/decide-device.ts'
import { deviceConfig, findDevice } from '../steps/device-requests.ts'
import { checkForm, makeFormToken } from '../steps/form-token.ts'
import { readSignIn } from '../steps/sessions.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { keptScopes } from './asked-words.ts'
import { deviceDecisionModel } from './device-model.ts'
import { type DeviceEntryModel, renderDeviceDecision, renderDeviceDone, renderDeviceEntry } from './device-page.ts'
import { pageFrame } from './page-frame.ts'
import { pageSignInUrl } from './page-sign-in.ts'
import { readPageForm } from './read-page-form.ts'

export const showDevice: Handler = async (context, exchange) => {
  const typed = new URLSearchParams(exchange.query).get('user_code') ?? undefined
  const signIn = await readSignIn(context, exchange)
  if (!signIn) return answerRedirect(context, keepLanguage(exchange, pageSignInUrl(context, 'device', typed)))
  return showEntry(context, exchange, signIn, 200, { userCode: readable(typed) })
}

export const takeDevice: Handler = async (context, exchange) => {
  const form = await readPageForm(context, exchange)
  if (isBroken(form)) return answerErrorPage(context, exchange, 'page', form)
  const signIn = await readSignIn(context, exchange)
  if (!signIn) return answerRedirect(context, keepLanguage(exchange, pageSignInUrl(context, 'device', form.get('user_code'))))
  const act = form.get('do')
  if (act === 'allow' || act === 'deny') return answerOnce(context, exchange, form, () => decide(context, exchange, signIn, form))
  const foreign = await checkForm(context, exchange, { page: 'device', subject: signIn.sessionId, token: form.get('form_token') })
  if (foreign) return answerErrorPage(context, exchange, 'page', foreign)
  const device = await lookUp(context, exchange, signIn, form)
  if (device instanceof Response) return device
  return showDecision(context, exchange, signIn, device, form)
}

export function showDeviceDone(decision: 'allowed' | 'denied'): Handler {
  return (context, exchange) => {
    const frame = pageFrame(context, exchange, [], {})
    return answerPage(context, 200, renderDeviceDone(frame, decision), languageHeaders(context, exchange, frame.language))
  }
}

/** The device that waits under the typed code, or the page that says why there is none. Every wrong code is counted. */
async function lookUp(context: ServerContext, exchange: Exchange, signIn: SignIn, form: Form): Promise<DeviceCodeRecord | Response> {
  const typed = form.get('user_code')
  const userCode = parseUserCode(typed ?? '')
  // No code at all is no guess.
  if (userCode === undefined) {
    return showEntry(context, exchange, signIn, 422, { userCode: readable(typed), problem: typed === undefined ? 'missing' : 'malformed' })
  }
  const guesser = { subject: signIn.subject, address: exchange.connection.remoteAddress }
  const limit = limitOf(context)
  const waitSeconds = limit.tryOnce(guesser, exchange.now)
  if (must(deviceUseRules, 'device.guesses-are-few', waitSeconds === 0, context.law)) {
    await rememberGuess(context, exchange, signIn, 'device.guesses-are-few')
    const problem = { waitMinutes: Math.ceil(waitSeconds / 60) }
    return showEntry(context, exchange, signIn, 429, { userCode: '', problem }, { 'retry-after': String(waitSeconds) })
  }
  const device = await findDevice(context, exchange, userCode)
  const client = device && (await context.directory.client(device.clientId))
  if (!device || !client || client.disabled) {
    await rememberGuess(context, exchange, signIn, 'device.user-code-is-live')
    return showEntry(context, exchange, signIn, 422, { userCode: showUserCode(userCode), problem: 'unknown' })
  }
  limit.right(guesser, exchange.now)
  return device
}

async function showDecision(
  context: ServerContext,
  exchange: Exchange,
  signIn: SignIn,
  device: DeviceCodeRecord,
  form: Form,
): Promise<Response> {
  const far = checkNearby(context, exchange, device)
  if (far) return tooFar(context, exchange, signIn, device)
  const userCode = readable(form.get('user_code'))
  const frame = pageFrame(context, exchange, [], { user_code: userCode })
  const model = await deviceDecisionModel(context, exchange, { signIn, device, userCode, frame })
  return answerPage(context, 200, renderDeviceDecision(model), languageHeaders(context, exchange, frame.language))
}

async function decide(context: ServerContext, exchange: Exchange, signIn: SignIn, form: Form): Promise<Response> {
  const device = await lookUp(context, exchange, signIn, form)
  if (device instanceof Response) return device
  const subject = `${signIn.sessionId} ${device.deviceHash}`
  const foreign = await checkForm(context, exchange, { page: 'device-decision', subject, token: form.get('form_token') })
  if (foreign) return answerErrorPage(context, exchange, 'page', foreign)
  const allow = form.get('do') === 'allow'
  if (allow && checkNearby(context, exchange, device)) return tooFar(context, exchange, signIn, device)
  const client = await context.directory.client(device.clientId)
  const scopes = client ? keptScopes(device.scopes, client, form) : device.scopes
  const broken = await decideDeviceRequest(context, exchange, { device, signIn, allowed: allow ? scopes : undefined })
  if (broken) return answerErrorPage(context, exchange, 'page', broken)
  return answerRedirect(context, keepLanguage(exchange, `${context.urls.device}/${allow ? 'allowed' : 'denied'}`))
}

/** Where the operator demands proximity: an unknown address is not near. */
function checkNearby(context: ServerContext, { connection }: Exchange, device: DeviceCodeRecord) {
  if (deviceConfig(context).proximity !== 'same-network') return undefined
  const near = isSameNetwork(device.requestedFrom, connection.remoteAddress) === true
  return must(deviceUseRules, 'device.person-is-nearby', near, context.law)
}

async function tooFar(context: ServerContext, exchange: Exchange, signIn: SignIn, { clientId }: DeviceCodeRecord): Promise<Response> {
  const fields = { subject: signIn.subject, clientId, route: 'device' }
  await rememberRefusal(context, exchange, broke(deviceUseRules, 'device.person-is-nearby'), fields, 'consent')
  return showEntry(context, exchange, signIn, 403, { userCode: '', problem: 'far' })
}

async function showEntry(
  context: ServerContext,
  exchange: Exchange,
  signIn: SignIn,
  status: number,
  state: Pick<DeviceEntryModel, 'userCode' | 'problem'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const frame = pageFrame(context, exchange, [], state.userCode === '' ? {} : { user_code: state.userCode })
  const user = await context.storage.records.user(context.issuer, signIn.subject)
  const page = renderDeviceEntry({
    ...state,
    frame,
    action: keepLanguage(exchange, context.urls.device),
    formToken: await makeFormToken(context, 'device', signIn.sessionId),
    userName: user?.username ?? signIn.subject,
  })
  return answerPage(context, status, page, { ...headers, ...languageHeaders(context, exchange, frame.language) })
}

/** As the device shows it where that can be told; otherwise what was typed. */
function readable(typed: string | undefined): string {
  const userCode = parseUserCode(typed ?? '')
  return userCode === undefined ? (typed ?? '').slice(0, 40) : showUserCode(userCode)
}

/** Never the code that was tried. */
async function rememberGuess(context: ServerContext, exchange: Exchange, signIn: SignIn, rule: keyof typeof deviceUseRules.rules) {
  const fields = { subject: signIn.subject, sessionId: signIn.sessionId, route: 'device', from: exchange.connection.remoteAddress }
  await rememberRefusal(context, exchange, broke(deviceUseRules, rule), fields, 'device_code_guessed')
}

const limits = new WeakMap<object, GuessLimit>()
function limitOf(context: ServerContext): GuessLimit {
  const { codeSeconds, wrongCodes } = deviceConfig(context)
  const known = limits.get(context.lasting) ?? createGuessLimit({ windowSeconds: codeSeconds, ofAll: wrongCodes })
  limits.set(context.lasting, known)
  return known
}
