// One API of the switched lab: a real guard as its switches say, and the application behind it.
// What may stand before it is in `fronts.ts`.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createGuard, type GuardConfigInput, type GuardDeps } from '@kimei/guard'
import { type GuardedListener, guardNode } from '@kimei/guard/node'
import { catalogue, type RuleId } from '@kimei/protocol'
import { createMemoryStorage } from '@kimei/storage/memory'
import { lawWithout } from '../law-without.ts'
import { storageWithout } from '../once-only.ts'
import { scopeOf } from './switched-issuer.ts'
import type { ApiName, ApiSwitches } from './switches.ts'

/** What an API that looks at the ticket alone does without. */
export const rulesOfNames: readonly RuleId[] = [
  'binding.named-token-is-not-bearer',
  'binding.certificate-comes-along',
  'binding.certificate-is-named-certificate',
  'binding.token-is-bound',
]

export interface DoorParts {
  readonly issuer: string
  readonly resource: string
  /** Rules that are missing everywhere. */
  readonly without: readonly RuleId[]
  readonly guard: Omit<GuardDeps, 'replay' | 'law'>
  /** How an API that asks about every ticket does so. */
  readonly introspection: GuardConfigInput['introspection']
}

/** How one API is called. */
export const apiShapes: Readonly<Record<ApiName, { readonly method: 'GET' | 'POST'; readonly body?: string }>> = {
  admin: { method: 'GET' },
  payments: { method: 'GET' },
  orders: { method: 'GET' },
  graphql: { method: 'POST', body: '{"query":"{ notes { text } }"}' },
  batch: { method: 'POST', body: '[{"path":"/orders"},{"path":"/payments"}]' },
}

/** Whether nothing but the ticket itself is looked at. */
export const isOpen = ({ dpop, certificate, exception }: ApiSwitches): boolean =>
  exception === 'bearer' || (dpop === 'off' && certificate === 'off')

/** Rules that do not hold at this API, as its answers say. */
export function missingAt(api: ApiSwitches, everywhere: readonly RuleId[]): readonly RuleId[] {
  return [...new Set([...everywhere, ...api.without, ...(isOpen(api) ? rulesOfNames : [])])]
}

/** A guard of its own, with its own memory of used proofs; behind it the application, or whatever is given. */
export function openDoor(api: ApiSwitches, parts: DoorParts, behind: GuardedListener = application(api.id)): RequestListener {
  const { issuer, resource, guard, introspection } = parts
  const without = missingAt(api, parts.without)
  const { replay } = storageWithout(createMemoryStorage(), without)
  const asks = api.revocation === 'asked' && { introspection }
  const config: GuardConfigInput = { issuer, resource, metadata: 'off', routes: [routeOf(api)], ...asks, ...believing(api) }
  return guardNode(createGuard(config, { ...guard, replay, law: lawWithout(without, new Set(catalogue.keys())) }), behind)
}

/** Whoever reaches this port from this machine is believed about the certificate it says it saw: that is everybody. */
function believing({ front }: ApiSwitches): Pick<GuardConfigInput, 'certificates'> {
  if (front !== 'trusted-header') return {}
  const hop = {
    by: 'address' as const,
    peers: ['127.0.0.1'],
    dangerouslyTrustTheAddressAlone: 'the lab shows a header that anybody can write',
  }
  return { certificates: { from: 'header', format: 'rfc9440', hop } }
}

function routeOf(api: ApiSwitches): GuardConfigInput['routes'][number] {
  const { method } = apiShapes[api.id]
  const introspect = api.revocation === 'asked' ? ('always' as const) : ('opaque' as const)
  const route = { name: api.id, path: `/${api.id}`, methods: [method], scopes: [scopeOf(api.id)], introspect }
  if (isOpen(api))
    return { ...route, policy: 'optional', constraint: 'either', reason: 'the lab shows an API that looks at the ticket alone' }
  const beside = { required: 'both', accepted: 'either', off: 'dpop' } as const
  const constraint = api.dpop === 'on' ? beside[api.certificate] : 'mtls'
  return { ...route, policy: 'required', constraint }
}

/** The application: what somebody would want to steal. */
function application(api: ApiName): GuardedListener {
  return (_request, response, { token }) => {
    const rows = [{ id: 1, text: `secret of ${api}` }]
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ api, of: token?.subject ?? 'nobody', rows }))
  }
}

/** The lab's clock shows here too: one answer with another time would make every later proof look late. */
export function answerMissing(response: ServerResponse, now: number): void {
  const headers = { 'Content-Type': 'application/json', 'Kimei-Lab': 'none', Date: new Date(now * 1000).toUTCString() }
  response.writeHead(404, headers).end('{"error":"not_found"}')
}

export function pathIs(request: IncomingMessage, api: ApiName): boolean {
  return (request.url ?? '').split('?', 1)[0] === `/${api}`
}
