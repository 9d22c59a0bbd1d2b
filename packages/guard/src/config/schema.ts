// The shape of a guard's configuration: one schema, from which types, docs and JSON Schema come.
// Checks between fields stand in `parse-config.ts`.
import { proofAlgorithms, type Seconds, tokenAlgorithms } from '@kimei/protocol'
import { z } from 'zod'
import { certificatesKey } from './certificates-schema.ts'
import { introspectionSchema } from './introspection-schema.ts'

const sentence = z.string().trim().min(8, 'say the reason in a sentence that a colleague will understand')

/** A last valid second: integer seconds, an ISO date (its last second, UTC) or an ISO date and time. */
const moment = z.union([z.int().positive(), z.iso.date(), z.iso.datetime({ offset: true })]).transform((value): Seconds => {
  if (typeof value === 'number') return value
  return value.length === 10 ? Date.parse(`${value}T23:59:59Z`) / 1000 : Math.floor(Date.parse(value) / 1000)
})

const scopeToken = z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'a scope is printable ASCII without space, quote or backslash')
const method = z.string().regex(/^[A-Z]+(?:-[A-Z]+)*$/, 'an HTTP method in capitals, as it appears on the wire')
const constraint = z.enum(['dpop', 'mtls', 'either', 'both'])
const nonceDemand = z.enum(['off', 'required'])

const enforcement = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('enforce') }),
  z
    .strictObject({ mode: z.literal('report-only'), reason: sentence, until: moment })
    .describe('unbound tokens pass and are counted as would_refuse; everything else is enforced as ever'),
])

const routeShape = {
  name: z.string().min(1).optional().describe('how audit events call this route; default: methods and path'),
  path: z.string().describe('/notes, /notes/:id (one segment) or /files/* (the rest, at least one segment)'),
  methods: z
    .array(z.union([method, z.literal('*')]))
    .min(1)
    .default(['GET'])
    .describe('GET covers HEAD (a proof for HEAD must still say HEAD); * stands for every method the path does not name'),
  upgrade: z.literal('allowed').optional().describe('lets the proxy pass Upgrade requests (WebSocket) here'),
}
const guarded = {
  ...routeShape,
  scopes: z.array(scopeToken).default([]).describe('all of them are needed'),
  constraint: constraint.optional().describe('what a token may be bound by; default: that of the API'),
  nonce: nonceDemand.optional().describe('whether proofs must carry a nonce of ours; default: that of the API'),
  enforcement: enforcement.optional(),
  introspect: z
    .enum(['opaque', 'always'])
    .default('opaque')
    .describe('always: the issuer is asked about every token on every request, JWTs too, so that a revocation is seen at once'),
  maxAuthenticationAgeSeconds: z.int().nonnegative().optional().describe('RFC 9470: how old the sign-in may be'),
  acr: z.array(z.string().min(1)).min(1).optional().describe('RFC 9470: one of these authentication contexts'),
}

export const routeSchema = z.discriminatedUnion('policy', [
  z.strictObject({ ...guarded, policy: z.literal('required') }).describe('only tokens bound to a key or certificate'),
  z.strictObject({ ...guarded, policy: z.literal('optional'), reason: sentence }).describe('bound and unbound tokens'),
  z
    .strictObject({ ...guarded, policy: z.literal('bearer-allowed'), reason: sentence, until: moment })
    .describe('unbound tokens pass until that moment, then as required'),
  z.strictObject({ ...routeShape, policy: z.literal('public'), reason: sentence.optional() }).describe('no credentials are looked at'),
])

const publicJwk = z.looseObject({ kty: z.string(), kid: z.string().optional(), alg: z.string().optional() })

const timing = {
  cooldownSeconds: z.int().min(1).max(3600).default(30).describe('an unknown kid causes at most one fetch in this time'),
  refreshSeconds: z.int().min(10).max(86_400).default(300).describe('after this the keys are fetched again, behind the requests'),
  staleSeconds: z.int().min(60).max(604_800).default(86_400).describe('how long the last good keys are used while the issuer is down'),
  timeoutSeconds: z.int().min(1).max(30).default(5),
}
const metadataSigner = z
  .strictObject({ issuer: z.string().min(1), jwks: z.strictObject({ keys: z.array(publicJwk).min(1) }) })
  .describe('pins who signs the metadata (RFC 8414 §2.1): only signed values are used, and unsigned metadata is not')
const keys = z.discriminatedUnion('from', [
  z
    .strictObject({ from: z.literal('issuer'), ...timing, metadataSignedBy: metadataSigner.optional() })
    .describe('metadata of the issuer, then its jwks_uri'),
  z.strictObject({ from: z.literal('jwks-uri'), jwksUri: z.string(), ...timing }),
  z.strictObject({ from: z.literal('static'), jwks: z.strictObject({ keys: z.array(publicJwk).min(1) }) }),
])

const secret = z.string().regex(/^[A-Za-z0-9_-]{43}$/, '32 random bytes as base64url (43 characters)')

export const guardSchema = z.strictObject({
  issuer: z.string().describe('the one issuer whose tokens are taken; compared byte by byte'),
  resource: z.string().describe('identifier of this API: the aud of its tokens (RFC 8707), the resource of its metadata (RFC 9728)'),
  audiences: z.array(z.string().min(1)).default([]).describe('further aud values taken, for a renaming'),
  baseUrls: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('public base URLs under which clients reach this API; default: origin of resource'),
  forwarded: z
    .strictObject({
      peers: z.array(z.string()).min(1).describe('addresses or CIDR ranges of your own proxies'),
      header: z.enum(['x-forwarded', 'forwarded']).default('x-forwarded'),
    })
    .optional()
    .describe('whose forwarded headers choose among baseUrls; those of anybody else are ignored'),
  certificates: certificatesKey,
  constraint: constraint.default('dpop'),
  enforcement: enforcement.default({ mode: 'enforce' }),
  dpop: z
    .strictObject({
      algorithms: z
        .array(z.enum(proofAlgorithms))
        .min(1)
        .default([...proofAlgorithms]),
      pastSeconds: z.int().min(5).max(600).default(60),
      futureSeconds: z.int().min(0).max(60).default(15),
    })
    .prefault({}),
  nonce: z
    .strictObject({
      demand: nonceDemand.default('off'),
      rotationSeconds: z.int().min(10).max(3600).default(120).describe('the previous nonce is taken as well'),
      secret: secret.optional().describe('shared by all replicas; made at random when absent'),
      previousSecret: secret.optional(),
    })
    .prefault({}),
  accessTokens: z
    .strictObject({
      algorithms: z
        .array(z.enum(tokenAlgorithms))
        .min(1)
        .default([...tokenAlgorithms]),
      leewaySeconds: z.int().min(0).max(120).default(5),
      cache: z.int().min(0).max(1_000_000).default(10_000).describe('verified tokens remembered by hash until exp'),
    })
    .prefault({}),
  keys: keys.prefault({ from: 'issuer' }),
  introspection: introspectionSchema.optional(),
  replicas: z.int().min(1).default(1).describe('how many guards serve this API; above 1 the replay memory must be shared'),
  cors: z
    .strictObject({
      origins: z.union([z.literal('*'), z.array(z.string()).min(1)]),
      headers: z.array(z.string().regex(/^[A-Za-z0-9-]+$/, 'a header name')).default(['authorization', 'dpop', 'content-type']),
      maxAgeSeconds: z.int().min(0).max(86_400).default(600),
    })
    .optional()
    .describe('browsers of these origins may call and may read WWW-Authenticate and DPoP-Nonce'),
  metadata: z.union([z.literal('off'), z.strictObject({ name: z.string().optional(), documentation: z.string().optional() })]).default({}),
  routes: z.array(routeSchema).min(1, 'a guard without routes guards nothing: list them, each with its policy'),
})

/** What may be written down. */
export type GuardConfigInput = z.input<typeof guardSchema>
type Parsed = z.output<typeof guardSchema>
/** A checked configuration, every default filled in. */
export type GuardConfig = Parsed & { readonly baseUrls: readonly string[] }
export type RouteConfig = z.output<typeof routeSchema>
export type GuardedRouteConfig = Exclude<RouteConfig, { policy: 'public' }>
export type Enforcement = z.output<typeof enforcement>
export type KeysConfig = z.output<typeof keys>
export type ConstraintDemand = z.output<typeof constraint>
export type NonceDemand = z.output<typeof nonceDemand>
