// A whole issuer on loopback for tests: the real server on a real engine, with clients of every kind and requests made by hand.
import { createHash } from 'node:crypto'
import type { AuditEvent, KeyRecord, Law } from '@kimei/protocol'
import { createIssuer, type IssuerConfigInput, type IssuerServer, listen, parseIssuerConfig } from '@kimei/server'
import { createMemoryStorage, type Storage } from '@kimei/storage'
import { segment, sha256u, type WireKey, wireJwt, wireKey, wireProof } from './hostile-jwt.ts'

export const kitApi = 'https://api.example/'
export const kitOtherApi = 'https://other.example/'
export const kitSecret = 'generated-secret-of-the-tests-with-256-bits-00'
export const kitRedirect = 'https://app.example/callback'

/** A password hash that no password has: for tests that open sessions themselves. */
export const noPassword = '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

export interface IssuerKit {
  readonly issuer: string
  readonly server: IssuerServer
  readonly storage: Storage
  /** What the sink was told, oldest first. */
  readonly audit: AuditEvent[]
  /** Key of the clients `service` and `web-keys` (private_key_jwt). */
  readonly clientKey: WireKey
  readonly now: () => number
  close(): Promise<void>
}

export interface IssuerKitOptions {
  readonly storage?: Storage
  readonly clock?: () => number
  readonly law?: Law
  /** Merged over the kit's configuration, key by key. */
  readonly config?: Partial<IssuerConfigInput>
  /** Changes the kit's configuration after everything else: to add what a test needs. */
  readonly extend?: (config: IssuerConfigInput) => IssuerConfigInput
  readonly issuerPath?: string
  /** To take the place of an issuer that was closed. */
  readonly port?: number
  readonly passwordHash?: string
  /** Instead of the machine's resolver, for what the issuer fetches. */
  readonly lookUp?: (host: string) => readonly string[] | Promise<readonly string[]>
  /** Key of the clients that authenticate by private_key_jwt; made when absent. */
  readonly clientKey?: WireKey
}

export async function startIssuerKit(options: IssuerKitOptions = {}): Promise<IssuerKit> {
  const storage = options.storage ?? createMemoryStorage()
  const clientKey = options.clientKey ?? wireKey('ES256', 'client-key')
  const audit: AuditEvent[] = []
  let server: IssuerServer | undefined
  const listening = await listen(
    { fetch: (request, connection) => server?.fetch(request, connection) ?? new Response(null, { status: 503 }) },
    { host: '127.0.0.1', port: options.port ?? 0 },
  )
  const issuer = `http://127.0.0.1:${listening.port}${options.issuerPath ?? ''}`
  if (!options.storage) await lendRsaKeys(storage, issuer, options.clock?.())
  const written = { ...kitConfig(issuer, clientKey, options.passwordHash ?? noPassword), ...options.config }
  const config = parseIssuerConfig(options.extend?.(written) ?? written)
  server = await createIssuer({
    config,
    storage,
    onAudit: (event) => void audit.push(event),
    ...(options.clock && { clock: options.clock }),
    ...(options.law && { law: options.law }),
    ...(options.lookUp && { lookUp: options.lookUp }),
  })
  await server.context.keys.complete
  if (!options.storage) rsaKeys ??= (await storage.records.keys(issuer)).filter((key) => key.alg === 'RS256')
  return {
    issuer,
    server,
    storage,
    audit,
    clientKey,
    now: options.clock ?? (() => Math.floor(Date.now() / 1000)),
    close: async () => {
      await listening.close()
      if (!options.storage) await storage.close()
    },
  }
}

let rsaKeys: readonly KeyRecord[] | undefined

/** Making RSA keys takes most of an issuer's first start: the issuers of one test file share the first one's. */
export async function lendRsaKeys(storage: Storage, issuer: string, clock: number | undefined): Promise<void> {
  const now = clock ?? Math.floor(Date.now() / 1000)
  const writes = (rsaKeys ?? []).map((key) => ({
    write: 'put-key' as const,
    record: { ...key, issuer, createdAt: now, signingSince: key.signingSince === null ? null : now },
  }))
  await storage.commit({ issuer, now, audit: [], writes })
}

export function kitConfig(issuer: string, clientKey: WireKey, passwordHash: string): IssuerConfigInput {
  const secretHashes = [createHash('sha256').update(kitSecret).digest('base64url')]
  const jwks = { keys: [{ ...clientKey.publicJwk, kty: 'EC' as const, kid: clientKey.kid, alg: 'ES256' }] }
  const person = ['openid', 'profile', 'email', 'offline_access', 'notes:read', 'notes:write']
  const api = { scopes: ['notes:read', 'notes:write'], apis: [kitApi, kitOtherApi] }
  return {
    issuer,
    apis: [
      { identifier: kitApi, name: 'Notes', scopes: ['notes:read', 'notes:write'] },
      { identifier: kitOtherApi, name: 'Other', scopes: ['other:read'], accessTokenLifetimeSeconds: 120 },
    ],
    scopes: [
      { scope: 'notes:read', description: { ja: 'メモを読む', en: 'Read notes' } },
      { scope: 'notes:write', description: { ja: 'メモを書く', en: 'Write notes' } },
      { scope: 'other:read', description: { ja: 'その他を読む', en: 'Read other things' } },
    ],
    clients: [
      { clientId: 'service', kind: 'server', name: 'Service', jwks, ...api },
      { clientId: 'basic', kind: 'server', name: 'Basic', authentication: 'client_secret_basic', secretHashes, ...api },
      { clientId: 'post', kind: 'server', name: 'Post', authentication: 'client_secret_post', secretHashes, ...api },
      {
        clientId: 'legacy',
        kind: 'server',
        name: 'Legacy',
        authentication: 'client_secret_basic',
        secretHashes,
        ...api,
        binding: { kind: 'optional', reason: 'an old batch job that cannot make proofs yet' },
      },
      ...apiServers(jwks, secretHashes),
      { clientId: 'web', kind: 'server', name: 'Web', jwks, redirectUris: [kitRedirect], scopes: person, apis: [kitApi] },
      { clientId: 'spa', kind: 'spa', name: 'Spa', redirectUris: [kitRedirect, `${kitRedirect}/2`], scopes: person, apis: [kitApi] },
      { clientId: 'cli', kind: 'mobile', name: 'Cli', redirectUris: ['http://127.0.0.1/callback'], scopes: person, apis: [kitApi] },
      {
        clientId: 'old-spa',
        kind: 'spa',
        name: 'Old',
        redirectUris: [kitRedirect],
        scopes: person,
        apis: [kitApi],
        binding: { kind: 'optional', reason: 'browsers in the field that do not make proofs yet' },
      },
    ],
    users: [
      {
        username: 'hanako',
        subject: 'user-hanako',
        passwordHash,
        claims: { name: '花子', email: 'hanako@example.test', email_verified: true },
      },
      { username: 'taro', subject: 'user-taro', passwordHash, claims: { name: '太郎' } },
    ],
  }
}

/** Servers of the kit's APIs: they ask about tokens and get none. */
function apiServers(jwks: object, secretHashes: readonly string[]): NonNullable<IssuerConfigInput['clients']> {
  return [
    { clientId: 'notes-server', kind: 'server', name: 'Notes API', jwks: jwks as { keys: [] }, introspects: [kitApi] },
    {
      clientId: 'other-server',
      kind: 'server',
      name: 'Other API',
      secretHashes: [...secretHashes],
      introspects: [kitOtherApi],
      introspectionAlg: 'ES256',
    },
  ]
}

let counted = 0

/** A sound client assertion, but for what is replaced. */
export function kitAssertion(
  kit: IssuerKit,
  clientId = 'service',
  change: { header?: object; claims?: object; key?: WireKey } = {},
): string {
  counted += 1
  const now = kit.now()
  return wireJwt(
    { typ: 'client-authentication+jwt', alg: 'ES256', kid: kit.clientKey.kid, ...change.header },
    { iss: clientId, sub: clientId, aud: kit.issuer, iat: now, exp: now + 60, jti: `assertion-${counted}`, ...change.claims },
    change.key ?? kit.clientKey,
  )
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Parameters that authenticate a private_key_jwt client. */
export function asKeyClient(kit: IssuerKit, clientId = 'service'): Record<string, string> {
  return { client_assertion_type: assertionType, client_assertion: kitAssertion(kit, clientId) }
}

export function basicHeader(clientId: string, secret = kitSecret): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`
}

/** A sound proof for the token endpoint. */
export function tokenProof(
  kit: IssuerKit,
  key: WireKey,
  change: { header?: Record<string, unknown>; claims?: Record<string, unknown>; nonce?: string } = {},
): string {
  return wireProof(key, { method: 'POST', url: `${kit.issuer}/token`, now: kit.now(), ...change })
}

export interface KitAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The JSON body; empty where there is none. */
  readonly json: Record<string, unknown>
}

export async function readResponse(response: Response): Promise<KitAnswer> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== ''
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} }
}

/** Posts a form to an endpoint of the issuer. */
export async function postForm(
  kit: IssuerKit,
  path: string,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<KitAnswer> {
  const body = typeof form === 'string' ? form : new URLSearchParams(form).toString()
  const response = await fetch(`${kit.issuer}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  })
  return readResponse(response)
}

/** client_credentials with everything in order, but for what is replaced. */
export function askOwnToken(
  kit: IssuerKit,
  key: WireKey | undefined,
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<KitAnswer> {
  const auth = 'authorization' in headers || 'client_assertion' in form || 'client_secret' in form ? {} : asKeyClient(kit)
  return postForm(
    kit,
    '/token',
    { grant_type: 'client_credentials', ...auth, ...form },
    { ...(key && { dpop: tokenProof(kit, key) }), ...headers },
  )
}

/** An introspection, asked by the server of the notes API. */
export function askAbout(
  kit: IssuerKit,
  token: unknown,
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<KitAnswer> {
  return postForm(kit, '/introspect', { token: String(token), ...asKeyClient(kit, 'notes-server'), ...form }, headers)
}

/** An access token that the issuer signed, saying what the test wants. */
export async function signedByIssuer(kit: IssuerKit, claims: object = {}, header: object = {}): Promise<string> {
  const signer = kit.server.context.keys.signer('ES256')
  const now = kit.now()
  const whole = {
    iss: kit.issuer,
    sub: 'service',
    aud: kitApi,
    client_id: 'service',
    iat: now,
    exp: now + 60,
    jti: `own-${now}`,
    ...claims,
  }
  const input = `${segment({ alg: 'ES256', typ: 'at+jwt', kid: signer.kid, ...header })}.${segment(whole)}`
  return `${input}.${Buffer.from(await signer.sign(input)).toString('base64url')}`
}

/** Claims of a JWT, unverified. */
export function claimsOfJwt(jwt: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString())
}

/** A fresh code verifier and its challenge. */
export function pkcePair(): { readonly verifier: string; readonly challenge: string } {
  counted += 1
  const verifier = `verifier-${counted}-${'v'.repeat(40)}`
  return { verifier, challenge: sha256u(verifier) }
}
