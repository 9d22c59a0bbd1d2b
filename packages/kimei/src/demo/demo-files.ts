// What `kimei dev` leaves in its folder for the other commands: whom to ask for tickets, and what to observe.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { certificateFiles } from './demo-certificates.ts'
import { demoInventory } from './demo-config.ts'
import type { Demo } from './start-demo.ts'

/** What `kimei token`, `call` and `observe` take when they are not told otherwise. */
export interface Defaults {
  readonly issuer: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  /** File of the inventory, from the folder. */
  readonly inventory: string
  /** The client with a certificate; its files are named from the folder. */
  readonly machine?: {
    readonly clientId: string
    readonly scopes: readonly string[]
    readonly resource: string
    readonly certFile: string
    readonly keyFile: string
    readonly caFile: string
  }
}

const defaultsFile = 'defaults.json'
const inventoryFile = 'inventory.yaml'
const keyFile = 'demo-server.jwk.json'

export async function writeDemoFiles({ folder, places, secrets, resource, certifiedResource }: Demo): Promise<void> {
  const { stringify } = await import('yaml')
  const head = '# What kimei dev runs, as kimei observe reads it. Written at every start.\n'
  folder.write(keyFile, `${JSON.stringify(secrets.serverKey)}\n`)
  folder.write(inventoryFile, head + stringify(demoInventory(places, folder.file(keyFile))))
  const defaults: Defaults = {
    issuer: places.issuer,
    clientId: 'demo-cli',
    scopes: ['openid', 'profile', 'notes:read', 'notes:write'],
    resources: [resource],
    inventory: inventoryFile,
    machine: {
      clientId: 'demo-machine',
      scopes: ['notes:read', 'notes:write'],
      resource: certifiedResource,
      certFile: certificateFiles.machine.cert,
      keyFile: certificateFiles.machine.key,
      caFile: certificateFiles.authority.cert,
    },
  }
  folder.write(defaultsFile, `${JSON.stringify(defaults, null, 2)}\n`)
}

export function readDefaults(folder: string): Defaults | undefined {
  const path = join(folder, defaultsFile)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Defaults) : undefined
}
