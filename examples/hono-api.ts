// A Hono API whose notes only holders of named tickets can read or write.
// Run: node examples/hono-api.ts, beside `kimei dev`.
import { serve } from '@hono/node-server'
import { admittedOf, createGuard, parseGuardConfig } from '@kimei/guard'
import { guardHono } from '@kimei/guard/hono'
import { createMemoryReplay } from '@kimei/storage/memory'
import { Hono } from 'hono'

const port = Number(process.env['PORT'] ?? 4447)
const url = `http://localhost:${port}`

// Every route has a policy; a path that has none is refused. All mistakes in here are reported at once, at the start.
const config = parseGuardConfig({
  issuer: process.env['ISSUER'] ?? 'http://localhost:4444',
  resource: process.env['RESOURCE'] ?? 'http://localhost:4445/',
  baseUrls: [url],
  routes: [
    { policy: 'public', path: '/health' },
    { policy: 'required', path: '/notes', methods: ['GET'], scopes: ['notes:read'] },
    { policy: 'required', path: '/notes', methods: ['POST'], scopes: ['notes:write'] },
  ],
})
const guard = createGuard(config, {
  replay: createMemoryReplay(),
  clock: () => Math.floor(Date.now() / 1000),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  audit: (event) => console.log(JSON.stringify(event)),
})

const notes: { by: string; text: string }[] = []
const app = new Hono()
app.use(guardHono(guard))
app.get('/health', (c) => c.text('ok'))
app.get('/notes', (c) => c.json({ notes }))
app.post('/notes', async (c) => {
  const { text } = await c.req.json<{ text: string }>()
  // Who it is comes from the guard, never from a header that anybody could send.
  const by = admittedOf(c.req.raw)?.token?.subject ?? 'nobody'
  notes.push({ by, text })
  return c.json({ by, text }, 201)
})

serve({ fetch: app.fetch, hostname: 'localhost', port }, () => console.log(`guarded notes on ${url}`))
