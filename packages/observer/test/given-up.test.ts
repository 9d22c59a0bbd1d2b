// Hosts that struggle are asked no further, and the others are observed all the same: over real servers that break at a moment.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { InventoryInput } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import type { Observation, ObserveOptions } from '../src/observation.ts'
import { compareObservations } from '../src/report/compare.ts'
import { formatNames, renderReport } from '../src/report/formats.ts'
import { observationSchema } from '../src/report/schema.ts'
import { makeHostHealth } from '../src/wire/host-health.ts'
import { quick, startIssuer } from './express-apis.ts'
import { guardedNotes, observeUrls } from './notes-api.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>
let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

interface Host {
  readonly origin: string
  readonly host: string
  readonly asked: () => number
}

/** Our guard at `/notes`, until `instead` says otherwise for the request of this number. */
async function start(instead: (count: number, path: string) => RequestListener | undefined): Promise<Host> {
  let [inside, count]: [RequestListener, number] = [() => undefined, 0]
  const server = createServer((request, response) => {
    count += 1
    const other = instead(count, request.url ?? '')
    if (other) other(request, response)
    else inside(request, response)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close().closeAllConnections())
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  inside = guardedNotes({ issuer, origin: `http://${host}` })
  return { origin: `http://${host}`, host, asked: () => count }
}

const well = () => start(() => undefined)
const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(code, headers).end()

const look = (urls: readonly string[], more?: Partial<InventoryInput>, options?: ObserveOptions): Promise<Observation> =>
  observeUrls({ issuer, urls, ...(more && { more }), ...(options && { options }) })

const enforced = ({ apis }: Observation) => apis.map(({ rsEnforced }) => rsEnforced)
/** What was not asked for it is open, and nothing of it is green. */
function expectNothingGreen(seen: Observation, api: string): void {
  const record = seen.apis.find((one) => one.api === api)!
  expect(record.rsEnforced).toBe('unknown')
  const unsent = record.probes.filter(({ reason }) => reason?.includes(' was given up: '))
  expect(unsent.length + Number(record.baselineReason?.includes(' was given up: ') ?? false)).toBeGreaterThan(0)
  expect(unsent.every(({ verdict, state }) => verdict === 'inconclusive' && state === 'not_tested')).toBe(true)
  expect(seen.overall).not.toBe('named')
  expect(exitCodeOf(seen)).not.toBe(0)
}

describe('a host that struggles', () => {
  it('from its first answer on is asked a few times; the others are judged, and every report says what was left', async () => {
    const [broken, fine, further] = [await start(() => status(503)), await well(), await well()]
    const seen = await look([broken, fine, further].map(({ origin }) => `${origin}/notes`))
    expect(enforced(seen)).toEqual(['unknown', 'yes', 'yes'])
    expect(broken.asked()).toBe(3)
    expect(seen.stopped).toBeUndefined()
    expect(seen.givenUp).toMatchObject([{ host: broken.host, why: 'faults', last: '503', untested: ['api-0'] }])
    expectNothingGreen(seen, 'api-0')
    expect(observationSchema.safeParse(JSON.parse(JSON.stringify(seen))).error).toBeUndefined()
    for (const format of formatNames.filter((name) => !['csv', 'har'].includes(name)))
      expect(renderReport(seen, format), format).toContain(broken.host)
    expect(renderReport(seen, 'text').replace(/\s+/g, ' ')).toContain('three answers in a row told of trouble')
    expect(renderReport(seen, 'text', { language: 'ja' })).toContain('尋ねるのを')
  })

  it('in the middle: what was asked before stands, the rest is not tested', async () => {
    const [breaking, fine] = [await start((count) => (count > 20 ? status(500) : undefined)), await well()]
    const seen = await look([`${breaking.origin}/notes`, `${fine.origin}/notes`])
    const probes = seen.apis[0]!.probes
    expect(probes.filter(({ verdict }) => verdict === 'holds').length).toBeGreaterThan(2)
    expect(probes.filter(({ verdict }) => verdict === 'violated')).toEqual([])
    expect(probes.some(({ reason, state }) => reason?.includes('given up') && state === 'not_tested')).toBe(true)
    expect(enforced(seen)[1]).toBe('yes')
    expect(breaking.asked()).toBeLessThan(30)
    expect(compareObservations(seen, seen).lost).toBe(true)
  })

  it('behind a gateway only where it struggles: one API is down, and those beside it are judged', async () => {
    const gateway = await start((_count, path) => (path.startsWith('/down') ? status(502) : undefined))
    const seen = await look(['/down/1', '/notes', '/notes?page=2'].map((path) => `${gateway.origin}${path}`))
    expect(enforced(seen)).toEqual(['unknown', 'yes', 'yes'])
    expect(seen.givenUp).toMatchObject([{ host: gateway.host, target: 'api-0', why: 'faults', last: '502' }])
  })

  it('as a whole: the second API there is asked once more, the third never', async () => {
    const [gateway, fine] = [await start(() => status(502)), await well()]
    const seen = await look([...['/a', '/b', '/c', '/d'].map((path) => `${gateway.origin}${path}`), `${fine.origin}/notes`])
    expect(gateway.asked()).toBe(4)
    expect(enforced(seen)).toEqual(['unknown', 'unknown', 'unknown', 'unknown', 'yes'])
    expect(seen.givenUp).toMatchObject([{ host: gateway.host, untested: ['api-0', 'api-1', 'api-2', 'api-3'] }])
  })

  it('that nobody opens, or that never answers, costs its own time and no more', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    await new Promise((done) => closed.close(done))
    const [silent, fine] = [await start(() => () => undefined), await well()]
    const pace = { ...quick, answerSeconds: 1 }
    const urls = [`http://127.0.0.1:${port}/a`, `http://127.0.0.1:${port}/b`, `${silent.origin}/notes`, `${fine.origin}/notes`]
    const seen = await look(urls, {}, { pace })
    expect(enforced(seen)).toEqual(['unknown', 'unknown', 'unknown', 'yes'])
    expect(silent.asked()).toBeLessThanOrEqual(3)
    expect(seen.givenUp).toMatchObject([{ host: `127.0.0.1:${port}`, why: 'no-answer', last: 'ECONNREFUSED' }])
    expect(exitCodeOf(seen)).not.toBe(0)
  })
})

describe('where tickets come from', () => {
  it('given up: the report says which APIs stayed untested for it', async () => {
    const [broken, fine] = [await start(() => status(500)), await well()]
    const own = { issuers: [{ id: 'main', url: broken.origin, tokenEndpoint: `${broken.origin}/token` }] }
    const seen = await look([`${fine.origin}/notes`], own)
    expect(broken.asked()).toBe(4)
    expect(exitCodeOf(seen)).toBe(2)
    expect(seen.apis[0]).toMatchObject({ baseline: 'failed', rsEnforced: 'unknown' })
    expect(seen.apis[0]!.baselineReason).toContain(`${broken.host} was given up: 3 answers in a row`)
    expect(seen.givenUp![0]!.untested).toContain('api-0')
    expectNothingGreen(seen, 'api-0')
  })
})

describe('who asks for rest', () => {
  it('gets it, and is judged then', async () => {
    const rests: unknown[] = []
    const busy = await start((count) => (count === 4 ? status(429, { 'Retry-After': '1' }) : undefined))
    const seen = await look([`${busy.origin}/notes`], {}, { onRest: (rest) => rests.push(rest) })
    expect(rests).toEqual([{ host: busy.host, seconds: 1 }])
    expect(seen.givenUp).toBeUndefined()
    expect(busy.asked()).toBeGreaterThan(4)
  })

  it('for an hour is left alone at once, and the others are asked', async () => {
    const [busy, fine] = [await start((count) => (count === 2 ? status(503, { 'Retry-After': '3600' }) : undefined)), await well()]
    const seen = await look([`${busy.origin}/notes`, `${fine.origin}/notes`])
    expect(busy.asked()).toBe(2)
    expect(seen.givenUp).toMatchObject([{ host: busy.host, why: 'asks-for-rest', last: '3600' }])
    expect(enforced(seen)).toEqual(['unknown', 'yes'])
    expectNothingGreen(seen, 'api-0')
  })

  it('ended by Ctrl+C while it rests: at once', async () => {
    const controller = new AbortController()
    const busy = await start((count) => (count === 1 ? status(429, { 'Retry-After': '59' }) : undefined))
    const seen = await look([`${busy.origin}/notes`], {}, { signal: controller.signal, onRest: () => controller.abort() })
    expect([seen.stopped, exitCodeOf(seen), busy.asked()]).toEqual(['cancelled', 2, 1])
  })

  it('again and again gets no more than is bearable, of one host and in all', () => {
    const health = makeHostHealth(() => 0, 60)
    const answer = (seconds: string) => ({ status: 503, headers: [['Retry-After', seconds]] as const })
    const usual = { status: 200, headers: [] }
    const ask = (host: string, seconds: string) => {
      health.answered(host, 'api', answer(seconds), 0)
      const rest = health.restMilliseconds(host, 0) / 1000
      health.answered(host, 'api', usual, 0)
      return rest
    }
    expect(ask('dated', new Date(7000).toUTCString())).toBe(7)
    expect([ask('one', '60'), ask('one', '60'), ask('one', '60')].slice(0, 2)).toEqual([60, 60])
    expect(() => health.admit('one', 'api')).toThrow('one was given up: it asks for 60 seconds of rest')
    for (let host = 0; host < 9; host += 1) ask(`host-${host}`, '60')
    expect(health.givenUp().length).toBeGreaterThan(1)
  })
})

describe('many hosts at once', () => {
  it('answer 429: something stands in front of them all, and the run ends', async () => {
    const hosts = await Promise.all(Array.from({ length: 6 }, () => start(() => status(429))))
    const seen = await look(hosts.map(({ origin }) => `${origin}/notes`))
    expect(hosts.map(({ asked }) => asked())).toEqual([3, 3, 3, 0, 0, 0])
    expect(seen.stopped).toBe('stopped after 3 hosts answered with 429 or 5xx')
    expect(exitCodeOf(seen)).not.toBe(0)
    expect(enforced(seen).every((one) => one === 'unknown')).toBe(true)
  })

  it('are broken one by one, with others that are well between them: all of those are judged', async () => {
    const hosts = await Promise.all(Array.from({ length: 7 }, (_, i) => (i % 2 === 0 ? well() : start(() => status(500)))))
    const seen = await look(hosts.map(({ origin }) => `${origin}/notes`))
    expect(seen.stopped).toBeUndefined()
    expect(enforced(seen)).toEqual(['yes', 'unknown', 'yes', 'unknown', 'yes', 'unknown', 'yes'])
    expect(seen.givenUp).toHaveLength(3)
  })
})
