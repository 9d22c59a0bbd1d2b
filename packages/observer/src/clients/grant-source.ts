// Where the form of a token request comes from: client credentials, a refresh token, or a sign-in of a test account.
// Sending it stands in `tickets.ts`; the signing in itself belongs to whoever calls `observe`.
import { randomBytes } from 'node:crypto'
import { sha256 } from '../edits/keys.ts'
import { writeFormCall } from '../edits/plans.ts'
import type { ObserveOptions } from '../observation.ts'
import { readJsonObject } from '../read-json.ts'
import type { Line } from '../wire/line.ts'
import { formCall, type PreparedClient } from './prepare.ts'
import type { NoTicket, TicketWish, TokenAnswer } from './tickets.ts'

/** Form members of one grant, and how its answer feeds the next. */
export interface GrantSource {
  next(wish: TicketWish): Promise<readonly (readonly [string, string])[] | NoTicket>
  learn(answer: TokenAnswer): void
  /** Each ticket takes a person: it is asked for as seldom as can be. */
  readonly byHand?: boolean
}

/** Where the form of each grant comes from. */
export function grantSource(
  client: PreparedClient,
  options: Pick<ObserveOptions, 'signIn' | 'signInBy' | 'allowDevice'>,
  endpoint: (member: string) => string | undefined,
  line: Line,
): GrantSource {
  const { entry } = client
  const named = (wish: TicketWish): (readonly [string, string])[] => [
    ...(wish.scope === undefined ? [] : [['scope', wish.scope] as const]),
    ...(wish.resource === undefined ? [] : [['resource', wish.resource] as const]),
  ]
  const none = { learn: () => undefined }
  switch (entry.ticket.from) {
    case 'client-credentials':
      return { ...none, next: async (wish) => [['grant_type', 'client_credentials'], ...named(wish)] }
    case 'pasted':
      return { ...none, next: async () => ({ none: 'a pasted token cannot be asked for again', evidence: [] }) }
    case 'refresh': {
      let current = client.start ?? ''
      return {
        next: async (wish) => [['grant_type', 'refresh_token'], ['refresh_token', current], ...named(wish)],
        learn(answer) {
          current = answer.refreshToken ?? current
        },
      }
    }
    case 'device':
      return {
        ...none,
        byHand: true,
        next: (wish) => allowedDevice(client, { options, url: endpoint('device_authorization_endpoint'), form: named(wish) }, line),
      }
    case 'sign-in': {
      const { redirectUri } = entry.ticket
      return {
        ...none,
        byHand: options.signInBy === 'person',
        async next(wish) {
          const authorization = endpoint('authorization_endpoint')
          if (authorization === undefined || options.signIn === undefined) return { none: 'nobody signs the test account in', evidence: [] }
          const code = await freshCode(
            authorizationRequest({ endpoint: authorization, clientId: entry.clientId, redirectUri, wish }),
            options.signIn,
          )
          if (typeof code !== 'object') return { none: code, evidence: [] }
          const { value, verifier } = code
          return [
            ['grant_type', 'authorization_code'],
            ['code', value],
            ['redirect_uri', redirectUri],
            ['code_verifier', verifier],
          ]
        },
      }
    }
  }
}

interface DeviceAsk {
  readonly options: Pick<ObserveOptions, 'allowDevice'>
  readonly url: string | undefined
  readonly form: readonly (readonly [string, string])[]
}

/** RFC 8628 §3.1, §3.4: a code for the person, then the token request, once the person has said that it is allowed. */
async function allowedDevice(client: PreparedClient, { options, url, form }: DeviceAsk, line: Line): ReturnType<GrantSource['next']> {
  if (url === undefined || options.allowDevice === undefined) return { none: 'nobody allows the device', evidence: [] }
  const sent = await line.send(
    client.issuer.id,
    `device code for ${client.entry.id}`,
    writeFormCall(formCall(client, { url, form, proof: false }, line)),
  )
  const body = sent.answer.status === 200 ? readJsonObject(sent.answer.body) : undefined
  const { device_code: code, user_code: userCode, verification_uri: verificationUri, verification_uri_complete: complete } = body ?? {}
  if (typeof code !== 'string' || typeof userCode !== 'string' || typeof verificationUri !== 'string') {
    return { none: `the device endpoint answered ${sent.answer.status}`, evidence: [sent.evidence] }
  }
  await options.allowDevice({ userCode, verificationUri, verificationUriComplete: typeof complete === 'string' ? complete : undefined })
  return [
    ['grant_type', 'urn:ietf:params:oauth:grant-type:device_code'],
    ['device_code', code],
  ]
}

export interface AuthorizationWish {
  readonly endpoint: string
  readonly clientId: string
  readonly redirectUri: string
  readonly wish: Omit<TicketWish, 'proof'>
}
export interface AuthorizationPlan {
  readonly url: string
  readonly parameters: readonly (readonly [string, string])[]
  readonly verifier: string
}

/** A right authorization request: code flow with PKCE S256. */
export function authorizationRequest(from: AuthorizationWish): AuthorizationPlan {
  const verifier = randomBytes(32).toString('base64url')
  const { scope, resource } = from.wish
  return {
    url: from.endpoint,
    verifier,
    parameters: [
      ['response_type', 'code'],
      ['client_id', from.clientId],
      ['redirect_uri', from.redirectUri],
      ['state', randomBytes(12).toString('base64url')],
      ['code_challenge', sha256(verifier)],
      ['code_challenge_method', 'S256'],
      ...(scope === undefined ? [] : [['scope', scope] as const]),
      ...(resource === undefined ? [] : [['resource', resource] as const]),
    ],
  }
}

export function writeAuthorization(plan: Pick<AuthorizationPlan, 'url' | 'parameters'>): string {
  const url = new URL(plan.url)
  for (const [name, value] of plan.parameters) url.searchParams.append(name, value)
  return url.href
}

/** A code from a sign-in of the test account, or why there is none. */
export async function freshCode(
  plan: AuthorizationPlan,
  signIn: NonNullable<ObserveOptions['signIn']>,
): Promise<{ readonly value: string; readonly verifier: string } | string> {
  const back = await signIn(writeAuthorization(plan))
  if ('page' in back) return `the sign-in ended on a page (${back.status})`
  const value = new URL(back.redirectedTo).searchParams.get('code')
  return value === null ? 'the sign-in came back without a code' : { value, verifier: plan.verifier }
}
