// An issuer that is not ours: oidc-provider on loopback, its sign-in answered by itself.
// What Kimei's holder and observer do against it, they do against a stranger.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ClientMetadata, Configuration, Provider } from 'oidc-provider'
import { addExchange, allowDevice, type FurtherGrants, type GrantFeatures, grantFeatures } from './independent-grants.ts'

export interface IndependentIssuer {
  readonly issuer: string
  /** Requests so far, as `POST /token`. */
  readonly seen: readonly string[]
  /** The person allows the device that shows this code. */
  allowDevice(userCode: string, clientId: string): Promise<void>
  close(): Promise<void>
}

export interface IndependentIssuerOptions {
  readonly clients: readonly ClientMetadata[]
  /** APIs by identifier, with the scopes they know. */
  readonly resources?: Readonly<Record<string, string>>
  readonly requireNonce?: boolean
  readonly accessTokenSeconds?: number
  /** Access tokens are opaque, and the servers of APIs may ask about them. */
  readonly opaque?: boolean
  /** What OAuth 2.1 removed or demands is served and not demanded: implicit, no PKCE, no rotation. */
  readonly loose?: boolean
  /** A second origin over TLS with this certificate, where clients show theirs; tokens are bound to them. */
  readonly mtls?: { readonly cert: string; readonly key: string }
  readonly grants?: FurtherGrants
  /** Every request is pushed; with a key: and says by a proof or by `dpop_jkt` which key its tokens will name. */
  readonly pushes?: 'demanded' | 'demanded-with-key'
  /** Anybody may register a client, and manage it with its registration access token. */
  readonly registration?: boolean
}

const account = 'user-1'

/** Every sign-in succeeds as one person, and everything asked for is allowed. */
export async function startIndependentIssuer(options: IndependentIssuerOptions): Promise<IndependentIssuer> {
  const seen: string[] = []
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    seen.push(`${request.method} ${request.url?.split('?')[0]}`)
    answer(request, response)
  }
  const server = createServer(listener)
  const port = await openPort(server)
  const issuer = `http://127.0.0.1:${port}`
  const secure = options.mtls && createTlsServer({ ...options.mtls, requestCert: true, rejectUnauthorized: false, ca: [] }, listener)
  const mtlsOrigin = secure && `https://localhost:${await openPort(secure)}`
  // Loaded only here: it takes its time and complains about runtimes.
  const allow = (clientId: string) => allowAll(provider, { client_id: clientId, scope: 'openid' }, options)
  const grants = grantFeatures(options.grants ?? {}, account, allow, () => provider)
  const provider: Provider = await quietly(
    async () =>
      new (await import('oidc-provider')).Provider(issuer, { ...configuration(options, mtlsOrigin, grants), ...(await ofPushes(options)) }),
  )
  if (options.grants?.exchange) addExchange(provider, options.grants.exchange, options.resources ?? {})
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next()
    const { prompt, params } = await provider.interactionDetails(ctx.req, ctx.res)
    const result =
      prompt.name === 'login' ? { login: { accountId: account } } : { consent: { grantId: await allowAll(provider, params, options) } }
    await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true })
    ctx.respond = false
  })
  answer = provider.callback()
  return {
    issuer,
    seen,
    allowDevice: async (userCode, clientId) => allowDevice(provider, account, userCode, await allow(clientId)),
    close: async () => void (await Promise.all([server, ...(secure ? [secure] : [])].map(closeServer))),
  }
}

function openPort(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** A policy that an operator may have: the library asks for it by the name of a parameter, whether that is sent or not. */
async function ofPushes({ pushes }: IndependentIssuerOptions): Promise<Pick<Configuration, 'extraParams'>> {
  if (pushes !== 'demanded-with-key') return {}
  const { errors } = await import('oidc-provider')
  return {
    extraParams: {
      key_policy(ctx) {
        const named = ctx.get('dpop') !== '' || ctx.oidc.params?.['dpop_jkt'] !== undefined
        if (ctx.oidc.route === 'pushed_authorization_request' && !named) throw new errors.InvalidRequest('the push names no key')
      },
    },
  }
}

type MtlsFeature = Pick<NonNullable<Configuration['features']>, 'mTLS'>

/** What it says and does of certificates: the one of the connection, judged by nobody but the client's registration. */
function certificates(mtlsOrigin: string | undefined): Pick<Configuration, 'discovery'> & { readonly features: MtlsFeature } {
  if (mtlsOrigin === undefined) return { features: {} }
  const certificateOf = ({ req: { socket } }: { readonly req: IncomingMessage }): string | undefined =>
    'getPeerX509Certificate' in socket ? (socket as TLSSocket).getPeerX509Certificate()?.toString() : undefined
  return {
    discovery: { mtls_endpoint_aliases: { token_endpoint: `${mtlsOrigin}/token`, revocation_endpoint: `${mtlsOrigin}/token/revocation` } },
    features: {
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        selfSignedTlsClientAuth: true,
        getCertificate: (ctx) => certificateOf(ctx),
      },
    },
  }
}

async function allowAll(provider: Provider, params: Record<string, unknown>, options: IndependentIssuerOptions): Promise<string> {
  const grant = new provider.Grant({ accountId: account, clientId: String(params['client_id']) })
  grant.addOIDCScope(String(params['scope'] ?? ''))
  for (const [resource, scope] of Object.entries(options.resources ?? {})) grant.addResourceScope(resource, scope)
  return grant.save()
}

const methods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const

function configuration(options: IndependentIssuerOptions, mtlsOrigin: string | undefined, grants: GrantFeatures): Configuration {
  const { features, ...more } = certificates(mtlsOrigin)
  const accessTokenSeconds = options.accessTokenSeconds ?? 600
  return {
    ...more,
    clients: [...options.clients],
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: 'Hanako', email: 'hanako@example.test', birthdate: '1970-01-01' }),
    }),
    claims: { openid: ['sub'], profile: ['name', 'birthdate'], email: ['email'] },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    features: {
      ...features,
      ...grants,
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: options.pushes !== undefined },
      ...(options.registration && { registration: { enabled: true }, registrationManagement: { enabled: true } }),
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      introspection: { enabled: options.opaque ?? false, allowedPolicy: () => true },
      jwtIntrospection: { enabled: options.opaque ?? false },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => options.requireNonce ?? false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({
          scope: options.resources?.[resource] ?? '',
          audience: resource,
          accessTokenFormat: options.opaque ? 'opaque' : 'jwt',
          accessTokenTTL: accessTokenSeconds,
        }),
        useGrantedResource: () => true,
      },
    },
    rotateRefreshToken: !options.loose,
    ...(options.loose && { pkce: { required: () => false }, responseTypes: ['code', 'id_token', 'code id_token token', 'id_token token'] }),
    issueRefreshToken: async () => true,
    scopes: [
      'openid',
      'profile',
      'email',
      'offline_access',
      ...new Set(Object.values(options.resources ?? {}).flatMap((scope) => scope.split(' '))),
    ],
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      RefreshToken: 86_400,
      Session: 3_600,
      Grant: 86_400,
      IdToken: 3_600,
      Interaction: 600,
    },
    cookies: { keys: ['cookie-signing-key-of-the-tests'] },
    clientAuthMethods: mtlsOrigin === undefined ? [...methods] : [...methods, 'self_signed_tls_client_auth'],
  }
}

/** It warns about its in-memory store and development keys, which are just what a test wants. */
async function quietly<T>(make: () => Promise<T>): Promise<T> {
  const { warn, info } = console
  console.warn = () => undefined
  console.info = () => undefined
  try {
    return await make()
  } finally {
    Object.assign(console, { warn, info })
  }
}

/** Walks redirects as a browser would, with its own cookies or those given, until a URL that begins with `until`. */
export async function walk(start: string, until: string, cookies = new Map<string, string>()): Promise<URL> {
  let url = new URL(start)
  for (let steps = 0; steps < 20; steps += 1) {
    if (url.href.startsWith(until)) return url
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = (line.split(';')[0] as string).split('=') as [string, string]
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${url.pathname} answered ${response.status}: ${(await response.text()).slice(0, 400)}`)
    await response.body?.cancel()
    url = new URL(location, url)
  }
  throw new Error('the redirects do not end')
}
