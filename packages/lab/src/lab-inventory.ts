// The lab's world as an inventory for the observer, and the routes of its API.
import type { InventoryInput } from '@kimei/observer'
import { inventoryHead } from './inventory-head.ts'
import { deniedDetails, lifetimes, otherResource, postLogoutRedirectUri, redirectUri, subject, vouchingIssuer } from './lab-issuer.ts'
import type { LabSecrets } from './lab-secrets.ts'

/** Routes of the lab's API: what each demands, and how the inventory names it. */
const routes = [
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

/** Without permissions every route demands bound tickets; the optional one takes those bound to a key or to a certificate. */
export const routesOf = (permits: 'yes' | 'no') =>
  routes.map((route) => (permits === 'yes' || route.policy === 'required' ? route : { ...route, policy: 'either' as const }))

/** What is observed beside, where the lab has mutual TLS. */
export interface SealedEntries {
  /** Where clients with certificates ask. */
  readonly issuerUrl: string
  /** PEM: who certifies the servers. */
  readonly authority: string
  readonly clients: InventoryInput['clients']
  readonly apis: InventoryInput['apis']
}

/** The same world as an inventory for the observer. */
export function labInventory(
  issuer: string,
  api: string,
  secrets: LabSecrets,
  { permits, sealed }: { readonly permits: 'yes' | 'no'; readonly sealed?: SealedEntries | undefined },
): InventoryInput {
  const resource = `${api}/`
  return {
    ...inventoryHead({ issuer, claims: 'dpop', elsewhere: { resource: otherResource, scope: 'elsewhere' }, lifetimes, sealed }),
    clients: [...testClients(resource, secrets), ...(sealed?.clients ?? [])],
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
      ...routesOf(permits).map(({ id, path, method, scope, privilege, kind, nonce }) => ({
        id,
        url: `${api}${path}`,
        method,
        scope,
        resource,
        privilege,
        kind,
        nonce,
        longProofs: true,
        clients: ['job'],
      })),
      ...(sealed?.apis ?? []),
    ],
  }
}

function testClients(resource: string, secrets: LabSecrets): InventoryInput['clients'] {
  const signIn = { from: 'sign-in', redirectUri, scope: 'notes:read', resource } as const
  return [
    {
      id: 'job',
      clientId: 'job',
      kind: 'server',
      authentication: { method: 'private_key_jwt', key: secrets.jobKey as { kty: 'EC'; d: string } },
      introspects: true,
      exchanges: { to: otherResource, astray: 'notes:write' },
      vouched: {
        issuer: vouchingIssuer,
        subject,
        key: secrets.vouchingKey as { kty: 'EC'; d: string },
        beyond: { scope: 'notes:write', resource: otherResource },
      },
      ticket: { from: 'client-credentials', scope: 'notes:read', resource },
    },
    {
      id: 'tool',
      clientId: 'tool',
      kind: 'server',
      authentication: { method: 'client_secret_basic', secret: secrets.toolSecret },
      denied: { scope: 'admin', resource: otherResource },
      exchanges: { to: otherResource },
      ticket: { from: 'client-credentials', scope: 'notes:read', resource },
    },
    {
      id: 'app',
      clientId: 'app',
      kind: 'mobile',
      devices: true,
      refreshTokens: 'rotated',
      unasked: 'notes:write',
      denied: { authorizationDetailsType: deniedDetails },
      ticket: signIn,
      postLogoutRedirectUri,
    },
    { id: 'loose', clientId: 'loose', kind: 'mobile', devices: true, refreshTokens: 'rotated', unasked: 'notes:write', ticket: signIn },
    {
      id: 'web',
      clientId: 'web',
      kind: 'server',
      authentication: { method: 'private_key_jwt', key: secrets.webKey as { kty: 'EC'; d: string } },
      unasked: 'notes:write',
      denied: { grant: 'client_credentials', responseType: 'code id_token' },
      ticket: signIn,
    },
  ]
}
