// What each route demands, made ready once; and what it does with unbound tokens at a given second.
// Which route a request means stands in `route-table.ts`.
import type { AccessFacts, Seconds } from '@kimei/protocol'
import type { ConstraintDemand, Enforcement, GuardConfig, GuardedRouteConfig, NonceDemand, RouteConfig } from './config/schema.ts'
import type { RouteView } from './contract.ts'

export interface PublicRoute {
  readonly kind: 'public'
  readonly name: string
  readonly config: RouteConfig
}

export interface GuardedRoute {
  readonly kind: 'guarded'
  readonly name: string
  readonly config: GuardedRouteConfig
  readonly demand: AccessFacts['policy']
  readonly nonce: NonceDemand
  /** Until when unbound tokens are welcome: `Infinity` for `optional`, 0 for `required`. */
  readonly unboundUntil: Seconds
  /** Until when an unwelcome unbound token passes and is counted. */
  readonly reportUntil: Seconds
}

export type Route = PublicRoute | GuardedRoute

/** What becomes of an unbound token. `reported`: it passes, and is counted as what would be refused. */
export type UnboundFate = 'taken' | 'refused' | 'reported'

export function makeRoutes(config: GuardConfig): readonly Route[] {
  return config.routes.map((route) => {
    const name = route.name ?? `${route.methods.join(',')} ${route.path}`
    if (route.policy === 'public') return { kind: 'public', name, config: route }
    const constraint = route.constraint ?? config.constraint
    const enforcement = route.enforcement ?? config.enforcement
    return {
      kind: 'guarded',
      name,
      config: route,
      demand: {
        constraint,
        scopes: route.scopes,
        acr: route.acr,
        maxAuthenticationAgeSeconds: route.maxAuthenticationAgeSeconds,
      },
      nonce: route.nonce ?? config.nonce.demand,
      unboundUntil: unboundUntil(route),
      reportUntil: reportUntil(enforcement),
    }
  })
}

function unboundUntil(route: GuardedRouteConfig): Seconds {
  if (route.policy === 'optional') return Number.POSITIVE_INFINITY
  return route.policy === 'bearer-allowed' ? route.until : 0
}

function reportUntil(enforcement: Enforcement): Seconds {
  return enforcement.mode === 'report-only' ? enforcement.until : 0
}

/** An expired permission and an expired report-only both mean: refused, with nobody having to do anything. */
export function unboundFate(route: GuardedRoute, now: Seconds): UnboundFate {
  if (now <= route.unboundUntil) return 'taken'
  return now <= route.reportUntil ? 'reported' : 'refused'
}

/** Which schemes a client may try here, in the order in which they are offered (RFC 9449 §7.2). */
export function schemesOf(constraint: ConstraintDemand, unbound: UnboundFate): { readonly dpop: boolean; readonly bearer: boolean } {
  return { dpop: constraint !== 'mtls', bearer: unbound !== 'refused' || constraint === 'mtls' || constraint === 'either' }
}

export function viewRoute(route: Route, now: Seconds): RouteView {
  const { methods, path, policy } = route.config
  const common = { route: route.name, methods, path, policy }
  if (route.kind === 'public') return { ...common, unbound: 'taken', constraint: 'either', scopes: [], nonce: 'off' }
  return {
    ...common,
    unbound: unboundFate(route, now),
    constraint: route.demand.constraint,
    scopes: route.demand.scopes,
    nonce: route.nonce,
  }
}
