// A holder's line to one issuer: its metadata, checked; its clock and nonces; token requests that may need a second try.
import type { Seconds } from '@kimei/protocol'
import * as oauth from 'oauth4webapi'
import { makeClientAuth } from './client-authentication.ts'
import type { DpopFetch, Fetch, HolderOptions, KeyOwner, Naming, NonceJar, OriginClock } from './contract.ts'
import { asksForAnotherTry, createNamedFetch, systemRandom } from './dpop-fetch.ts'
import { HolderError } from './holder-error.ts'
import { within } from './library-errors.ts'
import { createNonceJar } from './nonce-jar.ts'
import { createOriginClock } from './origin-clock.ts'
import { checkTarget, plainFetch } from './targets.ts'

const metadataLifetimeSeconds = 3_600
const patienceMs = 30_000

/** What every oauth4webapi request takes; http is judged by `checkTarget`, more finely than the library does. */
export interface RequestOptions {
  readonly [oauth.customFetch]: (url: string, init: object) => Promise<Response>
  readonly [oauth.allowInsecureRequests]: true
  readonly signal: () => AbortSignal
}

export interface Asking {
  readonly as: oauth.AuthorizationServer
  readonly client: oauth.Client
  readonly auth: oauth.ClientAuth
  readonly options: RequestOptions
}

export interface IssuerLink {
  readonly owner: KeyOwner
  /** Metadata whose issuer is exactly ours. */
  metadata(): Promise<oauth.AuthorizationServer>
  /** The time as the issuer sees it. */
  now(): Seconds
  random(bytes: number): Uint8Array
  /** A fetch that proves possession of this key, certificate or both. */
  prove(name: Naming): DpopFetch
  /** Asks once, and once more from the start where the first answer brought a nonce or the time. */
  ask(name: Naming, send: (asking: Asking) => Promise<Response>): Promise<{ response: Response } & Asking>
  /** Asks without a proof and without a certificate: keys, registration. */
  plainly(): Promise<Asking>
  /** Asks as this client, without a proof: revocation. */
  asClient(): Promise<Asking>
  /** Where this client calls an endpoint: its alias where it has a certificate and there is one (RFC 8705 §5). */
  endpoint(as: oauth.AuthorizationServer, name: 'userinfo_endpoint'): string | undefined
}

export function createIssuerLink(options: HolderOptions, idTokenAlg?: string): IssuerLink {
  const { certificate } = options
  const send: Fetch = certificate?.plainFetch ?? options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const nonces = options.nonces ?? createNonceJar()
  const times = createOriginClock(options.clock)
  const random = options.random ?? systemRandom
  const origin = checkTarget(options.issuer).origin
  const auth = makeClientAuth(options.authentication ?? { method: 'none' }, times, random)
  const quietly = (fetch: Fetch): RequestOptions => requestOptions(learning(plainFetch(fetch), nonces, times))
  const plain = quietly(send)
  const metadata = rememberMetadata(() => discover(options, plain), times.local)
  // The library reads the system's clock and lets itself be corrected.
  const client = (): oauth.Client => ({
    client_id: options.clientId,
    id_token_signed_response_alg: idTokenAlg ?? 'RS256',
    use_mtls_endpoint_aliases: certificate !== undefined,
    [oauth.clockSkew]: times.now(origin) - Math.floor(Date.now() / 1000),
  })
  // Whatever a ticket is named after, this client is known by its certificate where it has one.
  const prove = (name: Naming): DpopFetch => {
    const shown = name.certificate ?? certificate?.current()
    return createNamedFetch({ name: { ...name, ...(shown && { certificate: shown }) }, elsewhere: send, nonces, times, random })
  }
  return {
    owner: { issuer: options.issuer, clientId: options.clientId },
    metadata,
    now: () => times.now(origin),
    random,
    prove,
    plainly: async () => ({ as: await metadata(), client: client(), auth, options: plain }),
    async asClient() {
      const shown = certificate?.current()
      return { as: await metadata(), client: client(), auth, options: shown ? quietly(shown.fetch) : plain }
    },
    endpoint: (as, name) => (certificate && as.mtls_endpoint_aliases?.[name]) ?? as[name],
    async ask(name, sendRequest) {
      const proven = prove(name)
      const asked = requestOptions((input, init) => proven(input, { ...init, onChallenge: 'surface' }))
      const as = await metadata()
      if (name.key === undefined && as.tls_client_certificate_bound_access_tokens !== true) {
        throw new HolderError('holder.certificate-binding-is-offered', 'its metadata does not say so')
      }
      const once = async () => {
        const asking = { as, client: client(), auth, options: asked }
        return { response: await within('holder.metadata-is-complete', () => sendRequest(asking)), ...asking }
      }
      const first = await once()
      if (!asksForAnotherTry(first.response)) return first
      await first.response.body?.cancel()
      return once()
    },
  }
}

/** Takes nonce and time from every answer. */
function learning(fetch: Fetch, nonces: NonceJar, times: OriginClock): Fetch {
  return async (input, init) => {
    const sentAt = times.local()
    const response = await fetch(input, init)
    const { origin: from } = checkTarget(input instanceof Request ? input.url : input)
    times.learn(from, response, sentAt)
    nonces.learn(from, response)
    return response
  }
}

/** For an hour; what failed is asked for again at the next need. */
function rememberMetadata(load: () => Promise<oauth.AuthorizationServer>, clock: () => Seconds): () => Promise<oauth.AuthorizationServer> {
  let known: { readonly as: Promise<oauth.AuthorizationServer>; readonly until: Seconds } | undefined
  return () => {
    if (known === undefined || clock() >= known.until) {
      known = { as: load(), until: clock() + metadataLifetimeSeconds }
      known.as.catch(() => {
        known = undefined
      })
    }
    return known.as
  }
}

function requestOptions(fetch: Fetch): RequestOptions {
  return {
    [oauth.customFetch]: (url, init) => fetch(url, init as RequestInit),
    [oauth.allowInsecureRequests]: true,
    signal: () => AbortSignal.timeout(patienceMs),
  }
}

async function discover(options: HolderOptions, request: RequestOptions): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(options.issuer)
  const response = await oauth.discoveryRequest(issuer, { algorithm: options.discovery ?? 'oidc', ...request })
  const as = await within('holder.metadata-is-complete', () => oauth.processDiscoveryResponse(issuer, response))
  // The library compares parsed URLs, which repairs slashes and case; an issuer is a string (RFC 8414 §4).
  if (as.issuer !== options.issuer) throw new HolderError('holder.issuer-is-exact', 'the metadata names another issuer')
  return as
}
