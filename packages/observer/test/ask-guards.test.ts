// Guards asked by the observer itself, over HTTP, with a named ticket: what they sign is held against their public digest and against
// what was seen. Statements that lie, that are old, or that somebody else signed become contradictions.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard } from '@kimei/guard'
import { createProxy } from '@kimei/guard/proxy'
import { generateSigningKey } from '@kimei/protocol'
import { createMemoryStorage } from '@kimei/storage/memory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenProxy } from '../../guard/src/proxy/listen-proxy.ts'
import { makeStatements } from '../../guard/src/statement/guard-statement.ts'
import { statementRouteConfig } from '../../guard/src/statement/statement-desk.ts'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { renderReport } from '../src/report/formats.ts'
import { observe } from '../src/run/observe.ts'
import { planObservation } from '../src/run/plan.ts'
import { countedCanaries } from '../src/watch/canary.ts'
import { watch } from '../src/watch/watch.ts'
import { audience, operations, quick, startIssuer } from './express-apis.ts'

const clock = () => Math.floor(Date.now() / 1000)
const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))
const path = '/.well-known/kimei-guard'
type Answer = (request: IncomingMessage, response: ServerResponse) => boolean

const closers: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  closers.push(() => server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A front door before a real guard: it may answer for itself, which is what a gateway beside the guard does. */
async function startWorld() {
  const issuer = await startIssuer()
  closers.push(issuer.close)
  const upstream = await listen((_request, response) => void response.setHeader('Content-Type', 'application/json').end('{"notes":[]}'))
  let own: Answer = () => false
  let behind = ''
  const front = await listen((incoming, response) => {
    if (own(incoming, response)) return
    const onward = request(`${behind}${incoming.url}`, { method: incoming.method, headers: incoming.headers }, (answered) => {
      response.writeHead(answered.statusCode!, answered.rawHeaders)
      answered.pipe(response)
    })
    incoming.pipe(onward)
  })
  const guard = createGuard(
    {
      issuer: issuer.issuer,
      resource: audience,
      baseUrls: [front],
      accessTokens: { algorithms: ['RS256'] },
      routes: [
        { path: '/notes', methods: ['GET'], policy: 'required', scopes: ['read'] },
        { path: '/loose', methods: ['GET'], policy: 'required', scopes: ['read'] },
        statementRouteConfig('read') as never,
      ],
    },
    { replay: createMemoryStorage().replay, clock, random, audit: () => undefined },
  )
  const key = { ...(await generateSigningKey('ES256')), kid: 'statement-1' }
  const policy = { issuer: issuer.issuer, replicas: 1, usedProofs: 'shared' } as const
  const proxy = await createProxy(guard, { upstream }, { clock, random, statement: { key, lifetimeSeconds: 300, policy } })
  const listening = await listenProxy(proxy, { host: '127.0.0.1', port: 0 })
  closers.push(() => listening.close())
  behind = `http://127.0.0.1:${listening.port}`
  const sign = (at: number) => makeStatements({ guard, policy, key, lifetimeSeconds: 300, random }).then((one) => one.sign(at))
  const inventory = (entry: Record<string, unknown> = {}) =>
    parseInventory({
      version: 1,
      contact: 'tests@example.com',
      issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
      clients: issuer.clients.filter(({ id }) => id === 'job'),
      apis: [
        { id: 'notes', url: `${front}/notes`, privilege: 'high' },
        { id: 'loose', url: `${front}/loose`, privilege: 'low' },
      ],
      guards: [{ id: 'front', statement: `${front}${path}`, key: key.publicJwk, scope: 'read', resource: audience, ...entry }],
      operations,
    })
  const look = (answer: Answer, entry: Record<string, unknown> = {}) => {
    own = answer
    return observe(inventory(entry), { pace: quick, only: ['B1', 'K1'] })
  }
  return { look, sign, inventory }
}

let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  world = await startWorld()
})

const ofGuard = ({ contradictions }: Observation) => contradictions.filter(({ by }) => by === 'guard-statement')
const said = (observation: Observation) => ofGuard(observation).map(({ at, text }) => `${at}: ${text.en}`)
const json = (response: ServerResponse, body: string, type = 'application/json') => {
  response.setHeader('Content-Type', type).end(body)
  return true
}

describe('a guard that tells the truth', () => {
  it('SEED-TB-47, SEED-TB-48: is read with a named ticket, agrees with its digest and with what was seen, and confirms nothing', async () => {
    const observation = await world.look(() => false)
    const [reading] = observation.passive!
    expect(reading).toMatchObject({ kind: 'guard-statement', label: 'declared', whole: true })
    expect(reading!.statements.filter(({ about }) => about === 'binding').map(({ at, about, says }) => [at, about, says])).toEqual([
      ['notes', 'binding', 'demanded'],
      ['loose', 'binding', 'demanded'],
      [undefined, 'binding', 'demanded'],
    ])
    expect(ofGuard(observation)).toEqual([])
    const exchanges = observation.evidence.filter(({ request: { url } }) => url.endsWith(path))
    expect(exchanges.map(({ request: { authorization } }) => authorization.map(({ scheme }) => scheme))).toEqual([[], ['DPoP']])
    for (const format of ['text', 'json', 'html', 'har'] as const) expect(renderReport(observation, format)).not.toMatch(/eyJ[\w-]{30}/)
  })

  it('the plan says that it will be asked, and for how many requests', () => {
    const { steps } = planObservation(world.inventory())
    expect(steps.find(({ target }) => target === 'guard:front')).toMatchObject({ probe: 'statement', client: 'job', requests: 4 })
  })
})

describe('a guard that does not', () => {
  it('SEED-TB-71: a route that it says is guarded, and that a door beside it opens, is a contradiction with the exchange', async () => {
    const observation = await world.look((incoming, response) => {
      if (incoming.url !== '/loose') return false
      if (incoming.headers.authorization === undefined || /nobody/.test(incoming.headers.authorization)) response.statusCode = 401
      return json(response, response.statusCode === 401 ? '{}' : '{"notes":[]}')
    })
    const [lie] = ofGuard(observation)
    expect(lie).toMatchObject({ at: 'loose', declared: 'demanded: GET /loose', observed: 'rs_enforced=no' })
    expect(observation.apis.find(({ api }) => api === 'notes')!.rsEnforced).not.toBe('no')
  })

  it('a statement that had expired when it was given tells nothing, and that is shown', async () => {
    const old = await world.sign(clock() - 1000)
    const observation = await world.look(
      ({ url, headers }, response) => url === path && headers.authorization !== undefined && json(response, old, 'application/jwt'),
    )
    expect(said(observation)).toEqual(['notes: The guard gave a statement that had expired: it says nothing of now.'])
    expect(observation.passive![0]!.statements.filter(({ says }) => says === 'demanded')).toEqual([])
  })

  it('another digest for everybody than in the signed statement is shown, once it was asked for twice', async () => {
    const observation = await world.look(
      ({ url, headers }, response) => url === path && headers.authorization === undefined && json(response, '{"digest":"another"}'),
    )
    expect(said(observation)).toEqual(['notes: The signed statement and the digest shown to everybody differ.'])
    const { declared, observed } = ofGuard(observation)[0]!
    expect([declared, observed]).toEqual([expect.stringMatching(/^digest [\w-]{16}$/), 'digest another'])
  })

  it('signed by another key than the pinned one, nothing of it is counted', async () => {
    const { publicJwk } = await generateSigningKey('ES256')
    const observation = await world.look(() => false, { key: publicJwk })
    expect(said(observation)).toEqual(['notes: The statement is not signed by the pinned key. Nothing of it is counted.'])
    expect(observation.passive![0]!.statements).toEqual([])
  })

  it('one that gives no statement, or only a page, is noted, and accuses nobody', async () => {
    const closed = await world.look(({ url }, response) => {
      if (url !== path) return false
      response.statusCode = 404
      return json(response, '<html>nothing here</html>', 'text/html')
    })
    expect(closed.passive![0]!.notes.map(({ en }) => en)).toEqual([expect.stringMatching(/^No statement was given \(404/)])
    expect(ofGuard(closed)).toEqual([])
  })
})

describe('canary proofs', () => {
  const states = (before: Observation | undefined, after: Observation) =>
    countedCanaries(before, after).map(({ api, state }) => `${api} ${state}`)
  /** The signed whole, with another count, or with none. */
  const counting = async (count: number | undefined): Promise<Observation> => {
    const observation = await world.look(() => false)
    const passive = observation.passive!.map((one) => ({
      ...one,
      statements: one.statements.flatMap((said) => (said.about !== 'refusals' ? [said] : count === undefined ? [] : [{ ...said, count }])),
    }))
    return { ...observation, passive }
  }

  it('from the second run on, the guard must count as many refusals more as canaries were sent', async () => {
    const first = await world.look(() => false)
    const second = await world.look(() => false)
    expect(first.passive![0]!.statements).toContainEqual(
      expect.objectContaining({ place: 'binding.proof-key-is-named-key', about: 'refusals' }),
    )
    expect(states(undefined, first)).toEqual([])
    expect(states(first, second)).toEqual(['notes heard', 'loose heard'])
  })

  it('one that refuses and does not count is silent; one that was started anew says nothing', async () => {
    expect(states(await counting(7), await counting(8))).toEqual(['notes silent', 'loose silent'])
    expect(states(await counting(undefined), await counting(undefined))).toEqual(['notes silent', 'loose silent'])
    expect(states(await counting(7), await counting(2))).toEqual([])
  })

  it('a watch compares each run with the one before, and tells', async () => {
    const told: string[] = []
    const given = [await counting(3), await counting(3), await counting(50)]
    await watch({
      observe: async () => given.shift()!,
      everySeconds: 1,
      jitter: 0,
      random: () => 0,
      clock,
      signal: new AbortController().signal,
      mostRuns: 3,
      tell: async (events) =>
        void told.push(...events.filter(({ kind }) => kind.startsWith('canary')).map(({ kind, place }) => `${kind} ${place}`)) as undefined,
    })
    expect(told).toEqual(['canary-silent notes', 'canary-silent loose', 'canary-heard-again notes', 'canary-heard-again loose'])
  })
})

describe('its place in an inventory', () => {
  it('names that lead nowhere and hosts without consent are refused, all at once', () => {
    expect(() => world.inventory({ client: 'nobody', at: 'nowhere', statement: 'https://elsewhere.example/g' })).toThrow(
      /guards\.front: no client nobody[\s\S]*guards\.front: no API nowhere[\s\S]*guards\.front\.statement: elsewhere\.example is not among consent\.hosts/,
    )
  })
})
