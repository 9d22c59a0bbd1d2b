// A program that is known by its certificate: it shows it on TLS connections, and its tickets are named after it.
// Run: node examples/certified-holder.ts https://localhost:4443/notes, beside `kimei dev`.
import { createClientCredentials } from '@kimei/client'
import { openCertificate } from '@kimei/client/node'

const [url = 'https://localhost:4443/notes'] = process.argv.slice(2)
// `kimei dev` made an authority at its first start, and certified this program by it.
const folder = process.env['DEMO_FOLDER'] ?? '.kimei'
const certificate = openCertificate({
  certFile: `${folder}/demo-machine.pem`,
  keyFile: `${folder}/demo-machine.key`,
  // Whose servers are believed. There is no switch that would believe all of them.
  caFile: `${folder}/demo-ca.pem`,
})

const holder = createClientCredentials({
  issuer: process.env['ISSUER'] ?? 'http://localhost:4444',
  clientId: 'demo-machine',
  authentication: { method: 'tls_client_auth' },
  certificate,
  scopes: ['notes:read', 'notes:write'],
  resources: [new URL('/', url).href],
})

const ticket = await holder.ticket()
console.log(`a ticket of the certificate ${ticket?.x5t}, good for ${ticket?.scopes.join(' and ')}`)

// A renewed certificate in the same files is taken up by itself: a ticket for it is fetched, and only then is it used.
const written = await holder.fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ text: 'written by a program with a certificate' }),
})
console.log(written.status, await written.text())

const stolen = await holder.dangerouslyRevealAccessToken()
const theft = await certificate.plainFetch(url, { headers: { authorization: `Bearer ${stolen}` } })
console.log('the same ticket over a connection without the certificate:', theft.status)
await certificate.close()
