// The promises of the observer: only listed hosts, only declared subjects, slowly, within a budget, and nothing secret in a report.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import { renderJson } from '../src/report/json.ts'
import { renderPlan } from '../src/report/plan-text.ts'
import { observationJsonSchema, observationSchema } from '../src/report/schema.ts'
import { renderText } from '../src/report/text.ts'
import { observe } from '../src/run/observe.ts'
import { planObservation } from '../src/run/plan.ts'
import { makePacer, PolicyRefusal } from '../src/wire/pacer.ts'
import { listen, notesApp, operations, peerGuard, quick, startIssuer } from './express-apis.ts'

const closers: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

/** A server that remembers what it was asked. */
async function recorder(answer: RequestListener) {
  const seen: { readonly url: string; readonly headers: Record<string, unknown> }[] = []
  const server = createServer((request, response) => {
    seen.push({ url: `${request.method} ${request.url}`, headers: { ...request.headers } })
    answer(request, response)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  closers.push(() => server.close().closeAllConnections())
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const unsigned = (claims: object) =>
  `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`

function pastedInventory(api: string, accessToken: string, more: Partial<InventoryInput> = {}): InventoryInput {
  return {
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: api, tokenEndpoint: `${api}/token` }],
    clients: [{ id: 'app', clientId: 'app', kind: 'spa', ticket: { from: 'pasted', accessToken } }],
    apis: [{ id: 'me', url: `${api}/me`, privilege: 'high' }],
    operations,
    ...more,
  }
}

describe('only what was agreed on', () => {
  it('SEED-TB-16: a token of a subject that is no declared test account ends the run before it is sent', async () => {
    const api = await recorder((_request, response) => response.writeHead(401).end())
    const token = unsigned({ sub: 'somebody', exp: 9_999_999_999 })
    const inventory = parseInventory(pastedInventory(api.url, token, { subjects: ['test-account'] }))
    await expect(observe(inventory, { pace: quick })).rejects.toThrow(PolicyRefusal)
    expect(JSON.stringify(api.seen)).not.toContain(token)
  })

  it('SEED-TB-16: a token that cannot be read needs a stated subject', async () => {
    const api = await recorder((_request, response) => response.writeHead(401).end())
    await expect(observe(parseInventory(pastedInventory(api.url, 'opaque-token')), { pace: quick })).rejects.toThrow('state the subject')
  })

  it('a host that a challenge names is not touched when the inventory does not list it', async () => {
    const stranger = await recorder((_request, response) => response.end('{}'))
    const api = await recorder((_request, response) =>
      response
        .writeHead(401, { 'WWW-Authenticate': `DPoP resource_metadata="${stranger.url}/.well-known/oauth-protected-resource"` })
        .end(),
    )
    const token = unsigned({ sub: 'test-account', exp: 9_999_999_999 })
    await observe(parseInventory(pastedInventory(api.url, token, { subjects: ['test-account'] })), { pace: quick })
    expect(api.seen.length).toBeGreaterThan(3)
    expect(stranger.seen).toEqual([])
  })

  it('SEED-TB-08: a URL outside the inventory is refused by the pacer, whoever asks', async () => {
    const limits = {
      allowedHosts: new Set(['a.test']),
      requestsPerSecond: 1000,
      loopbackRequestsPerSecond: 1000,
      requestsPerTarget: 9,
      budget: 9,
    }
    const pacer = makePacer(limits)
    let sent = 0
    const send = async () => ({ status: 200 + sent++ * 0 })
    await expect(pacer.turn('x', 'https://b.test/', send)).rejects.toThrow('b.test is not a host of the inventory')
    await expect(pacer.turn('x', 'https://a.test/', send)).resolves.toEqual({ status: 200 })
    expect(sent).toBe(1)
  })

  it('consent that has ended ends the run before it begins', async () => {
    const api = await recorder((_request, response) => response.end())
    const consent = { grantedBy: 'the owner', until: '2020-01-01', hosts: ['api.example.com'] }
    const inventory = parseInventory(pastedInventory(api.url, 'x', { consent }))
    await expect(observe(inventory, { pace: quick })).rejects.toThrow('the consent ended on 2020-01-01')
    expect(api.seen).toEqual([])
  })

  it('the dry run names hosts, steps and requests, and sends nothing', async () => {
    const api = await recorder((_request, response) => response.end())
    const plan = planObservation(parseInventory(pastedInventory(api.url, 'x')))
    expect(plan.hosts).toEqual([new URL(api.url).host])
    expect(plan.steps.map(({ probe }) => probe)).toEqual(expect.arrayContaining(['survey', 'B1', 'K1', 'R1', 'X4c']))
    expect(plan.requests).toBeLessThanOrEqual(40)
    expect(renderPlan(plan, { language: 'ja' })).toContain('まだ何も送っていません')
    expect(api.seen).toEqual([])
  })
})

describe('gently', () => {
  it('stops after three answers in a row with 5xx, and says so', async () => {
    const api = await recorder((_request, response) => response.writeHead(503).end())
    const token = unsigned({ sub: 'test-account', exp: 9_999_999_999 })
    const observation = await observe(parseInventory(pastedInventory(api.url, token, { subjects: ['test-account'] })), { pace: quick })
    expect(api.seen).toHaveLength(3)
    expect(observation.apis[0]).toMatchObject({ baseline: 'failed', rsEnforced: 'unknown' })
    expect(observation.overall).toBe('unknown')
    expect(exitCodeOf(observation)).toBe(2)
  })

  it('a budget that is spent leaves the rest open, never passed', async () => {
    const issuer = await startIssuer()
    closers.push(issuer.close)
    const api = await listen(notesApp({ '/strict': peerGuard(issuer.issuer, { enabled: true, required: true }) }))
    closers.push(api.close)
    const inventory = parseInventory({
      version: 1,
      contact: 'tests@example.com',
      issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
      clients: issuer.clients.slice(0, 1),
      apis: [{ id: 'strict', url: `${api.url}/strict`, privilege: 'high' }],
      operations,
    })
    const observation = await observe(inventory, { pace: { ...quick, requestsPerApi: 12 } })
    const open = observation.apis[0]!.probes.filter(({ verdict }) => verdict === 'inconclusive')
    expect(open.length).toBeGreaterThan(5)
    expect(open.at(-1)).toMatchObject({ state: 'not_tested', reason: 'the budget of this target is spent' })
    expect(observation.apis[0]!.rsEnforced).toBe('unknown')
  })

  it('SEED-TB-61: a small budget is kept for what decides about every client; the rest of the first one is what stays open', async () => {
    const issuer = await startIssuer()
    closers.push(issuer.close)
    const api = await listen(notesApp({ '/strict': peerGuard(issuer.issuer, { enabled: true, required: true }) }))
    closers.push(api.close)
    const inventory = parseInventory({
      version: 1,
      contact: 'tests@example.com',
      issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
      clients: issuer.clients,
      apis: [{ id: 'strict', url: `${api.url}/strict`, privilege: 'high' }],
      operations,
    })
    const observation = await observe(inventory, { pace: { ...quick, requestsPerApi: 24 } })
    expect(observation.apis.map(({ client }) => client)).toEqual(issuer.clients.map(({ id }) => id))
    for (const { probes } of observation.apis) {
      const decided = probes.filter(({ probe, verdict }) => ['B1', 'K1'].includes(probe) && verdict === 'holds')
      expect(decided).toHaveLength(2)
    }
    expect(observation.apis[0]!.probes.some(({ reason }) => reason === 'the budget of this target is spent')).toBe(true)
    expect(observation.warnings.map(({ en }) => en)).toContainEqual(
      expect.stringMatching(/budget .* \(strict, main\): raise pace.requestsPerApi/),
    )
  })

  it('a service account is the client itself, whatever its subject is called (RFC9068-2.2)', async () => {
    const claims = { sub: 'f3b1', exp: 9_999_999_999 }
    const issued = (more: object) =>
      JSON.stringify({ access_token: unsigned({ ...claims, ...more }), token_type: 'Bearer', expires_in: 60 })
    for (const [more, taken] of [
      [{ azp: 'job' }, true],
      [{ client_id: 'job' }, true],
      [{ azp: 'other' }, false],
    ] as const) {
      const issuer = await recorder((_request, response) => response.setHeader('Content-Type', 'application/json').end(issued(more)))
      const api = await recorder((_request, response) => response.writeHead(401).end())
      const inventory = parseInventory({
        ...pastedInventory(api.url, 'x'),
        issuers: [{ id: 'main', url: issuer.url, tokenEndpoint: `${issuer.url}/token` }],
        clients: [{ id: 'job', clientId: 'job', kind: 'server', ticket: { from: 'client-credentials' } }],
      })
      const run = observe(inventory, { pace: quick })
      if (taken) expect((await run).apis).toHaveLength(1)
      else await expect(run).rejects.toThrow('clients.job: its ticket belongs to f3b1, which is not among subjects')
    }
  })

  it('one request at a time: the next begins when the last one is answered', async () => {
    const limits = {
      allowedHosts: new Set(['a.test']),
      requestsPerSecond: Number.POSITIVE_INFINITY,
      loopbackRequestsPerSecond: 1,
      requestsPerTarget: 99,
      budget: 99,
    }
    const pacer = makePacer(limits)
    let flying = 0
    let most = 0
    const send = async () => {
      flying += 1
      most = Math.max(most, flying)
      await new Promise((done) => setImmediate(done))
      flying -= 1
      return { status: 200 }
    }
    await Promise.all(Array.from({ length: 20 }, () => pacer.turn('x', 'https://a.test/', send)))
    expect(most).toBe(1)
  })
})

describe('a report', () => {
  it('SEED-TB-70: has no token, proof, assertion or secret in it, and fits its published schema', async () => {
    const sentTokens: string[] = []
    const issuer = await startIssuer()
    closers.push(issuer.close)
    const app = notesApp({ '/strict': peerGuard(issuer.issuer, { enabled: true }) })
    const api = await listen(app)
    const front = await recorder((request, response) => {
      for (const value of [request.headers.authorization, request.headers['dpop']])
        if (value) sentTokens.push(...String(value).split(/[ ,]+/))
      void fetch(`${api.url}${request.url}`).then(() => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"notes":[]}'))
    })
    closers.push(api.close)
    const secret = 'a secret of two hundred and fifty-six bits'
    const inventory = parseInventory({
      version: 1,
      contact: 'tests@example.com',
      issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
      clients: issuer.clients,
      apis: [{ id: 'strict', url: `${front.url}/strict?account=42`, privilege: 'high' }],
      operations,
    })
    const observation = await observe(inventory, { pace: quick, depth: 'full' })
    const json = renderJson(observation)
    const written = json + renderText(observation) + renderText(observation, { language: 'ja', colour: true })
    const long = sentTokens.filter((token) => token.length > 16)
    expect(long.length).toBeGreaterThan(5)
    expect(long.filter((token) => written.includes(token))).toEqual([])
    expect(written).not.toContain(secret)
    expect(written).not.toContain('account=42')
    expect(written).not.toMatch(/eyJ[A-Za-z0-9_-]{20,}/)
    expect(observationSchema.parse(JSON.parse(json))).toEqual(JSON.parse(json))
    expect(observationJsonSchema()).toMatchObject({ type: 'object', additionalProperties: false })
  })
})
