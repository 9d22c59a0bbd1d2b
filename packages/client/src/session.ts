// Signing a person in and keeping them signed in: authorization code with PKCE, state, nonce, iss and dpop_jkt.
import * as oauth from 'oauth4webapi'
import { openDevice } from '#device'
import { buildAuthorizationUrl, resourceParameters } from './authorization-request.ts'
import { checkReturn, readCallback } from './callback.ts'
import type { Naming, Session, SessionOptions, SignInOptions, Ticket } from './contract.ts'
import { buildEndSessionUrl } from './end-session.ts'
import { type HeldTicket, holdTicket } from './held-ticket.ts'
import { HolderError, isHolderError } from './holder-error.ts'
import { checkIdTokenBeside } from './id-token-checks.ts'
import { createIssuerLink, type IssuerLink } from './issuer-link.ts'
import { within } from './library-errors.ts'
import { checkNaming } from './naming.ts'
import { readProfile } from './profile.ts'
import { readTicket, type SavedTicket, showTicket } from './saved-ticket.ts'
import { checkSessionOptions } from './session-options.ts'
import { checkCallback, parseSignIn, type SignIn, signInSlot } from './sign-in.ts'
import { countStepUp, defaultStepUpTries, readStepUp } from './step-up.ts'

interface Parts {
  readonly options: SessionOptions
  readonly link: IssuerLink
  readonly held: HeldTicket
}

/** Opens (or resumes) the session that this device has with one issuer as one client. Nothing is sent yet. */
export function createSession(options: SessionOptions): Session {
  checkSessionOptions(options)
  checkNaming(options)
  const link = createIssuerLink(options, options.idTokenAlg)
  const held = holdTicket({
    link,
    options,
    device: () => options.device ?? openDevice(),
    next: (name, before) => (before?.refreshToken === undefined ? Promise.resolve(undefined) : refresh(options, link, name, before)),
  })
  const parts: Parts = { options, link, held }
  return {
    ticket: held.ticket,
    fetch: held.fetch,
    key: held.key,
    dangerouslyRevealAccessToken: held.dangerouslyRevealAccessToken,
    begin: (how = {}) => begin(parts, how),
    stepUp: (response, how = {}) => stepUp(parts, response, how),
    complete: (callback) => complete(parts, typeof callback === 'string' ? new URL(callback) : callback),
    async renew() {
      return showTicket(await held.renew(await held.saved()), link.owner)
    },
    profile: async () => readProfile(link, options.purposes ?? {}, await held.saved(), held.fetch),
    endSessionUrl: async (how = {}) => buildEndSessionUrl(link, (await held.saved())?.idToken, how),
    signOut: () => signOut(parts),
  }
}

async function begin({ options, link, held }: Parts, how: SignInOptions): Promise<{ url: string; state: string }> {
  const as = await link.metadata()
  if (as.code_challenge_methods_supported?.includes('S256') !== true) {
    throw new HolderError('holder.pkce-is-supported', 'the metadata does not list it')
  }
  const name = await held.name()
  const signIn: SignIn = {
    issuer: options.issuer,
    clientId: options.clientId,
    redirectUri: how.redirectUri ?? options.redirectUri,
    verifier: oauth.generateRandomCodeVerifier(),
    ...((options.scopes ?? []).includes('openid') && { nonce: oauth.generateRandomNonce() }),
    ...(name.key && { jkt: name.key.jkt }),
    scopes: options.scopes ?? [],
    ...(how.maxAgeSeconds !== undefined && { maxAgeSeconds: how.maxAgeSeconds }),
    beganAt: link.now(),
  }
  const state = oauth.generateRandomState()
  await (await held.device()).shelf.write(signInSlot(state), signIn)
  return { url: await buildAuthorizationUrl({ options, link, how, signIn, state, name }), state }
}

/** What the API asks outweighs what the caller would. */
async function stepUp(parts: Parts, response: Response, how: SignInOptions): Promise<{ url: string; state: string } | undefined> {
  const asked = readStepUp(response)
  if (asked === undefined) return undefined
  const { options, link, held } = parts
  const tries = options.stepUpTries ?? defaultStepUpTries
  await countStepUp(await held.device(), link.owner, { url: response.url, stepUp: asked, now: link.now(), tries })
  return begin(parts, { ...how, ...asked })
}

async function complete({ options, link, held }: Parts, callback: URL): Promise<Ticket> {
  const answered = await readCallback(callback, options, link)
  const state = answered.getAll('state')
  const signIn = state.length === 1 ? parseSignIn(await (await held.device()).shelf.take(signInSlot(state[0] as string))) : undefined
  if (signIn === undefined) throw new HolderError('holder.state-is-ours', 'no sign-in is waiting for this callback')
  checkReturn(callback, signIn.redirectUri)
  const as = await link.metadata()
  const parameters = checkCallback({
    as,
    client: (await link.plainly()).client,
    signIn,
    owner: link.owner,
    answered,
    now: link.now(),
  })
  const name = await held.name()
  if (name.key?.jkt !== signIn.jkt) throw new HolderError('holder.state-is-ours', 'the key has changed since the sign-in began')
  const asked = await link.ask(name, ({ as: to, client, auth, options: request }) =>
    oauth.authorizationCodeGrantRequest(to, client, auth, parameters, signIn.redirectUri, signIn.verifier, {
      ...request,
      additionalParameters: new URLSearchParams(resourceParameters(options)),
    }),
  )
  const answer = await within('holder.answer-is-readable', () =>
    oauth.processAuthorizationCodeResponse(asked.as, asked.client, asked.response, {
      ...(signIn.nonce !== undefined && { expectedNonce: signIn.nonce, requireIdToken: true }),
      ...(signIn.maxAgeSeconds !== undefined && signIn.nonce !== undefined && { maxAge: signIn.maxAgeSeconds }),
    }),
  )
  const ticket = readTicket(answer, link.now(), name, { scopes: signIn.scopes })
  const subject = await checkIdTokenBeside({ ...asked, answer, keys: (await link.plainly()).options, now: link.now(), subject: undefined })
  return held.save({ ...ticket, ...(subject !== undefined && { subject }) })
}

/** `undefined` where the issuer says that the sign-in is over. */
async function refresh(options: SessionOptions, link: IssuerLink, name: Naming, before: SavedTicket): Promise<SavedTicket | undefined> {
  const asked = await link.ask(name, ({ as, client, auth, options: request }) =>
    oauth.refreshTokenGrantRequest(as, client, auth, before.refreshToken as string, {
      ...request,
      additionalParameters: new URLSearchParams(resourceParameters(options)),
    }),
  )
  let answer: oauth.TokenEndpointResponse
  try {
    answer = await within('holder.answer-is-readable', () => oauth.processRefreshTokenResponse(asked.as, asked.client, asked.response))
  } catch (error) {
    if (isHolderError(error, 'holder.request-is-granted') && error.oauthError === 'invalid_grant') return undefined
    throw error
  }
  const ticket = readTicket(answer, link.now(), name, before)
  await checkIdTokenBeside({ ...asked, answer, keys: (await link.plainly()).options, now: link.now(), subject: before.subject })
  return ticket
}

/** The device forgets in any case; the issuer is told where it can be reached. */
async function signOut({ link, held }: Parts): Promise<{ revoked: boolean }> {
  const saved = await held.saved()
  await held.forget()
  if (saved === undefined) return { revoked: false }
  try {
    const { as, client, auth, options } = await link.asClient()
    if (as.revocation_endpoint === undefined) return { revoked: false }
    const response = await oauth.revocationRequest(as, client, auth, saved.refreshToken ?? saved.accessToken, options)
    await oauth.processRevocationResponse(response)
    return { revoked: true }
  } catch {
    return { revoked: false }
  }
}
