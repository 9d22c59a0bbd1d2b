// Answers that come and go: one in three is wrong, whatever is asked. What a careless API owes to chance is no enforcement, and what a
// strict one refuses by chance is no hole.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { ApiRecord, Observation } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { quick, startIssuer } from './express-apis.ts'
import { guardedNotes, notes, notesInventory } from './notes-api.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>
let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

/** Checks everything. */
const strict = (origin: string): RequestListener => guardedNotes({ issuer, origin })

/** Takes whatever looks like a ticket, under any scheme and with any proof. */
const careless: RequestListener = (request, response) => {
  if (/\.\S+\.[\w-]+$/.test(request.headers.authorization ?? '')) notes(request, response)
  else response.writeHead(401, { 'WWW-Authenticate': 'DPoP algs="ES256"' }).end()
}

/** Compares proofs as it should, where there is one; the ticket alone passes as Bearer. */
function mixed(origin: string): RequestListener {
  const checked = strict(origin)
  return (request, response) => {
    if (/^Bearer \S+\.\S+\./.test(request.headers.authorization ?? '')) notes(request, response)
    else checked(request, response)
  }
}

/** What comes instead. */
const wrongs: Readonly<Record<string, RequestListener>> = {
  '401': (_, response) => void response.writeHead(401, { 'WWW-Authenticate': 'DPoP error="invalid_token"' }).end(),
  '403 of a firewall': (_, response) => void response.writeHead(403, { 'Content-Type': 'text/html' }).end('<html><h1>Blocked</h1></html>'),
  '500': (_, response) => void response.writeHead(500).end(),
  '503': (_, response) => void response.writeHead(503, { 'Retry-After': '0' }).end(),
  '302 to a sign-in page': (_, response) => void response.writeHead(302, { Location: 'https://sign-in.test/' }).end(),
  '200 with a page': (_, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html><form></form></html>'),
  'a reset': (request) => void request.socket.resetAndDestroy(),
  'half an answer': (request) =>
    void request.socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"no'),
}

async function look(
  kind: 'strict' | 'careless' | 'mixed',
  wrong: (count: number) => boolean,
  instead: RequestListener,
): Promise<Observation> {
  let [inside, count]: [RequestListener, number] = [careless, 0]
  const server = createServer((request, response) => {
    count += 1
    if (wrong(count)) instead(request, response)
    else inside(request, response)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close().closeAllConnections())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  if (kind !== 'careless') inside = kind === 'strict' ? strict(origin) : mixed(origin)
  return observe(notesInventory({ issuer, origin, client: 'job' }), { pace: quick })
}

const deciding = ['B1', 'B2', 'K1', 'U1', 'S1']
const said = ({ probes }: ApiRecord, verdict: string) =>
  probes.filter((one) => deciding.includes(one.probe) && one.verdict === verdict).map(({ probe, answered }) => `${probe} ${answered}`)

describe.each(Object.entries(wrongs))('one answer in three is %s', (_name, instead) => {
  it.each([0, 1, 2])('a careless API is never called enforcing, from answer %i on', async (turn) => {
    const seen = await look('careless', (count) => count % 3 === turn, instead)
    const record = seen.apis[0]!
    expect(said(record, 'holds')).toEqual([])
    expect(record.rsEnforced).not.toBe('yes')
    expect(seen.overall).not.toBe('named')
  })

  it.each([0, 1, 2])('an API that takes the ticket alone is never called enforcing, from answer %i on', async (turn) => {
    const seen = await look('mixed', (count) => count % 3 === turn, instead)
    const record = seen.apis[0]!
    expect(said(record, 'holds').filter((one) => one.startsWith('B1'))).toEqual([])
    expect(record.rsEnforced).not.toBe('yes')
    expect(seen.overall).not.toBe('named')
  })

  it.each([0, 1, 2])('a strict API is never called careless, from answer %i on', async (turn) => {
    const seen = await look('strict', (count) => count % 3 === turn, instead)
    const record = seen.apis[0]!
    expect(said(record, 'violated')).toEqual([])
    expect(['yes', 'unknown']).toContain(record.rsEnforced)
    expect(seen.findings.filter(({ owner, priority }) => owner === 'RS' && priority !== 'P2')).toEqual([])
  })
})
