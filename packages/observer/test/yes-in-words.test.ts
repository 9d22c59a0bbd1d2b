// APIs that answer 200 whatever they mean, and things in front that answer 200 for them: yes and no differ by words alone, or nobody can tell.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { ApiRecord } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { quick, startIssuer } from './express-apis.ts'
import { guardedNotes, notesInventory } from './notes-api.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>
let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

interface Said {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}
/** Made anew for each answer. */
interface Manner {
  readonly yes: () => Said
  readonly no: (request: IncomingMessage) => Said
  /** The no says so by itself, whatever a yes looks like. */
  readonly plain?: true
}

const json = (body: unknown): Said => ({ headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
const page = (body: string, status = 200, headers: Said['headers'] = {}): Said => ({
  status,
  headers: { 'Content-Type': 'text/html', ...headers },
  body,
})
const plain = (body: string): Said => ({ headers: { 'Content-Type': 'text/plain' }, body })
const now = () => new Date(Date.now() + Math.random() * 1e9).toISOString()
const why = (request: IncomingMessage) => (request.headers.authorization === undefined ? 'no ticket' : 'another ticket, please')
let quotes = 0
const quote = () => ['to be', 'or not to be', 'that is', 'the question'][quotes++ % 4]!

/** A real guard behind a front that says its yes and no in another manner, or one that asks nobody. */
async function ask(manner: Manner, checks: 'all' | 'none' | 'nobody passes'): Promise<ApiRecord> {
  let behind = ''
  const front = await serve(async (request, response) => {
    const passes = checks === 'all' ? await passesAt(behind, request) : checks === 'none'
    const { status = 200, headers = {}, body } = passes ? manner.yes() : manner.no(request)
    response.writeHead(status, headers).end(body)
  })
  behind = await serve(guardedNotes({ issuer, origin: front }))
  return (await observe(notesInventory({ issuer, origin: front, client: 'job' }), { pace: quick })).apis[0]!
}

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Header lines go on as they came. */
function passesAt(origin: string, { method, url, rawHeaders }: IncomingMessage): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const sent = request(origin + url, { method: method!, headers: rawHeaders, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    sent.on('error', reject).end()
  })
}

const manners: Readonly<Record<string, Manner>> = {
  'a code inside': {
    yes: () => json({ code: 0, msg: 'done', data: { notes: [] } }),
    no: () => json({ code: 401, msg: 'no', data: null }),
    plain: true,
  },
  'a code inside, and nothing else differs': {
    yes: () => json({ code: 0, msg: 'done' }),
    no: () => json({ code: 7001, msg: 'not for you' }),
  },
  'a success that is false': {
    yes: () => json({ success: true, at: now() }),
    no: (r) => json({ success: false, at: why(r) }),
    plain: true,
  },
  'a sentence in the same shape': { yes: () => json({ message: 'good day' }), no: () => json({ message: 'please sign in' }) },
  'a sentence in the same shape, another one each time': { yes: () => json({ message: 'good day' }), no: (r) => json({ message: why(r) }) },
  'the same shape, and good ones differ': { yes: () => json({ message: quote() }), no: () => json({ message: 'please sign in' }) },
  'plain text with the time': { yes: () => plain(`it is ${now()}`), no: () => plain('ERROR: not allowed') },
  'a sign-in page': {
    yes: () => json({ notes: [] }),
    no: () => page('<html><form><input type=password name=p></form></html>'),
    plain: true,
  },
}

describe.each(Object.entries(manners))('no, said with 200: %s', (_name, manner) => {
  it('a strict API is never called open or careless', async () => {
    const { rsEnforced, probes } = await ask(manner, 'all')
    expect(['yes', 'unknown']).toContain(rsEnforced)
    expect(probes.filter(({ verdict, probe }) => verdict === 'violated' && probe !== 'R1').map(({ probe }) => probe)).toEqual([])
  })

  it('where the good ticket gets a no as well, nothing is known', async () => {
    const { rsEnforced, probes } = await ask(manner, 'nobody passes')
    expect(rsEnforced).not.toBe('yes')
    if (manner.plain) expect({ rsEnforced, probes }).toEqual({ rsEnforced: 'unknown', probes: [] })
  })

  it('one that takes anything is never called enforcing', async () => {
    const { rsEnforced } = await ask(manner, 'none')
    expect(rsEnforced).not.toBe('yes')
  })
})

const firewalls: Readonly<Record<string, Said>> = {
  'of AWS': page('', 202, { 'x-amzn-waf-action': 'challenge' }),
  'of Cloudflare': page('<html>Just a moment</html>', 403, { 'cf-mitigated': 'challenge' }),
  'of Imperva': page('<html><iframe src="/_Incapsula_Resource?x=1"></iframe></html>'),
  'that is busy': page('<html>Too many</html>', 429),
}

describe.each(Object.entries(firewalls))('a firewall %s', (_name, challenge) => {
  it('that answers everybody: nothing is known', async () => {
    const record = await ask({ yes: () => json({ notes: [] }), no: () => challenge }, 'nobody passes')
    expect(record).toMatchObject({ baseline: 'failed', rsEnforced: 'unknown', probes: [] })
  })

  it('that answers where the API would have: neither red nor green', async () => {
    const record = await ask({ yes: () => json({ notes: [] }), no: () => challenge }, 'all')
    expect(record.rsEnforced).toBe('unknown')
    expect(record.probes.filter(({ verdict, probe }) => verdict === 'violated' && probe !== 'R1')).toEqual([])
  })
})
