// Answers to the client at its redirect URI (OAuth 2.1 §4.1.2, RFC 9207): always with `iss`, with `state` where it was sent.
import { formEncode, type Refusal, wireErrors } from '@kimei/protocol'
import type { ServerContext } from '../context.ts'
import { answerRedirect } from '../http/answers.ts'
import { revealed } from '../http/refuse.ts'

/** Where the answer goes: both values were trusted before. */
export interface ClientAddress {
  readonly redirectUri: string
  readonly state: string | null
}

export function sendCode(context: ServerContext, address: ClientAddress, code: string, extra?: Readonly<Record<string, string>>): Response {
  return answerRedirect(context, locationOf(context, address, [['code', code]]), extra)
}

/** The refusal must be one that may travel: `wireErrors.authorize[family].redirect`. */
export function sendRefusal(
  context: ServerContext,
  address: ClientAddress,
  refusal: Refusal,
  extra?: Readonly<Record<string, string>>,
): Response {
  const error = wireErrors.authorize[refusal.family].error ?? 'server_error'
  const says = revealed('authorize', refusal)
  return answerRedirect(
    context,
    locationOf(context, address, [['error', error], ...(says ? [['error_description', says] as const] : [])]),
    extra,
  )
}

/** Our own fault, told to the client (OAuth 2.1 §4.1.2.1). */
export function sendFault(context: ServerContext, address: ClientAddress, error: 'server_error' | 'temporarily_unavailable'): Response {
  return answerRedirect(context, locationOf(context, address, [['error', error]]))
}

/** The registered query stays; the response is added to it. */
function locationOf(
  context: ServerContext,
  { redirectUri, state }: ClientAddress,
  parameters: readonly (readonly [string, string])[],
): string {
  const all = [...parameters, ...(state === null ? [] : [['state', state] as const]), ['iss', context.issuer] as const]
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${formEncode(all)}`
}
