// A run that is ended from outside, at any step: a report on what was seen, never a verdict that was not, exit code 2.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Inventory, parseInventory } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import { formatNames, renderReport } from '../src/report/formats.ts'
import { observationSchema } from '../src/report/schema.ts'
import { observe } from '../src/run/observe.ts'
import { quick } from './express-apis.ts'
import { startStrangers } from './real-observation.ts'

let inventory: Inventory
let close: () => Promise<void>
beforeAll(async () => {
  const started = await startStrangers()
  inventory = parseInventory(started.written)
  close = started.close
})
afterAll(() => close())

it.each([0, 1, 5, 20, 60, 110])('ended at step %i: partial, said so in every format, exit code 2', async (last) => {
  const controller = new AbortController()
  let step = 0
  if (last === 0) controller.abort()
  const onStep = () => {
    step += 1
    if (step === last) controller.abort()
  }
  const observation = await observe(inventory, { pace: quick, depth: 'full', signal: controller.signal, onStep })
  expect(observation.stopped).toBe('cancelled')
  expect(exitCodeOf(observation)).toBe(2)
  expect(observation.overall).not.toBe('named')
  expect(observationSchema.safeParse(JSON.parse(JSON.stringify(observation))).error).toBeUndefined()
  for (const format of formatNames) expect(() => renderReport(observation, format, { language: 'ja' })).not.toThrow()
  expect(renderReport(observation, 'text')).toContain('Stopped early: cancelled')
  // Whatever was not asked is open, and nothing of it passes.
  const unasked = observation.apis.flatMap(({ probes }) => probes).filter(({ reason }) => reason === 'cancelled')
  expect(unasked.every(({ verdict, state }) => verdict === 'inconclusive' && state === 'not_tested')).toBe(true)
})

// A pace of one request in a hundred seconds would keep it for an hour.
it('ended while it waits for its turn: at once, whatever the pace', async () => {
  const controller = new AbortController()
  const slow = parseInventory({ ...(await startStrangersOnce()), pace: { requestsPerSecond: 0.01 } })
  const running = observe(slow, { signal: controller.signal })
  setTimeout(() => controller.abort(), 300)
  expect((await running).stopped).toBe('cancelled')
})

async function startStrangersOnce() {
  const started = await startStrangers()
  afterAll(started.close)
  return started.written
}

it('where nobody answers, the first screen says why, and what the inventory alone says is no finding for a shell', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  const silent = `http://127.0.0.1:${port}`
  const observation = await observe(
    parseInventory({
      version: 1,
      contact: 'tests@example.com',
      issuers: [{ id: 'main', url: silent, tokenEndpoint: `${silent}/token` }],
      clients: [{ id: 'job', clientId: 'job', kind: 'server', ticket: { from: 'client-credentials' } }],
      apis: ['notes', 'users'].map((id) => ({ id, url: `${silent}/${id}`, privilege: 'mid' as const })),
    }),
    { pace: quick },
  )
  expect(observation.findings.map(({ kind }) => kind)).toEqual(['operations-unclear'])
  expect(exitCodeOf(observation)).toBe(2)
  const text = renderReport(observation, 'text', { detail: false })
  expect(text).toContain('? GET notes, GET users: nobody listens there (ECONNREFUSED)')
  expect(renderReport(observation, 'text', { detail: false, language: 'ja' })).toContain('そこでは誰も待っていない (ECONNREFUSED)')
})
