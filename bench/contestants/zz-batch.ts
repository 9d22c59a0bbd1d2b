// Kimei's guard in front of a two-line API: memory or SQLite replay, audit kept as JSON lines in memory-backed SQLite or counted.
// Arguments: folder, adapter (node | hono), replay (memory | sqlite).
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createGuard, parseGuardConfig } from '@kimei/guard'
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
// The audit log: one JSON line per decision, as the proxy writes it.
const log = createWriteStream(join(folder, `audit-${process.pid}.jsonl`))
let buf = '',
  timer: any
const guard = createGuard(config, {
  replay,
  clock: () => Math.floor(Date.now() / 1000),
  random: (bytes) => randomBytes(bytes),
  audit: (event) => {
    buf += `${JSON.stringify(event)}\n`
    if (!timer)
      timer = setTimeout(() => {
        timer = undefined
        log.write(buf)
        buf = ''
      }, 50)
  },
})

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
