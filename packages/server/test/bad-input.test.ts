// What strangers send: broken forms, wrong methods and types, too much of everything, two of what may come once.
import fc from 'fast-check'
import { linesOf, rawRequest, sendRaw, wireKey } from 'testkit'
import { asKeyClient, askOwnToken, basicHeader, type IssuerKit, postForm, startIssuerKit, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Any UTF-16 code units, lone surrogates included. */
const anyText = (most: number) => fc.array(fc.nat(0xffff), { maxLength: most }).map((units) => String.fromCharCode(...units))

let kit: IssuerKit
let port: number
const key = wireKey()
beforeAll(async () => {
  kit = await startIssuerKit()
  port = Number(new URL(kit.issuer).port)
})
afterAll(() => kit.close())

const errorOf = (answer: { status: number; json: Record<string, unknown> }) => [answer.status, answer.json['error']]
const form = 'application/x-www-form-urlencoded'

describe('messages', () => {
  it('O21-3.2-01: GET, PUT and DELETE at the token endpoint are 405 with Allow', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
      const response = await fetch(`${kit.issuer}/token`, { method })
      expect([response.status, response.headers.get('allow')], method).toEqual([405, 'POST'])
    }
    expect((await fetch(`${kit.issuer}/revoke`)).status).toBe(405)
    expect((await fetch(`${kit.issuer}/jwks`, { method: 'POST' })).status).toBe(405)
    expect((await fetch(`${kit.issuer}/authorize`, { method: 'PUT' })).headers.get('allow')).toBe('GET, POST')
  })

  it('unknown paths are 404', async () => {
    for (const path of ['/', '/tokens', '/token/', '//token', '/TOKEN', '/.well-known/other']) {
      expect((await fetch(`${kit.issuer}${path}`, { redirect: 'manual' })).status, path).toBe(404)
    }
  })

  it('O21-3.2-01: JSON, multipart and no type at all are 400 invalid_request', async () => {
    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain', 'application/x-www-form-urlencoded2']) {
      expect(errorOf(await postForm(kit, '/token', '{"grant_type":"client_credentials"}', { 'content-type': type })), type).toEqual([
        400,
        'invalid_request',
      ])
    }
    const bare = await rawRequest(port, ['POST /token HTTP/1.1', 'Host: x', 'Content-Length: 3'], 'a=b')
    expect([bare.status, JSON.parse(bare.body).error]).toEqual([400, 'invalid_request'])
    expect(errorOf(await askOwnToken(kit, key, {}, { 'content-type': `${form}; charset=UTF-8` }))).toEqual([200, undefined])
  })

  it('O21-3.2-01: repeated parameters are 400, resource may repeat', async () => {
    const auth = () => new URLSearchParams(asKeyClient(kit)).toString()
    for (const twice of [
      'grant_type=client_credentials&grant_type=client_credentials',
      'grant_type=client_credentials&scope=a&scope=b',
      'grant_type=client_credentials&x=&x=',
    ]) {
      expect(errorOf(await postForm(kit, '/token', `${twice}&${auth()}`, { dpop: tokenProof(kit, key) })), twice).toEqual([
        400,
        'invalid_request',
      ])
    }
    const both = 'resource=https%3A%2F%2Fapi.example%2F&resource=https%3A%2F%2Fother.example%2F'
    expect(
      errorOf(await postForm(kit, '/token', `grant_type=client_credentials&${both}&${auth()}`, { dpop: tokenProof(kit, key) })),
    ).toEqual([200, undefined])
  })

  it('missing, unknown and removed grants', async () => {
    expect(errorOf(await postForm(kit, '/token', asKeyClient(kit)))).toEqual([400, 'invalid_request'])
    for (const grant of ['password', 'implicit', 'urn:x', '__proto__', 'constructor']) {
      expect(errorOf(await postForm(kit, '/token', { ...asKeyClient(kit), grant_type: grant })), grant).toEqual([
        400,
        'unsupported_grant_type',
      ])
    }
  })

  it('malformed encoding is 400', async () => {
    for (const body of ['grant_type=%zz', 'grant_type=%ff', '%=1', 'a=%E0%A4%A']) {
      expect(errorOf(await postForm(kit, '/token', body)), body).toEqual([400, 'invalid_request'])
    }
  })

  it('a body over the bound is 413, announced or chunked', async () => {
    const large = await postForm(kit, '/token', `a=${'x'.repeat(70_000)}`)
    expect(errorOf(large)).toEqual([413, 'invalid_request'])
    const chunk = 'x'.repeat(16_000)
    const chunks = Array.from({ length: 6 }, () => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
    const text = await sendRaw(
      port,
      `POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${form}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
    )
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    const small = await sendRaw(
      port,
      `POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${form}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n`,
    )
    expect(small).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('headers over the bound are 431', async () => {
    const text = await sendRaw(port, `POST /token HTTP/1.1\r\nHost: x\r\nX-Much: ${'x'.repeat(40_000)}\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('broken framing, hosts and targets are refused by the transport, never 5xx', async () => {
    for (const bytes of [
      'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'GET /authorize?a HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
      'GET http://[::bad/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'GET /\\token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'nonsense\r\n\r\n',
    ]) {
      expect(Number((await sendRaw(port, bytes)).split(' ')[1]), bytes).toBeLessThan(500)
    }
  })

  it('O21-3.2.3-01: every answer of the token endpoint is JSON, uncacheable, and sniffs nothing', async () => {
    for (const answer of [
      await askOwnToken(kit, key),
      await postForm(kit, '/token', {}),
      await askOwnToken(kit, key, { scope: 'admin' }),
    ]) {
      expect(answer.headers.get('content-type')).toBe('application/json')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  it('O21-3.2.4-02: descriptions keep to the allowed characters', async () => {
    for (const scope of ['"quoted"', 'back\\slash', 'ünïcode', 'line\nbreak']) {
      const { json } = await askOwnToken(kit, key, { scope })
      expect(String(json['error_description'] ?? '')).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]*$/)
    }
  })
})

describe('two of what may come once', () => {
  const post = (lines: readonly string[], body: string) =>
    rawRequest(
      port,
      ['POST /token HTTP/1.1', `Host: 127.0.0.1:${port}`, `Content-Type: ${form}`, `Content-Length: ${body.length}`, ...lines],
      body,
    )
  const body = 'grant_type=client_credentials'

  it('DPOP-4.3-01: two DPoP lines, or one with a comma, are invalid_dpop_proof', async () => {
    const [one, two] = [tokenProof(kit, key), tokenProof(kit, key)]
    for (const lines of [[`DPoP: ${one}`, `dpop: ${two}`], [`DPoP: ${one}, ${two}`], [`DPoP: ${one},`]]) {
      const answer = await post([`Authorization: ${basicHeader('basic')}`, ...lines], body)
      expect([answer.status, JSON.parse(answer.body).error]).toEqual([400, 'invalid_dpop_proof'])
    }
    expect((await post([`Authorization: ${basicHeader('basic')}`, `DPoP: ${one}`], body)).status).toBe(200)
  })

  it('two Authorization lines are 400 invalid_request', async () => {
    const answer = await post(
      [`Authorization: ${basicHeader('basic')}`, `Authorization: ${basicHeader('basic')}`, `DPoP: ${tokenProof(kit, key)}`],
      body,
    )
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([400, 'invalid_request'])
    const joined = await post([`Authorization: ${basicHeader('basic')}, ${basicHeader('basic')}`, `DPoP: ${tokenProof(kit, key)}`], body)
    expect([joined.status, JSON.parse(joined.body).error]).toEqual([400, 'invalid_request'])
  })

  it('O21-3.2.4-01: a refused Basic client is challenged once', async () => {
    const answer = await post([`Authorization: ${basicHeader('basic', 'wrong')}`], body)
    expect([answer.status, linesOf(answer, 'www-authenticate')]).toEqual([401, ['Basic realm="client", charset="UTF-8"']])
  })
})

describe('no input yields a 5xx', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'grant_type',
      'client_credentials',
      'authorization_code',
      'refresh_token',
      'code',
      'client_id',
      'basic',
      'spa',
      'scope',
      'resource',
      'client_assertion',
      '=',
      '&',
      '%',
      '%00',
      '+',
      '..',
    ),
    fc.string({ maxLength: 20 }),
    anyText(8),
  )
  const soup = fc.array(piece, { maxLength: 20 }).map((parts) => parts.join(''))

  it('at the token and revocation endpoints', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/token', '/revoke'),
        soup,
        fc.option(fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x21-\x7E]/g, 'x'))),
        async (path, body, dpop) => {
          const answer = await postForm(kit, path, body, { ...(dpop && { dpop }), authorization: basicHeader('post', 'x') })
          expect(answer.status).toBeLessThan(500)
          expect(answer.json['error']).toBeTruthy()
        },
      ),
      { numRuns: 200 },
    )
  })

  it('at the authorization endpoint', async () => {
    await fc.assert(
      fc.asyncProperty(soup, fc.boolean(), async (text, trusted) => {
        const query = `${trusted ? 'client_id=spa&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&' : ''}${text}`
        const response = await fetch(`${kit.issuer}/authorize?${query.replaceAll('#', '')}`, { redirect: 'manual' })
        expect(response.status).toBeLessThan(500)
        await response.body?.cancel()
      }),
      { numRuns: 200 },
    )
  })
})
