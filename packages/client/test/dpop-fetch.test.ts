// The proof-making fetch against servers whose answers are written by hand: proofs, nonces, clocks, bodies.
import { createHash } from 'node:crypto'
import { checkAth, checkProof, isBroken, parseProof, type VerifiedProof, wholeLaw } from '@kimei/protocol'
import { fixedClock } from 'testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { createDpopFetch, createMemoryDevice, createNonceJar, type DpopFetchOptions } from '../src/index.ts'
import { type HandServer, headOf, type Said, startHandServer } from './hand-server.ts'

const owner = { issuer: 'https://issuer.example.test', clientId: 'app' }
const key = await createMemoryDevice().keys.keyFor(owner)
const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
const open: HandServer[] = []

async function serve(answer: Parameters<typeof startHandServer>[0]): Promise<HandServer> {
  const server = await startHandServer(answer)
  open.push(server)
  return server
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const send = (more: Partial<DpopFetchOptions> = {}) => createDpopFetch({ key, ...more })
const challenge = (nonce: string): Said => ({
  status: 401,
  headers: { 'www-authenticate': 'DPoP error="use_dpop_nonce", algs="ES256"', 'dpop-nonce': nonce },
})

describe('proofs', () => {
  it('SEED-DPOP-03, SEED-DPOP-04, SEED-DPOP-05, SEED-DPOP-08, DPOP-4.2-01, DPOP-4.2-03, DPOP-4.2-04: token and proof go out together, and the proof is one the law accepts', async () => {
    const server = await serve(() => ({}))
    await send({ clock: fixedClock() })(`${server.origin}/notes?page=2#top`, { token })
    const heard = server.heard[0]
    expect(heard?.headers.authorization).toBe(`DPoP ${token}`)
    expect(headOf(heard?.headers['dpop'])).toEqual({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk })
    expect(heard?.proof).toMatchObject({
      htm: 'GET',
      htu: `${server.origin}/notes`,
      ath: createHash('sha256').update(token).digest('base64url'),
    })
    const parsed = parseProof([String(heard?.headers['dpop'])], wholeLaw)
    if (isBroken(parsed)) throw new Error(parsed.broken)
    const proof = await checkProof(
      parsed,
      {
        owner: server.origin,
        method: 'GET',
        targets: [`${server.origin}/notes`],
        now: fixedClock()(),
        window: { pastSeconds: 60, futureSeconds: 10 },
        algorithms: ['ES256'],
        nonce: { mode: 'off' },
      },
      wholeLaw,
    )
    expect(isBroken(proof)).toBe(false)
    expect((proof as VerifiedProof).jkt).toBe(key.jkt)
    expect(await checkAth(proof as VerifiedProof, token, wholeLaw)).toBeUndefined()
  })

  it('SEED-DPOP-02: without a token there is a proof and no Authorization', async () => {
    const server = await serve(() => ({}))
    await send()(`${server.origin}/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'x' }) })
    expect(server.heard[0]?.headers.authorization).toBeUndefined()
    expect(server.heard[0]?.proof).toMatchObject({ htm: 'POST', htu: `${server.origin}/token` })
    expect(server.heard[0]?.proof).not.toHaveProperty('ath')
  })

  it('DPOP-4.2-02: every proof has a jti of its own, of 128 random bits', async () => {
    const server = await serve(() => ({}))
    const fetch = send()
    await Promise.all(Array.from({ length: 50 }, () => fetch(server.origin, { token })))
    const ids = server.heard.map(({ proof }) => String(proof?.['jti']))
    expect(new Set(ids).size).toBe(50)
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(16)
  })

  it('DPOP-4.2-03: htm is the method as it goes over the wire, in capitals where fetch makes capitals', async () => {
    const server = await serve(() => ({}))
    const fetch = send()
    for (const method of ['get', 'post', 'PATCH']) await fetch(server.origin, { method, token })
    expect(server.heard.map(({ method, proof }) => [method, proof?.['htm']])).toEqual([
      ['GET', 'GET'],
      ['POST', 'POST'],
      ['PATCH', 'PATCH'],
    ])
  })

  it('SEED-DPOP-08: a token of ours never goes out as bearer, in a header of the caller or in a URL', async () => {
    const server = await serve(() => ({}))
    const refused = { code: 'holder.named-token-is-never-bearer' }
    const fetch = send()
    await expect(fetch(server.origin, { headers: { authorization: `Bearer ${token}` } })).rejects.toMatchObject(refused)
    await expect(fetch(server.origin, { token, headers: { Authorization: `Bearer ${token}` } })).rejects.toMatchObject(refused)
    await expect(fetch(server.origin, { token, headers: { authorization: 'Basic YTpi' } })).rejects.toMatchObject(refused)
    await expect(fetch(server.origin, { token, headers: { dpop: 'mine' } })).rejects.toMatchObject(refused)
    await expect(fetch(`${server.origin}/?access_token=${token}`, { token })).rejects.toMatchObject(refused)
    await expect(fetch(new Request(server.origin, { headers: { authorization: `Bearer ${token}` } }))).rejects.toMatchObject(refused)
    expect(server.heard).toHaveLength(0)
  })

  it('plain http is refused but on loopback, user names in URLs always', async () => {
    const fetch = send({ fetch: () => Promise.reject(new Error('was sent')) })
    for (const url of [
      'http://api.example.test/',
      'http://127.0.0.1.example.test/',
      'http://user:pw@127.0.0.1/',
      'ftp://127.0.0.1/',
      '/relative',
    ]) {
      await expect(fetch(url, { token })).rejects.toMatchObject({ code: 'holder.https-or-loopback' })
    }
    for (const url of [
      'https://api.example.test/',
      'http://localhost:1/',
      'http://127.8.8.8:1/',
      'http://[::1]:1/',
      'http://app.localhost:1/',
    ]) {
      await expect(fetch(url, { token })).rejects.toThrow('was sent')
    }
  })
})

describe('nonces', () => {
  it('DPOP-8-02, DPOP-4.2-05: a challenge is answered once, with the nonce and a new proof', async () => {
    const server = await serve(({ proof }) => (proof?.['nonce'] === 'n-1' ? {} : challenge('n-1')))
    const response = await send()(server.origin, { token, method: 'POST', body: 'again' })
    expect(response.status).toBe(200)
    const [first, second] = server.heard
    expect(server.heard).toHaveLength(2)
    expect(second?.body).toBe('again')
    expect(first?.proof).not.toHaveProperty('nonce')
    expect(first?.proof?.['jti']).not.toBe(second?.proof?.['jti'])
  })

  it('DPOP-8-02: at an issuer the challenge is 400 with a JSON body', async () => {
    const server = await serve(({ proof }) =>
      proof?.['nonce'] === 'n-1'
        ? {}
        : {
            status: 400,
            headers: { 'content-type': 'application/json;charset=UTF-8', 'dpop-nonce': 'n-1' },
            body: '{"error":"use_dpop_nonce"}',
          },
    )
    expect((await send()(server.origin, { method: 'POST', body: 'a=b' })).status).toBe(200)
    expect(server.heard).toHaveLength(2)
  })

  it('DPOP-8-02: a server that challenges for ever gets two requests and the caller its answer', async () => {
    let count = 0
    const server = await serve(() => {
      count += 1
      return challenge(`n-${count}`)
    })
    expect((await send()(server.origin, { token })).status).toBe(401)
    expect(server.heard).toHaveLength(2)
  })

  it('DPOP-8-02: a challenge that repeats the nonce just used, or brings none, is not answered', async () => {
    const server = await serve(() => challenge('n-1'))
    const nonces = createNonceJar()
    nonces.learn(server.origin, new Response(null, { headers: { 'dpop-nonce': 'n-1' } }))
    expect((await send({ nonces })(server.origin, { token })).status).toBe(401)
    const mute = await serve(() => ({ status: 401, headers: { 'www-authenticate': 'DPoP error="use_dpop_nonce"' } }))
    expect((await send()(mute.origin, { token })).status).toBe(401)
    expect([server.heard.length, mute.heard.length]).toEqual([1, 1])
  })

  it('DPOP-8-02: nonces are learned from every answer, 200 included, and stay with their origin', async () => {
    let turn = 0
    const answer = (name: string) => (): Said => {
      turn += 1
      return { status: turn % 2 === 0 ? 403 : 200, headers: { 'dpop-nonce': `${name}-${turn}` } }
    }
    const [issuer, api] = [await serve(answer('as')), await serve(answer('rs'))]
    const fetch = send()
    for (const { origin } of [issuer, api, issuer, api]) await fetch(origin, { token })
    expect(issuer.heard.map(({ proof }) => proof?.['nonce'])).toEqual([undefined, 'as-1'])
    expect(api.heard.map(({ proof }) => proof?.['nonce'])).toEqual([undefined, 'rs-2'])
  })

  it('two nonces in one answer are none', async () => {
    const server = await serve(() => ({ headers: { 'dpop-nonce': ['a', 'b'] } }))
    const fetch = send()
    await fetch(server.origin, { token })
    await fetch(server.origin, { token })
    expect(server.heard[1]?.proof).not.toHaveProperty('nonce')
  })

  it('the jar keeps the last hundred origins', () => {
    const jar = createNonceJar()
    for (let index = 0; index < 101; index += 1) {
      jar.learn(`https://${index}.example.test`, new Response(null, { headers: { 'dpop-nonce': 'n' } }))
    }
    expect([jar.get('https://0.example.test'), jar.get('https://100.example.test')]).toEqual([undefined, 'n'])
  })

  it('DPOP-8-02: left to the caller, a challenge is handed over after the nonce was learned', async () => {
    const server = await serve(({ proof }) => (proof?.['nonce'] === 'n-1' ? {} : challenge('n-1')))
    const fetch = send()
    expect((await fetch(server.origin, { token, onChallenge: 'surface' })).status).toBe(401)
    expect(server.heard).toHaveLength(1)
    expect((await fetch(server.origin, { token })).status).toBe(200)
    expect(server.heard).toHaveLength(2)
  })
})

describe('clocks', () => {
  const at = (seconds: number): string => new Date(seconds * 1_000).toUTCString()
  const wrongTime = (now: number): Said => ({
    status: 401,
    headers: { 'www-authenticate': 'DPoP error="invalid_dpop_proof"', date: at(now) },
  })

  it('a clock that is hours wrong is corrected from Date, and the refused request sent once more', async () => {
    const serverNow = 1_800_000_000
    const server = await serve(({ proof }) =>
      Math.abs(Number(proof?.['iat']) - serverNow) <= 2 ? { headers: { date: at(serverNow) } } : wrongTime(serverNow),
    )
    for (const offset of [-7_200, 7_200]) {
      server.heard.length = 0
      const fetch = send({ clock: fixedClock(serverNow + offset) })
      expect((await fetch(server.origin, { token })).status).toBe(200)
      expect((await fetch(server.origin, { token })).status).toBe(200)
      expect(server.heard).toHaveLength(3)
    }
  })

  it('a right clock is left alone, and a refusal for another reason is not repeated', async () => {
    const now = 1_800_000_000
    const server = await serve(() => wrongTime(now))
    expect((await send({ clock: fixedClock(now) })(server.origin, { token })).status).toBe(401)
    expect(server.heard.map(({ proof }) => proof?.['iat'])).toEqual([now])
  })

  it('a server that lies about the time spoils only the proofs meant for itself, and a cached answer tells no time', async () => {
    const now = 1_800_000_000
    const liar = await serve(() => ({ headers: { date: at(now + 86_400) } }))
    const cached = await serve(() => ({ headers: { date: at(now - 86_400), age: '86400' } }))
    const fetch = send({ clock: fixedClock(now) })
    for (const { origin } of [liar, cached, liar, cached]) await fetch(origin, { token })
    expect(Number(liar.heard[1]?.proof?.['iat'])).toBeGreaterThan(now + 86_000)
    expect(cached.heard[1]?.proof?.['iat']).toBe(now)
  })
})

describe('bodies', () => {
  const once = (): ReturnType<typeof serve> => serve(({ proof }) => (proof?.['nonce'] === 'n-1' ? {} : challenge('n-1')))
  const stream = (size: number): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < size; sent += 1_024) controller.enqueue(new Uint8Array(Math.min(1_024, size - sent)).fill(97))
        controller.close()
      },
    })
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('piece ')
    yield new TextEncoder().encode('by piece')
  }

  it('DPOP-8-02: every kind of body survives a challenge', async () => {
    const form = new FormData()
    form.set('a', 'b')
    const bodies: [BodyInit, RegExp][] = [
      ['text', /^text$/],
      [new URLSearchParams({ a: 'b' }), /^a=b$/],
      [new TextEncoder().encode('bytes'), /^bytes$/],
      [new Blob(['blob']), /^blob$/],
      [form, /name="a"\r\n\r\nb\r\n/],
      [stream(3_000), /^a{3000}$/],
      [pieces() as unknown as BodyInit, /^piece by piece$/],
    ]
    for (const [body, shape] of bodies) {
      const server = await once()
      expect((await send()(server.origin, { token, method: 'POST', body, duplex: 'half' } as RequestInit)).status).toBe(200)
      expect(server.heard.map((heard) => shape.test(heard.body))).toEqual([true, true])
    }
    const server = await once()
    const request = new Request(server.origin, { method: 'POST', body: 'of a request', headers: { 'x-kept': '1' } })
    expect((await send()(request, { token })).status).toBe(200)
    expect(server.heard.map(({ body, headers }) => [body, headers['x-kept']])).toEqual(Array(2).fill(['of a request', '1']))
  })

  it('a stream too long to be kept is refused before anything is sent, or always where buffering is off', async () => {
    const server = await once()
    const refused = { code: 'holder.body-can-be-sent-again' }
    const order = { token, method: 'POST', duplex: 'half' }
    await expect(send({ bufferBodyBytes: 2_000 })(server.origin, { ...order, body: stream(3_000) })).rejects.toMatchObject(refused)
    await expect(send({ bufferBodyBytes: 0 })(server.origin, { ...order, body: stream(1) })).rejects.toMatchObject(refused)
    expect(server.heard).toHaveLength(0)
  })
})
