// Under which public URLs a request may have been made: from the configuration alone. Forwarded headers of listed peers
// choose among the configured bases; no header of anybody can add one.
import { normalizeHtu } from '@kimei/protocol'
import { peerMatcher } from './config/addresses.ts'
import type { GuardConfig } from './config/schema.ts'
import type { RequestFacts } from './facts.ts'

export interface PublicUrls {
  /** Normalized URLs of this request without query; a proof may name any of them. */
  targets(facts: RequestFacts, path: string): readonly string[]
  /** For the log line of an htu mismatch: which headers spoke of the URL, and whether they were listened to. */
  explain(facts: RequestFacts): Readonly<Record<string, unknown>>
}

interface Base {
  /** Normalized, without the last slash. */
  readonly prefix: string
  readonly origin: string
  readonly path: string
}

const spoken = ['host', 'forwarded', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-prefix']

export function makePublicUrls(config: GuardConfig): PublicUrls {
  const bases = config.baseUrls.map(readBase)
  const trusted = peerMatcher(config.forwarded?.peers ?? [])
  const listens = (facts: RequestFacts) => config.forwarded !== undefined && trusted(facts.connection.remoteAddress)
  return {
    targets(facts, path) {
      const chosen = bases.length > 1 && listens(facts) ? chooseBases(bases, facts, config.forwarded!.header) : bases
      // Only escapes and dots can be spelled in two ways; the path rules let nothing else through.
      const plain = !/%|\/\./.test(path)
      return chosen.map(({ prefix }) => (plain ? prefix + path : (normalizeHtu(prefix + path) ?? prefix + path)))
    },
    explain(facts) {
      const said: Record<string, string> = {}
      for (const [name, value] of facts.headers) {
        const lower = name.toLowerCase()
        if (spoken.includes(lower)) said[lower] = value.slice(0, 200)
      }
      return { baseUrls: config.baseUrls, headers: said, headersTrusted: listens(facts) }
    },
  }
}

function readBase(url: string): Base {
  const normalized = normalizeHtu(url) ?? url
  const prefix = normalized.endsWith('/') ? normalized.slice(0, -1) : normalized
  const slash = prefix.indexOf('/', prefix.indexOf('://') + 3)
  return slash < 0 ? { prefix, origin: prefix, path: '' } : { prefix, origin: prefix.slice(0, slash), path: prefix.slice(slash) }
}

/** All bases when the headers name none of them: a header chooses, it never invents. */
function chooseBases(bases: readonly Base[], facts: RequestFacts, header: 'x-forwarded' | 'forwarded'): readonly Base[] {
  const said = header === 'forwarded' ? readForwarded(facts) : readXForwarded(facts)
  if (said === undefined) return bases
  const origin = normalizeHtu(`${said.proto}://${said.host}`)?.slice(0, -1)
  const prefix = said.prefix?.replace(/\/$/, '')
  const chosen = bases.filter((base) => base.origin === origin && (prefix === undefined || base.path === prefix))
  return chosen.length > 0 ? chosen : bases
}

interface Said {
  readonly proto: string
  readonly host: string
  readonly prefix?: string
}

function readXForwarded(facts: RequestFacts): Said | undefined {
  const proto = lastOf(facts, 'x-forwarded-proto')
  const host = lastOf(facts, 'x-forwarded-host')
  const prefix = lastOf(facts, 'x-forwarded-prefix')
  return proto && host ? { proto, host, ...(prefix !== undefined && { prefix }) } : undefined
}

/** RFC 7239 §4: the last element is the one our own proxy wrote. */
function readForwarded(facts: RequestFacts): Said | undefined {
  const element = lastOf(facts, 'forwarded')
  const proto = /(?:^|;)\s*proto="?([a-z]+)"?/i.exec(element ?? '')?.[1]
  const host = /(?:^|;)\s*host="?([^";,]+)"?/i.exec(element ?? '')?.[1]
  return proto && host ? { proto, host } : undefined
}

/** The nearest hop's word: the last element of the last line. */
function lastOf(facts: RequestFacts, name: string): string | undefined {
  let found: string | undefined
  for (const [header, value] of facts.headers) if (header.toLowerCase() === name) found = value
  return found?.split(',').at(-1)?.trim()
}
