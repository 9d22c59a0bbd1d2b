// Another issuer on loopback with the same client, and a door of the API that takes its tickets as well.
import { staticKeys } from '@kimei/guard'
import { createIssuer, type IssuerServer, listen, parseIssuerConfig } from '@kimei/server'
import { createMemoryStorage } from '@kimei/storage/memory'
import { guardedNotes } from '../guarded-notes.ts'
import { publicJwk } from '../lab-secrets.ts'
import type { Beside, Building } from './house.ts'

export async function openSecondIssuer({ ground, guard, parts }: Building): Promise<Beside> {
  const { clock, secrets, apiUrl } = ground
  const storage = createMemoryStorage()
  let issuer: IssuerServer | undefined
  const door = await listen({ fetch: (...call) => issuer!.fetch(...call) }, { host: '127.0.0.1', port: 0 })
  const config = parseIssuerConfig({
    issuer: door.url,
    apis: [{ identifier: `${apiUrl}/`, name: 'Lab API', scopes: ['notes:read'] }],
    scopes: [{ scope: 'notes:read', description: { ja: '実験用の範囲', en: 'lab scope' } }],
    clients: [
      {
        clientId: 'job',
        kind: 'server',
        name: 'Lab job',
        authentication: 'private_key_jwt',
        jwks: { keys: [publicJwk(secrets.jobKey)] },
        grants: ['client_credentials'],
        scopes: ['notes:read'],
        apis: [`${apiUrl}/`],
      },
    ],
  })
  issuer = await createIssuer({ config, storage, clock })
  const keys = staticKeys(JSON.parse(issuer.context.keys.jwksText(clock())) as { keys: unknown[] })
  return {
    url: door.url,
    door: guardedNotes('house:any-issuer-is-trusted', { ...guard, issuer: door.url }, { ...parts, keys }),
    async close() {
      await door.close()
      await storage.close()
    },
  }
}
