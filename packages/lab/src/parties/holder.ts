// The rightful holders of the lab: real parties with a key of their own, tapped on the wire.
// Those of the old kind, without a key, stand in `bearer-holder.ts`.
import {
  createClientCredentials,
  createDpopFetch,
  createMemoryDevice,
  createSession,
  type HolderOptions,
  type ProofKey,
  type Session,
  type TicketHolder,
} from '@kimei/client'
import type { TicketKind } from 'look'
import { redirectUri } from '../lab-issuer.ts'
import { fetchOver, type HeaderLines, headerOf, type Send } from '../wire/send.ts'
import type { ClientName } from '../world/switches.ts'

export interface ApiRequest {
  readonly method: string
  readonly url: string
  readonly body?: string
}

export interface Holder {
  readonly client: ClientName
  /** Signs in, or asks as a program. */
  getTicket(): Promise<void>
  use(request: ApiRequest): Promise<{ readonly status: number }>
  /** Revokes the tickets and forgets them. */
  signOut(): Promise<void>
  /** What a tab does that was not told of it: it still has the ticket and a handle on the key. */
  useRevoked(request: ApiRequest): Promise<{ readonly status: number }>
  /** What its ticket looks like. */
  ticket(): Promise<TicketKind>
}

export interface HolderParts {
  readonly client: ClientName
  readonly issuer: string
  readonly resource: string
  readonly scopes: readonly string[]
  readonly clock: () => number
  /** On tape. */
  readonly send: Send
  readonly signIn: (url: string) => Promise<string>
  readonly authentication?: HolderOptions['authentication']
}

/** A holder with a key: the browser and mobile client sign a person in, the server asks for itself. */
export function openHolder(parts: HolderParts): Holder {
  const { client, issuer, resource, scopes, clock, send, authentication } = parts
  const options: HolderOptions = {
    issuer,
    clientId: client,
    scopes,
    resources: [resource],
    device: createMemoryDevice(),
    clock,
    fetch: fetchOver(send),
    ...(authentication && { authentication }),
  }
  const session = client === 'api' ? undefined : createSession({ ...options, redirectUri })
  const held: TicketHolder = session ?? createClientCredentials(options)
  let left: { readonly key: ProofKey; readonly token: string | undefined } | undefined
  return {
    client,
    async getTicket() {
      if (session) await signInto(session, parts)
      else await held.ticket()
    },
    async use({ url, method, body }) {
      const response = await held.fetch(url, {
        method,
        ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
      })
      await response.body?.cancel()
      return { status: response.status }
    },
    async signOut() {
      left = { key: await held.key(), token: await held.dangerouslyRevealAccessToken() }
      if (session) await session.signOut()
    },
    async useRevoked({ url, method, body }) {
      if (left?.token === undefined) throw new Error('nobody has signed out')
      const spend = createDpopFetch({ key: left.key, clock, fetch: fetchOver(send) })
      const response = await spend(url, { method, token: left.token, ...withBody(body) })
      await response.body?.cancel()
      return { status: response.status }
    },
    async ticket() {
      return { kind: 'named', thumbprint: (await held.key()).jkt }
    },
  }
}

export const withBody = (body: string | undefined) => (body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } })

async function signInto(session: Session, { signIn }: HolderParts): Promise<void> {
  const { url } = await session.begin()
  await session.complete(await signIn(url))
}

export interface Credentials {
  readonly token: string
  readonly proof: string | undefined
}

/** Token and proof of a request, as a log would show them. */
export function credentialsIn(request: { readonly headers: HeaderLines }): Credentials | undefined {
  const [, token] = (headerOf(request, 'authorization') ?? '').split(' ')
  return token === undefined || token === '' ? undefined : { token, proof: headerOf(request, 'dpop') }
}
