// Which policy covers a request: paths that can be read in two ways are refused, and no spelling slips past a policy.

import { judge, pathRules, wholeLaw } from '@kimei/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileRoutes, parseRoutePath } from '../src/route-table.ts'
import { type Api, challenges, startApi } from './guarded-api.ts'

const ambiguous = [
  '/notes%2fadmin',
  '/notes%2Fadmin',
  '/notes%5cadmin',
  '/notes\\admin',
  '//notes',
  '/notes//1',
  '/notes//',
  '/notes/./1',
  '/notes/../admin',
  '/notes/.',
  '/notes/..',
  '/notes/%2e%2e/admin',
  '/notes/%2E/1',
  '/notes/.%2e/1',
  '/notes;x=1',
  '/notes;/1',
  '/notes%3bx',
  '/notes%00',
  '/notes%0a',
  '/notes%1f',
  '/notes%7f',
  '/notes/%252e%252e',
  '/notes%252fadmin',
  '/notes/%zz',
  '/notes/%2',
  '/notes/%',
  '/notes#top',
  '/notes/<1>',
  '/notes/"1"',
  '/notes/{1}',
  '/notes/a|b',
  '/notes/a^b',
  '/notes/`a`',
  'notes',
  '*',
  'http://localhost/notes',
  'localhost:80',
]

describe('at the API', () => {
  let api: Api
  beforeAll(async () => {
    api = await startApi()
  })
  afterAll(() => api.close())

  it.each(ambiguous)('%j is 400 before any credentials are looked at', async (target) => {
    const answer = await api.send(`GET ${target}`, [`Authorization: DPoP ${api.token()}`])
    expect(answer.status).toBe(400)
    expect(challenges(answer)).toEqual([])
    expect(api.last().rule).toMatch(/^path\./)
  })

  it.each(['/notes/caf\u00e9', '/notes\u0001', '/notes\u007f'])('bytes beyond printable ASCII (%j) are 400', async (target) => {
    expect((await api.send(`GET ${target}`)).status).toBe(400)
  })

  it('SEED-TB-55: a path or a method without policy is 401, whatever it brings', async () => {
    for (const [method, path] of [
      ['GET', '/unknown'],
      ['GET', '/'],
      ['DELETE', '/notes'],
      ['PUT', '/open'],
      ['GET', '/files'],
      ['GET', '/files/'],
      ['GET', '/notes/1/2'],
    ] as const) {
      const answer = await api.call(path, { method })
      expect(answer.status, `${method} ${path}`).toBe(401)
      expect(challenges(answer)[0]).toMatch(/^DPoP algs=/)
      expect(challenges(answer).join()).not.toContain('error=')
      expect(api.last()).toMatchObject({ event: 'api_refused', rule: 'route.has-policy' })
    }
  })

  it('a public route looks at no credentials, sound or not', async () => {
    for (const lines of [[], ['Authorization: Bearer x'], [`Authorization: Bearer ${api.token()}`]]) {
      expect((await api.send('GET /open', lines)).status).toBe(200)
      expect(api.last()).toMatchObject({ event: 'api_access', route: 'GET /open' })
      expect(api.last()).not.toHaveProperty('subject')
    }
  })

  it('a query takes no part in the match, whatever it contains', async () => {
    for (const query of ['?', '?a=/../b', '?a=%2f%2e%2e;x=\\', '?a=b?c=d', '?%00'])
      expect((await api.call(`/notes${query}`)).status, query).toBe(200)
  })
})

describe('the route table', () => {
  const table = (...paths: [path: string, methods?: string[]][]) =>
    compileRoutes(paths.map(([path, methods = ['GET']]) => ({ path, methods, route: `${methods.join()} ${path}` })))
  const hit = (route: string) => ({ route })

  it('prefers the most literal path, whatever the order', () => {
    const match = table(['/*'], ['/notes/:id'], ['/notes/mine'], ['/notes/*'], ['/'])
    expect(match('GET', '/notes/mine')).toEqual(hit('GET /notes/mine'))
    expect(match('GET', '/notes/7')).toEqual(hit('GET /notes/:id'))
    expect(match('GET', '/notes/7/pages/1')).toEqual(hit('GET /notes/*'))
    expect(match('GET', '/other/deep')).toEqual(hit('GET /*'))
    expect(match('GET', '/')).toEqual(hit('GET /'))
    expect(table(['/*'])('GET', '/')).toBe('none')
  })

  it('never reaches a path by another method through a wider route', () => {
    const match = table(['/*', ['GET']], ['/admin', ['POST']])
    expect(match('GET', '/admin')).toBe('none')
    expect(match('POST', '/admin')).toEqual(hit('POST /admin'))
    expect(match('POST', '/other')).toBe('none')
  })

  it('lets GET cover HEAD unless HEAD is named, and * every method that is not', () => {
    expect(table(['/a'])('HEAD', '/a')).toEqual(hit('GET /a'))
    expect(table(['/a'], ['/a', ['HEAD']])('HEAD', '/a')).toEqual(hit('HEAD /a'))
    expect(table(['/a', ['*']], ['/a', ['GET']])('HEAD', '/a')).toEqual(hit('GET /a'))
    expect(table(['/a', ['*']])('PURGE', '/a')).toEqual(hit('* /a'))
  })

  it('refuses a spelling that a forgiving API would route elsewhere', () => {
    const match = table(['/*'], ['/admin'], ['/users:batch'], ['/notes/:id'], ['/notes/export'])
    for (const path of [
      '/Admin',
      '/ADMIN',
      '/admin/',
      '/%61dmin',
      '/adm%49n',
      '/users%3Abatch',
      '/notes/Export',
      '/notes/export/',
      '/notes/e%78port',
      '/notes/%ff',
    ]) {
      expect(match('GET', path), path).toBe('several')
    }
    for (const path of ['/notes/ABC', '/notes/a%20b', '/notes/user%40example', '/notes/caf%C3%A9', '/notes/%F0%9F%8E%AB']) {
      expect(match('GET', path), path).toEqual(hit('GET /notes/:id'))
    }
    expect(match('GET', '/Other/')).toEqual(hit('GET /*'))
  })

  it('takes a spelling that a route names itself', () => {
    const match = table(['/notes'], ['/notes/'], ['/Notes'])
    expect(match('GET', '/notes/')).toEqual(hit('GET /notes/'))
    expect(match('GET', '/Notes')).toEqual(hit('GET /Notes'))
    expect(match('GET', '/NOTES')).toBe('none')
  })

  it('refuses paths that could be read in two ways already when they are declared', () => {
    for (const path of [
      'notes',
      '',
      '/a//b',
      '/a/../b',
      '/./a',
      '/a;b',
      '/a%2fb',
      '/a%2Eb',
      '/a b',
      '/*/a',
      '/a*b/:',
      '/:',
      '/:1',
      '/é',
      '/a\\b',
    ]) {
      expect(typeof parseRoutePath(path), path).toBe('string')
    }
    for (const path of ['/', '/a', '/a/', '/a/:id', '/:id/b', '/*', '/a/*', '/users:batch', "/o'clock", '/%E3%83%81', '/a.b', '/..a']) {
      expect(typeof parseRoutePath(path), path).toBe('object')
    }
  })

  it('a literal path is matched by itself alone, up to spelling that no API tells apart', () => {
    const match = table(['/admin/users', ['GET']])
    const near = fc.string({
      unit: fc.constantFrom('a', 'd', 'm', 'i', 'n', 'u', 's', 'e', 'r', '/', '.', '%', '2', 'f', '5', 'A', ';', '\\'),
    })
    fc.assert(
      fc.property(near, (rest) => {
        const path = `/${rest}`
        if (path === '/admin/users' || judge(pathRules, { target: path, path }, wholeLaw)) return
        expect(match('GET', path)).toBe('none')
      }),
      { numRuns: 300 },
    )
  })

  it('what the path rules let through, URL parsing leaves as it is', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.string({ unit: 'grapheme-ascii', maxLength: 12 }), (path, more) => {
        const target = `${path}${more}`
        const raw = target.split('?')[0]!
        if (judge(pathRules, { target, path: raw }, wholeLaw)) return
        expect(new URL(`http://h${target}`).pathname).toBe(raw)
      }),
      { numRuns: 200 },
    )
  })
})
