// WebSocket entries of the inventory: the upgrade is asked for, what opens is closed at once, and both kinds of door are told apart.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { operations, quick, startIssuer } from './express-apis.ts'

let observation: Observation
const frames: number[] = []
const closers: (() => unknown)[] = []

/** Opens for a token: of any scheme, or under DPoP with a proof alone. */
function door({ headers, url }: IncomingMessage, socket: Duplex): void {
  const [scheme = '', token = ''] = (headers.authorization ?? '').split(' ')
  const isToken = token.split('.').length === 3
  const good = isToken && (url === '/lax' || (scheme === 'DPoP' && headers['dpop'] !== undefined))
  socket.on('error', () => undefined)
  socket.on('data', (part: Buffer) => frames.push(part.length))
  if (good) socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  else socket.end('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: DPoP\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
}

beforeAll(async () => {
  const issuer = await startIssuer()
  const server = createServer((_request, response) => response.writeHead(426).end())
  server.on('upgrade', door)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  closers.push(
    () => issuer.close(),
    () => server.close(),
  )
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  observation = await observe(
    parseInventory({
      version: 1,
      contact: 'tests@example.com',
      issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
      clients: issuer.clients.filter(({ id }) => id === 'job'),
      apis: (['lax', 'strict'] as const).map((id) => ({
        id,
        url: `${origin}/${id}`,
        privilege: 'mid' as const,
        kind: 'websocket' as const,
      })),
      operations,
    }),
    { pace: quick, only: ['B1', 'B2'] },
  )
})
afterAll(async () => {
  for (const close of closers) await close()
})

it('SEED-TB-29: an upgrade that opens for the same ticket as Bearer is an exception path; one that does not, holds', () => {
  const verdicts = observation.apis.map(({ api, baseline, probes }) => [
    api,
    baseline,
    ...probes.filter(({ probe }) => probe === 'B1' || probe === 'B2').map(({ verdict }) => verdict),
  ])
  expect(verdicts).toEqual([
    ['lax', 'good', 'violated', 'violated'],
    ['strict', 'good', 'holds', 'holds'],
  ])
  expect(frames).toEqual([])
})
