// What the configuration of a grant becomes: the policy of a client, the issuers of assertions that are trusted.
import type { AssertionIssuer, ClientRecord } from '@kimei/protocol'
import type { ClientConfig, IssuerConfig } from './schema.ts'

export function declareExchange({ exchange }: ClientConfig): Pick<ClientRecord, 'exchange'> {
  return exchange ? { exchange } : {}
}

export function trustedAssertions({ assertionIssuers }: IssuerConfig): readonly AssertionIssuer[] {
  return assertionIssuers.map(({ jwks, jwksUri, clients, ...one }) => ({
    ...one,
    jwks: jwks?.keys ?? [],
    ...(jwksUri !== undefined && { jwksUri }),
    clients,
  }))
}
