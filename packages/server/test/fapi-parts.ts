// An issuer under a FAPI profile and an API behind the guard, and two clients as the FAPI plans of certification play them.
import { createServer } from 'node:http'
import { createGuard, parseGuardConfig } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'
import type { ProfileName } from '@kimei/protocol'
import { createMemoryReplay } from '@kimei/storage'
import { listenOn, type WireKey, wireJwt, wireKey, wireProof } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { startCodeKit, walkForms } from 'testkit/code'
import { assertionType, type IssuerKit, type KitAnswer, pkcePair, postForm, readResponse } from 'testkit/issuer'

const callback = 'https://suite.example/test/a/kimei/callback'

export interface FapiClient {
  readonly clientId: string
  readonly key: WireKey
  readonly redirectUri: string
  readonly scope: string
}

export interface Fapi extends IssuerKit {
  /** The resource of the plans: reading it needs `accounts:read`. */
  readonly resource: string
  readonly one: FapiClient
  /** Its redirect URI has a query, its requests say `typ` and `iat`, as the second client of the plans does. */
  readonly two: FapiClient
  /** Moves the clocks of issuer and guard. */
  wait(seconds: number): void
}

export interface FapiOptions {
  readonly profile: ProfileName
  /** `plain`: OAuth alone, no openid. */
  readonly scope: 'plain' | 'openid'
  readonly nonces?: boolean
}

/** The guard is in front of the API before the issuer that it trusts is there: its keys are fetched at the first call. */
export async function startFapi({ profile, scope, nonces = false }: FapiOptions): Promise<Fapi> {
  let passed = 0
  const clock = () => Math.floor(Date.now() / 1000) + passed
  let listener: ReturnType<typeof guardNode> | undefined
  const server = createServer((request, response) => listener?.(request, response))
  const resource = `http://127.0.0.1:${await listenOn(server)}/`
  const asked = scope === 'plain' ? 'accounts:read' : 'openid accounts:read'
  const one = { clientId: 'suite-one', key: wireKey('PS256', 'one'), redirectUri: callback, scope: asked }
  const two = { ...one, clientId: 'suite-two', key: wireKey('ES256', 'two'), redirectUri: `${callback}?dummy1=lorem&dummy2=ipsum` }
  const kit = await startCodeKit({
    clock,
    config: {
      profile,
      apis: [{ identifier: resource, name: 'Accounts', scopes: ['accounts:read'] }],
      scopes: [{ scope: 'accounts:read', description: { ja: '口座を見る', en: 'See accounts' } }],
      clients: [one, two].map((client) => declared(client, resource)),
      ...(nonces && { dpop: { nonce: { token: 'required', userinfo: 'required' } } }),
    },
  })
  const guard = createGuard(
    parseGuardConfig({
      issuer: kit.issuer,
      resource,
      routes: [{ policy: 'required', path: '/accounts', methods: ['GET'], scopes: ['accounts:read'], nonce: nonces ? 'required' : 'off' }],
    }),
    { replay: createMemoryReplay(), clock, random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)), audit: () => undefined },
  )
  listener = guardNode(guard, (_request, response, { token }) => {
    response.end(JSON.stringify({ owner: token?.subject }))
  })
  const close = async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
    await kit.close()
  }
  const wait = (seconds: number) => {
    passed += seconds
  }
  return { ...kit, resource: `${resource}accounts`, one, two, wait, close }
}

function declared({ clientId, key, redirectUri, scope }: FapiClient, api: string) {
  return {
    clientId,
    kind: 'server' as const,
    name: clientId,
    jwks: { keys: [{ ...key.publicJwk, kty: key.publicJwk['kty'] as 'EC', kid: key.kid, alg: key.alg, use: 'sig' }] },
    redirectUris: [redirectUri],
    scopes: [...scope.split(' '), ...(scope.startsWith('openid') ? ['profile', 'email', 'offline_access'] : [])],
    apis: [api],
    grants: ['authorization_code' as const, 'refresh_token' as const, 'client_credentials' as const],
  }
}

/** Replaces or, as `undefined`, removes. */
export type Change = Readonly<Record<string, unknown>>

let counted = 0

export function assertionOf(fapi: Fapi, client: FapiClient, change: { claims?: Change; header?: Change; key?: WireKey } = {}) {
  counted += 1
  const now = fapi.now()
  const { clientId, key } = client
  const claims = { iss: clientId, sub: clientId, aud: fapi.issuer, iat: now, exp: now + 60, jti: `fapi-${counted}`, ...change.claims }
  const assertion = wireJwt({ alg: key.alg, kid: key.kid, ...change.header }, claims, change.key ?? key)
  return { client_assertion_type: assertionType, client_assertion: assertion }
}

export interface Flow {
  readonly client: FapiClient
  readonly verifier: string
  readonly parameters: Record<string, string>
}

/** Parameters of a sound request, but for what is changed. */
export function startFlow(client: FapiClient, change: Change = {}): Flow {
  const { verifier, challenge } = pkcePair()
  const all = {
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    response_type: 'code',
    scope: client.scope,
    state: 's-1',
    ...(client.scope.startsWith('openid') && { nonce: 'n-1' }),
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...change,
  }
  const parameters = Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined))
  return { client, verifier, parameters }
}

/** The request as its client signs it: the first one says no `typ` and no `iat`. */
export function signedOf(
  fapi: Fapi,
  { client, parameters }: Flow,
  change: { claims?: Change; header?: Change; key?: WireKey } = {},
): string {
  const { clientId, key } = client
  const now = fapi.now()
  const extra = clientId === fapi.two.clientId ? { typ: 'oauth-authz-req+jwt' } : {}
  const claims = {
    ...parameters,
    ...(clientId === fapi.two.clientId && { iat: now }),
    nbf: now,
    exp: now + 300,
    aud: fapi.issuer,
    iss: clientId,
    ...change.claims,
  }
  return wireJwt({ alg: key.alg, kid: key.kid, ...extra, ...change.header }, claims, change.key ?? key)
}

export interface PushChange {
  readonly form?: Change
  readonly assertion?: { claims?: Change; header?: Change; key?: WireKey }
  readonly headers?: Record<string, string>
}

export function push(fapi: Fapi, flow: Flow, { form = {}, assertion = {}, headers = {} }: PushChange = {}): Promise<KitAnswer> {
  const all = { ...flow.parameters, ...assertionOf(fapi, flow.client, assertion), ...form }
  const sent = Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined))
  return postForm(fapi, '/par', sent, headers)
}

export function pushSigned(fapi: Fapi, flow: Flow, change: Parameters<typeof signedOf>[2] = {}): Promise<KitAnswer> {
  const form = { client_id: flow.client.clientId, request: signedOf(fapi, flow, change), ...assertionOf(fapi, flow.client) }
  return postForm(fapi, '/par', form)
}

export function useUrl(fapi: Fapi, client: FapiClient, pushed: KitAnswer): string {
  const query = new URLSearchParams({ client_id: client.clientId, request_uri: String(pushed.json['request_uri']) })
  return `${fapi.issuer}/authorize?${query}`
}

/** Where the browser lands with the answer. */
export async function authorize(fapi: Fapi, flow: Flow, pushed: KitAnswer): Promise<URL> {
  if (pushed.status !== 201) throw new Error(`not pushed: ${pushed.status} ${pushed.text}`)
  return (await walkForms(fapi, useUrl(fapi, flow.client, pushed), formBrowser(fapi.issuer))).landed
}

export interface RedeemChange {
  readonly form?: Change
  readonly headers?: Record<string, string>
  readonly proof?: { claims?: Record<string, unknown>; header?: Record<string, unknown> }
  readonly as?: FapiClient
  readonly assertion?: { claims?: Change; header?: Change; key?: WireKey }
}

export const errorOf = ({ status, json }: KitAnswer) => [status, json['error']]

/** A request to the token endpoint, its proof made again where a nonce is asked for. */
export async function askToken(fapi: Fapi, form: Record<string, string>, key: WireKey | undefined, change: RedeemChange = {}) {
  const send = (nonce?: string) => {
    const proof =
      key && wireProof(key, { method: 'POST', url: `${fapi.issuer}/token`, now: fapi.now(), ...(nonce && { nonce }), ...change.proof })
    return postForm(fapi, '/token', form, { ...(proof && { dpop: proof }), ...change.headers })
  }
  const first = await send()
  return first.json['error'] === 'use_dpop_nonce' ? send(first.headers.get('dpop-nonce') ?? '') : first
}

export function redeem(fapi: Fapi, flow: Flow, code: unknown, key: WireKey | undefined, change: RedeemChange = {}): Promise<KitAnswer> {
  const whole: Change = {
    grant_type: 'authorization_code',
    code: String(code),
    redirect_uri: flow.client.redirectUri,
    code_verifier: flow.verifier,
    ...assertionOf(fapi, change.as ?? flow.client, change.assertion),
    ...change.form,
  }
  const form = Object.fromEntries(Object.entries(whole).filter((pair): pair is [string, string] => pair[1] !== undefined))
  return askToken(fapi, form, key, change)
}

/** A call of the API, but for what is changed; its proof is made again where a nonce is asked for. */
export async function callApi(
  fapi: Fapi,
  token: unknown,
  key: WireKey,
  change: { scheme?: string; url?: string; proof?: { claims?: Record<string, unknown>; header?: Record<string, unknown> } } = {},
): Promise<KitAnswer> {
  const send = async (nonce?: string) => {
    const proof = wireProof(key, {
      url: fapi.resource,
      now: fapi.now(),
      accessToken: String(token),
      ...(nonce && { nonce }),
      ...change.proof,
    })
    const headers = { authorization: `${change.scheme ?? 'DPoP'} ${token}`, dpop: proof }
    return readResponse(await fetch(change.url ?? fapi.resource, { headers }))
  }
  const first = await send()
  const asks = first.headers.get('www-authenticate')?.includes('use_dpop_nonce')
  return asks ? send(first.headers.get('dpop-nonce') ?? '') : first
}

/** A code of a sound flow. */
export async function codeOf(fapi: Fapi, client = fapi.one, change: Change = {}): Promise<{ flow: Flow; code: string; landed: URL }> {
  const flow = startFlow(client, change)
  const landed = await authorize(fapi, flow, await push(fapi, flow))
  return { flow, landed, code: landed.searchParams.get('code') ?? '' }
}
