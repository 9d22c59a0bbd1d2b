// The guard in front of Node's HTTP/2 server and its requests in the manner of HTTP/1.1: certificates of the connection, and what strangers tell.
import { connect, createSecureServer, type Http2SecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { AuditEvent } from '@kimei/protocol'
import { afterEach, expect, it } from 'vitest'
import { guardNode } from '../src/adapters/node.ts'
import type { GuardConfigInput } from '../src/index.ts'
import { boundToOne, certifiedGuard, credentials, one, serving, token, two } from './certified-api.ts'
import { shared, told } from './terminator-calls.ts'

let server: Http2SecureServer | undefined
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())))

async function start(change: Partial<GuardConfigInput> = {}): Promise<{ port: number; events: AuditEvent[] }> {
  const events: AuditEvent[] = []
  const listener = guardNode(certifiedGuard(events, change), (request, response) => void response.end(Object.keys(request.headers).join()))
  server = createSecureServer({ ...serving, requestCert: true, rejectUnauthorized: false }, listener as never)
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, events }
}

function call(port: number, path: string, headers: Record<string, string>, shown?: typeof one): Promise<{ status: number; body: string }> {
  const session = connect(`https://localhost:${port}`, { ca: serving.cert, ...(shown && { cert: shown.cert, key: shown.key }) })
  return new Promise((resolve, reject) => {
    const stream = session.on('error', reject).request({ ':path': path, ...headers })
    let [status, body] = [0, '']
    stream.on('response', (answer) => {
      status = Number(answer[':status'])
    })
    stream.setEncoding('utf8').on('data', (part: string) => {
      body += part
    })
    stream.on('error', reject).on('end', () => session.close(() => resolve({ status, body })))
  })
}

it('MTLS-3-02 MTLS-3-04: over HTTP/2 the certificate of the connection counts, and no other', async () => {
  const { port, events } = await start()
  const bound = credentials('/mtls', token(boundToOne))
  expect((await call(port, '/mtls', bound, one)).status).toBe(200)
  expect((await call(port, '/mtls', bound, two)).status).toBe(401)
  expect(events.at(-1)?.event).toBe('binding_mismatch')
  expect((await call(port, '/mtls', { ...bound, 'client-cert': `:${one.der}:` })).status).toBe(401)
  expect(events.at(-1)?.event).toBe('mtls_missing')
})

it('CERT-4-01 CERT-2.4-01: over HTTP/2 what a stranger tells is ignored, and reaches no application', async () => {
  const { port, events } = await start(told(shared))
  const { status, body } = await call(port, '/open', { 'client-cert': `:${one.der}:`, 'x-other': '1' })
  expect([status, body.split(',').includes('x-other'), body.includes('client-cert')]).toEqual([200, true, false])
  expect(events.at(-1)).toHaveProperty('ignoredCertificate')
})
