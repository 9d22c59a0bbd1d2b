// Clients that exchange tokens at the issuer of issuer-kit.ts: servers of its APIs, a holder, one that impersonates, and a stranger.
import type { IssuerConfigInput } from '@kimei/server'
import { kitApi, kitOtherApi } from './issuer-kit.ts'

export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const thirdApi = 'https://third.example/'

/** `front` and `silent` serve the notes API and go to the other one; `next` goes on from there; `holder` has tickets of its own. */
export function withExchanges(config: IssuerConfigInput): IssuerConfigInput {
  const service = config.clients?.find(({ clientId }) => clientId === 'service')
  const jwks = { ...(service?.jwks && { jwks: service.jwks }) }
  const grants = [exchangeGrant] as const
  const binding = { kind: 'optional', reason: 'an API server without keys of its own yet' } as const
  const there = { from: [kitApi], to: [kitOtherApi] }
  return {
    ...config,
    apis: [
      ...(config.apis ?? []).map((api) => (api.identifier === kitOtherApi ? { ...api, scopes: ['other:read', 'notes:read'] } : api)),
      { identifier: thirdApi, name: 'Third', scopes: ['notes:read'] },
    ],
    clients: [
      ...(config.clients ?? []),
      {
        clientId: 'front',
        kind: 'server' as const,
        name: 'Front',
        ...jwks,
        grants: [...grants],
        introspects: [kitApi],
        binding,
        exchange: there,
      },
      {
        clientId: 'next',
        kind: 'server' as const,
        name: 'Next',
        ...jwks,
        grants: [...grants],
        introspects: [kitOtherApi],
        exchange: { from: [kitOtherApi], to: [thirdApi, kitApi] },
      },
      {
        clientId: 'silent',
        kind: 'server' as const,
        name: 'Silent',
        ...jwks,
        grants: [...grants],
        introspects: [kitApi],
        exchange: { ...there, kind: 'impersonation' as const },
      },
      { clientId: 'stranger', kind: 'server' as const, name: 'Stranger', ...jwks, grants: [...grants], exchange: there },
      {
        clientId: 'holder',
        kind: 'server' as const,
        name: 'Holder',
        ...jwks,
        grants: ['client_credentials' as const, ...grants],
        scopes: ['notes:read'],
        apis: [kitApi],
        binding,
        exchange: there,
      },
    ],
  }
}
