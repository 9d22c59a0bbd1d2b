// Renders a refusal at a protected resource: status, WWW-Authenticate lines and a small JSON body
// (RFC 6750 §3, RFC 9449 §7.1-7.2, RFC 9470 §3, RFC 9728 §5.1).
import { type Broken, catalogue, wireErrors, wireSentence } from '@kimei/protocol'
import type { GuardConfig } from './config/schema.ts'
import type { GuardAnswer } from './contract.ts'
import { type GuardedRoute, schemesOf, type UnboundFate } from './policy.ts'
import type { Scheme } from './read-token.ts'

export interface RefusalContext {
  readonly broken: Broken
  /** The scheme that was clearly attempted: its challenge carries the error. */
  readonly attempted: Scheme | undefined
  /** Absent where no route was found. */
  readonly route: GuardedRoute | undefined
  readonly unbound: UnboundFate
}

export type RefusalRenderer = (context: RefusalContext) => GuardAnswer

export function makeRefusalRenderer(config: GuardConfig, metadataUrl: string | undefined): RefusalRenderer {
  const pointer = metadataUrl === undefined ? '' : `, resource_metadata="${metadataUrl}"`
  const algs = `algs="${config.dpop.algorithms.join(' ')}"`
  return ({ broken, attempted, route, unbound }) => {
    const wire = wireErrors.api[broken.family]
    const sentence = wire.reveal && wire.error !== null ? catalogue.get(broken.broken)?.says : undefined
    const headers: [string, string][] = []
    if (wire.status === 401 || wire.status === 403 || broken.family === 'mixed-credentials') {
      const error = wire.error === null ? '' : sayError(wire.error, sentence, broken, route)
      const offered = schemesOf(route?.demand.constraint ?? config.constraint, unbound)
      for (const scheme of ['dpop', 'bearer'] as const) {
        // The attempted scheme is answered even where the route does not offer it: there the error belongs.
        if (!offered[scheme] && attempted !== scheme) continue
        const failed = attempted === undefined || attempted === scheme ? error : ''
        headers.push([
          'WWW-Authenticate',
          scheme === 'dpop' ? `DPoP ${failed}${algs}${sayScope(route)}${pointer}` : sayBearer(failed, route, pointer),
        ])
      }
    }
    headers.push(['Cache-Control', 'no-store'])
    if (wire.status === 503) headers.push(['Retry-After', '2'])
    const body =
      wire.error === null ? '' : JSON.stringify({ error: wire.error, ...(sentence && { error_description: wireSentence(sentence) }) })
    if (body !== '') headers.push(['Content-Type', 'application/json'])
    return { status: wire.status, headers, body }
  }
}

/** Ends with a comma and a space, ready for the parameters that follow. */
function sayError(code: string, sentence: string | undefined, broken: Broken, route: GuardedRoute | undefined): string {
  let text = `error="${code}", `
  if (sentence) text += `error_description="${wireSentence(sentence)}", `
  if (broken.family === 'insufficient-authentication' && route) {
    const { acr, maxAuthenticationAgeSeconds } = route.demand
    if (acr) text += `acr_values="${wireSentence(acr.join(' '))}", `
    if (maxAuthenticationAgeSeconds !== undefined) text += `max_age="${maxAuthenticationAgeSeconds}", `
  }
  return text
}

function sayScope(route: GuardedRoute | undefined): string {
  return route && route.demand.scopes.length > 0 ? `, scope="${route.demand.scopes.join(' ')}"` : ''
}

/** RFC 9110 §11.6.1: a scheme may stand alone, parameters must not begin with a comma. */
function sayBearer(failed: string, route: GuardedRoute | undefined, pointer: string): string {
  const parameters = `${failed.slice(0, -2)}${sayScope(route)}${pointer}`.replace(/^, /, '')
  return parameters === '' ? 'Bearer' : `Bearer ${parameters}`
}
