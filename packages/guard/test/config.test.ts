// What may be configured, and that nothing which weakens the guard can be.
import { Misuse } from '@kimei/protocol'
import { createMemoryReplay } from '@kimei/storage'
import { describe, expect, it } from 'vitest'
import { createGuard, parseGuardConfig } from '../src/index.ts'
import { parseGuardFile } from '../src/proxy/proxy-config.ts'

const route = { policy: 'required', path: '/notes' }
const sound = { issuer: 'https://issuer.example', resource: 'https://api.example/', routes: [route] }
const reason = 'two apps cannot make proofs yet'

function mistakes(change: object): readonly string[] {
  try {
    parseGuardConfig({ ...sound, ...change })
  } catch (error) {
    if (error instanceof Misuse) return error.mistakes
    throw error
  }
  return []
}

describe('a route', () => {
  it('SEED-TB-55: without a policy is refused at the start, and the route is named', () => {
    expect(mistakes({ routes: [{ path: '/admin' }, { ...route, policy: 'none' }] })).toEqual([
      'routes[0].policy (/admin): every route needs a policy: required, optional, bearer-allowed or public',
      'routes[1].policy (/notes): every route needs a policy: required, optional, bearer-allowed or public',
    ])
    expect(mistakes({ routes: [] })).toHaveLength(1)
    expect(mistakes({ routes: undefined })).toHaveLength(1)
  })

  it('with an exception needs a reason, and a date where it is one that must end', () => {
    expect(mistakes({ routes: [{ policy: 'optional', path: '/a' }] })).toHaveLength(1)
    expect(mistakes({ routes: [{ policy: 'optional', path: '/a', reason: 'because' }] })).toHaveLength(1)
    expect(mistakes({ routes: [{ policy: 'bearer-allowed', path: '/a', reason }] })).toHaveLength(1)
    expect(mistakes({ routes: [{ policy: 'bearer-allowed', path: '/a', reason, until: 'some day' }] })).toHaveLength(1)
    expect(mistakes({ routes: [{ policy: 'bearer-allowed', path: '/a', reason, until: '2027-03-31' }] })).toEqual([])
    expect(mistakes({ enforcement: { mode: 'report-only', reason } })).toHaveLength(1)
    expect(mistakes({ enforcement: { mode: 'off' } })).toHaveLength(1)
  })

  it('a date means its last second, UTC', () => {
    const until = (value: unknown) => {
      const [first] = parseGuardConfig({ ...sound, routes: [{ policy: 'bearer-allowed', path: '/a', reason, until: value }] }).routes
      return first?.policy === 'bearer-allowed' ? first.until : undefined
    }
    expect(until('2027-03-31')).toBe(Date.UTC(2027, 2, 31, 23, 59, 59) / 1000)
    expect(until('2027-03-31T12:00:00+09:00')).toBe(Date.UTC(2027, 2, 31, 3) / 1000)
    expect(until(1_800_000_000)).toBe(1_800_000_000)
  })

  it('that another already covers is a mistake', () => {
    expect(mistakes({ routes: [route, { ...route, policy: 'public' }] })).toEqual([
      'routes[1] (/notes): GET is already covered by routes[0]',
    ])
    expect(
      mistakes({
        routes: [
          { ...route, path: '/a/:x' },
          { ...route, path: '/a/:y' },
        ],
      }),
    ).toHaveLength(1)
    expect(mistakes({ routes: [route, { ...route, methods: ['POST'] }] })).toEqual([])
  })
})

describe('the checks of a proof', () => {
  it.each(['htm', 'htu', 'jti', 'iat', 'ath', 'replay', 'skipReplay', 'disableHtu', 'checkIat'])(
    'SEED-TB-56: cannot be switched off: %s',
    (key) => {
      for (const value of [false, true, 'off']) {
        expect(mistakes({ dpop: { [key]: value } })).toEqual([`dpop: unknown key ${key} (no check of a proof can be switched off)`])
        expect(mistakes({ routes: [{ ...route, [key]: value }] })).toEqual([
          `routes[0] (/notes): unknown key ${key} (no check of a proof can be switched off)`,
        ])
      }
    },
  )

  it('DPOP-4.3-12: stay seconds to minutes wide, and RS256, MACs and none are no choice', () => {
    for (const dpop of [
      { pastSeconds: 601 },
      { futureSeconds: 61 },
      { pastSeconds: 0 },
      { futureSeconds: -1 },
      { algorithms: [] },
      { algorithms: ['RS256'] },
      { algorithms: ['none'] },
    ]) {
      expect(mistakes({ dpop }), JSON.stringify(dpop)).toHaveLength(1)
    }
    for (const algorithms of [['HS256'], ['none'], ['ES256', 'HS256'], []])
      expect(mistakes({ accessTokens: { algorithms } })).toHaveLength(1)
  })
})

describe('addresses', () => {
  it('are https, or http on this machine alone, and plain', () => {
    const wrong = [
      { issuer: 'http://issuer.example' },
      { issuer: 'issuer.example' },
      { issuer: 'https://issuer.example?x' },
      { issuer: 'https://u:p@issuer.example' },
      { resource: 'urn:api' },
      { resource: 'https://api.example/é' },
      { resource: 'https://api.example/"' },
      { cors: { origins: '*', headers: ['a b'] } },
      { resource: 'https://api.example/#a' },
      { baseUrls: ['http://api.example'] },
      { baseUrls: ['https://api.example/%2e'] },
      { baseUrls: ['https://api.example/?x'] },
      { baseUrls: [] },
      { forwarded: { peers: ['proxy.example'] } },
      { forwarded: { peers: ['0.0.0.0/0'] } },
      { forwarded: { peers: ['::/0'] } },
      { forwarded: { peers: [] } },
      { cors: { origins: ['https://app.example/'] } },
      { cors: { origins: ['app.example'] } },
      { keys: { from: 'jwks-uri', jwksUri: 'http://issuer.example/jwks' } },
      { keys: { from: 'static', jwks: { keys: [] } } },
      { keys: { from: 'nowhere' } },
      { routes: [{ ...route, path: '/a/../b' }] },
      { routes: [{ ...route, methods: ['get'] }] },
      { routes: [{ ...route, scopes: ['a b'] }] },
      { replicas: 0 },
      { nonce: { secret: 'short' } },
      { replicas: 2, nonce: { demand: 'required' } },
      { unknown: 1 },
    ]
    for (const change of wrong) expect(mistakes(change), JSON.stringify(change)).toHaveLength(1)
    for (const change of [
      { issuer: 'http://localhost:4444' },
      { resource: 'http://127.0.0.1:4445/' },
      { resource: 'https://api.example/mcp?x=1' },
    ]) {
      expect(mistakes(change), JSON.stringify(change)).toEqual([])
    }
  })

  it('all mistakes come at once', () => {
    expect(mistakes({ issuer: 'x', resource: 'y', baseUrls: ['z'], routes: [{ ...route, path: 'n' }] })).toHaveLength(4)
    expect(mistakes({ replicas: 'many', routes: [{ path: '/a' }], extra: 1 })).toHaveLength(3)
    for (const nothing of [undefined, null, 7, 'text', []]) expect(() => parseGuardConfig(nothing)).toThrow(Misuse)
  })
})

describe('a guard', () => {
  it('checks what it is given even when nobody parsed it before', () => {
    const deps = { replay: createMemoryReplay(), clock: () => 1, random: (n: number) => new Uint8Array(n), audit: () => undefined }
    expect(() => createGuard({ ...sound, routes: [{ path: '/a' }] } as never, deps)).toThrow(Misuse)
    const config = parseGuardConfig(sound)
    expect(parseGuardConfig(config)).toBe(config)
    expect(createGuard(config, deps).routes()).toEqual([
      {
        route: 'GET /notes',
        methods: ['GET'],
        path: '/notes',
        policy: 'required',
        unbound: 'refused',
        constraint: 'dpop',
        scopes: [],
        nonce: 'off',
      },
    ])
  })
})

describe('the file of the proxy', () => {
  it('is the guard and the proxy together, all mistakes at once', () => {
    const file = { guard: sound, proxy: { upstream: 'http://127.0.0.1:8080' } }
    expect(parseGuardFile(file)).toMatchObject({
      listen: { host: '127.0.0.1', port: 8443 },
      proxy: { authorization: 'never', hop: { lifetimeSeconds: 5 } },
    })
    const wrong: [object, number][] = [
      [{ ...file, proxy: { upstream: 'http://127.0.0.1:8080/base' } }, 1],
      [{ ...file, proxy: { upstream: 'ftp://h' } }, 1],
      [{ ...file, proxy: { upstream: 'http://h', hop: { lifetimeSeconds: 6 } } }, 1],
      [{ ...file, proxy: { upstream: 'http://h', authorization: 'always' } }, 1],
      [{ ...file, more: 1 }, 1],
      [{ listen: { port: -1 }, guard: { ...sound, issuer: 'x' }, proxy: {} }, 3],
    ]
    for (const [input, count] of wrong) {
      const found = () => parseGuardFile(input)
      expect(found, JSON.stringify(input)).toThrow(Misuse)
      try {
        found()
      } catch (error) {
        expect((error as Misuse).mistakes, JSON.stringify(input)).toHaveLength(count)
      }
    }
  })
})
