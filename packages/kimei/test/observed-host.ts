// An issuer and an API in one process, to be observed from outside: with known secrets, and a place at which it falls silent or fails.
// What an observation makes of it stands in the tests.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

const clientSecret = 'the-secret-of-the-client-0123456789'
const ticket = 'opaque-ticket-of-the-host-0123456789'
const renewal = 'opaque-renewal-of-the-host-0123456789'
const cookie = 'session-cookie-of-the-host-0123456789'

export interface Host {
  readonly url: string
  /** Of everything here, as YAML. */
  readonly inventory: string
  /** Method and path of every request. */
  readonly asked: string[]
  /** What no output may hold. */
  readonly secrets: readonly string[]
}

/** `true`: this request gets no answer, ever. */
export type Silent = (request: { readonly path: string; readonly count: number }) => boolean

export async function startHost(silent: Silent = () => false): Promise<Host> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    asked.push(`${request.method} ${path}`)
    const count = asked.filter((one) => one.endsWith(` ${path}`)).length
    if (!silent({ path, count })) answer(request, response)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, inventory: inventoryOf(url), asked, secrets: [clientSecret, ticket, renewal, cookie] }
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { authorization, dpop } = request.headers
  const json = (status: number, body: object, headers: Record<string, string> = {}) =>
    void response
      .writeHead(status, { 'Content-Type': 'application/json', 'Set-Cookie': `sid=${cookie}; HttpOnly`, ...headers })
      .end(JSON.stringify(body))
  if (request.url?.includes('.well-known')) {
    const url = `http://${request.headers.host}`
    json(200, { issuer: url, token_endpoint: `${url}/token`, dpop_signing_alg_values_supported: ['ES256'] })
  } else if (request.url === '/token') json(200, { access_token: ticket, refresh_token: renewal, token_type: 'DPoP', expires_in: 600 })
  else if (request.url === '/notes' && authorization === `DPoP ${ticket}` && dpop !== undefined) json(200, { notes: [] })
  // As careless as can be: it throws back what it was sent.
  else json(401, { error: 'invalid_token', sent: authorization }, { 'WWW-Authenticate': 'DPoP error="invalid_token"' })
}

const inventoryOf = (url: string) => `version: 1
contact: tests@example.com
issuers: [{ id: main, url: "${url}", tokenEndpoint: "${url}/token" }]
clients:
  - id: job
    clientId: job
    authentication: { method: client_secret_post, secret: ${clientSecret} }
    ticket: { from: client-credentials }
apis: [{ id: notes, url: "${url}/notes", privilege: high }]
pace: { requestsPerSecond: 50 }
`
