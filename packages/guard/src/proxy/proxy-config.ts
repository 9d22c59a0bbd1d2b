// The configuration of the reverse proxy beside that of its guard.
import { Misuse, sayMistake } from '@kimei/protocol'
import { z } from 'zod'
import { parseGuardConfig } from '../config/parse-config.ts'
import { type GuardConfig, guardSchema } from '../config/schema.ts'
import { statementRouteConfig } from '../statement/statement-desk.ts'

export const proxySchema = z.strictObject({
  upstream: z.string().describe('origin of the API behind, http(s)://host:port; its paths are those of the requests'),
  upstreamHost: z.enum(['upstream', 'public']).default('upstream').describe('which Host the API is told'),
  authorization: z
    .enum(['never', 'unbound'])
    .default('never')
    .describe('never: no token goes on; unbound: a verified unbound token does, for an API that still reads it'),
  clientCert: z
    .enum(['never', 'rfc9440'])
    .default('never')
    .describe('rfc9440: the API is told the certificate that the token names, in Client-Cert and Client-Cert-Chain'),
  hop: z
    .strictObject({
      audience: z.string().min(1).optional().describe('aud of the hop assertion; default: the upstream'),
      lifetimeSeconds: z.int().min(1).max(5).default(5),
    })
    .prefault({}),
  limits: z
    .strictObject({
      headerBytes: z.int().min(1024).max(65_536).default(16_384),
      bodyBytes: z.union([z.int().min(0), z.literal('unlimited')]).default(10_485_760),
      responseSeconds: z.int().min(1).max(3600).default(30).describe('until the API begins to answer; then 504'),
      idleSeconds: z.int().min(1).max(3600).default(60).describe('without a byte in either direction'),
      connections: z.int().min(1).max(10_000).default(256).describe('to the API at once'),
    })
    .prefault({}),
})

export type ProxyConfigInput = z.input<typeof proxySchema>
export type ProxyConfig = z.output<typeof proxySchema>

export const guardFileSchema = z.strictObject({
  listen: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8443),
      tls: z
        .strictObject({
          certFile: z.string(),
          keyFile: z.string(),
          clientCertificates: z.enum(['off', 'requested']).default('off').describe('requested: for certificate-bound tokens'),
        })
        .optional(),
      socket: z
        .strictObject({
          path: z.string().min(1).describe('from the folder of this file'),
          access: z.enum(['owner', 'group']).default('owner').describe('who may open it: mode 0600 or 0660'),
        })
        .optional()
        .describe('a Unix socket instead of host and port, for a TLS terminator on this machine'),
    })
    .prefault({}),
  storage: z
    .strictObject({ sqlite: z.string().min(1).describe('file of the used proofs, from the folder of this file') })
    .prefault({ sqlite: 'kimei-guard.sqlite' }),
  dangerouslyForgetUsedProofs: z
    .boolean()
    .default(false)
    .describe('keeps used proofs in memory alone: after a restart each of the last minute can be used once more'),
  statement: z
    .strictObject({
      keyFile: z.string().min(1).describe('private JWK (kimei config make-key) that signs it, from the folder of this file'),
      scope: z.string().min(1).default('guard:statement').describe('what a ticket needs to read it'),
      lifetimeSeconds: z.int().min(30).max(86_400).default(300),
    })
    .optional()
    .describe('a signed description of what is enforced, at /.well-known/kimei-guard; without a ticket only its digest. Off when left out'),
  guard: guardSchema,
  proxy: proxySchema,
})

export type ListenConfig = z.output<typeof guardFileSchema>['listen']
const besideSchema = guardFileSchema.pick({ listen: true, storage: true, dangerouslyForgetUsedProofs: true, statement: true })

export interface GuardFile extends z.output<typeof besideSchema> {
  readonly guard: GuardConfig
  readonly proxy: ProxyConfig
}

/** @throws Misuse with every mistake of this part. */
export function parseProxyConfig(input: unknown): ProxyConfig {
  const parsed = proxySchema.safeParse(input)
  if (!parsed.success) throw new Misuse(parsed.error.issues.map((issue) => `proxy.${issue.path.join('.')}: ${sayMistake(issue)}`))
  const { upstream } = parsed.data
  const url = URL.canParse(upstream) ? new URL(upstream) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.origin !== upstream.replace(/\/$/, '')) {
    throw new Misuse([`proxy.upstream: ${upstream} is not an origin (http or https, host and port only)`])
  }
  return { ...parsed.data, upstream: url.origin }
}

/** The whole file of `kimei guard`. @throws Misuse with the mistakes of all parts together. */
export function parseGuardFile(input: unknown): GuardFile {
  const mistakes: string[] = []
  const collect = <T>(part: () => T): T | undefined => {
    try {
      return part()
    } catch (error) {
      if (!(error instanceof Misuse)) throw error
      mistakes.push(...error.mistakes)
      return undefined
    }
  }
  const file = z.strictObject({ ...unread(besideSchema.shape), guard: z.unknown(), proxy: z.unknown() }).safeParse(input)
  if (!file.success) throw new Misuse(file.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${sayMistake(issue)}`))
  const { guard: guardInput, proxy: proxyInput, ...besideInput } = file.data
  const beside = besideSchema.safeParse(besideInput)
  if (!beside.success) mistakes.push(...beside.error.issues.map((issue) => `${issue.path.join('.')}: ${sayMistake(issue)}`))
  const guard = collect(() => parseGuardConfig(withStatementRoute(guardInput, beside.data?.statement?.scope)))
  const proxy = collect(() => parseProxyConfig(proxyInput))
  if (beside.success && guard) mistakes.push(...checkDoor(beside.data.listen, guard))
  if (mistakes.length > 0 || !guard || !proxy || !beside.success) throw new Misuse(mistakes)
  return { ...beside.data, guard, proxy }
}

/** Where the terminator proves itself on the connection, the listener must be one on which it can. */
function checkDoor({ tls, socket }: ListenConfig, { certificates }: GuardConfig): readonly string[] {
  const said: string[] = []
  if (tls && socket) said.push('listen.tls and listen.socket exclude each other: a terminator stands before the socket')
  if (certificates.from !== 'header') return said
  const { by } = certificates.hop
  if (by === 'unix-socket' && !socket) said.push('guard.certificates.hop is by unix-socket, but listen.socket is not there')
  if (by !== 'unix-socket' && socket)
    said.push(`guard.certificates.hop is by ${by}, but on listen.socket nobody has an address: unix-socket`)
  if (by === 'mutual-tls' && tls?.clientCertificates !== 'requested')
    said.push('guard.certificates.hop is by mutual-tls: it needs listen.tls with clientCertificates: requested')
  return said
}

/** The statement is guarded like an API: by a route of its own. */
function withStatementRoute(guard: unknown, scope: string | undefined): unknown {
  const routes = typeof guard === 'object' && guard !== null && 'routes' in guard ? guard.routes : undefined
  return scope === undefined || !Array.isArray(routes) ? guard : { ...(guard as object), routes: [...routes, statementRouteConfig(scope)] }
}

/** The same keys, with nothing said of their values. */
function unread<K extends string>(shape: Readonly<Record<K, unknown>>): Record<K, z.ZodOptional<z.ZodUnknown>> {
  return Object.fromEntries(Object.keys(shape).map((key) => [key, z.unknown().optional()])) as Record<K, z.ZodOptional<z.ZodUnknown>>
}
