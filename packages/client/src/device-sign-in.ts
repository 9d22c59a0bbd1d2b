// Signing in on a device that has no browser: it shows a code, and its person allows it elsewhere (RFC 8628).
import * as oauth from 'oauth4webapi'
import { openDevice } from '#device'
import { resourceParameters } from './authorization-request.ts'
import type { HolderOptions, Naming, Ticket } from './contract.ts'
import { type HeldTicket, holdTicket } from './held-ticket.ts'
import { HolderError } from './holder-error.ts'
import { checkIdTokenBeside } from './id-token-checks.ts'
import { createIssuerLink, type IssuerLink } from './issuer-link.ts'
import { within } from './library-errors.ts'
import { checkNaming } from './naming.ts'
import { pollDeviceCode, type Sleep } from './poll-device-code.ts'
import { readTicket } from './saved-ticket.ts'
import { checkTarget } from './targets.ts'

const defaultIntervalSeconds = 5
/** Shown to a person, perhaps on a terminal: letters, digits and marks that do nothing there. */
const userCodeShape = /^[\x21-\x7E](?:[\x20-\x7E]{0,62}[\x21-\x7E])?$/

export interface DeviceSignInOptions extends HolderOptions {
  /** Algorithm registered for this client's ID tokens; default RS256. */
  readonly idTokenAlg?: string
  readonly sleep?: Sleep
}

export interface DeviceSignIn {
  /** To be typed, as the issuer grouped it. */
  readonly userCode: string
  readonly verificationUri: string
  /** The same with the code in it: for a QR code. The person still compares the code. */
  readonly verificationUriComplete: string | undefined
  readonly expiresAt: number
  readonly intervalSeconds: number
  /** Waits for the person and keeps the ticket where a session of the same issuer and client finds it. */
  complete(onWait?: (seconds: number) => void): Promise<Ticket>
}

/** Asks for a code. The ticket will be bound to this device's key. */
export async function beginDeviceSignIn(options: DeviceSignInOptions): Promise<DeviceSignIn> {
  const link = createIssuerLink(options, options.idTokenAlg)
  checkNaming(options)
  const held = holdTicket({ link, options, device: () => options.device ?? openDevice(), next: () => Promise.resolve(undefined) })
  const name = await held.name()
  if ((await link.metadata()).device_authorization_endpoint === undefined) {
    throw new HolderError('holder.metadata-is-complete', 'there is no device_authorization_endpoint')
  }
  const scope = (options.scopes ?? []).join(' ')
  const parameters = new URLSearchParams([...(scope === '' ? [] : [['scope', scope]]), ...resourceParameters(options)])
  const { as, client, response } = await link.ask(name, (asking) =>
    oauth.deviceAuthorizationRequest(asking.as, asking.client, asking.auth, parameters, asking.options),
  )
  const answer = await within('holder.answer-is-readable', () => oauth.processDeviceAuthorizationResponse(as, client, response))
  if (!userCodeShape.test(answer.user_code)) throw new HolderError('holder.answer-is-readable', 'the user code cannot be shown')
  const intervalSeconds = answer.interval ?? defaultIntervalSeconds
  const expiresAt = link.now() + answer.expires_in
  return {
    userCode: answer.user_code,
    verificationUri: checkTarget(answer.verification_uri).href,
    verificationUriComplete: answer.verification_uri_complete && checkTarget(answer.verification_uri_complete).href,
    expiresAt,
    intervalSeconds,
    complete: (onWait) =>
      pollDeviceCode({
        ask: () => redeem({ options, link, held, name, deviceCode: answer.device_code }),
        intervalSeconds,
        expiresAt,
        clock: link.now,
        ...(options.sleep && { sleep: options.sleep }),
        ...(onWait && { onWait }),
      }),
  }
}

interface Redemption {
  readonly options: DeviceSignInOptions
  readonly link: IssuerLink
  readonly held: HeldTicket
  readonly name: Naming
  readonly deviceCode: string
}

async function redeem({ options, link, held, name, deviceCode }: Redemption): Promise<Ticket> {
  const additionalParameters = new URLSearchParams(resourceParameters(options))
  const asked = await link.ask(name, ({ as, client, auth, options: request }) =>
    oauth.deviceCodeGrantRequest(as, client, auth, deviceCode, { ...request, additionalParameters }),
  )
  const answer = await within('holder.answer-is-readable', () => oauth.processDeviceCodeResponse(asked.as, asked.client, asked.response))
  const ticket = readTicket(answer, link.now(), name, { scopes: options.scopes ?? [] })
  const subject = await checkIdTokenBeside({ ...asked, answer, keys: (await link.plainly()).options, now: link.now(), subject: undefined })
  return held.save({ ...ticket, ...(subject !== undefined && { subject }) })
}
