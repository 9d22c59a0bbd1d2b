// The doctor at issuers and APIs of others and ours: well, behind proxies that lose something, and hostile. All over real HTTP and TLS.
import { createServer, type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createGuard } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'
import { Misuse } from '@kimei/protocol'
import { createMemoryReplay } from '@kimei/storage/memory'
import { selfSigned, startIndependentIssuer } from 'testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type DoctorOptions, type Examination, examine, exitCodeOfExamination, renderExamination } from '../src/doctor/index.ts'

async function serve(
  listener: RequestListener,
  tls?: { readonly key: string; readonly cert: string; readonly minVersion?: 'TLSv1'; readonly ciphers?: string },
): Promise<string> {
  const server = tls ? createTlsServer(tls, listener) : createServer(listener)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http${tls ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const stateOf = ({ lines }: Examination, check: string) =>
  lines.filter((line) => line.check === check).map(({ health, found }) => `${health}: ${found}`)
const wrongs = ({ lines }: Examination) => lines.filter(({ health }) => health === 'wrong').map(({ check }) => check)

/** A guard in front of nothing, that thinks it stands at `base`. */
function guarded(base: string): RequestListener {
  const guard = createGuard(
    {
      issuer: 'https://id.example',
      resource: `${base}/`,
      baseUrls: [base],
      keys: {
        from: 'static',
        jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', alg: 'EdDSA', kid: 'x' }] },
      },
      routes: [{ path: '/notes', policy: 'required' }],
      cors: { origins: '*' },
    },
    {
      replay: createMemoryReplay(),
      clock: () => Math.floor(Date.now() / 1000),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      audit: () => undefined,
    },
  )
  return guardNode(guard, (_request: IncomingMessage, response: ServerResponse) => void response.end('{}'))
}

describe('at an issuer', () => {
  it('of somebody else, nothing is wrong, and few requests were needed', async () => {
    const issuer = await startIndependentIssuer({ clients: [], resources: {} })
    onTestFinished(() => issuer.close())
    const found = await examine({ url: issuer.issuer })
    expect(found.kind).toBe('issuer')
    expect(wrongs(found)).toEqual([])
    expect(stateOf(found, 'metadata')).toContain(`good: ${issuer.issuer}`)
    expect(stateOf(found, 'keys')[0]).toMatch(/^good: \d+ keys?/)
    expect(stateOf(found, 'clock')[0]).toMatch(/^good: /)
    expect(found.requests).toBeLessThanOrEqual(12)
    expect(exitCodeOfExamination(found)).toBe(0)
  })

  it('that hands out addresses from inside, another name, a private key, and believes strangers', async () => {
    const url = await serve((asked, response) => {
      const host = asked.headers['x-forwarded-host'] ?? 'issuer-internal:8080'
      response.setHeader('Content-Type', 'application/json')
      if (asked.url?.startsWith('/jwks'))
        response.setHeader('Cache-Control', 'no-store').end(JSON.stringify({ keys: [{ kty: 'EC', kid: '1', d: 'x' }] }))
      else if (asked.url?.includes('/.well-known/openid-configuration'))
        response.end(
          JSON.stringify({
            issuer: 'https://other.example',
            token_endpoint: `http://${host}/token`,
            jwks_uri: `http://${asked.headers.host}/jwks`,
          }),
        )
      else response.writeHead(404).end()
    })
    const found = await examine({ url })
    expect(wrongs(found)).toEqual(['metadata', 'keys', 'forwarded'])
    expect(stateOf(found, 'keys')).toEqual(['wrong: a private or shared key'])
    expect(stateOf(found, 'metadata')).toContain('wrong: https://other.example')
    expect(found.proxies.map(({ trouble }) => trouble)).toContain('trust')
    expect(exitCodeOfExamination(found)).toBe(1)
    // Behind a public name, the same addresses are those of an inside.
    const { isInner } = await import('../src/doctor/check-metadata.ts')
    const outside = new URL('https://id.example')
    const inner = [
      'http://id.example/token',
      'http://issuer:8080/token',
      'https://10.0.0.3/token',
      'https://id.example:8443/token',
      'https://keys.example/jwks',
    ]
    expect(inner.map((address) => isInner(address, outside))).toEqual(['scheme', 'host', 'host', 'host', undefined])
  })

  it('keys elsewhere are not fetched unless their host is named', async () => {
    let asked = 0
    const keys = await serve((_request, response) => {
      asked += 1
      response.setHeader('Cache-Control', 'max-age=900').end(JSON.stringify({ keys: [{ kty: 'EC', kid: '1' }] }))
    })
    const url: string = await serve((_request, response) => {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ issuer: url, jwks_uri: `${keys}/jwks` }))
    })
    expect(stateOf(await examine({ url }), 'keys')[0]).toMatch(/^not-seen: .*--allow-host/)
    expect(asked).toBe(0)
    expect(stateOf(await examine({ url, allowedHosts: [new URL(keys).host] }), 'keys')).toEqual(['good: 1 key', 'good: max-age=900'])
  })
})

describe('DPOP-4.3-09: the address that proofs are compared with', () => {
  it('an API of ours that knows its address is well, without a ticket', async () => {
    let inside: RequestListener = () => undefined
    const url = await serve((asked, response) => inside(asked, response))
    inside = guarded(url)
    const found = await examine({ url: `${url}/notes` })
    expect(found.kind).toBe('api')
    expect(stateOf(found, 'target')).toEqual([`good: ${url}/notes`])
    expect(wrongs(found)).toEqual([])
  })

  it('behind a proxy that does not tell it: which address it thinks of, and which lines to change', async () => {
    const inner = guarded('https://notes-internal:8443')
    const behind = await serve(inner)
    const proxy = await serve((asked, response) => {
      const passed = request(`${behind}${asked.url}`, { method: asked.method ?? 'GET', headers: asked.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      asked.pipe(passed)
    })
    const nginx = 'server {\n  location / {\n    proxy_pass https://notes-internal:8443;\n  }\n}\n'
    const found = await examine({
      url: `${proxy}/notes`,
      inside: 'https://notes-internal:8443',
      proxies: [{ name: 'nginx.conf', text: nginx }],
    })
    expect(stateOf(found, 'target')).toEqual([`wrong: https://notes-internal:8443/notes instead of ${proxy}/notes`])
    expect(found.proxies.find(({ trouble }) => trouble === 'host')).toMatchObject({
      at: 'nginx.conf:3',
      write: expect.stringContaining('proxy_set_header Host $host'),
    })
    expect(found.requests).toBeLessThanOrEqual(20)
    const text = renderExamination(found, { language: 'ja', width: 100 })
    expect(text).toContain('✗ 悪い')
    expect(text).toContain('nginx.conf:3')
  })

  it('an API that looks at the ticket first: htu is not seen, which is said', async () => {
    const url = await serve((_request, response) => response.writeHead(401, { 'WWW-Authenticate': 'DPoP error="invalid_token"' }).end())
    expect(stateOf(await examine({ url, kind: 'api' }), 'target')).toEqual(['not-seen: answers do not tell'])
  })
})

describe('TLS, clocks and browsers', () => {
  it('an authority that is not known, and one that was named; no old version', async () => {
    const own = selfSigned('tests')
    const url = await serve((_request, response) => response.writeHead(401, { 'WWW-Authenticate': 'DPoP' }).end(), own)
    const strange = await examine({ url, kind: 'api' })
    expect(stateOf(strange, 'chain')[0]).toMatch(/^wrong: DEPTH_ZERO_SELF_SIGNED_CERT/)
    expect(stateOf(strange, 'old-tls')).toEqual(['good: TLS 1.0 and 1.1 refused'])
    const known = await examine({ url, kind: 'api', authorities: own.cert })
    expect(stateOf(known, 'chain')[0]).toMatch(/^good: trusted/)
    expect(stateOf(known, 'tls')).toEqual(['good: TLSv1.3'])
    expect(stateOf(known, 'certificates')).toEqual(['good: not asked for'])
  })

  it('versions that nobody should speak', async () => {
    const own = selfSigned('tests')
    const url = await serve((_request, response) => response.end(), { ...own, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })
    expect(stateOf(await examine({ url, kind: 'api', authorities: own.cert }), 'old-tls')).toEqual(['wrong: TLSv1, TLSv1.1'])
  })

  it('a clock that is an hour off, and one that a cache hides', async () => {
    const dated = (headers: Record<string, string>) =>
      serve((_request, response) => {
        response.sendDate = false
        response.writeHead(401, { 'WWW-Authenticate': 'DPoP', ...headers }).end()
      })
    const late = await examine({ url: await dated({ Date: new Date(Date.now() - 3_600_000).toUTCString() }), kind: 'api' })
    expect(stateOf(late, 'clock')[0]).toMatch(/^wrong: -3(?:599|600|601) s/)
    const cached = await examine({ url: await dated({ Date: new Date(0).toUTCString(), Age: '30' }), kind: 'api' })
    expect(stateOf(cached, 'clock')).toEqual(['not-seen: from a cache, 30 s old'])
  })

  it.each([
    [{ 'Access-Control-Allow-Origin': 'https://app.example' }, 'wrong: may not send authorization, dpop'],
    [{ 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' }, 'wrong: may not send authorization'],
    [{ 'Access-Control-Allow-Origin': ['*', '*'] }, 'wrong: Access-Control-Allow-Origin: * | *'],
    [{ 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Authorization, DPoP' }, 'good: may send authorization, dpop'],
    [{}, 'not-seen: no CORS for https://app.example'],
  ])('browsers: %j', async (headers, state) => {
    const url = await serve((_request, response) => response.writeHead(401, headers as Record<string, string>).end())
    expect(stateOf(await examine({ url, kind: 'api' }), 'browsers')[0]).toBe(state)
  })
})

describe('stacks that bind nothing', () => {
  /** As many do: one form of discovery alone, and CORS for what they know. */
  async function bearerIssuer(more: object = {}): Promise<string> {
    const url: string = await serve((request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*').setHeader('Access-Control-Allow-Headers', 'Content-Type')
      const document = { issuer: url, token_endpoint: `${url}/token`, jwks_uri: `${url}/jwks`, ...more }
      if (request.url === '/.well-known/openid-configuration')
        response.setHeader('Content-Type', 'application/json').end(JSON.stringify(document))
      else response.writeHead(request.method === 'OPTIONS' ? 204 : 404).end()
    })
    return url
  }

  it('an issuer that announces no DPoP need not let browsers send it; one that does must', async () => {
    const plain = await examine({ url: await bearerIssuer() })
    expect(stateOf(plain, 'browsers')).toEqual(['good: may send content-type'])
    const announced = await examine({ url: await bearerIssuer({ dpop_signing_alg_values_supported: ['ES256'] }) })
    expect(stateOf(announced, 'browsers')).toEqual(['wrong: may not send dpop', 'doubtful: may not read dpop-nonce'])
  })

  it('no line of a proxy is blamed for what the program never said', async () => {
    const { lines, proxies } = await examine({ url: await bearerIssuer({ dpop_signing_alg_values_supported: ['ES256'] }) })
    expect(lines.find(({ found }) => found.startsWith('RFC 8414: 404'))?.mend?.en).toContain('other address')
    expect(proxies).toEqual([])
  })

  it('an API whose challenge names Bearer alone is not asked to read nonces to browsers', async () => {
    const cors = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Authorization' }
    const url = await serve((_request, response) => response.writeHead(401, { 'WWW-Authenticate': 'Bearer', ...cors }).end())
    expect(stateOf(await examine({ url, kind: 'api' }), 'browsers')).toEqual([
      'good: may send authorization',
      'doubtful: may not read www-authenticate',
    ])
  })
})

describe('a hostile other side', () => {
  const answers: readonly (readonly [string, RequestListener])[] = [
    ['a page', (_request, response) => void response.setHeader('Content-Type', 'text/html').end('<html>\u001b[2J')],
    ['a redirect to elsewhere', (_request, response) => void response.writeHead(302, { Location: 'https://elsewhere.invalid/' }).end()],
    ['an error', (_request, response) => void response.writeHead(500).end()],
    [
      'endless bodies',
      (_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
          if (!response.destroyed) response.once('drain', more)
        }
        more()
      },
    ],
    ['a closed connection', (asked) => void asked.socket.destroy()],
    [
      'odd metadata',
      (_request, response) => void response.end('{"issuer":["x"],"jwks_uri":7,"token_endpoint":{"a":1},"mtls_endpoint_aliases":[null]}'),
    ],
    [
      'odd headers',
      (_request, response) =>
        void response
          .writeHead(401, { Date: 'x', Age: 'y', 'Cache-Control': 'max-age=z', 'WWW-Authenticate': 'DPoP resource_metadata="http://["' })
          .end(),
    ],
  ]
  it.each(answers)('%s: an examination that ends, and no control character in it', async (_name, listener) => {
    const url = await serve(listener)
    for (const kind of ['issuer', 'api'] as const) {
      const options: DoctorOptions = { url, kind, clientId: 'x', inside: 'http://inner:1' }
      const found = await examine(options)
      expect(found.requests).toBeLessThanOrEqual(40)
      expect(found.lines.length).toBeGreaterThan(0)
      expect(renderExamination(found)).not.toMatch(/(?!\n)\p{Cc}/u)
    }
  })

  it('nobody there: exit code 3', async () => {
    const url = await serve(() => undefined)
    const port = await new Promise<number>((resolve) => {
      const closed = createServer()
      closed.listen(0, '127.0.0.1', () => {
        const { port } = closed.address() as AddressInfo
        closed.close(() => resolve(port))
      })
    })
    expect(url).not.toContain(`:${port}`)
    const found = await examine({ url: `http://127.0.0.1:${port}` })
    expect(exitCodeOfExamination(found)).toBe(3)
    await expect(examine({ url: 'ftp://x' })).rejects.toThrow(Misuse)
  })
})
