// The way to the authorization endpoint: plain in the front channel, or pushed first so that the browser carries a reference only.
import { formEncode } from '@kimei/protocol'
import * as oauth from 'oauth4webapi'
import type { Naming, SessionOptions, SignInOptions } from './contract.ts'
import { HolderError } from './holder-error.ts'
import type { IssuerLink } from './issuer-link.ts'
import { within } from './library-errors.ts'
import type { SignIn } from './sign-in.ts'

export interface AuthorizationOrder {
  readonly options: SessionOptions
  readonly link: IssuerLink
  readonly how: SignInOptions
  readonly signIn: SignIn
  readonly state: string
  readonly name: Naming
}

/** Where to send the browser. */
export async function buildAuthorizationUrl(order: AuthorizationOrder): Promise<string> {
  const { options, link, how } = order
  const as = await link.metadata()
  if (as.authorization_endpoint === undefined) throw new HolderError('holder.metadata-is-complete', 'there is no authorization_endpoint')
  const url = new URL(as.authorization_endpoint)
  const parameters = await parametersOf(order)
  const pushes = options.requests === 'pushed' || as.require_pushed_authorization_requests === true
  if (how.authorizationDetails !== undefined && !pushes && as.pushed_authorization_request_endpoint === undefined) {
    throw new HolderError('holder.details-are-pushed', 'the issuer takes no pushed requests')
  }
  const carried = pushes || how.authorizationDetails !== undefined ? await push(order, as, parameters) : parameters
  for (const [name, value] of carried) url.searchParams.append(name, value)
  return url.href
}

async function parametersOf({ options, how, signIn, state }: AuthorizationOrder): Promise<[string, string][]> {
  const { authorizationDetails } = how
  const parameters: Record<string, string | undefined> = {
    response_type: 'code',
    response_mode: options.responses === 'signed' ? 'jwt' : undefined,
    client_id: signIn.clientId,
    redirect_uri: signIn.redirectUri,
    scope: signIn.scopes.length === 0 ? undefined : signIn.scopes.join(' '),
    state,
    nonce: signIn.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(signIn.verifier),
    code_challenge_method: 'S256',
    dpop_jkt: signIn.jkt,
    prompt: how.prompt,
    login_hint: how.loginHint,
    ui_locales: how.uiLocales,
    max_age: how.maxAgeSeconds?.toString(),
    acr_values: how.acrValues?.join(' '),
    authorization_details: authorizationDetails && JSON.stringify(authorizationDetails),
  }
  const named = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return [...named, ...resourceParameters(options)]
}

/** RFC 9126 §2: what the browser then carries names nothing (FAPI 2.0 SP §5.3.3.1). */
async function push({ link, name, signIn }: AuthorizationOrder, as: oauth.AuthorizationServer, parameters: [string, string][]) {
  if (as.pushed_authorization_request_endpoint === undefined) {
    throw new HolderError('holder.metadata-is-complete', 'there is no pushed_authorization_request_endpoint')
  }
  const asked = await link.ask(name, ({ as: to, client, auth, options: request }) =>
    oauth.pushedAuthorizationRequest(to, client, auth, new URLSearchParams(formEncode(parameters)), request),
  )
  const { request_uri } = await within('holder.answer-is-readable', () =>
    oauth.processPushedAuthorizationResponse(asked.as, asked.client, asked.response),
  )
  return [
    ['client_id', signIn.clientId],
    ['request_uri', request_uri],
  ] as const
}

/** One parameter for each resource indicator (RFC 8707 §2). */
export function resourceParameters({ resources = [] }: Pick<SessionOptions, 'resources'>): [string, string][] {
  return resources.map((resource) => ['resource', resource])
}
