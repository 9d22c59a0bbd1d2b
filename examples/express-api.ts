// The same API on Express: the guard goes in front of everything, body parsers included.
// Run: node examples/express-api.ts, beside `kimei dev`.
import { admittedOf, createGuard, parseGuardConfig } from '@kimei/guard'
import { guardExpress } from '@kimei/guard/express'
import { createMemoryReplay } from '@kimei/storage/memory'
import express from 'express'

const port = Number(process.env['PORT'] ?? 4448)
const url = `http://localhost:${port}`

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
const app = express()
app.use(guardExpress(guard))
app.use(express.json())
app.get('/health', (_request, response) => void response.send('ok'))
app.get('/notes', (_request, response) => void response.json({ notes }))
app.post('/notes', (request, response) => {
  const by = admittedOf(request)?.token?.subject ?? 'nobody'
  notes.push({ by, text: String(request.body.text) })
  response.status(201).json({ by, text: request.body.text })
})

app.listen(port, 'localhost', () => console.log(`guarded notes on ${url}`))
