// Sends the client what it is told, by the way it asked for: a redirect with a query or a fragment, or a form that is posted.
import { formEncode, type Refusal } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { answerPage, answerRedirect } from '../http/answers.ts'
import type { ClientAnswer } from '../steps/answer-client.ts'
import { leaves } from '../steps/answer-once.ts'
import { answerErrorPage } from './answer-error-page.ts'
import { postingPolicy, renderFormPost } from './form-post-page.ts'
import { pageFrame } from './page-frame.ts'

export async function sendAnswer(context: ServerContext, exchange: Exchange, answer: ClientAnswer): Promise<Response> {
  if (answer.carrier === 'form_post') return leaves(await formPost(context, exchange, answer))
  return answerRedirect(context, addressWith(answer))
}

/** Shown first, and sent where the person goes on: whoever registered itself may not use this issuer to send people away (OAuth 2.1 §7.13.2). */
export function offerAnswer(context: ServerContext, exchange: Exchange, answer: ClientAnswer, refusal: Refusal): Response {
  const { address, carrier, parameters } = answer
  const { host, protocol } = new URL(address.redirectUri)
  const posts = carrier === 'form_post'
  const onward = { to: host || protocol, href: posts ? address.redirectUri : addressWith(answer), ...(posts && { posts: parameters }) }
  return answerErrorPage(context, exchange, 'authorize', refusal, onward)
}

function addressWith({ address, carrier, parameters }: ClientAnswer): string {
  return `${address.redirectUri}${separator(carrier, address.redirectUri)}${formEncode(parameters)}`
}

/** The registered query stays; the response is added to it. Registered redirect URIs have no fragment. */
function separator(carrier: ClientAnswer['carrier'], redirectUri: string): string {
  if (carrier === 'fragment') return '#'
  return redirectUri.includes('?') ? '&' : '?'
}

/** OAuth 2.0 Form Post Response Mode §2. The client may look at where the post comes from, but at no more than the origin. */
async function formPost(context: ServerContext, exchange: Exchange, { address, parameters }: ClientAnswer): Promise<Response> {
  const frame = pageFrame(context, exchange, address.uiLocales)
  const client = await context.directory.client(address.clientId)
  const clientName = client?.name[frame.language] ?? address.clientId
  const page = renderFormPost({ frame, action: address.redirectUri, clientName, parameters })
  return answerPage(context, 200, page, { 'content-security-policy': postingPolicy, 'referrer-policy': 'strict-origin' })
}
