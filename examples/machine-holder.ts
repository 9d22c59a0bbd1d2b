// A program that acts for itself: it proves who it is with its own key, gets a ticket named after another, and spends it.
// Run: node examples/machine-holder.ts http://localhost:4445/notes, beside `kimei dev`.
import { readFileSync } from 'node:fs'
import { createClientCredentials } from '@kimei/client'
import { proofKeyFrom } from '@kimei/protocol'

const [url = 'http://localhost:4445/notes'] = process.argv.slice(2)
// `kimei dev` made this client's key at its first start and keeps it in its folder.
const { serverKey } = JSON.parse(readFileSync(process.env['DEMO_FILE'] ?? '.kimei/demo.json', 'utf8'))

const holder = createClientCredentials({
  issuer: process.env['ISSUER'] ?? 'http://localhost:4444',
  clientId: 'demo-server',
  authentication: { method: 'private_key_jwt', key: await proofKeyFrom(serverKey, 'ES256'), kid: serverKey.kid },
  scopes: ['notes:read', 'notes:write'],
})

const ticket = await holder.ticket()
console.log(`a ticket named ${ticket?.jkt}, good for ${ticket?.scopes.join(' and ')}`)

// fetch as usual: the proof is made for each call, nonces are answered, the ticket is renewed in time.
const written = await holder.fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ text: 'written by a program' }),
})
console.log(written.status, await written.text())
const read = await holder.fetch(url)
console.log(read.status, await read.text())
