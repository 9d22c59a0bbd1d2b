// When our side fails: nothing of the fault on the wire, nothing issued, nothing consumed; and what an https issuer adds.

import { createIssuer, jsonLines, parseIssuerConfig } from '@kimei/server'
import { createMemoryStorage, type Storage, StorageUnavailable } from '@kimei/storage'
import { wireKey } from 'testkit'
import { authorizeUrl, getTokens, redemption, refresh, startCodeKit, walkForms } from 'testkit/code'
import { asKeyClient, askOwnToken, type IssuerKit, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The engine fails as it is told, at its door. */
function fragile(): { readonly storage: Storage; fail: Error | undefined; failReads: boolean } {
  const inner = createMemoryStorage()
  const state = { fail: undefined as Error | undefined, failReads: false }
  const guarded =
    <T extends unknown[], R>(work: (...args: T) => R, when: () => boolean) =>
    (...args: T): R => {
      if (state.fail && when()) throw state.fail
      return work(...args)
    }
  const records = Object.fromEntries(
    Object.entries(inner.records).map(([name, read]) => [name, guarded(read as (...args: unknown[]) => unknown, () => state.failReads)]),
  ) as unknown as Storage['records']
  const storage: Storage = {
    ...inner,
    records,
    commit: async (plan) => guarded(inner.commit, () => true)(plan),
    appendAudit: async (events) => guarded(inner.appendAudit, () => true)(events),
  }
  return Object.assign(state, { storage })
}

let kit: IssuerKit
const state = fragile()
const key = wireKey()
beforeAll(async () => {
  kit = await startCodeKit({ storage: state.storage })
})
afterAll(() => kit.close())

const failing = async <T>(error: Error, work: () => Promise<T>, reads = false): Promise<T> => {
  state.fail = error
  state.failReads = reads
  try {
    return await work()
  } finally {
    state.fail = undefined
    state.failReads = false
  }
}
const full = new StorageUnavailable('disk full at /secret/place')
const broken = new TypeError('cannot read secret')

describe('a storage that fails', () => {
  it('full: 503 temporarily_unavailable with Retry-After, and nothing of why', async () => {
    const answer = await failing(full, () => askOwnToken(kit, key))
    expect([answer.status, answer.text, answer.headers.get('retry-after')]).toEqual([503, '{"error":"temporarily_unavailable"}', '2'])
    expect(answer.headers.get('x-request-id')).toBeTruthy()
  })

  it('broken: 500 server_error with a request id that leads to the fault', async () => {
    const answer = await failing(broken, () => askOwnToken(kit, key))
    expect([answer.status, answer.text]).toEqual([500, '{"error":"server_error"}'])
    expect(kit.audit.at(-1)).toMatchObject({ event: 'fault', requestId: answer.headers.get('x-request-id'), message: 'cannot read secret' })
  })

  it('a code, a refresh token and an assertion outlive the fault', async () => {
    const open = authorizeUrl(kit, { clientId: 'web' })
    const { landed } = await walkForms(kit, open.url)
    const form = redemption(kit, open, landed.searchParams.get('code') ?? '')
    expect((await failing(full, () => postForm(kit, '/token', form, { dpop: tokenProof(kit, key) }))).status).toBe(503)
    expect((await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })).status).toBe(200)
    const held = await getTokens(kit)
    expect((await failing(full, () => refresh(kit, held, held.answer.json['refresh_token']))).status).toBe(503)
    expect((await refresh(kit, held, held.answer.json['refresh_token'])).status).toBe(200)
  })

  it('a refusal that cannot be remembered is not given as a refusal', async () => {
    expect((await failing(full, () => askOwnToken(kit, key, { scope: 'admin' }))).status).toBe(503)
  })

  it('O21-4.1.2.1-02: at the authorization endpoint the client is told, once it is trusted', async () => {
    const ask = () => fetch(authorizeUrl(kit).url, { redirect: 'manual' })
    const busy = await failing(full, ask)
    const to = new URL(busy.headers.get('location') ?? '')
    expect([busy.status, to.searchParams.get('error'), to.searchParams.get('state'), to.searchParams.get('iss')]).toEqual([
      303,
      'temporarily_unavailable',
      'state-1',
      kit.issuer,
    ])
    expect(new URL((await failing(broken, ask)).headers.get('location') ?? '').searchParams.get('error')).toBe('server_error')
    kit.server.context.directory.forget()
    const early = await failing(full, ask, true)
    expect([early.status, early.headers.get('location')]).toEqual([503, null])
    expect(await early.text()).toContain('Request cannot be processed')
  })

  it('a browser is told as little, and the answer stays', async () => {
    kit.server.context.directory.forget()
    const ask = () =>
      fetch(`${kit.issuer}/token`, {
        method: 'POST',
        headers: { origin: 'https://app.example' },
        body: new URLSearchParams({ grant_type: 'x' }),
      })
    const answer = await failing(full, ask, true)
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([503, null])
  })

  it('keys and cached metadata are served all the same', async () => {
    await fetch(`${kit.issuer}/.well-known/openid-configuration`)
    expect((await failing(full, () => fetch(`${kit.issuer}/jwks`), true)).status).toBe(200)
    expect((await failing(full, () => fetch(`${kit.issuer}/.well-known/openid-configuration`), true)).status).toBe(200)
  })
})

describe('the sink', () => {
  it('gets one line of JSON for each event, with no credential in it', async () => {
    const lines: string[] = []
    const sink = jsonLines((line) => lines.push(line))
    for (const event of kit.audit) sink(event)
    expect(lines.length).toBeGreaterThan(5)
    for (const line of lines) {
      expect(line.indexOf('\n')).toBe(line.length - 1)
      const event = JSON.parse(line)
      expect(event).toMatchObject({ at: expect.any(Number), event: expect.any(String), issuer: kit.issuer, requestId: expect.any(String) })
      expect(line).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\./)
    }
  })
})

describe('embedded in another server, without a connection of ours', () => {
  it('FAPI2-5.2-01: answers plain web requests; an https issuer is strict about transport', async () => {
    const storage = createMemoryStorage()
    const issuer = 'https://id.example'
    const client = { clientId: 'spa', kind: 'spa' as const, name: 'Spa', redirectUris: [kitRedirect], scopes: ['openid'] }
    const app = await createIssuer({ config: parseIssuerConfig({ issuer, clients: [client] }), storage })
    const challenge = 'A'.repeat(43)
    const asked = { client_id: 'spa', redirect_uri: kitRedirect, response_type: 'code', scope: 'openid', state: 's' }
    const url = `${issuer}/authorize?${new URLSearchParams({ ...asked, code_challenge: challenge, code_challenge_method: 'S256' })}`
    const answer = await app.fetch(new Request(url))
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toMatch(/^https:\/\/id\.example\/signin\?interaction=/)
    expect(answer.headers.getSetCookie().join()).toMatch(/^__Host-[^;]+; Path=\/; HttpOnly; SameSite=Lax; .*Secure/)
    const jwks = await app.fetch(new Request(`${issuer}/jwks`))
    expect(jwks.headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/)
    const token = await app.fetch(
      new Request(`${issuer}/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials' }) }),
    )
    expect(token.status).toBe(401)
    expect(token.headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/)
    await storage.close()
  })

  it('DPOP-4.3-01: joined proofs count as two', async () => {
    const auth = new URLSearchParams({ grant_type: 'client_credentials', ...asKeyClient(kit) })
    const request = new Request(`${kit.issuer}/token`, {
      method: 'POST',
      body: auth,
      headers: { dpop: `${tokenProof(kit, key)}, ${tokenProof(kit, key)}` },
    })
    expect(await (await kit.server.fetch(request)).json()).toMatchObject({ error: 'invalid_dpop_proof' })
  })
})
