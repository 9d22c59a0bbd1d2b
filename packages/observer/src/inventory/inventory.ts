// The inventory: what may be observed, with whose tickets, how gently. Read once, before any traffic.
// It names hosts, test clients and APIs; obtaining tickets and sending requests stand elsewhere.
import { Misuse, sayMistake } from '@kimei/protocol'
import { z } from 'zod'
import { endings } from '../residual.ts'
import { acceptanceSchema } from './acceptance.ts'
import { evidenceSchema, guardMistakes, guardSchema } from './beside.ts'
import { apiTlsSchema, boundBySchema, certificateMethods, certificateMistakes, certificateSchema, touchedOverTls } from './certificates.ts'
import { issuerSchema, touchedAtIssuers } from './issuer.ts'
import { nodesSchema, touchedAtNodes } from './nodes.ts'
import { otherCredentialMistakes, otherCredentialSchema, touchedByCredentials } from './other-credentials.ts'
import { isLoopback } from './targets.ts'
import { id, secret, url } from './values.ts'

const privateJwk = z.looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']), d: z.string().min(1) })
const key = z.union([privateJwk, z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })])

const authentication = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('none') }),
  z.strictObject({ method: z.literal('client_secret_basic'), secret }),
  z.strictObject({ method: z.literal('client_secret_post'), secret }),
  z.strictObject({ method: z.literal('private_key_jwt'), key, alg: z.string().min(2).optional(), kid: z.string().min(1).optional() }),
  ...certificateMethods,
])

const ticket = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('client-credentials'), scope: z.string().optional(), resource: z.string().optional() }),
  /** A sacrificial refresh token of a test account: it will be used up. */
  z.strictObject({
    from: z.literal('refresh'),
    refreshToken: secret,
    key: key.optional(),
    scope: z.string().optional(),
    resource: z.string().optional(),
  }),
  /** A token obtained by hand. `subject` is needed where the token cannot be read. */
  z.strictObject({ from: z.literal('pasted'), accessToken: secret, key: key.optional(), subject: z.string().optional() }),
  /** A person allows it on another device (RFC 8628): option `allowDevice`. */
  z.strictObject({ from: z.literal('device'), scope: z.string().optional(), resource: z.string().optional() }),
  /** A sign-in of a test account, done by whoever calls `observe` (option `signIn`). */
  z.strictObject({
    from: z.literal('sign-in'),
    redirectUri: z.string().min(1),
    scope: z.string().optional(),
    resource: z.string().optional(),
  }),
])

const client = z.strictObject({
  id,
  issuer: id.optional(),
  clientId: z.string().min(1),
  /** Whether it can hold a key. Not stated means unknown; it is never guessed. */
  kind: z.enum(['spa', 'mobile', 'server']).optional(),
  authentication: authentication.default({ method: 'none' }),
  /** Shown where its tickets are asked for, and wherever one is used. */
  certificate: certificateSchema.optional(),
  /** Of another test client, from the same authority: no ticket of this client may pass with it. */
  otherCertificate: certificateSchema.optional(),
  /** Left out: its certificate where it has one and its issuer does not claim `dpop`; else its key. */
  boundBy: boundBySchema.optional(),
  ticket,
  /** What this client must not be given, as its owner says. */
  denied: z
    .strictObject({
      scope: z.string().min(1).optional(),
      resource: z.string().min(1).optional(),
      grant: z.string().min(1).optional(),
      responseType: z.string().min(1).optional(),
      authorizationDetailsType: z.string().min(1).optional(),
    })
    .default({}),
  /** A scope it may have, but that its test account has not been asked for. */
  unasked: z.string().min(1).optional(),
  /** It is the server of the API its tickets are for, and may ask the issuer about them. */
  introspects: z.boolean().default(false),
  /** Where people may be sent after signing out: registered for this client. */
  postLogoutRedirectUri: z.string().min(1).optional(),
  /** It may ask as a device (RFC 8628). */
  devices: z.boolean().default(false),
  /** It may have a test account asked on a device of theirs (CIBA); the hint names that account. Each try asks them once more. */
  backchannel: z.strictObject({ loginHint: z.string().min(1) }).optional(),
  /** It may trade its own tickets for those of this API (RFC 8693). `astray`: a scope it has that means nothing there. */
  exchanges: z.strictObject({ to: z.string().min(1), astray: z.string().min(1).optional() }).optional(),
  /** An issuer whose assertions it may come with (RFC 7523 §2.1), and a key of it; `beyond`: what that issuer may not speak for. */
  vouched: z
    .strictObject({
      issuer: z.string().min(1),
      subject: z.string().min(1),
      key,
      beyond: z.strictObject({ scope: z.string().min(1).optional(), resource: z.string().min(1).optional() }).default({}),
    })
    .optional(),
  refreshTokens: z.enum(['none', 'rotated', 'not-rotated', 'unknown']).default('unknown'),
})

const api = z.strictObject({
  id,
  method: z.enum(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  url,
  privilege: z.enum(['high', 'mid', 'low']),
  /** `websocket`: the request asks for an upgrade; no frame is ever sent. `mcp`: it takes events as well as JSON for an answer. */
  kind: z.enum(['rest', 'graphql', 'batch', 'admin', 'websocket', 'mcp', 'internal']).default('rest'),
  boundary: z.enum(['edge', 'internal']).default('edge'),
  issuer: id.optional(),
  clients: z.array(id).min(1).optional(),
  scope: z.string().optional(),
  resource: z.string().optional(),
  contentType: z.string().optional(),
  body: z.string().max(16_384).optional(),
  /** Whether the owner says that proofs need a nonce here. */
  nonce: z.enum(['off', 'required', 'unknown']).default('unknown'),
  /** Whether the owner says that a revoked ticket ends at once here, or only when it expires. */
  revocation: z.enum(['immediate', 'at-expiry']).default('at-expiry'),
  /** Where it ends later than at once, and before it expires: within how many seconds the owner says that it does. */
  revokedWithinSeconds: z.number().int().min(0).max(86_400).optional(),
  tls: apiTlsSchema.prefault({}),
  nodes: nodesSchema,
  /** The owner agrees that a proof with a jti of eight kilobytes is sent. */
  longProofs: z.boolean().default(false),
  /** The owner agrees that this writing request is sent many times. */
  repeatable: z.boolean().default(false),
})

const known = z.enum(['documented', 'unclear']).default('unclear')
const pace = z.strictObject({
  requestsPerSecond: z.number().positive().max(50).default(2),
  /**
   * At most so many for each API, and for each client at its issuer. Left out: 40, and at an API 6 for each further client and 5 for
   * each other credential. What `afterRevocation` sends comes beside.
   */
  requestsPerApi: z.number().int().min(8).max(2000).optional(),
  budget: z.number().int().min(8).max(20_000).default(1000),
  /** How long a silent host is waited for. */
  answerSeconds: z.number().int().min(1).max(60).default(15),
  /** How long a host that asks for rest (`Retry-After`) is left alone. Who asks for more is given up. */
  restSeconds: z.number().int().min(0).max(600).default(60),
})

export const inventorySchema = z.strictObject({
  version: z.literal(1),
  /** Sent in the User-Agent, so that whoever reads the logs knows whom to ask. */
  contact: z.string().min(3).max(200),
  consent: z
    .strictObject({
      grantedBy: z.string().min(1),
      until: z.iso.date(),
      /** `host` or `host:port`. Nothing else is ever touched. Loopback needs no consent. */
      hosts: z.array(z.string().min(1)).min(1),
    })
    .optional(),
  pace: pace.prefault({}),
  /** Authorities (PEM) that certify the servers, beside those that the machine trusts. No switch trusts anybody. */
  authorities: z.array(secret).default([]),
  issuers: z.array(issuerSchema).min(1),
  clients: z.array(client).min(1),
  /** Subjects of the test accounts. A token of any other subject is never sent. */
  subjects: z.array(z.string().min(1)).default([]),
  /** What APIs take beside tickets, as far as anybody knows: keys, personal tokens, cookies of test accounts. */
  otherCredentials: z.array(otherCredentialSchema).default([]),
  apis: z.array(api).min(1),
  /** Which APIs stand for the rest, in falling privilege. Left out: all of them. */
  representatives: z.array(id).optional(),
  /**
   * Ends the access of spare tickets and shows them again until they are refused, for this long at most: a ticket revoked at up to five
   * APIs; at the most privileged API of a test account that signs in, also its refresh token revoked, and the account signed out.
   */
  afterRevocation: z
    .strictObject({
      watchSeconds: z.number().int().min(0).max(3600),
      endings: z
        .array(z.enum(endings))
        .min(1)
        .default([...endings]),
    })
    .optional(),
  operations: z.strictObject({ keyRotation: known, revocation: known, fallback: known }).prefault({}),
  /** Read beside the observation; none of it confirms anything. */
  evidence: z.array(evidenceSchema).default([]),
  /** Guards that tell what they demand, to whoever may ask: compared with what is seen, and counted as declared. */
  guards: z.array(guardSchema).default([]),
  /** Findings that their owners live with until a day. They stay in the report and decide no exit code. */
  accepted: z.array(acceptanceSchema).default([]),
})

export type InventoryInput = z.input<typeof inventorySchema>
export type SecretSource = z.output<typeof secret>
export type KeySource = z.output<typeof key>
export type Authentication = z.output<typeof authentication>
export type CertificateEntry = z.output<typeof certificateSchema>
export type TicketSource = z.output<typeof ticket>
export type IssuerEntry = z.output<typeof issuerSchema>
export type ClientEntry = Omit<z.output<typeof client>, 'issuer'> & { readonly issuer: string }
export type ApiEntry = Omit<z.output<typeof api>, 'issuer' | 'clients'> & { readonly issuer: string; readonly clients: readonly string[] }
export type EvidenceEntry = z.output<typeof evidenceSchema>
export type Pace = z.output<typeof pace>
export type Privilege = ApiEntry['privilege']
export type Inventory = Readonly<Omit<z.output<typeof inventorySchema>, 'clients' | 'apis'>> & {
  readonly clients: readonly ClientEntry[]
  readonly apis: readonly ApiEntry[]
  /** `host:port` of everything that may be touched. */
  readonly allowedHosts: ReadonlySet<string>
}

/** JSON Schema of the inventory file, for editors. */
export function inventoryJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(inventorySchema, { io: 'input', target: 'draft-2020-12' }) as Record<string, unknown>
}

/**
 * Reads an inventory that YAML or JSON has already made into an object.
 * @throws Misuse with every mistake at once.
 */
export function parseInventory(input: unknown): Inventory {
  const read = inventorySchema.safeParse(input)
  if (!read.success) throw new Misuse(read.error.issues.map((issue) => `${issue.path.join('.') || 'inventory'}: ${sayMistake(issue)}`))
  const raw = read.data
  const mistakes = [
    ...repeatedIds(raw),
    ...danglingIds(raw),
    ...unsafeRequests(raw),
    ...certificateMistakes(raw),
    ...guardMistakes(raw),
    ...otherCredentialMistakes(raw),
    ...unlistedHosts(raw),
  ]
  if (mistakes.length > 0) throw new Misuse(mistakes)
  return complete(raw)
}

type Raw = z.output<typeof inventorySchema>

function complete(raw: Raw): Inventory {
  const firstIssuer = raw.issuers[0]!.id
  const clients = raw.clients.map((entry) => ({ ...entry, issuer: entry.issuer ?? firstIssuer }))
  const apis = raw.apis.map((entry) => {
    const issuerId = entry.issuer ?? firstIssuer
    return { ...entry, issuer: issuerId, clients: entry.clients ?? clients.filter((c) => c.issuer === issuerId).map((c) => c.id) }
  })
  const without = apis.filter((entry) => entry.clients.length === 0).map((entry) => `apis.${entry.id}: no client of issuer ${entry.issuer}`)
  if (without.length > 0) throw new Misuse(without)
  const loopback = touched(raw).flatMap(([, target]) => (isLoopback(target.hostname) ? [target.host] : []))
  return { ...raw, clients, apis, allowedHosts: new Set([...(raw.consent?.hosts ?? []).map(hostWithPort), ...loopback]) }
}

function repeatedIds(raw: Raw): string[] {
  return (['issuers', 'clients', 'apis'] as const).flatMap((list) => {
    const ids = raw[list].map((entry) => entry.id)
    return ids.filter((entry, index) => ids.indexOf(entry) !== index).map((entry) => `${list}: id ${entry} is used twice`)
  })
}

function danglingIds(raw: Raw): string[] {
  const issuers = new Set(raw.issuers.map((entry) => entry.id))
  const clients = new Set(raw.clients.map((entry) => entry.id))
  const apis = new Set(raw.apis.map((entry) => entry.id))
  const missing = (where: string, kind: string, wanted: string | undefined, there: ReadonlySet<string>) =>
    wanted === undefined || there.has(wanted) ? [] : [`${where}: no ${kind} ${wanted}`]
  return [
    ...raw.clients.flatMap((entry) => missing(`clients.${entry.id}`, 'issuer', entry.issuer, issuers)),
    ...raw.apis.flatMap((entry) => [
      ...missing(`apis.${entry.id}`, 'issuer', entry.issuer, issuers),
      ...(entry.clients ?? []).flatMap((wanted) => missing(`apis.${entry.id}`, 'client', wanted, clients)),
    ]),
    ...raw.evidence.flatMap(({ at }, i) => missing(`evidence.${i}`, 'API or issuer', at, new Set([...apis, ...issuers]))),
    ...raw.accepted.flatMap(({ at }, i) => missing(`accepted.${i}`, 'API or issuer', at, new Set([...apis, ...issuers, 'operations']))),
    ...(raw.representatives ?? []).flatMap((wanted) => missing('representatives', 'API', wanted, apis)),
  ]
}

function unsafeRequests(raw: Raw): string[] {
  return raw.apis
    .filter((entry) => !['GET', 'HEAD', 'OPTIONS'].includes(entry.method) && !entry.repeatable)
    .map((entry) => `apis.${entry.id}: ${entry.method} would be sent many times; name a reading request or say repeatable: true`)
}

function touched(raw: Raw): [where: string, target: URL][] {
  return [
    ...touchedAtIssuers(raw.issuers),
    ...raw.apis.map((entry): [string, URL] => [`apis.${entry.id}.url`, new URL(entry.url)]),
    ...raw.guards.map((entry): [string, URL] => [`guards.${entry.id}.statement`, new URL(entry.statement)]),
    ...touchedAtNodes(raw.apis),
    ...touchedOverTls(raw),
    ...touchedByCredentials(raw.otherCredentials),
  ]
}

function unlistedHosts(raw: Raw): string[] {
  const listed = new Set((raw.consent?.hosts ?? []).map(hostWithPort))
  return touched(raw).flatMap(([where, target]) => {
    if (isLoopback(target.hostname)) return []
    if (target.protocol !== 'https:') return [`${where}: plain http outside loopback would show the tickets to the network`]
    return listed.has(hostWithPort(target.host)) ? [] : [`${where}: ${target.host} is not among consent.hosts`]
  })
}

/** `URL.host` leaves the default port out; consent lists may write it. */
function hostWithPort(host: string): string {
  return host.toLowerCase().replace(/:443$/, '')
}
