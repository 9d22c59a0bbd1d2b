// Several whole issuers in one process on loopback, by path and by host, for tests that try what is one's at another.
import type { AuditEvent } from '@kimei/protocol'
import { createIssuers, type IssuerConfigInput, type IssuersServer, listen, parseIssuerConfig } from '@kimei/server'
import { createMemoryStorage, type Storage } from '@kimei/storage'
import { wireKey } from './hostile-jwt.ts'
import { type IssuerKit, kitConfig, lendRsaKeys, noPassword } from './issuer-kit.ts'

export interface IssuersKit {
  readonly port: number
  readonly issuers: IssuersServer
  readonly storage: Storage
  readonly audit: AuditEvent[]
  /** What was loaded, in order. */
  readonly loaded: string[]
  /** Configurations by issuer; a change shows with a new stamp. */
  readonly configs: Map<string, { stamp: string; input: Partial<IssuerConfigInput> }>
  /** One of them, as the tests of a single issuer know it. */
  kit(issuer: string): Promise<IssuerKit>
  close(): Promise<void>
}

export interface IssuersKitOptions {
  /** Issuers from the port: `http://127.0.0.1:<port>/sales`. */
  readonly names: (port: number) => readonly string[]
  readonly config?: Partial<IssuerConfigInput>
  /** What else each declares. */
  readonly extend?: (config: IssuerConfigInput) => IssuerConfigInput
  readonly clock?: () => number
  readonly passwordHash?: string
  readonly warm?: number
  readonly storage?: Storage
}

/** All of them declare the same clients, people and keys: what they still refuse of each other, they refuse by themselves. */
export async function startIssuersKit(options: IssuersKitOptions): Promise<IssuersKit> {
  const storage = options.storage ?? createMemoryStorage()
  const clientKey = wireKey('ES256', 'client-key')
  const audit: AuditEvent[] = []
  const loaded: string[] = []
  const clock = options.clock ?? (() => Math.floor(Date.now() / 1000))
  let issuers: IssuersServer | undefined
  const listening = await listen(
    { fetch: (request, connection) => issuers?.fetch(request, connection) ?? new Response(null, { status: 503 }) },
    { host: '127.0.0.1', port: 0 },
  )
  const configs: IssuersKit['configs'] = new Map(
    options.names(listening.port).map((name) => [name, { stamp: '1', input: options.config ?? {} }]),
  )
  const server = createIssuers({
    source: {
      stamp: (name) => configs.get(name)?.stamp,
      issuerAt: (url) => [...configs].find(([, { input }]) => input.mtls?.url === url)?.[0],
      async load(name) {
        loaded.push(name)
        await lendRsaKeys(storage, name, clock())
        const config = { ...kitConfig(name, clientKey, options.passwordHash ?? noPassword), ...configs.get(name)?.input }
        return parseIssuerConfig(options.extend?.(config) ?? config)
      },
    },
    storage,
    clock,
    onAudit: (event) => void audit.push(event),
    ...(options.warm !== undefined && { warm: options.warm }),
  })
  issuers = server
  return {
    port: listening.port,
    issuers: server,
    storage,
    audit,
    loaded,
    configs,
    async kit(name) {
      const one = await server.issuer(name)
      if (!one) throw new Error(`there is no issuer ${name}`)
      await one.context.keys.complete
      return { issuer: name, server: one, storage, audit, clientKey, now: clock, close: async () => undefined }
    },
    async close() {
      await listening.close()
      await storage.close()
    },
  }
}
