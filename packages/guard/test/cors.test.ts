// Browsers of listed origins may call and may read the nonce; nobody else is told anything.
import { linesOf } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, routes, startApi } from './guarded-api.ts'

const app = 'Origin: https://app.example'
let api: Api
beforeAll(async () => {
  api = await startApi({ config: { routes, cors: { origins: ['https://app.example'], maxAgeSeconds: 60 } } })
})
afterAll(() => api.close())

describe('an answer to a listed origin', () => {
  it('DPOP-7.1-05: lets the page read challenge and nonce, refused or admitted', async () => {
    for (const answer of [
      await api.send('GET /nonce', [app]),
      await api.call('/notes', { lines: [app] }),
      await api.send('GET /notes%2f', [app]),
    ]) {
      expect(linesOf(answer, 'access-control-allow-origin')).toEqual(['https://app.example'])
      expect(linesOf(answer, 'access-control-expose-headers')).toEqual(['WWW-Authenticate, DPoP-Nonce, Date'])
      expect(linesOf(answer, 'vary')).toEqual(['Origin'])
    }
  })

  it('never says that cookies may be sent', async () => {
    expect(linesOf(await api.send('GET /notes', [app]), 'access-control-allow-credentials')).toEqual([])
  })
})

describe('another origin', () => {
  it.each([
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'https://app.example:8443',
    'null',
    'https://APP.example',
    '',
  ])('gets no permission: %s', async (origin) => {
    const answer = await api.send('GET /notes', [`Origin: ${origin}`])
    expect(linesOf(answer, 'access-control-allow-origin')).toEqual([])
    const preflight = await api.send('OPTIONS /notes', [`Origin: ${origin}`, 'Access-Control-Request-Method: GET'])
    expect(preflight.status).toBe(401)
    expect(linesOf(preflight, 'access-control-allow-origin')).toEqual([])
  })
})

describe('a preflight', () => {
  const ask = (path: string, method: string) => api.send(`OPTIONS ${path}`, [app, `Access-Control-Request-Method: ${method}`])

  it('is answered for what has a policy, without credentials', async () => {
    const answer = await ask('/notes', 'POST')
    expect(answer.status).toBe(204)
    expect(linesOf(answer, 'access-control-allow-methods')).toEqual(['POST'])
    expect(linesOf(answer, 'access-control-allow-headers')).toEqual(['authorization, dpop, content-type'])
    expect(linesOf(answer, 'access-control-max-age')).toEqual(['60'])
  })

  it('is no answer for what has none, and OPTIONS without its headers is an ordinary request', async () => {
    expect((await ask('/notes', 'DELETE')).status).toBe(401)
    expect((await ask('/unknown', 'GET')).status).toBe(401)
    expect((await ask('/notes%2f', 'GET')).status).toBe(400)
    expect((await api.send('OPTIONS /notes', [app])).status).toBe(401)
    expect((await api.send('OPTIONS /notes')).status).toBe(401)
  })
})

describe('any origin', () => {
  it('is allowed with a star, and tells nothing about who asked', async () => {
    const open = await startApi({ config: { cors: { origins: '*' } } })
    const answer = await open.send('GET /nonce', ['Origin: https://whoever.example'])
    expect(linesOf(answer, 'access-control-allow-origin')).toEqual(['*'])
    await open.close()
  })

  it('DPOP-7.1-05: where the API does its own CORS, ours is exposed all the same', async () => {
    const plain = await startApi()
    expect(linesOf(await plain.send('GET /nonce', [app]), 'access-control-expose-headers')).toEqual(['WWW-Authenticate, DPoP-Nonce, Date'])
    expect(linesOf(await plain.send('GET /nonce'), 'access-control-expose-headers')).toEqual([])
    await plain.close()
  })
})
