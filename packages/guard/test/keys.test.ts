// Where verification keys come from: rotation without a pause, strangers that cannot make us fetch, an issuer that is down.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fixedClock, type WireKey, wireKey } from 'testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { type KeySource, KeysUnavailable, makeKeyRing, parseGuardConfig } from '../src/index.ts'
import { fetchedKeys } from '../src/keys/fetched-keys.ts'
import { makeKeySource } from '../src/keys/make-key-source.ts'
import { type Api, closeServer, publicKey, startApi } from './guarded-api.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await closeServer(server)
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface FakeIssuer {
  url: string
  keys: unknown[]
  visits: string[]
  down: boolean
  metadata: Record<string, unknown>
}

/** An issuer of which only metadata and keys are needed. */
async function startIssuer(path = '', wellKnown = (p: string) => `/.well-known/oauth-authorization-server${p}`): Promise<FakeIssuer> {
  const known: FakeIssuer = { url: '', keys: [], visits: [], down: false, metadata: {} }
  const origin = await serve((request, response) => {
    known.visits.push(request.url!)
    if (known.down) response.writeHead(503).end()
    else if (request.url === wellKnown(path))
      response.end(JSON.stringify({ issuer: known.url, jwks_uri: `${origin}/jwks`, ...known.metadata }))
    else if (request.url === '/jwks') response.end(JSON.stringify({ keys: known.keys }))
    else response.writeHead(404).end()
  })
  known.url = origin + path
  return known
}

function sourceFor(issuer: FakeIssuer, clock = fixedClock(), keys: object = {}): KeySource {
  const config = parseGuardConfig({
    issuer: issuer.url,
    resource: 'https://api.example/',
    keys: { from: 'issuer', timeoutSeconds: 1, ...keys },
    routes: [{ policy: 'required', path: '/' }],
  })
  return makeKeySource(config, { clock })
}

const ask = (kid: string) => ({ kid, alg: 'ES256' as const })

describe('the keys of an issuer', () => {
  it('AT-4-02: are found through its metadata, at both well-known places, with and without a path', async () => {
    const places: [string, (path: string) => string][] = [
      ['', (p) => `/.well-known/oauth-authorization-server${p}`],
      ['/tenant', (p) => `/.well-known/oauth-authorization-server${p}`],
      ['', (p) => `${p}/.well-known/openid-configuration`],
      ['/tenant', (p) => `${p}/.well-known/openid-configuration`],
    ]
    for (const [path, wellKnown] of places) {
      const issuer = await startIssuer(path, wellKnown)
      issuer.keys = [publicKey(wireKey('ES256', 'one'))]
      expect(await sourceFor(issuer).keyFor(ask('one')), wellKnown(path)).toBeDefined()
    }
  })

  it('AT-4-02: metadata that speaks for another issuer is refused, a slash more included', async () => {
    const issuer = await startIssuer()
    issuer.keys = [publicKey(wireKey('ES256', 'one'))]
    for (const claimed of [`${issuer.url}/`, 'https://other.example', undefined, 7]) {
      issuer.metadata = { issuer: claimed }
      await expect(sourceFor(issuer).keyFor(ask('one')), String(claimed)).rejects.toBeInstanceOf(KeysUnavailable)
    }
  })

  it('AT-4-02: a jwks_uri that is no https is refused, and a redirect is not followed', async () => {
    const issuer = await startIssuer()
    issuer.keys = [publicKey(wireKey('ES256', 'one'))]
    for (const uri of ['http://keys.example/jwks', 'file:///etc/passwd', 'jwks', undefined]) {
      issuer.metadata = { jwks_uri: uri }
      await expect(sourceFor(issuer).keyFor(ask('one')), String(uri)).rejects.toBeInstanceOf(KeysUnavailable)
    }
    const elsewhere = await serve((_request, response) => response.writeHead(302, { location: `${issuer.url}/jwks` }).end())
    issuer.metadata = { jwks_uri: `${elsewhere}/jwks` }
    await expect(sourceFor(issuer).keyFor(ask('one'))).rejects.toBeInstanceOf(KeysUnavailable)
  })

  it('an answer that is huge, hung or no JSON is an issuer that is down', async () => {
    const bodies: RequestListener[] = [
      (_request, response) => response.end('<html>'),
      (_request, response) => response.end('[]'),
      (_request, response) => response.end('{"keys":{}}'),
      (_request, response) => response.end('{"keys":[]}'),
      (_request, response) => response.end(`{"keys":[],"more":"${'x'.repeat(600_000)}"}`),
      (_request, response) => response.write('{'),
    ]
    const listeners = await Promise.all(bodies.map(serve))
    const failures = listeners.map((url) => {
      const config = parseGuardConfig({
        issuer: 'https://issuer.example',
        resource: 'https://api.example/',
        keys: { from: 'jwks-uri', jwksUri: `${url}/jwks`, timeoutSeconds: 1 },
        routes: [{ policy: 'required', path: '/' }],
      })
      return expect(makeKeySource(config, { clock: fixedClock() }).keyFor(ask('one'))).rejects.toBeInstanceOf(KeysUnavailable)
    })
    await Promise.all(failures)
  })
})

describe('rotation', () => {
  it('a new key is taken at first sight, and a withdrawn one goes with the next fetch', async () => {
    const issuer = await startIssuer()
    const [one, two] = [wireKey('ES256', 'one'), wireKey('ES256', 'two')]
    const clock = fixedClock()
    issuer.keys = [publicKey(one)]
    const source = sourceFor(issuer, clock)
    expect(await source.keyFor(ask('one'))).toBeDefined()
    issuer.keys = [publicKey(one), publicKey(two)]
    clock.advance(31)
    expect(await source.keyFor(ask('two'))).toBeDefined()
    issuer.keys = [publicKey(two)]
    clock.advance(301)
    expect(await source.keyFor(ask('one'))).toBeDefined()
    await expect
      .poll(async () => (await source.keyFor(ask('two'))) !== undefined && (await source.keyFor(ask('one'))) === undefined)
      .toBe(true)
  })

  it('ASVS-9.1.3: an unknown kid causes at most one fetch in a cooldown, however many ask', async () => {
    const issuer = await startIssuer()
    const clock = fixedClock()
    issuer.keys = [publicKey(wireKey('ES256', 'one'))]
    const source = sourceFor(issuer, clock)
    await source.keyFor(ask('one'))
    const after = () => issuer.visits.filter((path) => path === '/jwks').length
    expect(after()).toBe(1)
    clock.advance(31)
    await Promise.all(Array.from({ length: 50 }, (_, i) => source.keyFor(ask(`no-${i}`))))
    for (let i = 0; i < 20; i += 1) await source.keyFor(ask(`never-${i}`))
    expect(after()).toBe(2)
    clock.advance(29)
    await source.keyFor(ask('no'))
    expect(after()).toBe(2)
    clock.advance(2)
    await source.keyFor(ask('no'))
    expect(after()).toBe(3)
  })

  it('while the issuer is down the last good keys serve, until they are too old; then it is tried again, gently', async () => {
    const issuer = await startIssuer()
    const clock = fixedClock()
    issuer.keys = [publicKey(wireKey('ES256', 'one'))]
    const source = sourceFor(issuer, clock, { staleSeconds: 600 })
    await source.keyFor(ask('one'))
    issuer.down = true
    clock.advance(500)
    expect(await source.keyFor(ask('one'))).toBeDefined()
    expect(await source.keyFor(ask('unknown'))).toBeUndefined()
    await expect(source.warm!()).rejects.toBeInstanceOf(KeysUnavailable)
    clock.advance(500)
    await expect(source.keyFor(ask('one'))).rejects.toBeInstanceOf(KeysUnavailable)
    const visits = issuer.visits.length
    for (let i = 0; i < 10; i += 1) await expect(source.keyFor(ask('one'))).rejects.toBeInstanceOf(KeysUnavailable)
    expect(issuer.visits.length).toBe(visits)
    issuer.down = false
    clock.advance(3)
    expect(await source.keyFor(ask('one'))).toBeDefined()
  })

  it('one fetch serves all who wait for it, and old keys serve while a new fetch runs', async () => {
    const key = publicKey(wireKey('ES256', 'one'))
    const clock = fixedClock()
    let loads = 0
    let release: () => void = () => undefined
    const load = async () => {
      loads += 1
      if (loads > 1) await new Promise<void>((resolve) => (release = resolve))
      return [key]
    }
    const source = fetchedKeys({ load, clock, cooldownSeconds: 30, refreshSeconds: 300, staleSeconds: 3600 })
    await Promise.all(Array.from({ length: 20 }, () => source.keyFor(ask('one'))))
    expect(loads).toBe(1)
    clock.advance(301)
    expect(await source.keyFor(ask('one'))).toBeDefined()
    expect(await source.keyFor(ask('one'))).toBeDefined()
    expect(loads).toBe(2)
    release()
  })
})

describe('at the guard', () => {
  const started: Api[] = []
  afterEach(async () => {
    for (const api of started.splice(0)) await api.close()
  })
  const start = async (keys: KeySource, signing: WireKey) => {
    const api = await startApi({ signing, deps: { keys } })
    started.push(api)
    return api
  }

  it('an issuer that cannot be reached is 503, and nobody passes', async () => {
    const issuer = await startIssuer()
    issuer.down = true
    const api = await start(sourceFor(issuer), wireKey('ES256', 'one'))
    expect((await api.call('/notes')).status).toBe(503)
    expect(api.last()).toMatchObject({ event: 'fault', rule: 'guard.can-decide' })
    await expect(api.guard.warm()).rejects.toBeInstanceOf(KeysUnavailable)
  })

  it('a token accepted before is refused once its key is withdrawn', async () => {
    const issuer = await startIssuer()
    const clock = fixedClock()
    const signing = wireKey('ES256', 'one')
    issuer.keys = [publicKey(signing), publicKey(wireKey('ES256', 'two'))]
    const source = sourceFor(issuer, clock)
    const api = await start(source, signing)
    const token = api.token({ exp: api.clock() + 3600 })
    expect((await api.call('/notes', { token })).status).toBe(200)
    issuer.keys = [publicKey(wireKey('ES256', 'three'))]
    clock.advance(31)
    await source.keyFor(ask('three'))
    expect((await api.call('/notes', { token })).status).toBe(401)
  })
})

describe('a ring of keys', () => {
  it('ASVS-9.1.2: holds nothing symmetric, private or for encryption', async () => {
    const key = wireKey('ES256', 'one')
    const bad: unknown[] = [
      { kty: 'oct', k: 'AAAA', kid: 'one' },
      { ...key.privateJwk, kid: 'one' },
      { ...publicKey(key), use: 'enc' },
      { ...publicKey(key), key_ops: ['encrypt'] },
      { ...publicKey(key), alg: 'ES384' },
      { ...publicKey(key), x: 'AAAA' },
      null,
      'text',
      7,
      [],
    ]
    for (const jwk of bad) expect(await makeKeyRing([jwk]).keyFor(ask('one')), JSON.stringify(jwk)).toBeUndefined()
    expect(await makeKeyRing(bad.slice(0, 5).concat(publicKey(key))).keyFor(ask('one'))).toBeDefined()
  })

  it('without a kid takes the only key that fits, never one of several', async () => {
    const [one, two, rsa] = [wireKey('ES256', 'one'), wireKey('ES256', 'two'), wireKey('RS256', 'rsa')]
    const question = { kid: undefined, alg: 'ES256' as const }
    expect(await makeKeyRing([publicKey(one), publicKey(rsa)]).keyFor(question)).toBeDefined()
    expect(await makeKeyRing([publicKey(one), publicKey(two)]).keyFor(question)).toBeUndefined()
  })

  it('has one print for one set, in any order', () => {
    const keys = [publicKey(wireKey('ES256', 'one')), publicKey(wireKey('ES256', 'two'))]
    expect(makeKeyRing(keys).print).toBe(makeKeyRing([...keys].reverse()).print)
    expect(makeKeyRing(keys).print).not.toBe(makeKeyRing(keys.slice(1)).print)
  })
})
