// Which browser origins may call and may read what the guard says (Fetch §3.2; RFC 9449 §8: the nonce must be readable).
import type { GuardConfig } from './config/schema.ts'
import type { GuardAnswer } from './contract.ts'
import type { RequestFacts } from './facts.ts'
import { headerOf } from './header-lines.ts'
import { pathOf } from './judge-request.ts'
import type { Route } from './policy.ts'
import type { RouteMatch } from './route-table.ts'

type Headers = readonly (readonly [string, string])[]

export interface Cors {
  /** For the response to a request from this origin; empty without one. */
  headers(origin: string | undefined): Headers
  /** The answer to a preflight for a path that has a policy; `undefined`: it is none, or not from an allowed origin. */
  preflight(facts: RequestFacts): GuardAnswer | undefined
}

/** `Date`: a device whose clock is wrong learns the time, or its proofs are never in the window. */
const expose = ['Access-Control-Expose-Headers', 'WWW-Authenticate, DPoP-Nonce, Date'] as const
const vary = ['Vary', 'Origin'] as const

export function makeCors(config: GuardConfig, match: (method: string, path: string) => RouteMatch<Route>): Cors {
  const { cors } = config
  const allowed = (origin: string) => cors !== undefined && (cors.origins === '*' || cors.origins.includes(origin))
  const allow = (origin: string): Headers =>
    cors?.origins === '*' ? [['Access-Control-Allow-Origin', '*']] : [['Access-Control-Allow-Origin', origin], vary]
  return {
    headers(origin) {
      if (origin === undefined) return []
      // An API may do its own CORS: what a client must read of ours is exposed in any case.
      return allowed(origin) ? [...allow(origin), expose] : [expose]
    },
    preflight(facts) {
      if (!cors || facts.method !== 'OPTIONS') return undefined
      const origin = headerOf(facts, 'origin')
      const method = headerOf(facts, 'access-control-request-method')
      if (origin === undefined || method === undefined || !allowed(origin) || !/^[A-Za-z-]{1,20}$/.test(method)) return undefined
      const found = match(method, pathOf(facts.target))
      if (found === 'none' || found === 'several') return undefined
      const headers: [string, string][] = [
        ['Access-Control-Allow-Methods', method],
        ['Access-Control-Allow-Headers', cors.headers.join(', ')],
        ['Access-Control-Max-Age', String(cors.maxAgeSeconds)],
      ]
      return { status: 204, headers: [...allow(origin), ...headers], body: '' }
    },
  }
}
