// Near misses of a registered redirect URI: asked for without a browser, silently (prompt=none), so that nobody signs in.
// Judged only where the registered one is answered by a redirect: then a redirect is what acceptance looks like.
import type { AuthorizationPlan } from '../clients/grant-source.ts'
import { writeAuthorization } from '../clients/grant-source.ts'
import { isLoopback } from '../inventory/targets.ts'
import type { Line } from '../wire/line.ts'
import { headerValues } from '../wire/raw-client.ts'
import { type ReadinessLine, line as readinessLine } from './checks.ts'

/** URIs that differ from a registered one in one way, by the name of the difference. */
export function nearMisses(registered: string): readonly (readonly [name: string, uri: string])[] {
  if (!URL.canParse(registered)) return []
  const url = new URL(registered)
  const plain = url.search === '' && url.hash === ''
  const path = plain && url.pathname !== '/' && url.pathname !== ''
  const web = url.protocol === 'https:' || url.protocol === 'http:'
  const host = web && !isLoopback(url.hostname) && !/^[\d.]+$|^\[/.test(url.hostname)
  const at = registered.indexOf('//') + 2
  const last = registered.slice(-1)
  return [
    ...(path ? [['path suffix', `${registered}/elsewhere`] as const, ['slash', `${registered}/`] as const] : []),
    ...(path && last.toUpperCase() !== last ? [['case', registered.slice(0, -1) + last.toUpperCase()] as const] : []),
    ...(path ? [['encoded', `${registered.slice(0, -1)}%${last.charCodeAt(0).toString(16).toUpperCase()}`] as const] : []),
    ...(url.hash === '' ? [['query', `${registered}${url.search === '' ? '?' : '&'}extra=1`] as const] : []),
    ...(web ? [['userinfo', `${registered.slice(0, at)}observer@${registered.slice(at)}`] as const] : []),
    // OAuth 2.1 §8.4.2: only the port of loopback redirects may differ.
    ...(host ? [['port', registered.replace(url.host, `${url.hostname}:9443`)] as const] : []),
    ...(host ? [['subdomain', `${registered.slice(0, at)}observer.${registered.slice(at)}`] as const] : []),
  ]
}

export interface SilentDoor {
  readonly line: Line
  readonly target: string
  /** A right request. */
  readonly plan: () => AuthorizationPlan
}

export interface SilentAnswer {
  readonly status: number
  readonly location: string | undefined
  readonly evidence: string
}

/** A request that must not show a page, without any session. */
export async function askSilently(door: SilentDoor, role: string, redirectUri?: string): Promise<SilentAnswer> {
  const { url, parameters } = door.plan()
  const changed = parameters.map(([name, value]) => [name, name === 'redirect_uri' ? (redirectUri ?? value) : value] as const)
  const request = { method: 'GET', url: writeAuthorization({ url, parameters: [...changed, ['prompt', 'none']] }), headers: [] }
  const { answer, evidence } = await door.line.send(door.target, role, request)
  return { status: answer.status, location: headerValues(answer.headers, 'location')[0], evidence }
}

/** A redirect to the client, whatever it carries. */
export function wentBackTo({ status, location }: SilentAnswer, uris: readonly string[]): boolean {
  if (status < 300 || status >= 400 || location === undefined) return false
  return uris.some((uri) => location.startsWith(uri) || (URL.canParse(location) && new URL(location).href.startsWith(new URL(uri).href)))
}

export async function redirectLine(door: SilentDoor, registered: string, before: SilentAnswer): Promise<ReadinessLine> {
  if (!wentBackTo(before, [registered]))
    return readinessLine('redirect-exact', 'not-observable', `a silent request is not redirected (${before.status})`, [before.evidence])
  const evidence = [before.evidence]
  const taken: string[] = []
  const tried = nearMisses(registered)
  for (const [name, uri] of tried) {
    const answer = await askSilently(door, `redirect URI: ${name}`, uri)
    evidence.push(answer.evidence)
    if (answer.status >= 500 || answer.status === 429)
      return readinessLine('redirect-exact', 'not-observable', `${name}: ${answer.status}`, evidence)
    if (wentBackTo(answer, [uri, registered])) taken.push(name)
  }
  const after = await askSilently(door, 'control after')
  evidence.push(after.evidence)
  if (!wentBackTo(after, [registered])) return readinessLine('redirect-exact', 'not-observable', 'control after failed', evidence)
  const refused = `refused: ${tried.map(([name]) => name).join(', ')}`
  return taken.length > 0
    ? readinessLine('redirect-exact', 'not-ready', `taken: ${taken.join(', ')}`, evidence)
    : readinessLine('redirect-exact', 'ready', refused, evidence)
}
