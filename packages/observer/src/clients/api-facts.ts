// What edits at one API need to know of the inventory: its own settings, and another API to point at.
import type { ApiEntry, Inventory } from '../inventory/inventory.ts'

export function apiFacts({ apis, issuers }: Inventory, api: ApiEntry): Readonly<Record<string, string | undefined>> {
  const { elsewhere } = issuers.find(({ id }) => id === api.issuer)!
  const others = apis.filter(({ id, issuer }) => id !== api.id && issuer === api.issuer)
  return {
    nonce: api.nonce,
    revocation: api.revocation,
    ...(api.longProofs && { longProofs: 'agreed' }),
    ...api.tls,
    otherResource: others.find(({ resource }) => resource !== undefined && resource !== api.resource)?.resource ?? elsewhere?.resource,
    otherScope: others.find(
      ({ scope, resource }) =>
        scope !== undefined && resource === api.resource && api.scope !== undefined && !scope.split(' ').includes(api.scope),
    )?.scope,
  }
}
