// Sequences at APIs: windows to the second, memories that end too early, jti of others, nonces of others, HEAD, single nodes.
// Each finds the faulty server and is silent at the right one; guards are our own, tickets come from an issuer that is not.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard, type GuardConfigInput, type GuardDeps } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'
import { createMemoryStorage } from '@kimei/storage/memory'
import { afterEach, describe, expect, it } from 'vitest'
import { parseInventory, renderReport } from '../src/index.ts'
import type { ApiRecord, Observation, ObserveOptions } from '../src/observation.ts'
import { halve } from '../src/probes/claims/acceptance-window.ts'
import { observe } from '../src/run/observe.ts'
import { audience, operations, quick, startIssuer } from './express-apis.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

type Issuer = Awaited<ReturnType<typeof startIssuer>>
type Before = (listener: RequestListener) => RequestListener

async function issuerOf(options: Parameters<typeof startIssuer>[0] = {}): Promise<Issuer> {
  const issuer = await startIssuer({ accessTokenSeconds: 900, ...options })
  open.push(issuer)
  return issuer
}

async function serve(listener: RequestListener, host: string, port: number): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((ready, failed) => server.once('error', failed).listen(port, host, ready))
  open.push({ close: () => server.close().closeAllConnections() })
  return (server.address() as AddressInfo).port
}

interface Sketch {
  readonly dpop?: GuardConfigInput['dpop']
  readonly nonce?: 'required'
  readonly deps?: Partial<GuardDeps>
  readonly before?: Before
}

/** Notes behind a real guard; where it listens is known only afterwards, and with it what proofs must name. */
async function guarded(issuer: Issuer, sketch: Sketch = {}, named = '127.0.0.1'): Promise<string> {
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end()
  const there = await serve((request, response) => listener(request, response), '127.0.0.1', 0)
  const origin = `http://${named}:${there}`
  const config: GuardConfigInput = {
    issuer: issuer.issuer,
    resource: audience,
    baseUrls: [origin],
    accessTokens: { algorithms: ['RS256'] },
    ...(sketch.dpop && { dpop: sketch.dpop }),
    routes: [{ path: '/notes', methods: ['GET', 'HEAD'], policy: 'required', scopes: ['read'], nonce: sketch.nonce ?? 'off' }],
  }
  const deps: GuardDeps = {
    replay: createMemoryStorage().replay,
    clock: () => Math.floor(Date.now() / 1000),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    audit: () => undefined,
    ...sketch.deps,
  }
  const guard = guardNode(createGuard(config, deps), (_request, response) => {
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ notes: [{ id: 1, text: 'a note' }] }))
  })
  const shown = (sketch.before ?? ((same) => same))(guard)
  listener = (request, response) => {
    // The clock of the guard is what the other side learns.
    response.setHeader('Date', new Date(deps.clock() * 1000).toUTCString())
    shown(request, response)
  }
  return `${origin}/notes`
}

async function look(
  issuer: Issuer,
  urls: readonly string[],
  options: ObserveOptions & { readonly nodes?: readonly string[] },
): Promise<Observation> {
  const { nodes, ...rest } = options
  const apis = urls.map((url, i) => ({ id: `api${i}`, url, privilege: 'mid' as const, ...(nodes && { nodes: [...nodes] }) }))
  const issuers = [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }]
  const inventory = { version: 1, contact: 'tests@example.com', issuers, clients: issuer.clients.slice(0, 1), apis, operations }
  return observe(parseInventory(inventory), { pace: quick, ...rest })
}

const api = (observation: Observation, i: number): ApiRecord => observation.apis.find((record) => record.api === `api${i}`)!
const verdicts = (observation: Observation, probe: string) =>
  observation.apis.map(({ probes }) => probes.find((one) => one.probe === probe)?.verdict)
const kinds = ({ findings }: Observation) =>
  findings.filter(({ owner }) => owner === 'RS').map(({ kind, priority }) => `${kind} ${priority}`)

describe('halving', () => {
  const at = [1, 4, 6, 9, 11, 29, 31, 59, 61, 299, 301, 599, 601, 899, 901]

  it('finds the two places around every limit, in four requests for fifteen places', async () => {
    for (let limit = 0; limit <= 1000; limit += 1) {
      const asked: number[] = []
      const edge = await halve(at, 3600, async (seconds) => asked.push(seconds) > 0 && seconds <= limit)
      expect(edge!.accepted).toBeLessThanOrEqual(limit)
      expect(edge!.refused).toBeGreaterThan(limit)
      expect(asked.length).toBe(4)
    }
  })

  it('ends at an answer that is neither yes nor no', async () => {
    expect(await halve(at, 3600, async () => undefined)).toBeUndefined()
  })
})

describe('T3: the window', () => {
  it('SEED-TB-26: is measured to the second on both sides, written into record and report, and too wide is P2', async () => {
    const issuer = await issuerOf()
    const usual = await guarded(issuer, { dpop: { pastSeconds: 60, futureSeconds: 5 } })
    const broad = await guarded(issuer, { dpop: { pastSeconds: 300, futureSeconds: 60 } })
    const wide = await guarded(issuer, { dpop: { pastSeconds: 600, futureSeconds: 15 } })
    const seen = await look(issuer, [usual, broad, wide], { only: ['T1', 'T3'] })
    expect(verdicts(seen, 'T3')).toEqual(['holds', 'holds', 'violated'])
    expect(seen.apis.map(({ freshness }) => freshness)).toEqual([
      { by: 'iat', window: { past: { accepted: 59, refused: 61 }, future: { accepted: 4, refused: 6 } } },
      { by: 'iat', window: { past: { accepted: 299, refused: 301 }, future: { accepted: 59, refused: 61 } } },
      { by: 'iat', window: { past: { accepted: 599, refused: 601 }, future: { accepted: 14, refused: 16 } } },
    ])
    expect(kinds(seen)).toEqual(['window-too-wide P2'])
    expect(renderReport(seen, 'text', { language: 'en', detail: true, width: 160 })).toContain('accepted from 600 s ago to 15 s ahead')
    expect(renderReport(seen, 'html', { language: 'ja' })).toContain('60 秒前から 5 秒先まで通る')
    // Six on each side, two good ones, and what every place is asked first.
    expect(seen.evidence.filter(({ role }) => role.startsWith('T3'))).toHaveLength(36)
  })

  it('where the Date is not our time, no window is called anything', async () => {
    const issuer = await issuerOf()
    const late = await guarded(issuer, {
      dpop: { pastSeconds: 600, futureSeconds: 15 },
      deps: { clock: () => Math.floor(Date.now() / 1000) + 90 },
    })
    const seen = await look(issuer, [late], { only: ['T3'] })
    expect(verdicts(seen, 'T3')).toEqual(['inconclusive'])
    expect(api(seen, 0).freshness).toEqual({ by: 'unknown' })
    expect(kinds(seen)).toEqual([])
  })

  it('where a nonce is the clock, freshness is by nonce, and nothing is measured', async () => {
    const issuer = await issuerOf()
    const seen = await look(issuer, [await guarded(issuer, { nonce: 'required' })], { only: ['T1', 'T3'] })
    expect(api(seen, 0).freshness).toEqual({ by: 'nonce' })
    expect(api(seen, 0).probes.find(({ probe }) => probe === 'T3')).toMatchObject({
      verdict: 'not-applicable',
      reason: 'freshness rests on the nonce here',
    })
  })
})

/** Remembers from the time of use, as if every proof had been made then. */
const fromNow = (seconds: number): GuardDeps['replay'] => {
  const { replay } = createMemoryStorage()
  return { ...replay, claim: (space, id, _until, now) => replay.claim(space, id, now + seconds, now) }
}

describe('R3: at the edge of the window', () => {
  it('SEED-TB-26: a memory shorter than the window is found at once; one that counts from now, after the time has passed', async () => {
    const issuer = await issuerOf()
    let passed = 0
    const clock = () => Math.floor(Date.now() / 1000) + passed
    const wait = async (seconds: number) => {
      passed += seconds
    }
    const ahead = { pastSeconds: 60, futureSeconds: 60 }
    const right = await guarded(issuer, { dpop: ahead, deps: { clock } })
    // What its memory holds has ended as soon as it is written: the proof was made almost a minute ago.
    const own = createMemoryStorage().replay
    const short = await guarded(issuer, {
      dpop: ahead,
      deps: { clock, replay: { ...own, claim: (space, id, until, now) => own.claim(space, id, until - 30, now) } },
    })
    const late = await guarded(issuer, { dpop: ahead, deps: { clock, replay: fromNow(60) } })
    const seen = await look(issuer, [right, short, late], { only: ['R1', 'R3'], clock, wait })
    expect(verdicts(seen, 'R1')).toEqual(['holds', 'holds', 'holds'])
    expect(verdicts(seen, 'R3')).toEqual(['holds', 'violated', 'violated'])
    expect(new Set(kinds(seen))).toEqual(new Set(['replay-accepted P1']))
  })

  it('nobody waits where the run has no patience, and the first half is judged all the same', async () => {
    const issuer = await issuerOf()
    const late = await guarded(issuer, { dpop: { pastSeconds: 60, futureSeconds: 60 }, deps: { replay: fromNow(60) } })
    const seen = await look(issuer, [late], { only: ['R3'], patienceSeconds: 10 })
    expect(verdicts(seen, 'R3')).toEqual(['holds'])
    expect(seen.evidence.filter(({ role }) => /^R3, \d+ s ahead/.test(role))).toEqual([])
  })
})

/** One memory of jti for everybody, before the guard looks. */
const sharedMemory: Before = (guard) => {
  const used = new Set<string>()
  return (request, response) => {
    const [, claims = ''] = String(request.headers['dpop'] ?? '').split('.')
    const { jti } = JSON.parse(Buffer.from(claims, 'base64url').toString() || '{}') as { jti?: string }
    if (jti === undefined || !used.has(jti)) {
      if (jti !== undefined) used.add(jti)
      return guard(request, response)
    }
    response.writeHead(401, { 'WWW-Authenticate': 'DPoP error="invalid_dpop_proof"' }).end()
  }
}

it('R6: a jti that somebody else has used shuts nobody out; where it does, that is P2', async () => {
  const issuer = await issuerOf()
  const seen = await look(issuer, [await guarded(issuer), await guarded(issuer, { before: sharedMemory })], { only: ['R6'] })
  expect(verdicts(seen, 'R6')).toEqual(['holds', 'violated'])
  expect(kinds(seen)).toEqual(['others-shut-out P2'])
})

describe('N3: nonces of another place or time', () => {
  it('an API that takes the issuer’s nonce, or its own of five minutes ago, is told apart from one that does not', async () => {
    const issuer = await issuerOf({ requireNonce: true })
    let passed = 0
    const clock = () => Math.floor(Date.now() / 1000) + passed
    const wait = async (seconds: number) => {
      passed += seconds
    }
    const right = await guarded(issuer, { nonce: 'required', deps: { clock } })
    const any = await guarded(issuer, { nonce: 'required', deps: { clock, law: { waives: (id) => id === 'dpop.nonce-is-current' } } })
    const seen = await look(issuer, [right, any], { only: ['N3-issuer', 'N3-old'], clock, wait })
    expect(verdicts(seen, 'N3-issuer')).toEqual(['holds', 'violated'])
    expect(verdicts(seen, 'N3-old')).toEqual(['holds', 'violated'])
    expect(new Set(kinds(seen))).toEqual(new Set(['nonce-of-another P2', 'window-too-wide P2']))
  })
})

/** HEAD goes past the guard for whoever has something that looks like a ticket. */
const openHead: Before = (guard) => (request, response) => {
  if (request.method !== 'HEAD' || request.headers.authorization === undefined) return guard(request, response)
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '39' }).end()
}

it('HD: HEAD that is not guarded as GET is, and one that is', async () => {
  const issuer = await issuerOf()
  const seen = await look(issuer, [await guarded(issuer), await guarded(issuer, { before: openHead })], { only: ['HD'] })
  expect(verdicts(seen, 'HD')).toEqual(['holds', 'violated'])
  expect(api(seen, 1)).toMatchObject({ mode: 'mixed', rsEnforced: 'partial' })
  expect(kinds(seen)).toEqual(['side-door P1'])
})

describe('ND: single nodes', () => {
  /** Any ticket will do at a node that was left behind. */
  const leftBehind: RequestListener = (request, response) => {
    const has = request.headers.authorization?.split('.').length === 3
    response.writeHead(has ? 200 : 401, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(has ? { notes: [{ id: 1, text: 'a note' }] } : { error: 'invalid_token' }))
  }

  it('SEED-TB-29: the one node that was left behind is found behind the same name; without it, all hold', async () => {
    const issuer = await issuerOf()
    const first = await guarded(issuer, {}, 'localhost')
    const { port } = new URL(first)
    await serve(leftBehind, '127.0.0.2', Number(port))
    const odd = await look(issuer, [first], { only: ['B1', 'ND'], nodes: ['127.0.0.1', '127.0.0.2'] })
    expect([verdicts(odd, 'B1'), verdicts(odd, 'ND')]).toEqual([['holds'], ['violated']])
    expect(api(odd, 0).probes.find(({ probe }) => probe === 'ND')?.answered).toBe('127.0.0.2: the ticket alone passes')
    expect(kinds(odd)).toEqual(['side-door P1'])
    const even = await look(issuer, [first], { only: ['ND'], nodes: ['127.0.0.1'] })
    expect(verdicts(even, 'ND')).toEqual(['holds'])
  })

  it('an address outside loopback is touched only where the owner lists it', () => {
    const input = (hosts: readonly string[]) => ({
      version: 1,
      contact: 'tests@example.com',
      consent: { grantedBy: 'the owner', until: '2099-12-31', hosts },
      issuers: [{ id: 'main', url: 'https://as.test', tokenEndpoint: 'https://as.test/token' }],
      clients: [{ id: 'job', clientId: 'job', ticket: { from: 'client-credentials' } }],
      apis: [{ id: 'notes', url: 'https://api.test/notes', privilege: 'mid', nodes: ['203.0.113.7', '2001:db8::7'] }],
    })
    expect(() => parseInventory(input(['as.test', 'api.test']))).toThrow(/203\.0\.113\.7 is not among consent\.hosts/)
    expect(parseInventory(input(['as.test', 'api.test', '203.0.113.7', '[2001:db8::7]'])).apis[0]!.nodes).toHaveLength(2)
  })
})
