// Kimei's guard in front of a two-line API: memory or SQLite replay, every decision an audit line on disk.
// Arguments: folder, adapter (node | hono), replay (memory | sqlite).
import { randomBytes } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createGuard, makeAuditLines, parseGuardConfig } from '@kimei/guard'
import { guardHono } from '@kimei/guard/hono'
import { guardNode } from '@kimei/guard/node'
import { createMemoryReplay } from '@kimei/storage/memory'
import { openSqlite } from '@kimei/storage/sqlite'
import { Hono } from 'hono'
import { listenBare, reportTo } from '../contestant.ts'
import { api, issuerOfTokens, readTokenKey, tokenKid } from '../shared.ts'

const [folder = '', adapter = 'node', memory = 'memory'] = process.argv.slice(2)
const config = parseGuardConfig({
  issuer: issuerOfTokens,
  resource: api,
  keys: { from: 'static', jwks: { keys: [{ ...readTokenKey(folder), alg: 'ES256', use: 'sig', kid: tokenKid }] } },
  routes: [{ path: '/notes', methods: ['GET'], policy: 'required', scopes: ['read'] }],
})
const replay =
  memory === 'sqlite'
    ? (await openSqlite({ file: join(folder, `guard-${process.pid}.sqlite`) })).replay
    : createMemoryReplay({ maxEntries: 2_000_000 })
// The audit log: one JSON line per decision, on disk.
const log = openSync(join(folder, `audit-${process.pid}.jsonl`), 'a', 0o600)
const { audit } = makeAuditLines((lines) => writeSync(log, lines))
const guard = createGuard(config, { replay, clock: () => Math.floor(Date.now() / 1000), random: (bytes) => randomBytes(bytes), audit })

const body = JSON.stringify({ notes: ['one', 'two'] })
if (adapter === 'hono') {
  const app = new Hono()
  app.use(guardHono(guard))
  app.get('/notes', (context) => context.json({ notes: ['one', 'two'] }))
  const { port } = await listenBare(getRequestListener(app.fetch))
  reportTo(process, port)
} else {
  const protect = guardNode(guard, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
  })
  const { port } = await listenBare(protect)
  reportTo(process, port)
}
