// The switched lab as an inventory for the observer.
import type { HeldCertificate, InventoryInput } from '@kimei/observer'
import { inventoryHead } from '../inventory-head.ts'
import { redirectUri } from '../lab-issuer.ts'
import type { LabSecrets } from '../lab-secrets.ts'
import { apiShapes } from './api-doors.ts'
import { elsewhere, scopeOf } from './switched-issuer.ts'
import type { ApiName, ClientName, SwitchedWorld } from './switches.ts'
import type { WorldCertificates } from './world-certificates.ts'

export interface ApiPlace {
  /** Of the inventory: the API's name, or `<name>-inside` behind its gateway. */
  readonly id: string
  readonly api: ApiName
  readonly url: string
  readonly boundary: 'edge' | 'internal'
}

export interface InventoryParts {
  readonly issuer: string
  readonly resource: string
  readonly secrets: LabSecrets
  readonly places: readonly ApiPlace[]
  readonly sealed?: { readonly issuerUrl: string; readonly certificates: WorldCertificates } | undefined
}

const privileges = { admin: 'high', payments: 'high', orders: 'mid', graphql: 'mid', batch: 'mid' } as const
const kinds = { admin: 'admin', payments: 'rest', orders: 'rest', graphql: 'graphql', batch: 'batch' } as const
const clientKinds = { web: 'spa', mobile: 'mobile', api: 'server' } as const

export function switchedInventory(world: SwitchedWorld, { issuer, resource, secrets, places, sealed }: InventoryParts): InventoryInput {
  const switches = new Map(world.apis.map((api) => [api.id, api]))
  return {
    ...inventoryHead({
      issuer,
      claims: world.mode,
      elsewhere,
      lifetimes: { codeSeconds: 30, refreshIdleSeconds: 600 },
      sealed: sealed && { issuerUrl: sealed.issuerUrl, authority: sealed.certificates.serving.cert },
    }),
    clients: world.clients.map((name) =>
      sealed && world.mode === 'mtls' && name === 'api'
        ? machineEntry(resource, sealed.certificates)
        : clientEntry(name, resource, secrets),
    ),
    apis: places.map(({ id, api, url, boundary }) => ({
      id,
      url,
      method: apiShapes[api].method,
      privilege: privileges[api],
      kind: kinds[api],
      boundary,
      scope: scopeOf(api),
      resource,
      nonce: 'off',
      revocation: switches.get(api)!.revocation === 'at-expiry' ? 'at-expiry' : 'immediate',
      ...(apiShapes[api].body !== undefined && { body: apiShapes[api].body, repeatable: true }),
    })),
  }
}

function machineEntry(resource: string, { machine, other }: WorldCertificates): InventoryInput['clients'][number] {
  const pem = ({ cert, key }: HeldCertificate) => ({ cert, key })
  return {
    id: 'api',
    clientId: 'api',
    kind: 'server',
    authentication: { method: 'tls_client_auth' },
    certificate: pem(machine),
    otherCertificate: pem(other),
    boundBy: 'certificate',
    ticket: { from: 'client-credentials', scope: scopeOf('orders'), resource },
  }
}

function clientEntry(name: ClientName, resource: string, secrets: LabSecrets): InventoryInput['clients'][number] {
  const wish = { scope: scopeOf('orders'), resource }
  const known = { id: name, clientId: name, kind: clientKinds[name] }
  if (name === 'api') {
    return {
      ...known,
      authentication: { method: 'private_key_jwt', key: secrets.jobKey as { kty: 'EC'; d: string } },
      ticket: { from: 'client-credentials', ...wish },
    }
  }
  return { ...known, refreshTokens: 'rotated', ticket: { from: 'sign-in', redirectUri, ...wish } }
}
