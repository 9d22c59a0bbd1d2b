// The issuer of the switched lab: three clients of the seed (web, mobile, api), one person, one API with five doors.
import type { IssuerConfigInput } from '@kimei/server'
import { redirectUri, subject } from '../lab-issuer.ts'
import { type LabSecrets, publicJwk } from '../lab-secrets.ts'
import { type ApiName, apiNames, type ClientName, type SwitchedWorld } from './switches.ts'
import { machineName } from './world-certificates.ts'

type Clients = NonNullable<IssuerConfigInput['clients']>

/** One scope for each API. */
export const scopeOf = (api: ApiName): string => `lab:${api}`
const scopes = apiNames.map(scopeOf)
/** Another API of the issuer, whose tickets must not pass here. */
export const elsewhere = { resource: 'https://elsewhere.lab/', scope: 'lab:elsewhere' } as const

export interface SwitchedIssuerParts {
  readonly issuer: string
  readonly resource: string
  readonly secrets: LabSecrets
  /** Where clients with certificates ask, and whose certificates count. */
  readonly sealed?: { readonly url: string; readonly authority: string } | undefined
}

export function switchedIssuer(world: SwitchedWorld, { issuer, resource, secrets, sealed }: SwitchedIssuerParts): IssuerConfigInput {
  const descriptions: Record<ApiName, { readonly ja: string; readonly en: string }> = {
    admin: { ja: '利用者を管理する', en: 'manage people' },
    payments: { ja: '支払いを見る', en: 'see payments' },
    orders: { ja: '注文を見る', en: 'see orders' },
    graphql: { ja: 'まとめて問い合わせる', en: 'query anything' },
    batch: { ja: 'まとめて処理する', en: 'run batches' },
  }
  return {
    issuer,
    name: { ja: '実験室', en: 'Lab' },
    lifetimes: { codeSeconds: 30, accessTokenSeconds: 300, refreshIdleSeconds: 600, interactionSeconds: 60 },
    apis: [
      { identifier: resource, name: 'Lab API', scopes },
      { identifier: elsewhere.resource, name: 'Another API', scopes: [elsewhere.scope] },
    ],
    scopes: [
      ...apiNames.map((api) => ({ scope: scopeOf(api), description: descriptions[api] })),
      { scope: elsewhere.scope, description: { ja: '別の API を使う', en: 'use another API' } },
    ],
    clients: [
      ...world.clients.map((name) => ({
        ...clientOf(name, resource, secrets),
        ...certificateOf(world, name),
        binding: bindingOf(world, name),
      })),
      apiItself(resource, secrets),
    ],
    ...(sealed && { mtls: { url: sealed.url, trustAnchors: [sealed.authority] } }),
    users: [{ username: secrets.person.username, subject, passwordHash: secrets.person.passwordHash }],
  }
}

/** The server client holds a certificate where the issuer binds tickets to certificates. */
function certificateOf({ mode }: SwitchedWorld, name: ClientName): Partial<Clients[number]> {
  return mode === 'mtls' && name === 'api'
    ? { authentication: 'tls_client_auth', tlsClientAuth: { subjectDn: `CN=${machineName}` }, jwks: undefined }
    : {}
}

/** What is written down where somebody signs for unbound tickets. */
function bindingOf({ mode, unbound }: SwitchedWorld, name: ClientName): NonNullable<Clients[number]['binding']> {
  if (mode === 'bearer') return { kind: 'bearer', reason: 'the lab shows an issuer that binds nothing' }
  if (mode === 'mtls' && name === 'api') return { kind: 'required', by: 'certificate' }
  return unbound.includes(name) ? { kind: 'bearer', reason: 'the lab shows a client that is exempt' } : 'required'
}

/** The API as a client of the issuer, where it asks about tickets. */
export const apiClientId = 'lab-api-itself'

function apiItself(resource: string, secrets: LabSecrets): Clients[number] {
  return {
    clientId: apiClientId,
    kind: 'server',
    name: { ja: '実験用 API', en: 'Lab API' },
    authentication: 'private_key_jwt',
    jwks: { keys: [publicJwk(secrets.webKey)] },
    introspects: [resource],
  }
}

function clientOf(name: ClientName, resource: string, secrets: LabSecrets): Clients[number] {
  const reach = { apis: [resource, elsewhere.resource], scopes: [...scopes, elsewhere.scope] }
  if (name === 'api') {
    return {
      ...reach,
      clientId: name,
      kind: 'server',
      name: { ja: '実験用サーバー', en: 'Lab server' },
      authentication: 'private_key_jwt',
      jwks: { keys: [publicJwk(secrets.jobKey)] },
      grants: ['client_credentials'],
    }
  }
  return {
    ...reach,
    clientId: name,
    kind: name === 'web' ? 'spa' : 'mobile',
    name: name === 'web' ? { ja: '実験用ウェブアプリ', en: 'Lab web app' } : { ja: '実験用スマホアプリ', en: 'Lab mobile app' },
    redirectUris: [redirectUri],
    grants: ['authorization_code', 'refresh_token'],
    scopes: [...reach.scopes, 'offline_access'],
  }
}
