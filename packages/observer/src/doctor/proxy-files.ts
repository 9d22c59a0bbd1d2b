// Configurations of proxies, read for what makes proofs and certificates fail behind them: with the line of each setting.
import { Misuse } from '@kimei/protocol'
import { everyMap, type Lined, readLined } from '../evidence/config/lined.ts'
import { certificateHeaders, type Directive, isNginx, readNginx } from '../evidence/config/nginx.ts'
import type { ProxyName, Trouble } from './examination.ts'

export interface Finding {
  readonly trouble: Trouble
  readonly line: number
  /** Where the usual words do not fit. */
  readonly write?: string
}

export interface ProxyFindings {
  readonly proxy: ProxyName | undefined
  readonly found: readonly Finding[]
}

/** Which proxy it is of is known by its words. @throws Misuse where it is of none. */
export function findings(text: string): ProxyFindings {
  if (/^[ \t]*(?:frontend|backend|listen|global|defaults)\b/m.test(text) && !text.includes('{'))
    return { proxy: 'haproxy', found: inHaproxy(text) }
  if (isNginx(text)) return { proxy: 'nginx', found: inNginx(readNginx(text)) }
  if (/\breverse_proxy\b/.test(text)) return { proxy: 'caddy', found: inCaddy(text) }
  const tops = yaml(text)
  const envoy = tops.some((top) => top.get('static_resources') !== undefined || top.get('resources') !== undefined)
  if (envoy) return { proxy: 'envoy', found: tops.flatMap(inEnvoy) }
  const traefik = tops.some((top) => ['entryPoints', 'http', 'tls', 'providers', 'spec'].some((name) => top.get(name) !== undefined))
  if (traefik) return { proxy: 'traefik', found: tops.flatMap(inTraefik) }
  throw new Misuse(['it is no configuration of nginx, Envoy, HAProxy, Traefik (YAML) or Caddy that is known'])
}

function yaml(text: string): readonly Lined[] {
  try {
    return readLined(text)
  } catch (error) {
    if (error instanceof Misuse) return []
    throw error
  }
}

interface Inherited {
  readonly headers: readonly Directive[]
  readonly verify: boolean
}

function inNginx(block: readonly Directive[], outer: Inherited = { headers: [], verify: false }): Finding[] {
  const own = (name: string) => block.filter((one) => one.name === name)
  const headers = own('proxy_set_header').length > 0 ? own('proxy_set_header') : outer.headers
  const asks = own('ssl_verify_client')[0]
  const verify = asks ? asks.words[0] !== 'off' : outer.verify
  const pass = own('proxy_pass')[0]
  const set = (name: RegExp) => headers.find(({ words: [header = ''] }) => name.test(header))
  return [
    ...(pass ? passFindings(pass, set, verify) : []),
    ...headersRemoved(set),
    ...own('ssl_protocols').flatMap(({ line, words }): Finding[] => (isOld(words) ? [{ trouble: 'old-tls', line }] : [])),
    ...own('add_header').flatMap(({ line, words }): Finding[] =>
      /^access-control-allow-origin$/i.test(words[0] ?? '') ? [{ trouble: 'cors', line }] : [],
    ),
    ...block.flatMap((one) => (one.block ? inNginx(one.block, { headers, verify }) : [])),
  ]
}

/** A version that nobody should speak, or none of the newest. */
function isOld(versions: readonly string[]): boolean {
  return versions.some((word) => /^(?:SSLv\d|TLSv1(?:\.1)?)$/.test(word)) || !versions.includes('TLSv1.3')
}

function passFindings({ line, words }: Directive, set: (name: RegExp) => Directive | undefined, verify: boolean): Finding[] {
  const host = set(/^host$/i)
  const certificate = set(certificateHeaders)
  const usesInner = host !== undefined && /\$(?:proxy_host|upstream)/.test(host.words[1] ?? '')
  return [
    ...(host && !usesInner ? [] : [{ trouble: 'host' as const, line: host?.line ?? line }]),
    ...(set(/^(?:x-forwarded-proto|forwarded)$/i) ? [] : [{ trouble: 'scheme' as const, line }]),
    ...(set(/^x-forwarded-host$/i) || set(/^forwarded$/i) ? [] : [{ trouble: 'trust' as const, line }]),
    ...(/^https?:\/\/[^/]+\/./.test(words[0] ?? '') ? [{ trouble: 'prefix' as const, line }] : []),
    ...(verify && !certificate ? [{ trouble: 'certificate' as const, line }] : []),
  ]
}

function headersRemoved(set: (name: RegExp) => Directive | undefined): Finding[] {
  return [/^dpop$/i, /^authorization$/i].flatMap((name): Finding[] => {
    const found = set(name)
    return found && (found.words[1] ?? '') === '' ? [{ trouble: 'proof-header', line: found.line }] : []
  })
}

function inHaproxy(text: string): Finding[] {
  const lines = text.split('\n')
  const sets = (header: string) => lines.some((line) => new RegExp(`http-request\\s+(?:set|add)-header\\s+${header}\\b`, 'i').test(line))
  return lines.flatMap((written, index): Finding[] => {
    const text = written.replace(/#.*/, '')
    const line = index + 1
    const found: Finding[] = []
    const bind = /^\s*bind\b.*\bssl\b/.test(text)
    if (bind && !sets('X-Forwarded-Proto')) found.push({ trouble: 'scheme', line })
    if (bind && !sets('X-Forwarded-Host')) found.push({ trouble: 'trust', line })
    if (bind && /\bverify\s+(?:optional|required)\b/.test(text) && !lines.some((one) => /ssl_c_der/.test(one)))
      found.push({ trouble: 'certificate', line })
    if (bind && /ssl-min-ver\s+(?:SSLv3|TLSv1\.[01])\b/.test(text)) found.push({ trouble: 'old-tls', line })
    if (/http-request\s+set-header\s+Host\b/i.test(text)) found.push({ trouble: 'host', line, write: '# remove this line' })
    if (/http-request\s+(?:replace-path|set-path|replace-uri)\b/.test(text)) found.push({ trouble: 'prefix', line })
    if (/http-request\s+del-header\s+(?:DPoP|Authorization)\b/i.test(text)) found.push({ trouble: 'proof-header', line })
    if (/http-(?:after-)?response\s+(?:set|add)-header\s+Access-Control-Allow-Origin\b/i.test(text)) found.push({ trouble: 'cors', line })
    return found
  })
}

/** Caddy passes Host and X-Forwarded-* on by itself: only what undoes that is wrong. */
function inCaddy(text: string): Finding[] {
  return text.split('\n').flatMap((written, index): Finding[] => {
    const text = written.replace(/(?:^|\s)#.*/, '')
    const line = index + 1
    if (/header_up\s+Host\b/i.test(text)) return [{ trouble: 'host', line, write: '# remove this line' }]
    if (/header_up\s+-?X-Forwarded-Proto\b/i.test(text)) return [{ trouble: 'scheme', line, write: '# remove this line' }]
    if (/header_up\s+-?X-Forwarded-Host\b/i.test(text)) return [{ trouble: 'host', line, write: '# remove this line' }]
    if (/header_up\s+-(?:DPoP|Authorization)\b/i.test(text)) return [{ trouble: 'proof-header', line }]
    if (/\bhandle_path\b|\buri\s+strip_prefix\b/.test(text)) return [{ trouble: 'prefix', line }]
    if (/\btrusted_proxies\s+static\s+(?:0\.0\.0\.0\/0|private_ranges\s+0\.0\.0\.0\/0)/.test(text)) return [{ trouble: 'trust', line }]
    if (/^\s*header\s+(?:\S+\s+)?Access-Control-Allow-Origin\b/i.test(text)) return [{ trouble: 'cors', line }]
    return []
  })
}

const envoyTroubles: Readonly<Record<string, (value: Lined) => Finding[]>> = {
  auto_host_rewrite: (value) => (value.text === 'true' ? [{ trouble: 'host', line: value.line }] : []),
  host_rewrite_literal: ({ line }) => [{ trouble: 'host', line, write: '# remove this line' }],
  prefix_rewrite: ({ line }) => [{ trouble: 'prefix', line }],
  regex_rewrite: ({ line }) => [{ trouble: 'prefix', line }],
  tls_minimum_protocol_version: (value) =>
    ['TLSv1_0', 'TLSv1_1'].includes(value.text ?? '') ? [{ trouble: 'old-tls', line: value.line }] : [],
  forward_client_cert_details: (value) =>
    ['SANITIZE', 'SANITIZE_SET'].includes(value.text ?? '') ? [] : [{ trouble: 'certificate', line: value.line }],
  request_headers_to_remove: (value) =>
    value.items.flatMap((item): Finding[] =>
      /^(?:dpop|authorization)$/i.test(item.text ?? '') ? [{ trouble: 'proof-header', line: item.line }] : [],
    ),
}

function inEnvoy(top: Lined): Finding[] {
  return [...everyMap(top)].flatMap((map) => {
    const isConnections = map.get('stat_prefix') !== undefined && map.get('http_filters') !== undefined
    const remote = map.get('use_remote_address')
    const unaware = isConnections && remote?.text !== 'true'
    return [
      ...(unaware ? [{ trouble: 'trust' as const, line: remote?.line ?? map.get('stat_prefix')!.line }] : []),
      ...map.members.flatMap(([name, value]) => (Object.hasOwn(envoyTroubles, name) ? envoyTroubles[name]!(value) : [])),
    ]
  })
}

const traefikTroubles: Readonly<Record<string, (value: Lined) => Finding[]>> = {
  passHostHeader: (value) => (value.text === 'false' ? [{ trouble: 'host', line: value.line }] : []),
  insecure: (value) => (value.text === 'true' ? [{ trouble: 'trust', line: value.line }] : []),
  stripPrefix: ({ line }) => [{ trouble: 'prefix', line }],
  minVersion: (value) => (/^VersionTLS1[01]$/.test(value.text ?? '') ? [{ trouble: 'old-tls', line: value.line }] : []),
  accessControlAllowOriginList: ({ line }) => [{ trouble: 'cors', line }],
  customRequestHeaders: (value) =>
    value.members.flatMap(([name, member]): Finding[] => {
      if (/^(?:dpop|authorization)$/i.test(name) && (member.text ?? '') === '') return [{ trouble: 'proof-header', line: member.line }]
      return /^x-forwarded-(?:proto|host)$/i.test(name) ? [{ trouble: /proto/i.test(name) ? 'scheme' : 'host', line: member.line }] : []
    }),
}

function inTraefik(top: Lined): Finding[] {
  return [...everyMap(top)].flatMap((map) =>
    map.members.flatMap(([name, value]) => (Object.hasOwn(traefikTroubles, name) ? traefikTroubles[name]!(value) : [])),
  )
}
