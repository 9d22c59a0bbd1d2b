// An issuer with clients that sign their authorization requests, and the objects they make: sound, but for what is changed.
import { type WireAlg, type WireKey, wireJwt, wireKey } from 'testkit'
import { authorizeUrl, type CodeAsk, type OpenAsk, startCodeKit } from 'testkit/code'
import { type IssuerKit, type IssuerKitOptions, kitApi, kitRedirect } from 'testkit/issuer'
import type { IssuerConfigInput } from '../src/index.ts'

type ClientInput = NonNullable<IssuerConfigInput['clients']>[number]

export interface RequestKit extends IssuerKit {
  readonly keys: Readonly<Record<WireAlg, WireKey>>
}

const algs: readonly WireAlg[] = ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'EdDSA', 'Ed25519']
let keys: Readonly<Record<WireAlg, WireKey>> | undefined

export const jwkOf = (key: WireKey) => ({ ...key.publicJwk, kty: key.publicJwk['kty'] as 'EC', kid: key.kid, use: 'sig' })

/** Clients: `signer` (public, keys of every kind), `other` (a key of its own), and what is added; `web` signs assertions with `ES256`. */
export async function startRequestKit(options: IssuerKitOptions = {}, more: readonly Partial<ClientInput>[] = []): Promise<RequestKit> {
  keys ??= Object.fromEntries(algs.map((alg) => [alg, wireKey(alg)])) as Record<WireAlg, WireKey>
  const common = {
    kind: 'spa',
    name: 'Signer',
    redirectUris: [kitRedirect, `${kitRedirect}/2`],
    scopes: ['openid', 'profile', 'email', 'notes:read', 'notes:write'],
    apis: [kitApi],
  } as const
  const clients = [
    { ...common, clientId: 'signer', jwks: { keys: algs.map((alg) => jwkOf(keys![alg])) } },
    { ...common, clientId: 'other', jwks: { keys: [jwkOf(wireKey('ES256', 'other-key'))] } },
    { ...common, clientId: 'keyless' },
    { ...common, clientId: 'web', kind: 'server', jwks: { keys: [jwkOf(keys.ES256)] } },
    ...more.map((client) => ({ ...common, clientId: 'more', jwks: { keys: algs.map((alg) => jwkOf(keys![alg])) }, ...client })),
  ] as ClientInput[]
  const kit = await startCodeKit({ ...options, config: { ...options.config, clients } })
  return { ...kit, keys }
}

export interface ObjectAsk extends CodeAsk {
  readonly alg?: WireAlg
  readonly signer?: WireKey
  /** Replace or, as `undefined`, remove. */
  readonly header?: Record<string, unknown>
  readonly claims?: Record<string, unknown>
}

export interface SignedAsk extends OpenAsk {
  readonly object: string
}

/** A sound request object of `signer`, and the URL that carries it alone. */
export function signedRequest(kit: RequestKit, ask: ObjectAsk = {}): SignedAsk {
  const clientId = ask.clientId ?? 'signer'
  const open = authorizeUrl(kit, { ...ask, clientId })
  const key = ask.signer ?? kit.keys[ask.alg ?? 'ES256']
  const now = kit.now()
  const parameters = Object.fromEntries(new URL(open.url).searchParams)
  const claims = { iss: clientId, aud: kit.issuer, iat: now, nbf: now, exp: now + 300, ...parameters, ...ask.claims }
  const object = wireJwt({ alg: key.alg, kid: key.kid, typ: 'oauth-authz-req+jwt', ...ask.header }, claims, key)
  return { ...open, object, url: carryUrl(kit, { client_id: clientId, request: object }) }
}

export const carryUrl = (kit: IssuerKit, parameters: Record<string, string>) => `${kit.issuer}/authorize?${new URLSearchParams(parameters)}`

/** Asks without cookies, follows nothing; `to` is also where the person may go on to by hand. */
export async function ask(url: string) {
  const response = await fetch(url, { redirect: 'manual' })
  const text = await response.text()
  const offered = /href="([^"]+)"[^>]*id="error-onward"/.exec(text)?.[1]?.replaceAll('&amp;', '&')
  const location = response.headers.get('location') ?? offered
  return { status: response.status, text, to: location === undefined ? undefined : new URL(location) }
}
