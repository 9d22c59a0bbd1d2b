// What the demo declares: its issuer, its guarded API, and how the observer would list them. Only data.
import type { GuardConfigInput } from '@kimei/guard'
import type { InventoryInput } from '@kimei/observer'
import type { IssuerConfigInput } from '@kimei/server'
import { machineName } from './demo-certificates.ts'
import { type DemoSecrets, publicHalf } from './demo-folder.ts'
import { certifiedResourceOf, type DemoPlaces, resourceOf } from './demo-names.ts'

const both = ['notes:read', 'notes:write']

/** `authority`: PEM, whose certificates authenticate clients. */
export function demoIssuerConfig(places: DemoPlaces, secrets: DemoSecrets & { readonly authority: string }): IssuerConfigInput {
  const resource = resourceOf(places)
  const certified = certifiedResourceOf(places)
  return {
    issuer: places.issuer,
    name: { ja: '記名 (デモ)', en: 'Kimei demo' },
    mtls: { url: places.mtls, trustAnchors: [secrets.authority] },
    apis: [
      { identifier: resource, name: { ja: 'デモのメモ帳 API', en: 'Demo notes API' }, scopes: [...both, 'admin'] },
      {
        identifier: certified,
        name: { ja: 'デモのメモ帳 API (証明書用)', en: 'Demo notes API (certificates)' },
        scopes: [...both, 'admin'],
      },
    ],
    scopes: [
      { scope: 'notes:read', description: { ja: 'メモを読む', en: 'Read your notes' } },
      { scope: 'notes:write', description: { ja: 'メモを書く', en: 'Write notes for you' } },
      { scope: 'admin', description: { ja: '利用者の一覧を見る', en: 'List the users' } },
    ],
    clients: [
      {
        clientId: 'demo-app',
        kind: 'spa',
        name: { ja: 'デモアプリ', en: 'Demo app' },
        redirectUris: [`${places.app}/callback`],
        scopes: ['openid', 'profile', 'offline_access', ...both],
        apis: [resource],
      },
      {
        clientId: 'demo-cli',
        kind: 'mobile',
        name: { ja: 'kimei コマンド', en: 'kimei command' },
        redirectUris: ['http://127.0.0.1/callback'],
        scopes: ['openid', 'profile', 'offline_access', ...both],
        apis: [resource],
      },
      {
        clientId: 'demo-server',
        kind: 'server',
        name: { ja: 'デモの夜間処理', en: 'Demo nightly job' },
        authentication: 'private_key_jwt',
        jwks: { keys: [publicHalf(secrets.serverKey)] },
        grants: ['client_credentials'],
        scopes: [...both, 'admin'],
        apis: [resource],
      },
      machineClient(places),
    ],
    users: [
      {
        username: secrets.username,
        passwordHash: secrets.passwordHash,
        claims: { name: '記名 花子', preferred_username: secrets.username },
      },
    ],
  }
}

/** The one that is known by its certificate, and has its tickets named after it. */
function machineClient(places: DemoPlaces): NonNullable<IssuerConfigInput['clients']>[number] {
  return {
    clientId: 'demo-machine',
    kind: 'server',
    name: { ja: 'デモの機械', en: 'Demo machine' },
    authentication: 'tls_client_auth',
    tlsClientAuth: { subjectDn: `CN=${machineName}` },
    binding: { kind: 'required', by: 'certificate' },
    grants: ['client_credentials'],
    scopes: [...both, 'admin'],
    apis: [certifiedResourceOf(places)],
  }
}

/** One row for each kind of route that an API may have; each says whom it admits. */
export const demoRoutes = [
  { id: 'notes', method: 'GET', path: '/notes', scope: 'notes:read', privilege: 'mid', kind: 'rest' },
  { id: 'write-note', method: 'POST', path: '/notes', scope: 'notes:write', privilege: 'mid', kind: 'rest' },
  { id: 'users', method: 'GET', path: '/admin/users', scope: 'admin', privilege: 'high', kind: 'admin' },
  { id: 'graphql', method: 'POST', path: '/graphql', scope: 'notes:read', privilege: 'mid', kind: 'graphql' },
  { id: 'batch', method: 'POST', path: '/batch', scope: 'notes:write', privilege: 'mid', kind: 'batch' },
] as const

export function demoGuardConfig(places: DemoPlaces): GuardConfigInput {
  return {
    issuer: places.issuer,
    resource: resourceOf(places),
    cors: { origins: [places.app] },
    metadata: { name: 'Demo notes API' },
    routes: demoRoutes.map(({ id, method, path, scope }) => ({ name: id, methods: [method], path, scopes: [scope], policy: 'required' })),
  }
}

/** The same API where tickets are bound to certificates. */
export function certifiedGuardConfig(places: DemoPlaces): GuardConfigInput {
  const { cors: _, ...same } = demoGuardConfig(places)
  return { ...same, resource: certifiedResourceOf(places), constraint: 'mtls', metadata: { name: 'Demo notes API (certificates)' } }
}

/** Whether a path of the origin for certificates belongs to the API. */
export function isApiPath(path: string): boolean {
  return path === '/.well-known/oauth-protected-resource' || demoRoutes.some((route) => route.path === path)
}

/** A body that each writing route takes without leaving anything behind, so that it may be sent many times. */
const harmlessBodies: Readonly<Record<string, string>> = {
  'write-note': '{"dryRun":true,"text":"observed"}',
  graphql: '{"query":"{ notes { id } }"}',
  batch: '{"dryRun":true,"requests":[{"method":"POST","path":"/notes","body":{"text":"observed"}}]}',
}

/** The demo as an inventory: `keyFile` is where the observer finds the key of `demo-server`. */
export function demoInventory(places: DemoPlaces, keyFile: string): InventoryInput {
  const resource = resourceOf(places)
  return {
    version: 1,
    contact: 'whoever runs kimei dev on this machine',
    pace: { requestsPerSecond: 50, requestsPerApi: 200, budget: 2000 },
    issuers: [{ id: 'demo', url: places.issuer, tokenEndpoint: `${places.issuer}/token`, claims: 'dpop' }],
    clients: [
      {
        id: 'demo-server',
        clientId: 'demo-server',
        kind: 'server',
        authentication: { method: 'private_key_jwt', key: { file: keyFile }, alg: 'ES256', kid: 'demo-server-1' },
        ticket: { from: 'client-credentials', resource },
        refreshTokens: 'none',
      },
    ],
    subjects: ['demo-server'],
    operations: { keyRotation: 'documented', revocation: 'documented', fallback: 'documented' },
    apis: demoRoutes.map((route) => ({
      id: route.id,
      method: route.method,
      url: `${places.api}${route.path}`,
      privilege: route.privilege,
      kind: route.kind,
      scope: route.scope,
      resource,
      ...(route.method === 'POST' && { contentType: 'application/json', body: harmlessBodies[route.id], repeatable: true }),
    })),
  }
}
