// An issuer set up as a conformance suite asks for it, and a relying party like the suite's: registered by itself, speaking by hand.
import { createServer } from 'node:http'
import { listenOn, type WireKey, wireJwt, wireKey } from 'testkit'
import { type FormBrowser, formBrowser } from 'testkit/browser'
import { startCodeKit, walkForms } from 'testkit/code'
import { assertionType, basicHeader, type IssuerKit, type KitAnswer, postForm, readResponse } from 'testkit/issuer'

export const callback = 'https://suite.example/test/a/kimei/callback'

/** What the relying party was posted, and what it publishes. */
export interface SuiteHost {
  readonly origin: string
  readonly posted: { readonly path: string; readonly form: URLSearchParams }[]
  readonly documents: Record<string, unknown>
  /** What is published as something else than JSON. */
  readonly texts: Record<string, { readonly type: string; readonly text: string }>
  close(): Promise<void>
}

export async function startSuiteHost(): Promise<SuiteHost> {
  const posted: SuiteHost['posted'] = []
  const documents: Record<string, unknown> = {}
  const texts: SuiteHost['texts'] = {}
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (text) => {
      body += text
    })
    request.on('end', () => {
      const path = request.url ?? ''
      if (request.method === 'POST') posted.push({ path, form: new URLSearchParams(body) })
      const document = documents[path]
      const { type, text } = texts[path] ?? { type: 'application/json', text: document === undefined ? '' : JSON.stringify(document) }
      const found = request.method === 'POST' || text !== ''
      response.writeHead(found ? 200 : 404, { 'content-type': type, 'cache-control': 'no-store' })
      response.end(text)
    })
  })
  const port = await listenOn(server)
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { origin: `http://127.0.0.1:${port}`, posted, documents, texts, close }
}

export interface Suite extends IssuerKit {
  readonly host: SuiteHost
  /** Moves the issuer's clock. */
  wait(seconds: number): void
}

export async function startSuite(): Promise<Suite> {
  const host = await startSuiteHost()
  let passed = 0
  const kit = await startCodeKit({
    clock: () => Math.floor(Date.now() / 1000) + passed,
    extend: (config) => ({
      ...config,
      outbound: { allow: [{ origin: host.origin }] },
      registration: {
        mode: 'open',
        limits: { perAddressAndHour: 1000 },
        policy: {
          scopes: ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'],
          binding: { kind: 'optional', reason: 'a conformance suite whose basic plans make no proofs' },
          dangerouslyAllowWithoutPkce: true,
          dangerouslyAcceptTokenEndpointAudience: true,
        },
      },
    }),
  })
  return {
    ...kit,
    host,
    wait: (seconds) => {
      passed += seconds
    },
    close: async () => {
      await kit.close()
      await host.close()
    },
  }
}

export interface Rp {
  readonly clientId: string
  readonly secret: string
  readonly method: string
  readonly key: WireKey
  readonly registered: Record<string, unknown>
}

export async function sendRegistration(suite: Suite, body: object): Promise<KitAnswer> {
  const headers = { 'content-type': 'application/json' }
  return readResponse(await fetch(`${suite.issuer}/register`, { method: 'POST', headers, body: JSON.stringify(body) }))
}

export const suiteMetadata = (more: object = {}) => ({
  client_name: 'suite kimei',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  redirect_uris: [callback],
  contacts: ['certification@suite.example'],
  ...more,
})

/** Registers a relying party with an RSA key, as every module of the plans does first. */
export async function registerRp(suite: Suite, more: Record<string, unknown> = {}): Promise<Rp> {
  const key = wireKey('RS256')
  const jwks = { keys: [{ ...key.publicJwk, kid: key.kid, use: 'sig', alg: 'RS256' }] }
  const method = String(more['token_endpoint_auth_method'] ?? 'client_secret_basic')
  const body = suiteMetadata({ token_endpoint_auth_method: method, ...(!('jwks_uri' in more) && { jwks }), ...more })
  const { status, json, text } = await sendRegistration(suite, body)
  if (status !== 201) throw new Error(`not registered: ${status} ${text}`)
  return { clientId: String(json['client_id']), secret: String(json['client_secret']), method, key, registered: json }
}

/** A request of the basic plan: no PKCE; `undefined` leaves a parameter out. */
export function askUrl(suite: Suite, rp: Rp, change: Readonly<Record<string, string | undefined>> = {}): string {
  const all = {
    client_id: rp.clientId,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid',
    state: 's1',
    nonce: 'n1',
    ...change,
  }
  const sent = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return `${suite.issuer}/authorize?${new URLSearchParams(sent)}`
}

export interface Walked {
  readonly browser: FormBrowser
  readonly landed: URL
  readonly posted: Readonly<Record<string, string>> | undefined
}

export function walk(
  suite: Suite,
  rp: Rp,
  change: Readonly<Record<string, string | undefined>> = {},
  browser?: FormBrowser,
): Promise<Walked> {
  return walkForms(suite, askUrl(suite, rp, change), browser ?? formBrowser(suite.issuer))
}

let assertions = 0

/** Client authentication as registered; the assertion goes to the token endpoint, as older suites address it. */
export function authenticate(suite: Suite, rp: Rp, claims: object = {}): { form: Record<string, string>; headers: Record<string, string> } {
  if (rp.method === 'client_secret_basic') return { form: {}, headers: { authorization: basicHeader(rp.clientId, rp.secret) } }
  if (rp.method === 'client_secret_post') return { form: { client_id: rp.clientId, client_secret: rp.secret }, headers: {} }
  assertions += 1
  const now = suite.now()
  const whole = {
    iss: rp.clientId,
    sub: rp.clientId,
    aud: `${suite.issuer}/token`,
    iat: now,
    exp: now + 60,
    jti: `suite-assertion-${assertions}`,
    ...claims,
  }
  const assertion = wireJwt({ alg: 'RS256', kid: rp.key.kid }, whole, rp.key)
  return { form: { client_assertion_type: assertionType, client_assertion: assertion }, headers: {} }
}

export function askToken(suite: Suite, rp: Rp, form: Record<string, string>, headers: Record<string, string> = {}): Promise<KitAnswer> {
  const own = authenticate(suite, rp)
  return postForm(suite, '/token', { ...form, ...own.form }, { ...own.headers, ...headers })
}

export function redeem(suite: Suite, rp: Rp, landed: URL | string, headers: Record<string, string> = {}): Promise<KitAnswer> {
  const code = typeof landed === 'string' ? landed : (landed.searchParams.get('code') ?? '')
  return askToken(suite, rp, { grant_type: 'authorization_code', code, redirect_uri: callback }, headers)
}

/** A code and its tokens. */
export async function tokensOf(suite: Suite, rp: Rp, change: Readonly<Record<string, string | undefined>> = {}, browser?: FormBrowser) {
  const walked = await walk(suite, rp, change, browser)
  return { ...walked, answer: await redeem(suite, rp, walked.landed) }
}

export const userinfo = async (suite: Suite, token: unknown) =>
  readResponse(await fetch(`${suite.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } }))
