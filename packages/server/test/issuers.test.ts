// Many issuers in one process: who is meant, when each is loaded and put aside, and that one's fault is nobody else's.
import { connect } from 'node:net'
import { rawRequest, wireKey } from 'testkit'
import { askOwnToken, kitApi, readResponse } from 'testkit/issuer'
import { type IssuersKit, startIssuersKit } from 'testkit/issuers'
import { afterEach, describe, expect, it } from 'vitest'
import { createIssuers, namesOf, parseIssuerConfig, unroutable } from '../src/index.ts'

let kit: IssuersKit
const open: IssuersKit[] = []
const start: typeof startIssuersKit = async (options) => {
  const started = await startIssuersKit(options)
  open.push(started)
  return started
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const at = (port: number, path = '', host = '127.0.0.1') => `http://${host}:${port}${path}`
const metadata = async (url: string) => readResponse(await fetch(url))

describe('which issuer a request means', () => {
  it('OIDC-16.15-2 META-3-01 DISC-4-01: by path and by host, at every well-known form, each speaks for itself alone', async () => {
    kit = await start({ names: (port) => [at(port), at(port, '/sales'), at(port, '/sales/eu'), at(port, '', 'localhost')] })
    const { port } = kit
    for (const name of kit.configs.keys()) {
      const path = new URL(name).pathname.replace(/\/$/, '')
      const origin = new URL(name).origin
      for (const url of [
        `${origin}/.well-known/oauth-authorization-server${path}`,
        `${origin}/.well-known/openid-configuration${path}`,
        `${name}/.well-known/openid-configuration`,
      ]) {
        const { status, json } = await metadata(url)
        expect([url, status, json['issuer'], json['token_endpoint'], json['jwks_uri']]).toEqual([
          url,
          200,
          name,
          `${name}/token`,
          `${name}/jwks`,
        ])
      }
    }
    const keys = await Promise.all([...kit.configs.keys()].map(async (name) => (await fetch(`${name}/jwks`)).text()))
    const ids = keys.flatMap((text) =>
      (JSON.parse(text).keys as { kid: string; alg: string }[]).filter((key) => key.alg === 'ES256').map((key) => key.kid),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(kit.loaded.length).toBe(4)
    expect((await metadata(at(port, '/SALES/.well-known/openid-configuration'))).json['issuer']).not.toBe(at(port, '/sales'))
  })

  it('OIDC-16.15-3: unknown hosts and paths are 404, and nothing is loaded for them', async () => {
    kit = await start({ names: (port) => [at(port, '/sales')] })
    const { port } = kit
    for (const path of [
      '/',
      '/token',
      '/other/token',
      '/sale',
      '/salesX/token',
      '/.well-known/openid-configuration',
      '/SALES/token',
      '/%73ales/token',
    ]) {
      expect([path, (await fetch(at(port, path))).status]).toEqual([path, 404])
    }
    const asked = (host: string, target = '/sales/jwks') => rawRequest(port, [`GET ${target} HTTP/1.1`, `Host: ${host}`])
    expect((await asked('evil.example')).status).toBe(404)
    expect((await asked(`localhost:${port}`)).status).toBe(404)
    expect((await asked(`127.0.0.1.:${port}`)).status).toBe(404)
    expect((await asked('127.0.0.1')).status).toBe(404)
    expect(kit.loaded).toEqual([])
    expect((await asked(`127.0.0.1:${port}`)).status).toBe(200)
    // The target names the host where it is absolute (RFC 9112 §3.2.2).
    expect((await asked(`127.0.0.1:${port}`, 'http://evil.example/sales/jwks')).status).toBe(404)
    // A way back to another issuer is no path of this one.
    expect((await asked(`127.0.0.1:${port}`, '/other/../sales/jwks')).status).not.toBe(500)
  })

  it('a request without a host, or with two, reaches nobody', async () => {
    kit = await start({ names: (port) => [at(port)] })
    expect((await rawRequest(kit.port, ['GET /jwks HTTP/1.1'])).status).toBe(400)
    const two = await rawRequest(kit.port, ['GET /jwks HTTP/1.1', `Host: 127.0.0.1:${kit.port}`, 'Host: evil.example'])
    expect(two.status).not.toBe(500)
    expect(kit.loaded.length).toBeLessThan(2)
  })

  it('the deepest name comes first, in https and, on loopback, http; never more than a few', () => {
    expect(namesOf('http://ID.example.com:443/sales/token?x=/y')).toEqual([
      'https://id.example.com/sales/token',
      'https://id.example.com/sales',
      'https://id.example.com',
    ])
    expect(namesOf('http://localhost:80/a')).toEqual([
      'https://localhost:80/a',
      'http://localhost/a',
      'https://localhost:80',
      'http://localhost',
    ])
    expect(namesOf('http://id.example/.well-known/openid-configuration/a/b')).toEqual([
      'https://id.example/a/b',
      'https://id.example/a',
      'https://id.example',
    ])
    expect(namesOf(`http://id.example${'/a'.repeat(500)}`).length).toBe(5)
    expect(namesOf('http://id.example/a/%2e%2e/b')).toEqual(['https://id.example/a', 'https://id.example'])
    expect(namesOf('http://id.example/.git/x')).toEqual(['https://id.example'])
    expect(namesOf('http://id.example')).toEqual(['https://id.example'])
    expect([unroutable('https://id.example/a/b'), unroutable('https://id.example')]).toEqual([undefined, undefined])
    for (const name of ['https://id.example/a%20b', 'https://id.example/a/b/c/d/e', 'https://id.example/.a', 'https://id.example/a//b']) {
      expect(unroutable(name)).toContain('cannot share a process')
    }
  })
})

describe('loading', () => {
  it('OIDC-16.15-3: of 10,000 declared issuers one is loaded when one is asked, and each other when it is', async () => {
    kit = await start({ names: (port) => Array.from({ length: 10_000 }, (_, n) => at(port, `/tenant-${n}`)) })
    expect(kit.issuers.counts()).toEqual({ warm: 0, loads: 0 })
    const first = await metadata(at(kit.port, '/tenant-7777/.well-known/openid-configuration'))
    expect(first.json['issuer']).toBe(at(kit.port, '/tenant-7777'))
    expect([kit.loaded, kit.issuers.counts()]).toEqual([[at(kit.port, '/tenant-7777')], { warm: 1, loads: 1 }])
    await metadata(at(kit.port, '/tenant-7777/jwks'))
    await metadata(at(kit.port, '/tenant-3/jwks'))
    expect(kit.issuers.counts()).toEqual({ warm: 2, loads: 2 })
  })

  it('one load at a time for an issuer: 30 first requests wait for the same one', async () => {
    kit = await start({ names: (port) => [at(port, '/a')] })
    const answers = await Promise.all(Array.from({ length: 30 }, () => fetch(at(kit.port, '/a/jwks'))))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200))
    expect(kit.loaded.length).toBe(1)
  })

  it('a bounded number stays ready; who was put aside comes back with everything it knew', async () => {
    kit = await start({ names: (port) => ['/a', '/b', '/c'].map((path) => at(port, path)), warm: 2 })
    const a = await kit.kit(at(kit.port, '/a'))
    const key = wireKey()
    const token = (await askOwnToken(a, key, { resource: kitApi })).json['access_token']
    const before = await (await fetch(at(kit.port, '/a/jwks'))).text()
    await fetch(at(kit.port, '/b/jwks'))
    await fetch(at(kit.port, '/c/jwks'))
    expect(kit.issuers.counts()).toEqual({ warm: 2, loads: 3 })
    expect(await (await fetch(at(kit.port, '/a/jwks'))).text()).toBe(before)
    expect(kit.loaded.filter((name) => name.endsWith('/a')).length).toBe(2)
    const again = await kit.kit(at(kit.port, '/a'))
    expect(again.server).not.toBe(a.server)
    expect(again.server.context.lasting).toBe(a.server.context.lasting)
    expect(typeof token).toBe('string')
  })

  it('BCLO-2.5-01: sweeping tells the clients of every issuer that is ready, and one that is put aside tells its own first', async () => {
    kit = await start({ names: (port) => [at(port, '/a'), at(port, '/b')], warm: 1 })
    const notice = async (issuer: string) => {
      const { now } = await kit.kit(issuer)
      const times = { createdAt: now(), dueAt: now(), giveUpAt: now() + 600 }
      const record = {
        issuer,
        noticeId: 'n-1',
        clientId: 'spa',
        subject: 'user-hanako',
        sessionId: null,
        attempts: 0,
        version: 1,
        ...times,
      }
      await kit.storage.commit({ issuer, now: now(), audit: [], writes: [{ write: 'put-logout-notice', record }] })
    }
    const told = () => kit.audit.filter(({ event }) => event === 'logout_not_told').map(({ issuer }) => issuer)
    await notice(at(kit.port, '/a'))
    await kit.issuers.sweep()
    expect(told()).toEqual([at(kit.port, '/a')])
    await notice(at(kit.port, '/a'))
    await kit.kit(at(kit.port, '/b'))
    for (let turn = 0; turn < 200 && told().length < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(told()).toEqual([at(kit.port, '/a'), at(kit.port, '/a')])
  })

  it('a changed configuration is loaded anew; one that is broken leaves the old one in force and says so', async () => {
    let now = 1_900_000_000
    kit = await start({ names: (port) => [at(port, '/a')], clock: () => now })
    const name = at(kit.port, '/a')
    const lifetime = async () => (await askOwnToken(await kit.kit(name), wireKey(), { resource: kitApi })).json['expires_in']
    expect(await lifetime()).toBe(300)
    kit.configs.set(name, { stamp: '2', input: { lifetimes: { accessTokenSeconds: 60 } } })
    expect(await lifetime()).toBe(60)
    kit.configs.set(name, { stamp: '3', input: { lifetimes: { accessTokenSeconds: -1 } } })
    expect(await lifetime()).toBe(60)
    expect(kit.audit.at(-1)).toMatchObject({ event: 'token_issued' })
    expect(kit.audit.filter(({ event }) => event === 'fault')).toMatchObject([{ issuer: name, name: 'Misuse' }])
    const loads = kit.loaded.length
    expect(await lifetime()).toBe(60)
    expect(kit.loaded.length).toBe(loads)
    kit.configs.set(name, { stamp: '4', input: { lifetimes: { accessTokenSeconds: 90 } } })
    now += 1
    expect(await lifetime()).toBe(90)
    kit.configs.delete(name)
    expect((await fetch(`${name}/jwks`)).status).toBe(404)
  })
})

describe('one that is broken', () => {
  it('OIDC-16.15-3: is 503 with the reason in the audit log alone, read again after a while, and harms nobody', async () => {
    let now = 1_900_000_000
    kit = await start({ names: (port) => [at(port, '/good'), at(port, '/broken')], clock: () => now })
    const broken = at(kit.port, '/broken')
    kit.configs.set(broken, { stamp: '1', input: { lifetimes: { codeSeconds: 100_000 } } })
    for (let twice = 0; twice < 2; twice += 1) {
      const answer = await readResponse(await fetch(`${broken}/jwks`))
      expect([answer.status, answer.json, answer.headers.get('retry-after')]).toEqual([503, { error: 'temporarily_unavailable' }, '5'])
      expect(answer.headers.get('x-request-id')).not.toBeNull()
      expect((await fetch(at(kit.port, '/good/jwks'))).status).toBe(200)
    }
    expect(kit.loaded.filter((name) => name === broken).length).toBe(1)
    const faults = kit.audit.filter(({ event }) => event === 'fault')
    expect(faults).toMatchObject([{ issuer: broken, name: 'Misuse', message: expect.stringContaining('lifetimes.codeSeconds') }])
    now += 5
    kit.configs.set(broken, { stamp: '1', input: {} })
    expect((await fetch(`${broken}/jwks`)).status).toBe(200)
  })

  it('one whose configuration is another’s, or whose path holds an endpoint, is refused', async () => {
    kit = await start({ names: (port) => [at(port, '/a'), at(port, '/b/token'), at(port, '/b')] })
    kit.configs.set(at(kit.port, '/a'), { stamp: '1', input: { issuer: at(kit.port, '/b') } })
    expect((await fetch(at(kit.port, '/a/jwks'))).status).toBe(503)
    expect(kit.audit.at(-1)).toMatchObject({ message: `the configuration of ${at(kit.port, '/a')} says that it is ${at(kit.port, '/b')}` })
    expect((await fetch(at(kit.port, '/b/token/jwks'))).status).toBe(503)
    expect(kit.audit.at(-1)).toMatchObject({ message: expect.stringContaining('contains "token", which is an endpoint of every issuer') })
    expect((await fetch(at(kit.port, '/b/jwks'))).status).toBe(200)
  })

  it('storage that fails is 503 and is not remembered as a broken configuration for longer', async () => {
    const { createMemoryStorage } = await import('@kimei/storage')
    const storage = createMemoryStorage()
    await storage.close()
    const source = { stamp: () => '1', load: () => parseIssuerConfig({ issuer: 'https://id.example' }) }
    const issuers = createIssuers({ source, storage })
    expect((await issuers.fetch(new Request('https://id.example/jwks'))).status).toBe(503)
  })
})

it('a client that hangs up while its issuer is loaded harms nobody', async () => {
  kit = await start({ names: (port) => [at(port, '/a')] })
  const socket = connect(kit.port, '127.0.0.1')
  await new Promise<void>((resolve) => socket.write(`GET /a/jwks HTTP/1.1\r\nHost: 127.0.0.1:${kit.port}\r\n\r\n`, () => resolve()))
  socket.destroy()
  expect((await fetch(at(kit.port, '/a/jwks'))).status).toBe(200)
})
