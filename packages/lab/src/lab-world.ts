// The lab's own world: clients, APIs, scopes and one person, with keys and passwords made at start. Nothing comes from outside.
import { argon2Sync, createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { InventoryInput } from '@kimei/observer'
import type { IssuerConfigInput } from '@kimei/server'

type Jwk = Record<string, unknown>

/** Secrets of one lab. They end with it. */
export interface LabSecrets {
  readonly jobKey: Jwk
  readonly webKey: Jwk
  readonly toolSecret: string
  readonly person: { readonly username: string; readonly password: string; readonly passwordHash: string }
}

export const subject = 'lab-person'
export const otherResource = 'https://elsewhere.lab/'
export const lifetimes = { codeSeconds: 30, refreshIdleSeconds: 600 } as const
export const redirectUri = 'http://127.0.0.1/callback'

export function makeSecrets(): LabSecrets {
  const password = randomBytes(18).toString('base64url')
  return {
    jobKey: makeJwk('job-1'),
    webKey: makeJwk('web-1'),
    toolSecret: randomBytes(32).toString('base64url'),
    person: { username: 'lab', password, passwordHash: quickHash(password) },
  }
}

function makeJwk(kid: string): Jwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256' }
}

/** argon2id at its smallest: the password is random and lives for one lab. */
function quickHash(password: string): string {
  const nonce = randomBytes(16)
  const tag = argon2Sync('argon2id', { message: password, nonce, parallelism: 1, tagLength: 32, memory: 64, passes: 1 })
  const plain = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=64,t=1,p=1$${plain(nonce)}$${plain(tag)}`
}

function publicJwk({ kty, crv, x, y, kid, alg }: Jwk): { kty: 'EC' } & Jwk {
  return { kty: kty as 'EC', crv, x, y, kid, alg, use: 'sig' }
}

/** What the lab's issuer declares. */
export function issuerConfig(issuer: string, resource: string, secrets: LabSecrets): IssuerConfigInput {
  const apis = [resource, otherResource]
  const scopes = ['notes:read', 'notes:write', 'admin']
  return {
    issuer,
    lifetimes: {
      codeSeconds: lifetimes.codeSeconds,
      accessTokenSeconds: 60,
      refreshIdleSeconds: lifetimes.refreshIdleSeconds,
      interactionSeconds: 60,
    },
    apis: [
      { identifier: resource, name: 'Lab API', scopes },
      { identifier: otherResource, name: 'Another API', scopes: ['elsewhere', 'notes:read'] },
    ],
    scopes: [...scopes, 'elsewhere'].map((scope) => ({ scope, description: { ja: `実験用の範囲 ${scope}`, en: `lab scope ${scope}` } })),
    clients: [
      {
        clientId: 'job',
        kind: 'server',
        name: 'Lab job',
        authentication: 'private_key_jwt',
        jwks: { keys: [publicJwk(secrets.jobKey)] },
        grants: ['client_credentials'],
        scopes: [...scopes, 'elsewhere', 'openid'],
        apis,
      },
      {
        clientId: 'tool',
        kind: 'server',
        name: 'Lab tool',
        authentication: 'client_secret_basic',
        secretHashes: [createHash('sha256').update(secrets.toolSecret).digest('base64url')],
        grants: ['client_credentials'],
        scopes: ['notes:read'],
        apis: [resource],
        binding: { kind: 'optional', reason: 'the lab shows what an unbound ticket can do' },
      },
      {
        clientId: 'app',
        kind: 'mobile',
        name: 'Lab app',
        redirectUris: [redirectUri],
        grants: ['authorization_code', 'refresh_token'],
        scopes: [...scopes, 'elsewhere', 'openid', 'offline_access'],
        apis,
      },
      {
        clientId: 'loose',
        kind: 'mobile',
        name: 'Lab app without a key of its own',
        redirectUris: [redirectUri],
        grants: ['authorization_code', 'refresh_token'],
        scopes: [...scopes, 'openid', 'offline_access'],
        apis: [resource],
        binding: { kind: 'optional', reason: 'the lab shows what an unbound ticket can do' },
      },
      {
        clientId: 'web',
        kind: 'server',
        name: 'Lab web application',
        redirectUris: [redirectUri],
        authentication: 'private_key_jwt',
        jwks: { keys: [publicJwk(secrets.webKey)] },
        grants: ['authorization_code', 'refresh_token'],
        scopes: [...scopes, 'openid'],
        apis: [resource],
      },
    ],
    users: [{ username: secrets.person.username, subject, passwordHash: secrets.person.passwordHash }],
  }
}

/** Routes of the lab's API: what each demands, and how the inventory names it. */
export const routes = [
  { id: 'admin', path: '/admin', method: 'GET', scope: 'admin', privilege: 'high', kind: 'admin', policy: 'required', nonce: 'off' },
  { id: 'notes', path: '/notes', method: 'GET', scope: 'notes:read', privilege: 'mid', kind: 'rest', policy: 'required', nonce: 'off' },
  {
    id: 'fresh',
    path: '/fresh',
    method: 'GET',
    scope: 'notes:read',
    privilege: 'mid',
    kind: 'rest',
    policy: 'required',
    nonce: 'required',
  },
  {
    id: 'optional',
    path: '/optional',
    method: 'GET',
    scope: 'notes:read',
    privilege: 'low',
    kind: 'rest',
    policy: 'optional',
    nonce: 'off',
  },
] as const

/** The same world as an inventory for the observer. */
export function labInventory(issuer: string, api: string, secrets: LabSecrets): InventoryInput {
  const resource = `${api}/`
  const signIn = { from: 'sign-in', redirectUri, scope: 'notes:read', resource } as const
  return {
    version: 1,
    contact: 'lab@kimei.invalid',
    pace: { requestsPerSecond: 50, requestsPerApi: 2000, budget: 20_000 },
    issuers: [
      {
        id: 'lab',
        url: issuer,
        tokenEndpoint: `${issuer}/token`,
        claims: 'dpop',
        elsewhere: { resource: otherResource, scope: 'elsewhere' },
        lifetimes,
      },
    ],
    clients: [
      {
        id: 'job',
        clientId: 'job',
        kind: 'server',
        authentication: { method: 'private_key_jwt', key: secrets.jobKey as { kty: 'EC'; d: string } },
        ticket: { from: 'client-credentials', scope: 'notes:read', resource },
      },
      {
        id: 'tool',
        clientId: 'tool',
        kind: 'server',
        authentication: { method: 'client_secret_basic', secret: secrets.toolSecret },
        denied: { scope: 'admin', resource: otherResource },
        ticket: { from: 'client-credentials', scope: 'notes:read', resource },
      },
      { id: 'app', clientId: 'app', kind: 'mobile', refreshTokens: 'rotated', unasked: 'notes:write', ticket: signIn },
      { id: 'loose', clientId: 'loose', kind: 'mobile', refreshTokens: 'rotated', unasked: 'notes:write', ticket: signIn },
      {
        id: 'web',
        clientId: 'web',
        kind: 'server',
        authentication: { method: 'private_key_jwt', key: secrets.webKey as { kty: 'EC'; d: string } },
        unasked: 'notes:write',
        denied: { grant: 'client_credentials' },
        ticket: signIn,
      },
    ],
    subjects: [subject],
    apis: [
      {
        id: 'userinfo',
        url: `${issuer}/userinfo`,
        scope: 'openid',
        resource: issuer,
        privilege: 'mid',
        revocation: 'immediate',
        clients: ['app'],
      },
      ...routes.map(({ id, path, method, scope, privilege, kind, nonce }) => ({
        id,
        url: `${api}${path}`,
        method,
        scope,
        resource,
        privilege,
        kind,
        nonce,
        clients: ['job'],
      })),
    ],
    operations: { keyRotation: 'documented', revocation: 'documented', fallback: 'documented' },
  }
}
