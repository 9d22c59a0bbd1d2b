// What is told to the client at its redirect URI (OAuth 2.1 §4.1.2, RFC 9207, JARM): always with `iss`, with `state` where it was sent.
// Made ready, signed and encrypted, before anything is consumed. How it is sent stands in pages/send-answer.ts.
import {
  buildAuthorizationResponse,
  type Carrier,
  carrierOf,
  Fault,
  type Language,
  type RedirectTarget,
  type Refusal,
  type ResponseMode,
  wireErrors,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { revealed } from '../http/refuse.ts'
import { encryptAnswer } from './encrypt-answer.ts'

/** Where the answer goes: client, redirect URI and state were trusted before. */
export interface ClientAddress {
  readonly clientId: string
  readonly redirectUri: string
  readonly state: string | null
  readonly responseMode: ResponseMode
  /** Should a person see the page that carries it. */
  readonly uiLocales: readonly Language[]
}

/** Ready to be sent. */
export interface ClientAnswer {
  readonly address: ClientAddress
  readonly carrier: Carrier
  readonly parameters: Parameters
}

type Parameters = readonly (readonly [name: string, value: string])[]

/** Of a request that was not judged yet. */
export function addressOf({ client, redirectUri, state, responseMode }: RedirectTarget): ClientAddress {
  return { clientId: client.clientId, redirectUri, state, responseMode, uiLocales: [] }
}

/** `more`: what goes beside the code. */
export function tellCode(
  context: ServerContext,
  exchange: Exchange,
  address: ClientAddress,
  code: string,
  more: Parameters = [],
): Promise<ClientAnswer> {
  return tell(context, exchange, address, [['code', code], ...more])
}

/** The refusal must be one that may travel: `wireErrors.authorize[family].redirect`. */
export function tellRefusal(context: ServerContext, exchange: Exchange, address: ClientAddress, refusal: Refusal): Promise<ClientAnswer> {
  const error = wireErrors.authorize[refusal.family].error ?? 'server_error'
  const says = revealed('authorize', refusal)
  return tell(context, exchange, address, [['error', error], ...(says ? [['error_description', says] as const] : [])])
}

/** Our own fault, told to the client (OAuth 2.1 §4.1.2.1). */
export function tellFault(
  context: ServerContext,
  exchange: Exchange,
  address: ClientAddress,
  error: 'server_error' | 'temporarily_unavailable',
): Promise<ClientAnswer> {
  return tell(context, exchange, address, [['error', error]])
}

async function tell(context: ServerContext, exchange: Exchange, address: ClientAddress, told: Parameters): Promise<ClientAnswer> {
  const { carrier, signed } = carrierOf(address.responseMode)
  const all = address.state === null ? told : [...told, ['state', address.state] as const]
  if (!signed) return { address, carrier, parameters: [...all, ['iss', context.issuer]] }
  return { address, carrier, parameters: [['response', await sign(context, exchange, address, all)]] }
}

/** JARM §3, unless the profile knows better. */
function defaultAlg({ profile }: ServerContext): 'RS256' | 'ES256' {
  return profile.signatureAlgorithms?.includes('RS256') === false ? 'ES256' : 'RS256'
}

/** JARM §2.1, §2.2: everything stands inside, `iss` and errors too; signed, then perhaps encrypted. */
async function sign(context: ServerContext, { now }: Exchange, { clientId }: ClientAddress, parameters: Parameters): Promise<string> {
  const client = await context.directory.client(clientId)
  if (client === undefined) throw new Fault('a client is gone while it is answered')
  const signer = context.keys.signer(client.authorizationAlg ?? defaultAlg(context))
  const jwt = await buildAuthorizationResponse({ issuer: context.issuer, audience: clientId, now, parameters }, signer)
  return encryptAnswer(context, client, 'authorization', jwt)
}
