// Kimei's issuer as it ships, at its origin for clients with certificates: SQLite on disk, audit on, every rule in force.
import { join } from 'node:path'
import { createIssuer, type IssuerServer, listen, parseIssuerConfig } from '@kimei/server'
import { openSqlite } from '@kimei/storage/sqlite'
import { reportTo } from '../contestant.ts'
import { api, clientId } from '../shared.ts'
import { readMtlsFiles } from './mtls-files.ts'

const folder = process.argv[2] ?? ''
const { serving, authority } = readMtlsFiles(folder)
let issuer: IssuerServer | undefined
// The issuer's name for this origin holds its port, so it listens first.
const door = await listen(
  { fetch: (request, connection) => issuer?.fetch(request, connection) ?? new Response(null, { status: 503 }) },
  { host: '127.0.0.1', port: 0, tls: serving, clientCertificates: 'requested' },
)
const config = parseIssuerConfig({
  issuer: 'https://bench.example',
  mtls: { url: `https://localhost:${door.port}`, trustAnchors: [authority] },
  apis: [{ identifier: api, name: 'Bench', scopes: ['read'] }],
  scopes: [{ scope: 'read', description: 'Read' }],
  clients: [
    {
      clientId,
      kind: 'server',
      name: 'Bench',
      authentication: 'tls_client_auth',
      tlsClientAuth: { subjectDn: `CN=${clientId}` },
      binding: { kind: 'required', by: 'certificate' },
      grants: ['client_credentials'],
      scopes: ['read'],
      apis: [api],
      idTokenAlg: 'ES256',
    },
  ],
})
const storage = await openSqlite({ file: join(folder, `issuer-${process.pid}.sqlite`) })
issuer = await createIssuer({ config, storage })
reportTo(process, door.port)
