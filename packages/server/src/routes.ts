// Every path of the issuer: which methods it serves, which browsers may read it, who answers. The one table of endpoints.
import { broke, directRequestRules, type EndpointKind, wellKnownPaths } from '@kimei/protocol'
import { StorageUnavailable } from '@kimei/storage'
import { Hono } from 'hono'
import type { Exchange, Handler, ServerContext } from './context.ts'
import { answerAuthorize } from './endpoints/authorize/authorize.ts'
import { answerDeviceAuthorization } from './endpoints/device-authorization/device-authorization.ts'
import { answerIntrospect } from './endpoints/introspect/introspect.ts'
import { answerJwks } from './endpoints/jwks/jwks.ts'
import { answerMetadata } from './endpoints/metadata/metadata.ts'
import { answerPush } from './endpoints/par/par.ts'
import { answerDelete, answerRead, answerReplace } from './endpoints/register/manage.ts'
import { answerRegister } from './endpoints/register/register.ts'
import { answerRevoke } from './endpoints/revoke/revoke.ts'
import { answerToken } from './endpoints/token/token.ts'
import { answerUserinfo } from './endpoints/userinfo/userinfo.ts'
import { answerJson } from './http/answers.ts'
import { answerPreflight, type CorsPolicy, withCors } from './http/cors.ts'
import { renderRefusal } from './http/refuse.ts'
import { answerFaultPage } from './pages/answer-error-page.ts'
import { deviceRoutes, pageRoutes } from './pages/page-routes.ts'
import type { PageRoutes } from './steps/contract.ts'

export interface Route {
  readonly path: string
  readonly kind: EndpointKind
  readonly cors: CorsPolicy
  /** HEAD comes with GET where `documents` says so. */
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'DELETE', Handler>>>
  /** Also served at the origin for clients with certificates; `mtls_endpoint_aliases` names them. */
  readonly atMtls?: true
}

const atMtls = { atMtls: true } as const

/** In this order; pages come last. */
export function routesOf(context: ServerContext): readonly Route[] {
  const { base } = context.urls
  const documents = wellKnownPaths(context.issuer).map(
    (path): Route => ({ path, kind: 'token', cors: 'anyone', methods: { GET: answerMetadata } }),
  )
  return [
    { path: `${base}/token`, kind: 'token', cors: 'clients', methods: { POST: answerToken }, ...atMtls },
    { path: `${base}/userinfo`, kind: 'api', cors: 'clients', methods: { GET: answerUserinfo, POST: answerUserinfo }, ...atMtls },
    { path: `${base}/jwks`, kind: 'token', cors: 'anyone', methods: { GET: answerJwks } },
    { path: `${base}/revoke`, kind: 'revocation', cors: 'clients', methods: { POST: answerRevoke }, ...atMtls },
    { path: `${base}/introspect`, kind: 'introspection', cors: 'none', methods: { POST: answerIntrospect }, ...atMtls },
    { path: `${base}/par`, kind: 'par', cors: 'clients', methods: { POST: answerPush }, ...atMtls },
    { path: `${base}/authorize`, kind: 'authorize', cors: 'none', methods: { GET: answerAuthorize, POST: answerAuthorize } },
    ...(context.config.deviceAuthorization ? [deviceRoute(base), ...pagesOf(base, deviceRoutes)] : []),
    ...registrationOf(context),
    ...documents,
    ...pagesOf(base, pageRoutes),
  ]
}

/** Devices have no origin: no browser asks for one. */
function deviceRoute(base: string): Route {
  return { path: `${base}/device_authorization`, kind: 'device', cors: 'none', methods: { POST: answerDeviceAuthorization }, ...atMtls }
}

/** Only where it is not closed: nobody is told of an endpoint that refuses everybody. */
function registrationOf({ config, urls: { base } }: ServerContext): readonly Route[] {
  if (config.registration.mode === 'closed') return []
  const methods = { GET: answerRead, PUT: answerReplace, DELETE: answerDelete }
  return [
    { path: `${base}/register`, kind: 'registration', cors: 'anyone', methods: { POST: answerRegister }, ...atMtls },
    { path: `${base}/register/:client`, kind: 'registration', cors: 'anyone', methods, ...atMtls },
  ]
}

function pagesOf(base: string, pages: PageRoutes): readonly Route[] {
  const byPath = Map.groupBy(pages, (route) => route.path)
  return [...byPath].map(([path, routes]) => ({
    path: `${base}${path}`,
    kind: 'page',
    cors: 'none',
    methods: Object.fromEntries(routes.map((route) => [route.method, route.handle])),
  }))
}

/** First segments of the paths of an issuer, behind its own path. */
export function segmentsOf(context: ServerContext): readonly string[] {
  const own = routesOf(context).filter(({ path }) => path.startsWith(`${context.urls.base}/`))
  return [...new Set(own.map(({ path }) => path.slice(context.urls.base.length).split('/')[1] as string))]
}

interface Bindings {
  readonly Bindings: { readonly exchange: Exchange }
}

/** The issuer's app: paths by Hono, methods, CORS and faults here. */
export function makeApp(context: ServerContext): Hono<Bindings> {
  const app = new Hono<Bindings>()
  for (const route of routesOf(context)) {
    app.all(route.path, (c) => answerRoute(context, c.env.exchange, route))
  }
  app.notFound((c) => answerNotFound(context, c.env.exchange))
  return app
}

function answerNotFound(context: ServerContext, { requestId }: Exchange): Response {
  return renderRefusal(context, 'page', broke(directRequestRules, 'request.path-is-served'), { 'x-request-id': requestId })
}

async function answerRoute(context: ServerContext, exchange: Exchange, route: Route): Promise<Response> {
  // Where certificates are asked for, no browser has anything to look for (RFC 8705 §5).
  if (exchange.origin === 'mtls' && !route.atMtls) return answerNotFound(context, exchange)
  const { method } = exchange.request
  const serves = Object.keys(route.methods)
  const handler = route.methods[(method === 'HEAD' && route.cors === 'anyone' ? 'GET' : method) as 'GET']
  if (!handler) {
    if (method === 'OPTIONS' && route.cors !== 'none') return answerPreflight(context, exchange, route.cors, serves)
    const refusal = broke(directRequestRules, 'request.method-is-served')
    return withCors(context, exchange, route.cors, renderRefusal(context, route.kind, refusal, { allow: serves.join(', ') }))
  }
  try {
    const response = await handler(context, exchange)
    if (response.status >= 400) response.headers.set('x-request-id', exchange.requestId)
    return withCors(context, exchange, route.cors, response)
  } catch (fault) {
    context.fault(exchange, fault)
    return withCors(context, exchange, route.cors, answerFault(context, exchange, route, fault instanceof StorageUnavailable))
  }
}

/** Nothing of the fault itself: the request id leads the operator to it. */
function answerFault(context: ServerContext, exchange: Exchange, { kind }: Route, busy: boolean): Response {
  if (kind === 'page' || kind === 'authorize') return answerFaultPage(context, exchange, busy ? 503 : 500)
  const error = busy ? 'temporarily_unavailable' : 'server_error'
  return answerJson(context, busy ? 503 : 500, { error }, { 'x-request-id': exchange.requestId, ...(busy && { 'retry-after': '2' }) })
}
