// Redirects followed hop by hop: a new proof for each, no credentials to strangers.
import { afterEach, describe, expect, it } from 'vitest'
import { createDpopFetch, createMemoryDevice } from '../src/index.ts'
import { type HandServer, type Heard, type Said, startHandServer } from './hand-server.ts'

const key = await createMemoryDevice().keys.keyFor({ issuer: 'https://issuer.example.test', clientId: 'app' })
const token = 'a-token'
const fetch = createDpopFetch({ key })
const open: HandServer[] = []

async function serve(answer: (heard: Heard) => Said): Promise<HandServer> {
  const server = await startHandServer(answer)
  open.push(server)
  return server
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const to = (location: string, status = 302): Said => ({ status, headers: { location } })

describe('redirects', () => {
  it('inside one origin the token goes along, with a proof for each place', async () => {
    const server = await serve(({ path }) => (path === '/old?x=1' ? to('/new?x=2', 308) : { body: 'here' }))
    const response = await fetch(`${server.origin}/old?x=1`, { token, method: 'PUT', body: 'kept' })
    expect(await response.text()).toBe('here')
    const [first, second] = server.heard
    expect(second).toMatchObject({ method: 'PUT', body: 'kept' })
    expect(second?.headers.authorization).toBe(`DPoP ${token}`)
    expect(second?.proof).toMatchObject({ htm: 'PUT', htu: `${server.origin}/new` })
    expect(second?.proof?.['jti']).not.toBe(first?.proof?.['jti'])
  })

  it('to another origin neither token nor proof goes along, and does not come back on the way home', async () => {
    const home = await serve(({ path }) => (path === '/out' ? to(`${stranger.origin}/take`) : { body: 'home' }))
    const stranger = await serve(() => to(`${home.origin}/back`))
    expect(await (await fetch(`${home.origin}/out`, { token, headers: { cookie: 'a=b' } })).text()).toBe('home')
    for (const heard of [stranger.heard[0], home.heard[1]]) {
      expect(heard?.headers.authorization).toBeUndefined()
      expect(heard?.headers['dpop']).toBeUndefined()
      expect(heard?.headers.cookie).toBeUndefined()
    }
  })

  it('a body is never carried to another origin', async () => {
    const stranger = await serve(() => ({}))
    const home = await serve(() => to(stranger.origin, 307))
    await expect(fetch(home.origin, { token, method: 'POST', body: 'secret' })).rejects.toMatchObject({
      code: 'holder.redirect-stays-safe',
    })
    expect(stranger.heard).toHaveLength(0)
  })

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ])('%i turns %s into %s, and the proof says so', async (status, before, after) => {
    const server = await serve(({ path }) => (path === '/a' ? to('/b', status) : {}))
    await fetch(`${server.origin}/a`, { token, method: before, ...(before !== 'HEAD' && { body: 'body' }) })
    const second = server.heard[1]
    expect([second?.method, second?.proof?.['htm']]).toEqual([after, after])
    expect(second?.body).toBe(after === 'GET' || after === 'HEAD' ? '' : 'body')
    if (after === 'GET') expect(second?.headers['content-type']).toBeUndefined()
  })

  it('a downgrade to plain http, a way into this machine and an endless chain are refused', async () => {
    const insecure = await serve(() => to('http://api.example.test/'))
    await expect(fetch(insecure.origin, { token })).rejects.toMatchObject({ code: 'holder.https-or-loopback' })
    const circle = await serve(() => to('/again'))
    await expect(fetch(circle.origin, { token })).rejects.toMatchObject({ code: 'holder.redirects-end' })
    expect(circle.heard).toHaveLength(6)
    const inward = createDpopFetch({ key, fetch: async () => new Response(null, { status: 302, headers: { location: insecure.origin } }) })
    await expect(inward('https://api.example.test/', { token })).rejects.toMatchObject({ code: 'holder.redirect-stays-safe' })
  })

  it('a redirect is handed over or refused where the caller says so', async () => {
    const server = await serve(() => to('/b'))
    expect((await fetch(server.origin, { token, redirect: 'manual' })).status).toBe(302)
    await expect(fetch(server.origin, { token, redirect: 'error' })).rejects.toMatchObject({ code: 'holder.redirect-stays-safe' })
    expect(server.heard).toHaveLength(2)
  })
})
