// When the refusal of a credential says nothing: where it should work, it does not, or everybody gets in, or nobody answers. None of it
// is ever a pass; and what refuses in its own way, by a redirect or inside a 200, refuses all the same.
import express, { type RequestHandler } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import { observe } from '../src/run/observe.ts'
import { listen, operations, peerGuard, quick, startIssuer } from './express-apis.ts'

const secret = 'sid_3f9K2mQ7xT5vLw8ZbNcR'
const closers: (() => unknown)[] = []
let written: InventoryInput
let url: string
const notes: RequestHandler = (_request, response) => void response.json({ notes: [{ id: 1, text: 'a note' }] })
const hasTicket = (header: string | undefined) => /^(?:DPoP|Bearer) /.test(header ?? '')

beforeAll(async () => {
  const issuer = await startIssuer()
  const strict = peerGuard(issuer.issuer, { enabled: true, required: true })
  const app = express()
  app.set('env', 'test')
  const known: RequestHandler = ({ headers }, response) => {
    const found = headers.cookie === `sid=${secret}`
    response.status(found ? 200 : 401).json(found ? { account: 'robot' } : { error: 'unauthorized' })
  }
  app.get('/account', known)
  app.get('/public', (_request, response) => void response.json({ hello: 'everybody' }))
  app.get('/ended', (_request, response) => void response.status(401).json({ error: 'unauthorized' }))
  app.get('/login-first', (_request, response) => response.redirect('/login'))
  app.get('/no-inside', (_request, response) => void response.json({ success: false }))
  // Whoever has no ticket is sent to sign in, as pages do.
  app.get(
    '/pages',
    ({ headers }, response, next) => (hasTicket(headers.authorization) ? next() : response.redirect('/login')),
    strict,
    notes,
  )
  // And here says so inside a 200.
  app.get(
    '/inside',
    ({ headers }, response, next) =>
      hasTicket(headers.authorization) ? next() : void response.json({ errors: [{ message: 'sign in' }], data: null }),
    strict,
    notes,
  )
  const api = await listen(app)
  closers.push(issuer.close, api.close)
  url = api.url
  written = {
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: issuer.clients.slice(0, 1),
    subjects: ['robot'],
    apis: ['pages', 'inside'].map((id) => ({ id, url: `${url}/${id}`, privilege: 'mid' })),
    operations,
  }
})
afterAll(async () => {
  for (const close of closers) await close()
})

async function look(worksAt: string) {
  const entry = { id: 'browser', kind: 'session-cookie', in: { cookie: 'sid' }, secret, subject: 'robot', worksAt } as const
  const { apis } = await observe(parseInventory({ ...written, otherCredentials: [entry] }), { pace: quick })
  return apis.map(({ api, probes, rsEnforced }) => {
    const { verdict, reason = '' } = probes.find(({ probe }) => probe === 'OT1-session-cookie')!
    return { api, verdict, reason, rsEnforced }
  })
}

describe('a credential that is refused', () => {
  it('SEED-TB-29: by a redirect to sign in, or inside a 200: refused, where it is known to be good', async () => {
    for (const one of await look(`${url}/account`)) expect(one).toMatchObject({ verdict: 'holds', rsEnforced: 'yes' })
  })

  it.each([
    ['public', 'answers everybody alike'],
    ['ended', 'as it is where it should work (401)'],
    ['login-first', 'as it is where it should work (302)'],
    ['no-inside', 'as it is where it should work (200)'],
  ])('where it should work at /%s: open, and never a pass', async (path, reason) => {
    for (const one of await look(`${url}/${path}`))
      expect(one).toMatchObject({ verdict: 'inconclusive', rsEnforced: 'unknown', reason: expect.stringContaining(reason) })
  })

  it('where nobody answers at the address that it should open: the same', async () => {
    for (const one of await look('http://127.0.0.1:9/account'))
      expect(one).toMatchObject({ verdict: 'inconclusive', reason: expect.stringContaining('ECONNREFUSED') })
  })
})
