// Certificates that are not right, redirects, an own clock that is off, and token endpoints that fail in the middle: nothing is sent where it
// should not go, and nothing is said that was not seen.
import { createServer, type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net'
import { selfSigned, type TestCertificate } from 'testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { InventoryInput } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import type { Observation, ObserveOptions } from '../src/observation.ts'
import { formatNames, renderReport } from '../src/report/formats.ts'
import { observe } from '../src/run/observe.ts'
import { quick, startIssuer } from './express-apis.ts'
import { guardedNotes, notesInventory } from './notes-api.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>
let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

async function serve(listener: RequestListener, certificate?: TestCertificate): Promise<string> {
  const server = certificate ? createHttps({ cert: certificate.cert, key: certificate.key }, listener) : createServer(listener)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close().closeAllConnections())
  return `${certificate ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function look(apiUrl: string, more: Partial<InventoryInput> = {}, options: ObserveOptions = {}): Promise<Observation> {
  return observe(notesInventory({ issuer, origin: apiUrl, client: 'partner', more }), { pace: quick, ...options })
}

async function guarded(): Promise<string> {
  let inside: RequestListener = () => undefined
  const origin = await serve((request, response) => inside(request, response))
  inside = guardedNotes({ issuer, origin })
  return origin
}

const secret = 'a secret of two hundred and fifty-six bits'

function nothingIsSaid(seen: Observation): void {
  expect(seen.apis).toMatchObject([{ baseline: 'failed', rsEnforced: 'unknown', probes: [] }])
  expect(seen.findings.filter(({ owner, priority }) => owner === 'RS' && priority !== 'P2')).toEqual([])
  expect(seen.overall).not.toBe('named')
  expect(exitCodeOf(seen)).toBeGreaterThan(0)
  for (const format of formatNames) expect(renderReport(seen, format)).not.toContain(secret)
}

describe('certificates of the other side', () => {
  const unknown = selfSigned('unknown')
  const expired = selfSigned('expired', 'localhost', 2021)
  const elsewhere = selfSigned('elsewhere', 'elsewhere.example')
  const cases: readonly (readonly [name: string, certificate: TestCertificate, authorities: readonly string[], host: string])[] = [
    ['of an authority nobody named', unknown, [], '127.0.0.1'],
    ['that ended years ago', expired, [expired.cert], '127.0.0.1'],
    ['for another name', elsewhere, [elsewhere.cert], 'localhost'],
  ]

  it.each(cases)('%s: an API gets no request, and no verdict', async (_name, certificate, authorities, host) => {
    const asked: unknown[] = []
    const listener: RequestListener = (request, response) => {
      asked.push(request.headers)
      response.end('{}')
    }
    const url = (await serve(listener, certificate)).replace('127.0.0.1', host)
    nothingIsSaid(await look(url, { authorities: [...authorities] }))
    expect(asked).toEqual([])
  })

  it.each(cases)('%s: a token endpoint gets no secret', async (_name, certificate, authorities, host) => {
    const asked: unknown[] = []
    const url = (await serve((request) => void asked.push(request.headers), certificate)).replace('127.0.0.1', host)
    const seen = await look(await guarded(), {
      issuers: [{ id: 'main', url, tokenEndpoint: `${url}/token` }],
      authorities: [...authorities],
    })
    nothingIsSaid(seen)
    expect([asked, seen.issuers.map(({ asEnforced }) => asEnforced)]).toEqual([[], ['unknown']])
  })
})

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('%i to elsewhere is not followed, least of all with a ticket', async (status) => {
    const asked: unknown[] = []
    const elsewhere = await serve((request, response) => {
      asked.push(request.headers)
      response.end('{"notes":[]}')
    })
    const near = await serve((_request, response) => void response.writeHead(status, { Location: `${elsewhere}/notes` }).end())
    nothingIsSaid(await look(near))
    expect(asked).toEqual([])
  })
})

describe('our own clock', () => {
  it.each([-3600, 3600])('%i seconds off: the clocks of the others are learnt, and the verdicts stand', async (off) => {
    const seen = await look(await guarded(), {}, { clock: () => Math.floor(Date.now() / 1000) + off })
    expect(seen.apis).toMatchObject([{ baseline: 'good', mode: 'dpop', rsEnforced: 'yes' }])
    expect(seen.apis[0]!.probes.filter(({ verdict }) => verdict === 'violated')).toEqual([])
  })
})

describe('a clock that is told wrong', () => {
  it.each([-3600, 3600])('an issuer whose Date is %i seconds off the time it lives in: nothing is found that is not so', async (off) => {
    const origin = await guarded()
    const through = async (date?: string) => {
      const front = await serve((asked, response) => passOn(asked, response, date))
      return look(origin, { issuers: [{ id: 'main', url: front, tokenEndpoint: `${front}/token` }] }, { depth: 'full' })
    }
    const violated = ({ issuers, apis }: Observation) =>
      [...issuers, ...apis].flatMap(({ probes }) => probes.filter(({ verdict }) => verdict === 'violated').map(({ probe }) => probe))
    const honest = violated(await through())
    const seen = await through(new Date(Date.now() + off * 1000).toUTCString())
    expect(violated(seen).filter((probe) => !honest.includes(probe))).toEqual([])
    expect(['yes', 'unknown']).toContain(seen.apis[0]!.rsEnforced)
  })

  it.each([-3600, 3600])('an API whose Date is %i seconds off the time it lives in is called neither open nor careless', async (off) => {
    const behind = new URL(await guarded())
    const front = await serve((asked, response) => passOn(asked, response, new Date(Date.now() + off * 1000).toUTCString(), behind))
    nothingIsSaid(await look(front))
  })
})

describe('a host that never gets as far as an answer', () => {
  it('silent in the middle of its handshake: given up, and nothing is said', async () => {
    const sockets: Socket[] = []
    const server = createTcp((socket) => void sockets.push(socket.on('error', () => undefined)))
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    onTestFinished(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    nothingIsSaid(await look(url, {}, { pace: { ...quick, answerSeconds: 0.2 } }))
    expect(sockets.length).toBeGreaterThan(0)
  })
})

describe('a token endpoint that fails in the middle', () => {
  const ways: Readonly<Record<string, RequestListener>> = {
    'with 500': (_request, response) => void response.writeHead(500).end('{"error":"server_error"}'),
    'with 429': (_request, response) => void response.writeHead(429, { 'Retry-After': '60' }).end(),
    'with a page': (_request, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Maintenance</html>'),
    'with invalid_client': (_request, response) => void response.writeHead(401).end('{"error":"invalid_client"}'),
    'by falling silent': () => undefined,
    'by closing': (request) => request.socket.destroy(),
  }

  it.each(Object.entries(ways))('%s: what was seen before stands, what comes after is open', async (_name, fail) => {
    const origin = await guarded()
    for (const last of [1, 9]) {
      let count = 0
      const front = await serve((asked, response) => {
        if (asked.url === '/token') count += 1
        if (asked.url === '/token' && count > last) fail(asked, response)
        else passOn(asked, response)
      })
      const issuers = [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${front}/token` }]
      const seen = await look(origin, { issuers }, { pace: { ...quick, answerSeconds: 0.2, restSeconds: 0 } })
      const api = seen.apis[0]!
      expect(api.probes.filter(({ verdict }) => verdict === 'violated')).toEqual([])
      expect(seen.findings.filter(({ owner, priority }) => owner === 'RS' && priority !== 'P2')).toEqual([])
      expect(seen.overall).not.toBe('named')
      expect(exitCodeOf(seen)).toBeGreaterThan(0)
    }
  })
})

/** To the real issuer, which builds its addresses from the Host it is asked by, or to another server. */
function passOn(asked: IncomingMessage, response: ServerResponse, date?: string, to = new URL(issuer.issuer)): void {
  const options = { method: asked.method!, headers: asked.rawHeaders, agent: false } as const
  const sent = request(new URL(asked.url!, to), options, (answer) => {
    answer.pipe(response.writeHead(answer.statusCode!, { ...answer.headers, ...(date !== undefined && { date }) }))
  })
  asked.pipe(sent.on('error', () => response.destroy()))
}
