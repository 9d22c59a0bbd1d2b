// What the inventories of all labs have in common: one issuer, one person, no hurry. Clients and APIs stand with each lab.
import type { InventoryInput } from '@kimei/observer'
import { subject } from './lab-issuer.ts'

type IssuerInput = InventoryInput['issuers'][number]

export interface HeadParts extends Pick<IssuerInput, 'claims' | 'elsewhere' | 'lifetimes'> {
  readonly issuer: string
  /** Where the lab has mutual TLS: where clients with certificates ask, and who certifies the servers (PEM). */
  readonly sealed?: { readonly issuerUrl: string; readonly authority: string } | undefined
}

export function inventoryHead({ issuer, sealed, ...more }: HeadParts): Omit<InventoryInput, 'clients' | 'apis'> {
  return {
    version: 1,
    contact: 'lab@kimei.invalid',
    pace: { requestsPerSecond: 50, requestsPerApi: 2000, budget: 20_000 },
    issuers: [
      {
        id: 'lab',
        url: issuer,
        tokenEndpoint: `${issuer}/token`,
        ...(sealed && { mtlsTokenEndpoint: `${sealed.issuerUrl}/token` }),
        ...more,
      },
    ],
    ...(sealed && { authorities: [sealed.authority] }),
    subjects: [subject],
    operations: { keyRotation: 'documented', revocation: 'documented', fallback: 'documented' },
  }
}
