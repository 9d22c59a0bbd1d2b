// A lab's inventory as a file for `kimei observe`: with the clients that need nobody to sign in.
import type { Inventory } from '@kimei/observer'

export function inventoryForFile({ allowedHosts: _loopback, ...inventory }: Inventory): object {
  const clients = inventory.clients.filter(({ ticket }) => ticket.from === 'client-credentials')
  const ids = new Set(clients.map(({ id }) => id))
  const apis = inventory.apis.flatMap((api) => {
    const own = api.clients.filter((id) => ids.has(id))
    return own.length === 0 ? [] : [{ ...api, clients: own }]
  })
  return { ...inventory, clients, apis }
}
