// GET and POST /signed-out: ends the sign-in of this browser after asking (a link alone must not: OIDC RP-Initiated Logout §2).
import { isBroken } from '@kimei/protocol'
import type { Handler } from '../context.ts'
import { answerPage, answerRedirect } from '../http/answers.ts'
import { languageHeaders } from '../http/language.ts'
import { checkForm, makeFormToken } from '../steps/form-token.ts'
import { endSession, readSignIn } from '../steps/sessions.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { pageFrame } from './page-frame.ts'
import { readPageForm } from './read-page-form.ts'
import { renderSignedOut, renderSignOutQuestion } from './signed-out-page.ts'

export const showSignedOut: Handler = async (context, exchange) => {
  const signIn = await readSignIn(context, exchange)
  const frame = pageFrame(context, exchange, [], {})
  const headers = languageHeaders(context, exchange, frame.language)
  if (!signIn) return answerPage(context, 200, renderSignedOut(frame), headers)
  const formToken = await makeFormToken(context, 'signed-out', signIn.sessionId)
  return answerPage(context, 200, renderSignOutQuestion({ frame, action: exchange.path, formToken }), headers)
}

export const takeSignOut: Handler = async (context, exchange) => {
  const form = await readPageForm(context, exchange)
  if (isBroken(form)) return answerErrorPage(context, exchange, 'page', form)
  const signIn = await readSignIn(context, exchange)
  if (!signIn) return answerRedirect(context, exchange.path)
  const foreign = await checkForm(context, exchange, { page: 'signed-out', subject: signIn.sessionId, token: form.get('form_token') })
  if (foreign) return answerErrorPage(context, exchange, 'page', foreign)
  return answerRedirect(context, exchange.path, { 'set-cookie': await endSession(context, exchange) })
}
