// Kimei's issuer as it ships: SQLite on disk, audit on, every rule in force.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createIssuer, listen, parseIssuerConfig } from '@kimei/server'
import { openSqlite } from '@kimei/storage/sqlite'
import { listenBare, reportTo } from '../contestant.ts'
import { api, clientId, clientSecret } from '../shared.ts'

const folder = process.argv[2] ?? ''
// The issuer's name holds its port, so a free one is taken first.
const { server, port } = await listenBare((_request, response) => response.writeHead(503).end())
await new Promise((resolve) => server.close(resolve))

const issuer = `http://127.0.0.1:${port}`
const config = parseIssuerConfig({
  issuer,
  apis: [{ identifier: api, name: 'Bench', scopes: ['read'] }],
  scopes: [{ scope: 'read', description: 'Read' }],
  clients: [
    {
      clientId,
      kind: 'server',
      name: 'Bench',
      authentication: 'client_secret_basic',
      secretHashes: [createHash('sha256').update(clientSecret).digest('base64url')],
      grants: ['client_credentials'],
      scopes: ['read'],
      apis: [api],
      idTokenAlg: 'ES256',
    },
  ],
})
const storage = await openSqlite({ file: join(folder, `issuer-${process.pid}.sqlite`) })
const app = await createIssuer({ config, storage })
const listening = await listen(app, { host: '127.0.0.1', port })
reportTo(process, listening.port, { tokenEndpoint: `${issuer}/token` })
