// The lab's mutual TLS: an authority and certificates made at its start, clients that show them, and the API that takes only those.
// Doors are opened in `sealed-doors.ts`.
import { type HeldCertificate, type InventoryInput, makeCertificate } from '@kimei/observer'
import type { IssuerConfigInput } from '@kimei/server'
import type { Jwk } from './lab-secrets.ts'
import { publicJwk } from './lab-secrets.ts'

export interface LabCertificates {
  /** Of the clients. It certifies no server. */
  readonly authority: HeldCertificate
  /** The servers', certified by itself. */
  readonly serving: HeldCertificate
  readonly machine: HeldCertificate
  /** Of the same authority, and nobody's client. */
  readonly other: HeldCertificate
  /** Certified by nobody, and registered as it is. */
  readonly badge: HeldCertificate
}

export function makeCertificates(): LabCertificates {
  const authority = makeCertificate({ name: 'Lab authority', authority: true })
  return {
    authority,
    serving: makeCertificate({ name: 'Lab servers', hosts: ['127.0.0.1', 'localhost', 'elsewhere.localhost'] }),
    machine: makeCertificate({ name: 'machine', by: authority }),
    other: makeCertificate({ name: 'other machine', by: authority }),
    badge: makeCertificate({ name: 'badge' }),
  }
}

type Clients = NonNullable<IssuerConfigInput['clients']>

/** By each way to authenticate: a certified name, a registered certificate, a key; and one whose tickets name both. */
export function certificateClients(resource: string, certificates: LabCertificates, jobKey: Jwk): Clients {
  const asking = { kind: 'server' as const, grants: ['client_credentials'], scopes: ['notes:read'], apis: [resource] } satisfies Partial<
    Clients[number]
  >
  const byCertificate = { kind: 'required', by: 'certificate' } as const
  const keyed = { ...asking, authentication: 'private_key_jwt' as const, jwks: { keys: [publicJwk(jobKey)] } }
  const badge = certificates.badge.certificate
  const badgeKey = { ...badge.publicKey.export({ format: 'jwk' }), kty: 'EC' as const, kid: 'badge-1', x5c: [badge.raw.toString('base64')] }
  return [
    {
      ...asking,
      clientId: 'machine',
      name: 'Lab machine',
      authentication: 'tls_client_auth',
      tlsClientAuth: { subjectDn: 'CN=machine' },
      binding: byCertificate,
    },
    {
      ...asking,
      clientId: 'badge',
      name: 'Lab machine with a certificate of its own',
      authentication: 'self_signed_tls_client_auth',
      jwks: { keys: [badgeKey] },
      binding: byCertificate,
    },
    { ...keyed, clientId: 'shown', name: 'Lab machine with a key to authenticate', binding: byCertificate },
    { ...keyed, clientId: 'double', name: 'Lab machine named twice', binding: { kind: 'required', by: 'both' } },
  ]
}

export interface SealedPlaces {
  /** Where clients with certificates ask the issuer. */
  readonly issuerUrl: string
  readonly apiUrl: string
}

/** The same as entries of an inventory. */
export function certificateEntries(
  { issuerUrl, apiUrl }: SealedPlaces,
  certificates: LabCertificates,
  jobKey: Jwk,
): { readonly clients: InventoryInput['clients']; readonly apis: InventoryInput['apis'] } {
  const resource = `${apiUrl}/`
  const pem = ({ cert, key }: HeldCertificate) => ({ cert, key })
  const { machine, other, badge } = certificates
  const shared = {
    kind: 'server' as const,
    otherCertificate: pem(other),
    ticket: { from: 'client-credentials' as const, scope: 'notes:read', resource },
  }
  const keyed = {
    ...shared,
    certificate: pem(machine),
    authentication: { method: 'private_key_jwt' as const, key: jobKey as { kty: 'EC'; d: string } },
  }
  return {
    clients: [
      {
        ...shared,
        id: 'machine',
        clientId: 'machine',
        certificate: pem(machine),
        authentication: { method: 'tls_client_auth' },
        boundBy: 'certificate',
      },
      {
        ...shared,
        id: 'badge',
        clientId: 'badge',
        certificate: pem(badge),
        authentication: { method: 'self_signed_tls_client_auth' },
        boundBy: 'certificate',
      },
      { ...keyed, id: 'shown', clientId: 'shown', boundBy: 'certificate' },
      { ...keyed, id: 'double', clientId: 'double', boundBy: 'both' },
    ],
    apis: [
      {
        id: 'sealed',
        // By name: only names are said in handshakes.
        url: `${apiUrl}/sealed`,
        scope: 'notes:read',
        resource,
        privilege: 'mid',
        clients: ['machine', 'double'],
        tls: {
          otherName: 'elsewhere.localhost',
          otherAddress: `${apiUrl.replace('localhost', '127.0.0.1')}/sealed`,
          sessionsApart: `${issuerUrl}/jwks`,
        },
      },
      { id: 'told', url: `${apiUrl}/told`, scope: 'notes:read', resource, privilege: 'mid', clients: ['machine'] },
    ],
  }
}
