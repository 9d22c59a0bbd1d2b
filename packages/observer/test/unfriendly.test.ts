// Hosts that hang, clocks that are off, packed bombs, tickets that end in the middle, endpoints that lead elsewhere: no verdict that was not seen.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { InventoryInput } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import type { Observation, ObserveOptions } from '../src/observation.ts'
import { renderReport } from '../src/report/formats.ts'
import { startIssuer } from './express-apis.ts'
import { guardedNotes, observeUrls } from './notes-api.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>
let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const look = (urls: readonly string[], more?: Partial<InventoryInput>, options?: ObserveOptions): Promise<Observation> =>
  observeUrls({ issuer, urls, ...(more && { more }), ...(options && { options }) })

/** Our guard, whose clock may be off. */
function guarded(origin: string, offSeconds: number): RequestListener {
  const inner = guardedNotes({ issuer, origin, offSeconds })
  return (request, response) => {
    response.sendDate = false
    response.setHeader('Date', new Date(Date.now() + offSeconds * 1000).toUTCString())
    inner(request, response)
  }
}

describe('clocks', () => {
  // Tickets of this issuer live for ten minutes: an API that is further ahead takes none of them.
  it.each([-3600, -300, 300])('an API whose clock is %i seconds off is judged by its own clock', async (off) => {
    let inside: RequestListener = () => undefined
    const origin = await serve((request, response) => inside(request, response))
    inside = guarded(origin, off)
    const seen = await look([`${origin}/notes`], {}, { depth: 'full' })
    const record = seen.apis[0]!
    if (record.baseline === 'good') {
      expect(record).toMatchObject({ mode: 'dpop', rsEnforced: 'yes' })
      expect(record.probes.filter(({ verdict }) => verdict === 'violated').map(({ probe }) => probe)).toEqual([])
    } else expect(record).toMatchObject({ rsEnforced: 'unknown', probes: [] })
    expect(seen.findings.filter(({ owner }) => owner === 'RS')).toEqual([])
  })
})

describe('hosts that do not answer as hosts do', () => {
  it('one that hangs costs its time once, and the others are judged; ended from outside it ends at once', async () => {
    let hanging = 0
    const silent = await serve(() => {
      hanging += 1
    })
    let inside: RequestListener = () => undefined
    const origin = await serve((request, response) => inside(request, response))
    inside = guarded(origin, 0)
    const pace = { requestsPerSecond: 50, requestsPerApi: 400, budget: 2000, answerSeconds: 1 }
    const seen = await look([`${silent}/notes`, `${origin}/notes`], { pace })
    expect(seen.apis.map(({ baseline, rsEnforced }) => [baseline, rsEnforced])).toEqual([
      ['failed', 'unknown'],
      ['good', 'yes'],
    ])
    expect(hanging).toBeLessThanOrEqual(4)
    expect(seen.overall).not.toBe('named')
    const controller = new AbortController()
    const began = hanging
    const running = look([`${silent}/notes`], { pace: { ...pace, answerSeconds: 60 } }, { signal: controller.signal })
    while (hanging === began) await new Promise((resolve) => setTimeout(resolve, 20))
    controller.abort()
    const ended = await running
    expect([ended.stopped, exitCodeOf(ended)]).toEqual(['cancelled', 2])
  })

  it('a packed bomb is not unpacked, and nothing follows from it', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const origin = await serve(
      (_request, response) => void response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }).end(bomb),
    )
    const before = process.memoryUsage().rss
    const seen = await look([`${origin}/notes`])
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
    expect(seen.apis[0]!.rsEnforced).not.toBe('yes')
    expect(renderReport(seen, 'json').length).toBeLessThan(2_000_000)
  })

  it('a token endpoint that leads elsewhere is not followed, and its client’s secret goes nowhere', async () => {
    const asked: string[] = []
    const elsewhere = await serve((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
      response.end('{"access_token":"x","token_type":"DPoP"}')
    })
    const near = await serve((_request, response) => void response.writeHead(307, { Location: `${elsewhere}/token` }).end())
    const seen = await look([`${near}/notes`], {
      issuers: [{ id: 'main', url: near, tokenEndpoint: `${near}/token` }],
      clients: [
        {
          id: 'job',
          clientId: 'job',
          authentication: { method: 'client_secret_basic', secret: 'a secret that goes nowhere' },
          ticket: { from: 'client-credentials' },
        },
      ],
    })
    expect(asked).toEqual([])
    expect(seen.apis[0]).toMatchObject({ baseline: 'failed', rsEnforced: 'unknown' })
    expect(JSON.stringify(seen)).not.toContain('a secret that goes nowhere')
  })
})

describe('tickets that end in the middle', () => {
  it.each([6, 9, 12])(
    'after %i answers none is good any more: what comes after is open, never passed and never a finding',
    async (last) => {
      let inside: RequestListener = () => undefined
      let count = 0
      const origin = await serve((request, response) => inside(request, response))
      const good = guarded(origin, 0)
      inside = (request, response) => {
        count += 1
        if (count <= last) good(request, response)
        else response.writeHead(401, { 'WWW-Authenticate': 'DPoP error="invalid_token"' }).end()
      }
      const seen = await look([`${origin}/notes`], {}, { depth: 'full' })
      const { probes, rsEnforced } = seen.apis[0]!
      expect(probes.filter(({ verdict }) => verdict === 'violated')).toEqual([])
      expect(probes.some(({ verdict }) => verdict === 'inconclusive')).toBe(true)
      expect(rsEnforced).not.toBe('no')
      expect(seen.overall).toBe('unknown')
      expect(seen.findings.filter(({ owner }) => owner === 'RS')).toEqual([])
      expect(exitCodeOf(seen)).toBeGreaterThan(0)
    },
  )

  it('an issuer whose tickets live for seconds: each step gets one that is good', async () => {
    let inside: RequestListener = () => undefined
    const origin = await serve((request, response) => inside(request, response))
    const short = await startIssuerWith(5)
    const usual = issuer
    issuer = short
    try {
      inside = guarded(origin, 0)
      const seen = await look([`${origin}/notes`], {}, { only: ['B1', 'K1', 'R1'] })
      expect(seen.apis[0]).toMatchObject({ baseline: 'good' })
      expect(seen.apis[0]!.probes.filter(({ probe }) => ['B1', 'K1', 'R1'].includes(probe)).map(({ verdict }) => verdict)).toEqual([
        'holds',
        'holds',
        'holds',
      ])
    } finally {
      issuer = usual
    }
  })
})

async function startIssuerWith(accessTokenSeconds: number): Promise<Issuer> {
  const started = await startIssuer({ accessTokenSeconds })
  onTestFinished(() => started.close())
  return started
}
