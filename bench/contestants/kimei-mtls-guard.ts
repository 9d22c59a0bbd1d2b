// Kimei's guard over TLS in front of a two-line API, tokens bound to certificates: every decision an audit line on disk.
import { randomBytes } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createGuard, makeAuditLines, parseGuardConfig } from '@kimei/guard'
import { createTlsServer } from '@kimei/guard/listen'
import { guardNode } from '@kimei/guard/node'
import { createMemoryReplay } from '@kimei/storage/memory'
import { reportTo } from '../contestant.ts'
import { api, issuerOfTokens, readTokenKey, tokenKid } from '../shared.ts'
import { readMtlsFiles } from './mtls-files.ts'

const folder = process.argv[2] ?? ''
const config = parseGuardConfig({
  issuer: issuerOfTokens,
  resource: api,
  constraint: 'mtls',
  keys: { from: 'static', jwks: { keys: [{ ...readTokenKey(folder), alg: 'ES256', use: 'sig', kid: tokenKid }] } },
  routes: [{ path: '/notes', methods: ['GET'], policy: 'required', scopes: ['read'] }],
})
// The audit log: one JSON line per decision, on disk.
const log = openSync(join(folder, `audit-${process.pid}.jsonl`), 'a', 0o600)
const { audit } = makeAuditLines((lines) => writeSync(log, lines))
const clock = () => Math.floor(Date.now() / 1000)
const guard = createGuard(config, { replay: createMemoryReplay({ maxEntries: 1000 }), clock, random: (bytes) => randomBytes(bytes), audit })

const body = JSON.stringify({ notes: ['one', 'two'] })
const { server } = createTlsServer(readMtlsFiles(folder).serving, 'requested', { keepAliveTimeout: 60_000 })
const protect = guardNode(guard, (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
})
server.on('request', protect)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
reportTo(process, (server.address() as AddressInfo).port)
