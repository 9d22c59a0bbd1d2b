// A hand-made issuer that answers questions about tokens with whatever a test wants, and an API whose guard asks it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import type { GuardConfigInput } from '../src/index.ts'
import { type Api, closeServer, startApi, tokenClaims } from './guarded-api.ts'

export interface Asked {
  readonly form: URLSearchParams
  readonly headers: IncomingMessage['headers']
}
export interface HandIssuer {
  readonly url: string
  readonly asked: Asked[]
  /** What it answers; the default tells that the token is active and bound to the holder. */
  answer: (asked: Asked, response: ServerResponse) => unknown
  close(): Promise<void>
}

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function startHandIssuer(): Promise<HandIssuer> {
  const asked: Asked[] = []
  const server: Server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ issuer: hand.url, introspection_endpoint: `${hand.url}/introspect` }))
      return
    }
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const one = { form: new URLSearchParams(body), headers: request.headers }
      asked.push(one)
      hand.answer(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const hand: HandIssuer = { url, asked, answer: () => undefined, close: () => closeServer(server) }
  open.push(hand)
  return hand
}

export const json = (response: ServerResponse, body: unknown, type = 'application/json') => {
  response.setHeader('content-type', type)
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

export const opaque = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
type Introspection = NonNullable<GuardConfigInput['introspection']>
export const basic: Introspection = { clientId: 'notes api', authentication: { method: 'client_secret_basic', secret: 'p:ä+ss' } }

export interface Scene {
  readonly hand: HandIssuer
  readonly api: Api
  tell(change?: Record<string, unknown>): Record<string, unknown>
  call(token?: string, path?: string): ReturnType<Api['call']>
}

export async function startScene(introspection: Partial<Introspection> = {}, config: Partial<GuardConfigInput> = {}): Promise<Scene> {
  const hand = await startHandIssuer()
  const api = await startApi({ config: { issuer: hand.url, introspection: { ...basic, ...introspection } as Introspection, ...config } })
  open.push(api)
  const tell: Scene['tell'] = (change = {}) => ({
    active: true,
    ...tokenClaims(api.resource, api.clock(), { iss: hand.url, cnf: { jkt: api.holder.jkt }, token_type: 'DPoP', ...change }),
  })
  hand.answer = (_asked, response) => json(response, tell())
  return { hand, api, tell, call: (token = opaque, path = '/notes') => api.call(path, { token }) }
}

/** Waits until it holds, for at most so long. */
export async function until(holds: () => boolean, milliseconds = 3000): Promise<void> {
  for (let waited = 0; waited < milliseconds && !holds(); waited += 5) await new Promise((resolve) => setTimeout(resolve, 5))
}
