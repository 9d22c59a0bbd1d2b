// A ticket of another issuer, and proofs of a size that the owner agreed to: guards that take them, beside guards that do not.
import type { RequestHandler } from 'express'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { listen, notesApp, operations, peerGuard, quick, startIssuer } from './express-apis.ts'

const closers: (() => unknown)[] = []
let observation: Observation
afterAll(async () => {
  for (const close of closers) await close()
})

/** Whoever one of the two lets in. */
const either =
  (first: RequestHandler, second: RequestHandler): RequestHandler =>
  (request, response, next) =>
    first(request, response, (error?: unknown) => (error === undefined ? next() : second(request, response, next)))

/** Headers of more than eight kilobytes are refused before anybody reads them, as many servers do. */
const bounded =
  (guard: RequestHandler): RequestHandler =>
  (request, response, next) =>
    request.rawHeaders.join('').length > 8192 ? void response.status(431).end() : guard(request, response, next)

beforeAll(async () => {
  const [own, other] = await Promise.all([startIssuer(), startIssuer()])
  const required = { enabled: true, required: true }
  const strict = peerGuard(own.issuer, required)
  const foreign = peerGuard(other.issuer, required)
  const api = await listen(
    notesApp({ '/own': strict, '/either': either(strict, foreign), '/both': either(strict, foreign), '/short': bounded(strict) }),
  )
  closers.push(own.close, other.close, api.close)
  const issuers = [own, other].map(({ issuer }, i) => ({ id: `issuer${i}`, url: issuer, tokenEndpoint: `${issuer}/token` }))
  const clients = [own, other].map((one, i) => ({ ...one.clients[0]!, id: `job${i}`, issuer: `issuer${i}` }))
  const at = (id: string, more: object = {}) => ({ id, url: `${api.url}/${id}`, privilege: 'mid' as const, clients: ['job0'], ...more })
  const apis = [at('own'), at('either', { longProofs: true }), at('both', { clients: ['job0', 'job1'] }), at('short', { longProofs: true })]
  const inventory = parseInventory({ version: 1, contact: 'tests@example.com', issuers, clients, apis, operations })
  observation = await observe(inventory, { pace: quick, only: ['TK6', 'X5c', 'X5d'] })
})

const told = (api: string, probe: string) =>
  observation.apis.find((one) => one.api === api && one.client === 'job0')!.probes.find((one) => one.probe === probe)!

it('TK6: a ticket of another issuer, with its right proof, is refused where only the own issuer is trusted, and found where it passes', () => {
  expect([told('own', 'TK6').verdict, told('either', 'TK6').verdict]).toEqual(['holds', 'violated'])
  expect(observation.findings).toContainEqual(expect.objectContaining({ kind: 'token-not-checked', at: 'either', probes: ['TK6'] }))
})

it('TK6: where the inventory lists clients of both issuers, both are trusted, and nothing is asked', () => {
  expect(told('both', 'TK6')).toMatchObject({ verdict: 'not-applicable', reason: expect.stringContaining('does not trust') })
})

it('X5: an empty jti is refused; eight kilobytes of it are sent only where the owner agreed, and 431 is a refusal', () => {
  expect([told('own', 'X5c').verdict, told('own', 'X5d').verdict]).toEqual(['holds', 'not-applicable'])
  // The peer bounds no jti.
  expect(told('either', 'X5d').verdict).toBe('violated')
  expect(told('short', 'X5d')).toMatchObject({ verdict: 'holds', answered: 'refused (431)' })
})
