// What the lab's issuer declares: two APIs, five clients, one person. How the observer sees it stands in `lab-inventory.ts`.
import type { IssuerConfigInput } from '@kimei/server'
import { hashOf, type LabSecrets, publicJwk } from './lab-secrets.ts'

type Clients = NonNullable<IssuerConfigInput['clients']>

export const subject = 'lab-person'
export const otherResource = 'https://elsewhere.lab/'
export const lifetimes = { codeSeconds: 30, refreshIdleSeconds: 600 } as const
export const vouchingIssuer = 'https://vouching.lab'
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const allowedDetails = 'lab_notes'
export const deniedDetails = 'lab_secrets'
export const redirectUri = 'http://127.0.0.1/callback'
export const postLogoutRedirectUri = 'http://127.0.0.1/bye'

const scopes = ['notes:read', 'notes:write', 'admin']
const permitted = { kind: 'optional', reason: 'the lab shows what an unbound ticket can do' } as const

/** What is declared beside, where the lab has mutual TLS. */
export interface SealedSide {
  readonly url: string
  readonly resource: string
  /** PEM. */
  readonly authority: string
  readonly clients: Clients
}

/** What the lab's issuer declares. */
export function issuerConfig(
  issuer: string,
  resource: string,
  secrets: LabSecrets,
  { permits, sealed }: { readonly permits: 'yes' | 'no'; readonly sealed?: SealedSide | undefined },
): IssuerConfigInput {
  const clients = [...workers(resource, secrets, sealed?.resource), ...apps(resource, secrets)]
  return {
    issuer,
    lifetimes: {
      codeSeconds: lifetimes.codeSeconds,
      accessTokenSeconds: 60,
      refreshIdleSeconds: lifetimes.refreshIdleSeconds,
      interactionSeconds: 60,
    },
    deviceAuthorization: { assessment: 'nobody but the lab itself uses its devices', codeSeconds: 60 },
    assertionIssuers: [
      {
        issuer: vouchingIssuer,
        jwks: { keys: [publicJwk(secrets.vouchingKey)] },
        subjects: 'subject',
        scopes: ['notes:read'],
        apis: [resource],
      },
    ],
    apis: [
      { identifier: resource, name: 'Lab API', scopes },
      ...(sealed ? [{ identifier: sealed.resource, name: 'Lab API behind certificates', scopes: ['notes:read'] }] : []),
      { identifier: otherResource, name: 'Another API', scopes: ['elsewhere', 'notes:read'] },
    ],
    scopes: [...scopes, 'elsewhere'].map((scope) => ({ scope, description: { ja: `実験用の範囲 ${scope}`, en: `lab scope ${scope}` } })),
    authorizationDetailsTypes: detailTypes(),
    clients: [...(permits === 'yes' ? clients : clients.map(({ binding: _permission, ...client }) => client)), ...(sealed?.clients ?? [])],
    ...(sealed && { mtls: { url: sealed.url, trustAnchors: [sealed.authority] } }),
    users: [{ username: secrets.person.username, subject, passwordHash: secrets.person.passwordHash }],
  }
}

/** Fine-grained permissions: one that the apps may ask for, one that nobody may. */
function detailTypes(): IssuerConfigInput['authorizationDetailsTypes'] {
  const properties = { actions: { type: 'array', items: { type: 'string' } }, locations: { type: 'array', items: { type: 'string' } } }
  return [allowedDetails, deniedDetails].map((type) => ({ type, name: `Lab ${type}`, schema: { additionalProperties: false, properties } }))
}

/** Clients that ask for themselves: one held to its key, one with permission not to be. */
function workers(resource: string, secrets: LabSecrets, sealed: string | undefined): Clients {
  return [
    {
      clientId: 'job',
      kind: 'server',
      name: 'Lab job',
      authentication: 'private_key_jwt',
      jwks: { keys: [publicJwk(secrets.jobKey)] },
      grants: ['client_credentials', exchangeGrant, 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      exchange: { from: [resource], to: [otherResource] },
      scopes: [...scopes, 'elsewhere', 'openid'],
      apis: [resource, otherResource],
      introspects: [resource],
    },
    {
      clientId: 'tool',
      kind: 'server',
      name: 'Lab tool',
      authentication: 'client_secret_basic',
      secretHashes: [hashOf(secrets.toolSecret)],
      grants: ['client_credentials', exchangeGrant],
      exchange: { from: [resource], to: [otherResource] },
      introspects: [resource],
      scopes: ['notes:read'],
      apis: [resource, ...(sealed === undefined ? [] : [sealed])],
      binding: permitted,
    },
  ]
}

/** Clients that somebody signs in to: public ones, with and without a key of their own, and a confidential one. */
function apps(resource: string, secrets: LabSecrets): Clients {
  return [
    {
      clientId: 'app',
      kind: 'mobile',
      name: 'Lab app',
      authorizationDetailsTypes: [allowedDetails],
      redirectUris: [redirectUri],
      responseTypes: ['code', 'code id_token'],
      postLogoutRedirectUris: [postLogoutRedirectUri],
      grants: ['authorization_code', 'refresh_token', deviceGrant],
      scopes: [...scopes, 'elsewhere', 'openid', 'offline_access'],
      apis: [resource, otherResource],
    },
    {
      clientId: 'loose',
      kind: 'mobile',
      name: 'Lab app without a key of its own',
      authorizationDetailsTypes: [allowedDetails],
      redirectUris: [redirectUri],
      grants: ['authorization_code', 'refresh_token', deviceGrant],
      scopes: [...scopes, 'openid', 'offline_access'],
      apis: [resource],
      binding: permitted,
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
  ]
}
