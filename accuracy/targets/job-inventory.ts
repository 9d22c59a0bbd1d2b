// The inventory of stacks behind one issuer from npm, whose only client is a job. What is true of them stands with each target.
import { type Inventory, type InventoryInput, parseInventory } from '@kimei/observer'
import { operations, type startIssuer } from '../../packages/observer/test/express-apis.ts'

/** @param urls of the APIs, by id. */
export function jobInventory(
  issuer: Awaited<ReturnType<typeof startIssuer>>,
  urls: Readonly<Record<string, string>>,
  more: Partial<InventoryInput> = {},
): Inventory {
  return parseInventory({
    version: 1,
    contact: 'accuracy@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: issuer.clients.slice(0, 1),
    apis: Object.entries(urls).map(([id, url]) => ({ id, url, privilege: 'mid' })),
    operations,
    ...more,
  })
}
