// `npm run suites -- --issuer URL --suite URL`: what the conformance suite of the OpenID Foundation and its issuer need to know of each
// other, as files: configurations of issuer and guard, and plan configurations with keys and browser steps. docs/how-to explains.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { hashPassword } from '../packages/server/src/index.ts'

export interface SuiteAsk {
  /** Of the issuer, as suite and browser reach it. */
  readonly issuer: string
  /** Origin of the suite. */
  readonly suite: string
  /** Alias of the plans: part of every redirect URI. */
  readonly alias: string
  /** The API behind the guard: its identifier, and where the guard is reached. */
  readonly api: string
  /** Certificates in PEM of the authority that the suite's certificate is of. */
  readonly ca?: string
  /** Certificate and key in PEM files beside the configuration; absent where TLS ends at a proxy, or on loopback. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
  readonly password: string
}

/** Name → content. */
export type SuiteFiles = Readonly<Record<string, object>>

const person = {
  name: 'Suite Hanako',
  given_name: 'Hanako',
  family_name: 'Suite',
  middle_name: 'M',
  nickname: 'hana',
  preferred_username: 'hanako',
  profile: 'https://suite.example/hanako',
  picture: 'https://suite.example/hanako.png',
  website: 'https://suite.example/',
  gender: 'female',
  birthdate: '1990-01-01',
  zoneinfo: 'Asia/Tokyo',
  locale: 'ja-JP',
  updated_at: 1_700_000_000,
  email: 'hanako@suite.example',
  email_verified: true,
  address: { formatted: '1-1 Chiyoda, Tokyo', locality: 'Tokyo', country: 'JP' },
  phone_number: '+81 3 0000 0000',
  phone_number_verified: true,
}

interface KeyPair {
  readonly secret: object
  readonly published: { readonly kty: 'EC' } & Record<string, unknown>
}

function makeKey(kid: string): KeyPair {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { d, ...jwk } = privateKey.export({ format: 'jwk' })
  const published = { ...jwk, kty: 'EC' as const, kid, alg: 'ES256', use: 'sig' }
  return { secret: { ...published, d }, published }
}

/** The steps that a person takes, by the ids of the pages. */
function browserSteps({ issuer, suite, alias, password }: SuiteAsk): object[] {
  const tasks = [
    {
      task: 'Sign in',
      optional: true,
      match: `${issuer}/signin*`,
      commands: [
        ['text', 'id', 'username', 'hanako'],
        ['text', 'id', 'password', password],
        ['click', 'id', 'login-submit'],
      ],
    },
    { task: 'Consent', optional: true, match: `${issuer}/consent*`, commands: [['click', 'id', 'consent-allow']] },
    { task: 'Answer', match: `${suite}/test/a/${alias}/callback*`, commands: [['wait', 'id', 'submission_complete', 10]] },
  ]
  const bye = { task: 'Signed out', match: `${suite}/test/a/${alias}/post_logout_redirect*`, commands: [] }
  return [
    { match: `${issuer}/authorize*`, tasks },
    { match: `${issuer}/logout*`, tasks: [bye] },
  ]
}

const onLoopback = (url: string) => ['localhost', '127.0.0.1'].includes(new URL(url).hostname)
const portOf = (url: string) => Number(new URL(url).port || 443)

/** What the three issuers have in common. */
async function everyIssuer({ issuer, suite, ca, tls, password }: SuiteAsk): Promise<object> {
  const beyond = onLoopback(issuer) ? {} : { tlsEndsAtProxy: true }
  return {
    issuer,
    name: 'Conformance',
    listen: { ...(!onLoopback(issuer) && { host: '0.0.0.0' }), port: portOf(issuer), ...(tls ? { tls } : beyond) },
    users: [{ username: 'hanako', passwordHash: await hashPassword(password), claims: person }],
    serverKeys: [{ id: 'suites', key: randomBytes(32).toString('base64url') }],
    outbound: { allow: [{ origin: suite }], ...(ca && { ca: [ca] }) },
  }
}

/** Clients of the plans of OpenID Connect register themselves, without PKCE and with the token endpoint as audience. */
const openRegistration = ({ suite }: SuiteAsk) => ({
  mode: 'open',
  limits: { perAddressAndHour: 1000, clients: 1000 },
  policy: {
    scopes: ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'],
    redirectHosts: [new URL(suite).hostname],
    binding: { kind: 'optional', reason: 'the suite makes no proofs in the plans of OpenID Connect' },
    dangerouslyAllowWithoutPkce: true,
    dangerouslyAcceptTokenEndpointAudience: true,
  },
})

interface SecretClient {
  readonly clientId: string
  readonly authentication: 'client_secret_basic' | 'client_secret_post'
  readonly secret: string
}

/** For plans with static clients: two by Basic, one by the body. */
function makeSecretClients(): readonly SecretClient[] {
  const make = (clientId: string, authentication: SecretClient['authentication']): SecretClient => ({
    clientId,
    authentication,
    secret: randomBytes(32).toString('base64url'),
  })
  return [
    make('suite-basic', 'client_secret_basic'),
    make('suite-post', 'client_secret_post'),
    make('suite-basic-two', 'client_secret_basic'),
  ]
}

const declareSecretClients = ({ suite, alias }: SuiteAsk, clients: readonly SecretClient[]) =>
  clients.map(({ clientId, authentication, secret }) => ({
    clientId,
    kind: 'server',
    name: clientId,
    authentication,
    secretHashes: [createHash('sha256').update(secret).digest('base64url')],
    redirectUris: [`${suite}/test/a/${alias}/callback`],
    postLogoutRedirectUris: [`${suite}/test/a/${alias}/post_logout_redirect`],
    backchannelLogoutUri: `${suite}/test/a/${alias}/backchannel_logout`,
    scopes: ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'],
    binding: { kind: 'optional', reason: 'the suite makes no proofs in the plans of OpenID Connect' },
    dangerouslyAllowWithoutPkce: true,
  }))

function secretPlan(clients: readonly SecretClient[]): object {
  const [client, post, client2] = clients.map(({ clientId, secret }) => ({ client_id: clientId, client_secret: secret }))
  return { client, client_secret_post: post, client2 }
}

const fapiClients = [
  { clientId: 'suite-one', query: '' },
  { clientId: 'suite-two', query: '?dummy1=lorem&dummy2=ipsum' },
]

function fapiIssuer({ suite, alias, api }: SuiteAsk, profile: string, keys: readonly KeyPair[]): object {
  return {
    profile,
    storage: { sqlite: `${profile}.sqlite` },
    apis: [{ identifier: api, name: 'Accounts', scopes: ['accounts:read'] }],
    scopes: [{ scope: 'accounts:read', description: { ja: '口座を見る', en: 'See accounts' } }],
    clients: fapiClients.map(({ clientId, query }, at) => ({
      clientId,
      kind: 'server',
      name: clientId,
      authentication: 'private_key_jwt',
      jwks: { keys: [keys[at]?.published] },
      redirectUris: [`${suite}/test/a/${alias}/callback${query}`],
      grants: ['authorization_code', 'refresh_token', 'client_credentials'],
      scopes: ['openid', 'profile', 'email', 'offline_access', 'accounts:read'],
      apis: [api],
    })),
  }
}

const fapiPlan = ({ api }: SuiteAsk, scope: string, keys: readonly KeyPair[]) => ({
  client: { client_id: 'suite-one', scope, jwks: { keys: [keys[0]?.secret] } },
  client2: { client_id: 'suite-two', scope, jwks: { keys: [keys[1]?.secret] } },
  resource: { resourceUrl: `${api}accounts` },
})

const guardFile = ({ issuer, api, tls }: SuiteAsk) => ({
  listen: { host: onLoopback(api) ? '127.0.0.1' : '0.0.0.0', port: portOf(api), ...(tls && { tls }) },
  guard: {
    issuer,
    resource: api,
    baseUrls: [new URL(api).origin],
    routes: [{ path: '/accounts', methods: ['GET'], scopes: ['accounts:read'], policy: 'required' }],
  },
  proxy: { upstream: 'http://127.0.0.1:8080' },
})

/** Everything, made anew: no secret stands in this repository. */
export async function suiteFiles(ask: SuiteAsk): Promise<SuiteFiles> {
  const every = await everyIssuer(ask)
  const secretClients = makeSecretClients()
  const keys = fapiClients.map(({ clientId }) => makeKey(clientId))
  const plan = (discovery: string, more: object) => ({
    alias: ask.alias,
    description: 'Kimei',
    server: { discoveryUrl: `${ask.issuer}/.well-known/${discovery}` },
    browser: browserSteps(ask),
    ...more,
  })
  return {
    'openid.yaml': {
      ...every,
      storage: { sqlite: 'openid.sqlite' },
      registration: openRegistration(ask),
      clients: declareSecretClients(ask, secretClients),
    },
    'fapi2.yaml': { ...every, ...fapiIssuer(ask, 'fapi2', keys) },
    'fapi2-message-signing.yaml': { ...every, ...fapiIssuer(ask, 'fapi2-message-signing', keys) },
    'guard.yaml': guardFile(ask),
    'openid-plan.json': plan('openid-configuration', { client: { client_name: 'suite' } }),
    'openid-static-plan.json': plan('openid-configuration', secretPlan(secretClients)),
    'fapi2-plan.json': plan('oauth-authorization-server', fapiPlan(ask, 'accounts:read', keys)),
    'fapi2-openid-plan.json': plan('openid-configuration', fapiPlan(ask, 'openid accounts:read', keys)),
  }
}

export function writeSuiteFiles(files: SuiteFiles, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const [name, content] of Object.entries(files)) {
    // JSON is YAML: one writer for both.
    writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  }
}

const usage = `npm run suites -- --issuer https://id.example --suite https://localhost.emobix.co.uk:8443

  --issuer <url>    the issuer, as suite and browser reach it
  --suite <url>     origin of the conformance suite
  --api <url>       the API behind the guard (default: the issuer's host, port 8444)
  --alias <name>    alias of the plans (default kimei)
  --ca <file>       PEM of the authority of the suite's certificate
  --cert, --key     PEM files for TLS, as the configuration shall name them
  --into <folder>   where the files go (default suites)`

async function main(): Promise<number> {
  const names = ['issuer', 'suite', 'api', 'alias', 'ca', 'cert', 'key', 'into'] as const
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])) })
  const said = values as Partial<Record<(typeof names)[number], string>>
  const { issuer, suite, ca, cert, key } = said
  if (!issuer || !suite) {
    console.error(usage)
    return 2
  }
  const folder = resolve(said.into ?? 'suites')
  const files = await suiteFiles({
    issuer,
    suite: new URL(suite).origin,
    alias: said.alias ?? 'kimei',
    api: said.api ?? `https://${new URL(issuer).hostname}:8444/`,
    password: randomBytes(12).toString('base64url'),
    ...(ca && { ca: readFileSync(ca, 'utf8') }),
    ...(cert && key && { tls: { certFile: cert, keyFile: key } }),
  })
  writeSuiteFiles(files, folder)
  console.log(
    `${folder}\n${Object.keys(files)
      .map((name) => `  ${name}`)
      .join('\n')}`,
  )
  return 0
}

if (import.meta.main) process.exitCode = await main()
