// What comes back to the redirect URI: on the right one, without tokens, and in a signed answer where one was asked for.
// Which sign-in it ends is looked up afterwards.
import { fromB64u } from '@kimei/protocol'
import * as oauth from 'oauth4webapi'
import type { SessionOptions } from './contract.ts'
import { HolderError } from './holder-error.ts'
import type { IssuerLink } from './issuer-link.ts'

const tokensAndCodes = ['access_token', 'id_token', 'token', 'refresh_token']

/** The parameters of the answer. Nothing of it was believed yet but, where signed, its signature. */
export async function readCallback(callback: URL, options: SessionOptions, link: IssuerLink): Promise<URLSearchParams> {
  const fragment = new URLSearchParams(callback.hash.slice(1))
  if (tokensAndCodes.some((name) => fragment.has(name) || callback.searchParams.has(name))) {
    throw new HolderError('holder.no-token-in-callback', 'a token came with the URL')
  }
  return options.responses === 'signed' ? readSigned(callback, options, link) : callback.searchParams
}

/** JARM §2.4: issuer, audience and time are compared before any key is fetched; then the signature. */
async function readSigned({ searchParams }: URL, options: SessionOptions, link: IssuerLink): Promise<URLSearchParams> {
  const [response, ...more] = searchParams.getAll('response')
  if (response === undefined || more.length > 0) throw unsound('there is no signed answer, or more than one')
  const claims = claimsOf(response)
  if (claims['iss'] !== options.issuer) throw unsound('it is of another issuer')
  if (claims['aud'] !== options.clientId) throw unsound('it is for another client')
  if (typeof claims['exp'] !== 'number' || claims['exp'] <= link.now()) throw unsound('it has expired')
  for (const name of ['iss', 'state', 'code', 'error']) {
    const outside = searchParams.get(name)
    if (outside !== null && outside !== claims[name]) throw unsound(`${name} outside says something else`)
  }
  const { as, client, options: request } = await link.plainly()
  const registered = { ...client, authorization_signed_response_alg: options.responseAlg ?? 'RS256' }
  const state = typeof claims['state'] === 'string' ? claims['state'] : oauth.expectNoState
  const checked = await verify(() => oauth.validateJwtAuthResponse(as, registered, new URLSearchParams({ response }), state, request))
  return checked ?? new URLSearchParams(textsOf(claims))
}

/** The library throws the answer's own `error` once it is verified: that one is read by the caller, like any other. */
async function verify(step: () => Promise<URLSearchParams>): Promise<URLSearchParams | undefined> {
  try {
    return await step()
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) return undefined
    throw unsound('it does not verify')
  }
}

function claimsOf(jwt: string): Record<string, unknown> {
  const bytes = fromB64u(jwt.split('.')[1] ?? '')
  try {
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function textsOf(claims: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(claims).filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}

const unsound = (what: string): HolderError => new HolderError('holder.response-is-sound', what)

/** RFC 8252 §8.10: the answer came back to the redirect URI that this sign-in gave, and to no other. */
export function checkReturn(callback: URL, redirectUri: string): void {
  const given = new URL(redirectUri)
  const same = (['protocol', 'host', 'pathname'] as const).every((part) => callback[part] === given[part])
  const kept = [...given.searchParams].every(([name, value]) => callback.searchParams.getAll(name).includes(value))
  if (!same || !kept) throw new HolderError('holder.redirect-is-ours', 'it came back to another redirect URI')
}
