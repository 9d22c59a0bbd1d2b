// What an API says about itself, believed only about what was asked (RFC 9728).
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readChallengedMetadata, readResourceMetadata } from '../src/index.ts'
import { type HandServer, type Said, startHandServer } from './hand-server.ts'

let api: HandServer
let resource = ''
beforeAll(async () => {
  api = await startHandServer(
    ({ path }): Said =>
      path.startsWith('/.well-known/oauth-protected-resource')
        ? {
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({
              resource,
              authorization_servers: ['https://issuer.example.test'],
              dpop_bound_access_tokens_required: true,
              scopes_supported: ['a'],
            }),
          }
        : { status: 401, headers: { 'www-authenticate': `DPoP resource_metadata="${api.origin}/.well-known/oauth-protected-resource/x"` } },
  )
})
afterAll(() => api.close())

describe('resource metadata', () => {
  it('PRM-3.3-01: found by identifier, it names the identifier exactly', async () => {
    for (const [path, at] of [
      ['/', ''],
      ['/v1', '/v1'],
      ['/v1/', '/v1/'],
      ['/v1?t=a', '/v1?t=a'],
    ]) {
      resource = `${api.origin}${path}`
      api.heard.length = 0
      expect(await readResourceMetadata(resource)).toEqual({
        resource,
        authorizationServers: ['https://issuer.example.test'],
        scopes: ['a'],
        bindingRequired: true,
      })
      expect(api.heard[0]?.path).toBe(`/.well-known/oauth-protected-resource${at}`)
    }
    for (const other of [`${api.origin}`, `${api.origin}/V1`, `${api.origin}/v1/`, 'https://other.example.test/v1']) {
      resource = other
      await expect(readResourceMetadata(`${api.origin}/v1`)).rejects.toMatchObject({ code: 'holder.resource-is-exact' })
    }
  })

  it('PRM-3.3-01: found by a challenge, it names the URL that was requested', async () => {
    const url = `${api.origin}/notes`
    resource = url
    expect((await readChallengedMetadata(url, await fetch(url)))?.resource).toBe(url)
    resource = `${api.origin}/`
    await expect(readChallengedMetadata(url, await fetch(url))).rejects.toMatchObject({ code: 'holder.resource-is-exact' })
    expect(await readChallengedMetadata(url, new Response(null, { status: 401 }))).toBeUndefined()
  })

  it('an API without metadata says so', async () => {
    const mute = await startHandServer(() => ({ status: 404 }))
    await expect(readResourceMetadata(`${mute.origin}/`)).rejects.toMatchObject({ code: 'holder.metadata-is-complete' })
    await mute.close()
  })
})
