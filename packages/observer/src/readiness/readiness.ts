// Whether an issuer is ready for OAuth 2.1, seen through one test client: what it publishes, what probes saw, what a few more steps show.
import { authorizationRequest } from '../clients/grant-source.ts'
import type { ApiEntry, Inventory } from '../inventory/inventory.ts'
import type { Published } from '../metadata.ts'
import type { ProbeResult } from '../observation.ts'
import { endOf } from '../run/end-of.ts'
import type { CodeFlowParts } from '../stations/code-flow.ts'
import { type CheckName, checks, line, type ReadinessLine } from './checks.ts'
import { declaredLines } from './declared.ts'
import { probedLines } from './from-probes.ts'
import { askSilently, redirectLine, type SilentAnswer, wentBackTo } from './redirects.ts'
import { codeLines, issLine, passwordLine, queryLine, type TokenPlace, unboundRefreshLines } from './sequences.ts'
import { implicitLine, noPkceLine } from './tries.ts'

export interface ReadinessPlace extends TokenPlace {
  readonly inventory: Inventory
  readonly published: Published
  readonly wish: { readonly scope?: string | undefined; readonly resource?: string | undefined }
  readonly probes: readonly ProbeResult[]
  /** `undefined` where nobody signs the test account in. */
  readonly codeFlow: CodeFlowParts | undefined
}

/** Every check once, in the order of their table. */
export async function readinessOf(place: ReadinessPlace): Promise<ReadinessLine[]> {
  const { client, published, probes, codeFlow, inventory } = place
  const pasted = client.entry.ticket.from === 'pasted'
  const found = [
    ...declaredLines(published),
    ...(codeFlow ? await attempt(['refresh-restricted'], () => unboundRefreshLines(codeFlow)) : []),
    ...probedLines(client, probes),
    ...(await attempt(['redirect-exact', 'iss-with-error'], () => silentLines(place))),
    ...(codeFlow ? await attempt(['iss-with-code', 'code-reuse-ends-tokens'], () => codeLines(codeFlow)) : []),
    ...(codeFlow ? await attempt(['pkce-required'], async () => [await noPkceLine(codeFlow)]) : []),
    ...(codeFlow ? await attempt(['implicit-refused'], async () => [await implicitLine(codeFlow, typesOf(published))]) : []),
    ...(pasted ? [] : await attempt(['password-refused'], async () => [await passwordLine(place)])),
    ...(await attempt(['query-token-ignored'], async () => [
      await queryLine(place, apisOf(inventory, place), (api) => ticketFor(place, api)),
    ])),
  ]
  return (Object.keys(checks) as CheckName[]).map(
    (check) => found.find((one) => one.check === check) ?? line(check, 'not-observable', 'needs a test account that somebody signs in'),
  )
}

async function silentLines({ client, published, inventory, line: wire, target, wish }: ReadinessPlace): Promise<ReadinessLine[]> {
  const { ticket } = client.entry
  const endpoint = published.members['authorization_endpoint']
  const names = ['redirect-exact', 'iss-with-error'] as const
  const none = (why: string) => names.map((name) => line(name, 'not-observable', why))
  if (ticket.from !== 'sign-in') return none('this client has no redirect URI in the inventory')
  if (typeof endpoint !== 'string' || !URL.canParse(endpoint) || !inventory.allowedHosts.has(new URL(endpoint).host))
    return none('the authorization endpoint is not among the hosts of the inventory')
  const { redirectUri } = ticket
  const plan = () => authorizationRequest({ endpoint, clientId: client.entry.clientId, redirectUri, wish })
  const door = { line: wire, target, plan }
  const before = await askSilently(door, 'control before')
  const redirects = await redirectLine(door, redirectUri, before)
  return [redirects, silentIssLine(before, redirectUri, client.issuer.url)]
}

function typesOf({ members }: Published): readonly string[] {
  const types = members['response_types_supported']
  return Array.isArray(types) ? types.filter((type): type is string => typeof type === 'string') : []
}

/** A redirect to a page of the issuer's own is no response to the client. */
export function silentIssLine(answer: SilentAnswer, redirectUri: string, issuer: string): ReadinessLine {
  if (wentBackTo(answer, [redirectUri])) return issLine('iss-with-error', answer.location!, issuer, [answer.evidence])
  return line('iss-with-error', 'not-observable', `a silent request is not redirected to the client (${answer.status})`, [answer.evidence])
}

function apisOf({ apis }: Inventory, { client }: ReadinessPlace): readonly ApiEntry[] {
  return apis.filter(({ clients }) => clients.includes(client.entry.id)).slice(0, 3)
}

async function ticketFor({ office, wish }: ReadinessPlace, api: ApiEntry) {
  const ticket = await office.ticket({ scope: api.scope ?? wish.scope, resource: api.resource ?? wish.resource, proof: true })
  return 'none' in ticket ? undefined : ticket
}

/** What cannot be sent any more leaves its checks open, by name. */
async function attempt(names: readonly CheckName[], step: () => Promise<ReadinessLine[]>): Promise<ReadinessLine[]> {
  try {
    return await step()
  } catch (error) {
    const why = endOf(error)
    return names.map((name) => line(name, 'not-observable', why))
  }
}
