// The demo API behind its guard, in this process and over HTTP: each kind of route, and what it does with bad input.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClientCredentials, createMemoryDevice, type TicketHolder } from '@kimei/client'
import { proofKeyFrom } from '@kimei/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Demo, startDemo } from '../src/demo/start-demo.ts'

const folder = mkdtempSync(join(tmpdir(), 'kimei-demo-api-'))
let demo: Demo
let holder: TicketHolder

beforeAll(async () => {
  demo = await startDemo({ folder: join(folder, 'kimei'), host: '127.0.0.1', ports: { issuer: 0, api: 0, app: 0, mtls: 0 } })
  holder = createClientCredentials({
    issuer: demo.places.issuer,
    clientId: 'demo-server',
    authentication: { method: 'private_key_jwt', key: await proofKeyFrom(demo.secrets.serverKey, 'ES256'), kid: 'demo-server-1' },
    scopes: ['notes:read', 'notes:write', 'admin'],
    resources: [demo.resource],
    device: createMemoryDevice(),
  })
})
afterAll(async () => {
  await demo.close()
  rmSync(folder, { recursive: true, force: true })
})

async function call(path: string, body?: string): Promise<{ status: number; body: unknown }> {
  const response = await holder.fetch(`${demo.places.api}${path}`, body === undefined ? {} : { method: 'POST', body })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
}

describe('each kind of route', () => {
  it('reads what was written, newest first, and lists users', async () => {
    expect(await call('/notes', '{"text":"first"}')).toMatchObject({ status: 201, body: { text: 'first' } })
    expect(await call('/notes', '{"text":"second"}')).toMatchObject({ status: 201 })
    const { body } = await call('/notes')
    expect((body as { notes: { text: string }[] }).notes.map((note) => note.text).slice(0, 2)).toEqual(['second', 'first'])
    expect(await call('/admin/users')).toEqual({ status: 200, body: { users: ['demo'] } })
  })

  it('answers a query like GraphQL, and an unknown one with errors', async () => {
    const { body } = await call('/graphql', '{"query":"{ notes { text } }"}')
    expect(body).toMatchObject({ data: { notes: [{ text: 'second' }, { text: 'first' }] } })
    expect(await call('/graphql', '{"query":"{ users { name } }"}')).toMatchObject({ status: 200, body: { errors: [{}] } })
  })

  it('takes a batch, each part answered by itself; a dry run leaves nothing behind', async () => {
    const before = await call('/notes')
    const requests = [
      { method: 'POST', path: '/notes', body: { text: 'third' } },
      { method: 'GET', path: '/admin/users' },
    ]
    const dry = await call('/batch', JSON.stringify({ dryRun: true, requests }))
    expect(dry.body).toMatchObject({ responses: [{ status: 200 }, { status: 404 }] })
    expect(await call('/notes', '{"dryRun":true,"text":"x"}')).toMatchObject({ status: 200 })
    expect(await call('/notes')).toEqual(before)
    const done = await call('/batch', JSON.stringify({ requests }))
    expect(done.body).toMatchObject({ responses: [{ status: 201 }, { status: 404 }] })
  })

  it('keeps nobody waiting for what does not exist: unknown paths are refused by the guard', async () => {
    expect((await holder.fetch(`${demo.places.api}/elsewhere`)).status).toBe(401)
    expect((await fetch(`${demo.places.api}/notes`)).status).toBe(401)
  })
})

describe('bad input', () => {
  it.each(['', '{', 'null', '[]', '{"text":3}', '{"text":""}', JSON.stringify({ text: 'x'.repeat(501) }), 'x'.repeat(20_000)])(
    'is answered 400: %#',
    async (body) => {
      expect((await call('/notes', body)).status).toBe(400)
    },
  )

  it('of any kind never makes it answer 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('/notes', '/graphql', '/batch'), fc.oneof(fc.json(), fc.string()), async (path, body) => {
        expect((await call(path, body)).status).toBeLessThan(500)
      }),
      { numRuns: 60 },
    )
  })
})

it('the demo app’s origin serves its pages and nothing else', async () => {
  const page = await fetch(demo.places.app)
  expect([page.status, page.headers.get('content-security-policy')?.includes("default-src 'none'")]).toEqual([200, true])
  expect((await fetch(`${demo.places.app}/callback?code=x`)).status).toBe(200)
  expect((await fetch(`${demo.places.app}/none`)).status).toBe(404)
  expect((await fetch(demo.places.app, { method: 'POST' })).status).toBe(405)
})
