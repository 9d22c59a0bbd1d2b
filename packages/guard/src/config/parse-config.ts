// From what somebody wrote to a checked guard configuration, or to the list of all mistakes at once.
// The shape of the parts stands in `schema.ts`.
import { Misuse, sayMistake } from '@kimei/protocol'
import type { z } from 'zod'
import { parseRoutePath } from '../route-table.ts'
import { isPeerRange } from './addresses.ts'
import { type GuardConfig, guardSchema } from './schema.ts'

const checked = new WeakSet<object>()

/**
 * Parses and checks a guard configuration.
 * @throws Misuse with every mistake: unknown keys, routes without a policy, bases that are not https, and so on.
 */
export function parseGuardConfig(input: unknown): GuardConfig {
  if (typeof input === 'object' && input !== null && checked.has(input)) return input as GuardConfig
  const parsed = guardSchema.safeParse(input)
  const mistakes = parsed.success ? [] : parsed.error.issues.map((issue) => sayIssue(issue, input))
  if (!parsed.success) throw new Misuse(mistakes)
  const config: GuardConfig = { ...parsed.data, baseUrls: parsed.data.baseUrls ?? [originOf(parsed.data.resource)] }
  mistakes.push(...findContradictions(config))
  if (mistakes.length > 0) throw new Misuse(mistakes)
  checked.add(config)
  return config
}

function originOf(url: string): string {
  // Where there is none, the resource itself is the mistake to name.
  return URL.canParse(url) && url.startsWith('http') ? new URL(url).origin : ''
}

/** `routes[2] (/admin): …`: where, in the words of whoever wrote it. */
function sayIssue(issue: z.core.$ZodIssue, input: unknown): string {
  const where = sayPlace(issue.path, input)
  const last = issue.path.at(-1)
  if (issue.code === 'invalid_union' && last === 'policy') {
    return `${where}: every route needs a policy: required, optional, bearer-allowed or public`
  }
  if (issue.code === 'unrecognized_keys') {
    const checks = issue.keys.filter((key) => /htm|htu|jti|iat|replay|ath|skip|disable/i.test(key))
    const why = checks.length > 0 ? ' (no check of a proof can be switched off)' : ''
    return `${where}: unknown ${issue.keys.length > 1 ? 'keys' : 'key'} ${issue.keys.join(', ')}${why}`
  }
  return `${where}: ${sayMistake(issue)}`
}

function sayPlace(path: readonly PropertyKey[], input: unknown): string {
  let text = ''
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text && '.'}${String(part)}`
  if (path[0] !== 'routes' || typeof path[1] !== 'number') return text || 'configuration'
  const route = (input as { routes?: { path?: unknown }[] }).routes?.[path[1]]
  return typeof route?.path === 'string' ? `${text} (${route.path})` : text
}

function findContradictions(config: GuardConfig): string[] {
  return [
    ...checkUrls(config),
    ...checkPeers(config),
    ...checkRoutes(config),
    ...checkAlgorithms(config),
    ...checkNonces(config),
    ...checkIntrospection(config),
  ]
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** https, or http on this machine alone. */
function checkWebUrl(name: string, value: string): string[] {
  if (!URL.canParse(value)) return [`${name}: ${value || '(empty)'} is not an absolute URL`]
  // It stands in challenges, between quotes (RFC 9110 §5.6.4).
  if (!/^[\x21\x23-\x5B\x5D-\x7E]+$/.test(value)) return [`${name}: ${value} must be printable ASCII without quotes and backslashes`]
  const url = new URL(value)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback.has(url.hostname))) {
    return [`${name}: ${value} must be https (http is for loopback alone)`]
  }
  if (url.username || url.password || value.includes('#')) return [`${name}: ${value} must have neither credentials nor a fragment`]
  return []
}

function checkUrls(config: GuardConfig): string[] {
  const mistakes = [...checkWebUrl('issuer', config.issuer), ...checkWebUrl('resource', config.resource)]
  if (config.issuer.includes('?')) mistakes.push('issuer: must have no query (RFC 8414 §2)')
  for (const [index, base] of config.baseUrls.entries()) {
    if (base === '' && mistakes.length > 0) continue
    const found = checkWebUrl(`baseUrls[${index}]`, base)
    if (found.length === 0 && base.includes('?')) found.push(`baseUrls[${index}]: ${base} must have no query`)
    if (found.length === 0 && !isPlainPath(base)) found.push(`baseUrls[${index}]: ${base} has a path that can be read in two ways`)
    mistakes.push(...found)
  }
  if (config.keys.from === 'jwks-uri') mistakes.push(...checkWebUrl('keys.jwksUri', config.keys.jwksUri))
  for (const [index, origin] of (config.cors && config.cors.origins !== '*' ? config.cors.origins : []).entries()) {
    if (originOf(origin) !== origin) mistakes.push(`cors.origins[${index}]: ${origin} is not an origin (scheme, host and port only)`)
  }
  return mistakes
}

/** As written: URL parsing would already have resolved what must not stand there. */
function isPlainPath(url: string): boolean {
  return /^[a-z]+:\/\/[^/]+(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)*\/?$/i.test(url)
}

function checkPeers(config: GuardConfig): string[] {
  const mistakes: string[] = []
  for (const [index, peer] of (config.forwarded?.peers ?? []).entries()) {
    if (!isPeerRange(peer)) mistakes.push(`forwarded.peers[${index}]: ${peer} is neither an address nor a CIDR range`)
    else if (peer.endsWith('/0')) mistakes.push(`forwarded.peers[${index}]: ${peer} trusts the whole internet`)
  }
  return mistakes
}

function checkRoutes(config: GuardConfig): string[] {
  const mistakes: string[] = []
  const seen = new Map<string, number>()
  for (const [index, route] of config.routes.entries()) {
    const where = `routes[${index}] (${route.path})`
    const shape = parseRoutePath(route.path)
    if (typeof shape === 'string') {
      mistakes.push(`${where}: ${shape}`)
      continue
    }
    for (const method of route.methods) {
      const key = `${method} ${shape.map((segment) => (segment.kind === 'text' ? `=${segment.text}` : segment.kind)).join('/')}`
      const before = seen.get(key)
      if (before !== undefined) mistakes.push(`${where}: ${method} is already covered by routes[${before}]`)
      else seen.set(key, index)
    }
  }
  return mistakes
}

function checkAlgorithms(config: GuardConfig): string[] {
  const { algorithms } = config.accessTokens
  return new Set(algorithms).size === algorithms.length ? [] : ['accessTokens.algorithms: names one twice']
}

function checkNonces(config: GuardConfig): string[] {
  const demanded =
    config.nonce.demand === 'required' || config.routes.some((route) => route.policy !== 'public' && route.nonce === 'required')
  if (demanded && config.replicas > 1 && !config.nonce.secret) {
    return ['nonce.secret: several replicas must share one, or each refuses the nonces of the others']
  }
  return []
}

function checkIntrospection({ introspection, routes }: GuardConfig): string[] {
  if (introspection?.endpoint !== undefined) return checkWebUrl('introspection.endpoint', introspection.endpoint)
  if (introspection) return []
  return routes.flatMap((route, index) =>
    route.policy !== 'public' && route.introspect === 'always'
      ? [`routes[${index}] (${route.path}): introspect is always, but introspection does not say whom to ask and how`]
      : [],
  )
}
