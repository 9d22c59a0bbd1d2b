// What a guard says of itself, signed: off by default, guarded like an API, its digest for everybody; and read from outside as a declaration.
import { generateSigningKey } from '@kimei/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseGuardFile } from '../src/proxy/proxy-config.ts'
import { statementRouteConfig } from '../src/statement/statement-desk.ts'
import { startProxied } from './proxied-api.ts'

const path = '/.well-known/kimei-guard'
const routes = [
  { policy: 'required', path: '/notes', methods: ['GET'], scopes: ['notes:read'] },
  { policy: 'bearer-allowed', path: '/report', methods: ['GET'], reason: 'an old report', until: '2099-01-01' },
] as const

async function start(scope = 'guard:statement') {
  const key = { ...(await generateSigningKey('ES256')), kid: 'statement-1' }
  const api = await startProxied({
    guard: { routes: [...routes, statementRouteConfig(scope)] as never },
    deps: { statement: { key, lifetimeSeconds: 300, policy: { issuer: 'https://id.example', replicas: 1, usedProofs: 'shared' } } },
  })
  onTestFinished(api.close)
  return { api, key }
}

const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>
const bodyOf = (answer: { readonly body: string }) => answer.body

describe('a statement of a guard', () => {
  it('is off by default: the path is one like any other', async () => {
    const api = await startProxied()
    onTestFinished(api.close)
    expect((await api.send(`GET ${path}`)).status).toBeGreaterThanOrEqual(401)
    expect(api.seen).toEqual([])
  })

  it('without a ticket only its digest, which tells nothing and changes with what is demanded', async () => {
    const { api } = await start()
    const answer = await api.send(`GET ${path}`)
    expect([answer.status, Object.keys(JSON.parse(bodyOf(answer)) as object)]).toEqual([200, ['digest']])
    expect(bodyOf(await api.send(`GET ${path}`))).toBe(bodyOf(answer))
    const other = await start('another:scope')
    expect(bodyOf(await other.api.send(`GET ${path}`))).not.toBe(bodyOf(answer))
    expect(api.seen).toEqual([])
  })

  it('with a named ticket of its scope, the signed whole; with another scope, as Bearer or without its key, nothing', async () => {
    const { api } = await start()
    const token = api.token({ scope: 'guard:statement' })
    await api.call('/notes', { lines: ['X-Other: 1'] })
    const told = await api.call(path, { token })
    expect(told.status).toBe(200)
    const claims = claimsOf(bodyOf(told))
    expect(claims).toMatchObject({
      iss: 'https://api.example/',
      format: 'kimei-guard-statement/1',
      resource: 'https://api.example/',
      usedProofs: 'shared',
      routes: [
        {
          methods: ['GET'],
          path: '/notes',
          policy: 'required',
          unbound: 'refused',
          constraint: 'dpop',
          scopes: ['notes:read'],
          nonce: 'off',
        },
        { path: '/report', policy: 'bearer-allowed', unbound: 'taken' },
        { path },
      ],
      digest: (JSON.parse(bodyOf(await api.send(`GET ${path}`))) as { digest: string }).digest,
    })
    expect((claims['exp'] as number) - (claims['iat'] as number)).toBe(300)
    expect((await api.call(path)).status).toBe(403)
    expect((await api.send(`GET ${path}`, [`Authorization: Bearer ${token}`])).status).toBe(401)
    expect((await api.send(`GET ${path}`, [`Authorization: DPoP ${token}`])).status).toBe(401)
    // The API behind saw the one call that was for it.
    expect(api.seen.map(({ target }) => target)).toEqual(['/notes'])
  })

  it('the file: a key in a file and a scope; its mistakes stand with the others', () => {
    const file = {
      guard: { issuer: 'https://id.example', resource: 'https://api.example/', routes: [...routes] },
      proxy: { upstream: 'http://127.0.0.1:8080' },
    }
    expect(parseGuardFile(file).statement).toBeUndefined()
    const on = parseGuardFile({ ...file, statement: { keyFile: 'statement.jwk.json' } })
    expect(on.statement).toEqual({ keyFile: 'statement.jwk.json', scope: 'guard:statement', lifetimeSeconds: 300 })
    expect(on.guard.routes.at(-1)).toMatchObject({ path, policy: 'required', scopes: ['guard:statement'] })
    expect(() => parseGuardFile({ ...file, statement: { keyFile: '', lifetimeSeconds: 1 } })).toThrow(
      /statement\.keyFile[\s\S]*statement\.lifetimeSeconds/,
    )
  })
})
