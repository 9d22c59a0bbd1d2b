// A holder with a certificate: where it calls, what it shows, what it never sends, and how it goes from one certificate to the next.
import { type PrivateJwk, proofKeyFrom } from '@kimei/protocol'
import { selfSigned, wireKey } from 'testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClientCredentials, createMemoryDevice, createSession, type HolderOptions } from '../src/index.ts'
import { createCertificate } from '../src/node.ts'
import { claimsOf, type HandServer, type Heard, type Said, startHandServer } from './hand-server.ts'

const serving = selfSigned('localhost')
const first = selfSigned('payroll')
const second = selfSigned('payroll')
const json = (body: object, status = 200): Said => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

interface Stage {
  /** Plain http: metadata, and endpoints that a client with a certificate leaves alone. */
  readonly plain: HandServer
  /** Asks for certificates: token endpoint and API. */
  readonly tls: HandServer
  readonly options: HolderOptions & { readonly certificate: ReturnType<typeof createCertificate> }
  /** Requests to one path over TLS. */
  readonly at: (path: string) => readonly Heard[]
}

interface Staging {
  /** More of the metadata; `tls` is the origin that asks for certificates. */
  readonly metadata?: (tls: string, plain: string) => object
  /** How the API answers; `undefined`: 200. */
  readonly api?: (heard: Heard) => Said | undefined
}

/** A token says in plain text for which certificate it is. */
const tokenFor = (heard: Heard, count: number): string => `token-${count}.${heard.x5t}`

async function stage({ metadata, api }: Staging = {}): Promise<Stage> {
  const tls = await startHandServer(
    (heard, count) => {
      if (heard.path === '/token') {
        const type = heard.proof ? 'DPoP' : 'Bearer'
        return json({ access_token: tokenFor(heard, count), token_type: type, expires_in: 600, refresh_token: `refresh-${count}` })
      }
      return api?.(heard) ?? { body: 'yes' }
    },
    { tls: serving },
  )
  const plain: HandServer = await startHandServer((heard) => {
    const issuer = plain.origin
    if (!heard.path.startsWith('/.well-known/')) return json({ error: 'invalid_request' }, 400)
    return json({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      code_challenge_methods_supported: ['S256'],
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: { token_endpoint: `${tls.origin}/token` },
      ...metadata?.(tls.origin, issuer),
    })
  })
  const certificate = createCertificate({ cert: first.cert, key: first.key, ca: serving.cert })
  onTestFinished(async () => {
    await certificate.close()
    await Promise.all([plain.close(), tls.close()])
  })
  return {
    plain,
    tls,
    at: (path) => tls.heard.filter((heard) => heard.path === path),
    options: { issuer: plain.origin, clientId: 'payroll', authentication: { method: 'tls_client_auth' }, certificate },
  }
}

const exchanged = { cert: second.cert, key: second.key, ca: serving.cert }

describe('where it calls', () => {
  it('MTLS-5-01: at the alias where there is one, with nothing but its client_id; the ticket comes back under the certificate', async () => {
    const { options, at, plain, tls } = await stage()
    const holder = createClientCredentials({ ...options, scopes: ['notes'] })
    expect(await holder.ticket()).toMatchObject({ x5t: first.x5t, jkt: undefined, renewable: false })
    expect((await holder.fetch(`${tls.origin}/notes`)).status).toBe(200)
    expect(at('/token').map(({ x5t, body }) => [x5t, body])).toEqual([
      [first.x5t, 'scope=notes&grant_type=client_credentials&client_id=payroll'],
    ])
    expect(at('/notes').map(({ x5t, headers, proof }) => [x5t, headers.authorization, proof])).toEqual([
      [first.x5t, `Bearer token-1.${first.x5t}`, undefined],
    ])
    expect(plain.heard.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration'])
  })

  it('MTLS-5-01: at the endpoint itself where it has no alias, over TLS all the same', async () => {
    const { options, at } = await stage({ metadata: (tls) => ({ token_endpoint: `${tls}/token`, mtls_endpoint_aliases: {} }) })
    expect((await createClientCredentials(options).ticket())?.x5t).toBe(first.x5t)
    expect(at('/token')).toHaveLength(1)
  })

  it.each([
    ['there is no alias, and the endpoint is plain http', () => ({ mtls_endpoint_aliases: undefined })],
    ['the alias is plain http', (_tls: string, plain: string) => ({ mtls_endpoint_aliases: { token_endpoint: `${plain}/token` } })],
  ])('MTLS-5-01: nowhere, where %s', async (_where, metadata) => {
    const { options, plain } = await stage({ metadata })
    await expect(createClientCredentials(options).ticket()).rejects.toMatchObject({ code: 'holder.certificate-goes-over-tls' })
    expect(plain.heard).toHaveLength(1)
  })

  it('MTLS-5-01: a browser is never sent to an alias', async () => {
    const { options, plain } = await stage({
      metadata: (tls) => ({ mtls_endpoint_aliases: { token_endpoint: `${tls}/token`, authorization_endpoint: `${tls}/authorize` } }),
    })
    const session = createSession({ ...options, redirectUri: 'http://127.0.0.1/callback' })
    const { url } = await session.begin()
    expect(url.startsWith(`${plain.origin}/authorize?`)).toBe(true)
    expect(new URL(url).searchParams.has('dpop_jkt')).toBe(false)
  })

  it('MTLS-5-01: an assertion sent to an alias is still for the issuer', async () => {
    const { options, at, plain } = await stage()
    const { privateJwk, kid } = wireKey()
    const key = await proofKeyFrom(privateJwk as unknown as PrivateJwk, 'ES256')
    await createClientCredentials({ ...options, authentication: { method: 'private_key_jwt', key, kid: kid ?? 'one' } }).ticket()
    const assertion = new URLSearchParams(at('/token')[0]?.body).get('client_assertion')
    expect(claimsOf(assertion)?.['aud']).toBe(plain.origin)
  })

  it('asks for no binding that the issuer does not offer', async () => {
    const { options, tls } = await stage({ metadata: () => ({ tls_client_certificate_bound_access_tokens: undefined }) })
    await expect(createClientCredentials(options).ticket()).rejects.toMatchObject({ code: 'holder.certificate-binding-is-offered' })
    expect(tls.heard).toEqual([])
  })
})

describe('what it shows', () => {
  it.each(['key', 'both'] as const)('DPoP goes over the same connections, with tickets named after: %s', async (binding) => {
    const { options, tls, at } = await stage()
    const holder = createClientCredentials({ ...options, binding })
    const { jkt } = await holder.key()
    expect(await holder.ticket()).toMatchObject({ jkt, x5t: binding === 'both' ? first.x5t : undefined })
    await holder.fetch(`${tls.origin}/notes`)
    for (const [heard, htu] of [
      [at('/token')[0], `${tls.origin}/token`],
      [at('/notes')[0], `${tls.origin}/notes`],
    ] as const) {
      expect(heard?.x5t).toBe(first.x5t)
      expect(heard?.proof).toMatchObject({ htu })
    }
    expect(at('/notes')[0]?.headers.authorization).toMatch(/^DPoP /)
  })

  it('a ticket of a certificate never goes over plain http, and nothing of it follows a redirect away', async () => {
    const away = await startHandServer(() => ({ body: 'away' }), { tls: serving })
    onTestFinished(() => away.close())
    const { options, plain, tls } = await stage({ api: () => ({ status: 307, headers: { location: `${away.origin}/notes` } }) })
    const holder = createClientCredentials(options)
    await expect(holder.fetch(`${plain.origin}/notes`)).rejects.toMatchObject({ code: 'holder.certificate-goes-over-tls' })
    expect(plain.heard.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration'])
    expect(await (await holder.fetch(`${tls.origin}/notes`)).text()).toBe('away')
    expect(away.heard.map(({ x5t, headers }) => [x5t, headers.authorization])).toEqual([[undefined, undefined]])
  })

  it('CERT-2.4-03: no request carries Client-Cert, and no caller can add it', async () => {
    const { options, plain, tls } = await stage()
    const holder = createClientCredentials(options)
    await holder.fetch(`${tls.origin}/notes`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) })
    for (const { rawHeaders } of [...plain.heard, ...tls.heard]) expect(rawHeaders.join().toLowerCase()).not.toMatch(/client-?cert/)
    const before = tls.heard.length
    for (const name of ['Client-Cert', 'client-cert-chain']) {
      const refused = holder.fetch(`${tls.origin}/notes`, { headers: { [name]: `:${first.der}:` } })
      await expect(refused).rejects.toMatchObject({ code: 'holder.no-certificate-in-a-header' })
    }
    expect(tls.heard).toHaveLength(before)
  })
})

describe('from one certificate to the next', () => {
  it('new certificate, new ticket, then use: no ticket is ever spent over the other certificate', async () => {
    const { options, tls, at } = await stage()
    const device = createMemoryDevice()
    const holder = createClientCredentials({ ...options, device })
    await holder.fetch(`${tls.origin}/notes`)
    options.certificate.exchange(exchanged)
    await holder.fetch(`${tls.origin}/notes`)
    await holder.fetch(`${tls.origin}/notes`)
    expect(at('/token').map(({ x5t }) => x5t)).toEqual([first.x5t, second.x5t])
    expect(at('/notes').map(({ x5t, headers }) => [x5t, headers.authorization?.split('.')[1]])).toEqual([
      [first.x5t, first.x5t],
      [second.x5t, second.x5t],
      [second.x5t, second.x5t],
    ])
    // Another process that is still on the old one keeps its own ticket.
    const old = createCertificate({ cert: first.cert, key: first.key, ca: serving.cert })
    onTestFinished(() => old.close())
    await createClientCredentials({ ...options, certificate: old, device }).fetch(`${tls.origin}/notes`)
    expect(at('/token')).toHaveLength(2)
    expect(at('/notes').at(-1)?.x5t).toBe(first.x5t)
  })

  it('what began with the old certificate ends with it, request after request', async () => {
    const { options, tls, at } = await stage()
    const before = options.certificate.current()
    await before.fetch(`${tls.origin}/notes`)
    options.certificate.exchange(exchanged)
    await before.fetch(`${tls.origin}/notes`)
    await options.certificate.current().fetch(`${tls.origin}/notes`)
    expect(at('/notes').map(({ x5t }) => x5t)).toEqual([first.x5t, first.x5t, second.x5t])
  })

  it('a refresh token is taken along, the access token is not', async () => {
    const { options, at, tls } = await stage()
    const device = createMemoryDevice()
    const session = createSession({ ...options, device, redirectUri: 'http://127.0.0.1/callback' })
    const ticket = { format: 'kimei-ticket-1', accessToken: 'old', x5t: first.x5t, scopes: [], issuedAt: 1, refreshToken: 'kept' }
    const owner = [options.issuer, options.clientId]
    await device.shelf.write(`ticket:${JSON.stringify([...owner, first.x5t])}`, ticket)
    await device.shelf.write(`certificates:${JSON.stringify(owner)}`, [first.x5t])
    options.certificate.exchange(exchanged)
    expect((await session.fetch(`${tls.origin}/notes`)).status).toBe(200)
    expect(new URLSearchParams(at('/token')[0]?.body).get('refresh_token')).toBe('kept')
    expect(at('/token')[0]?.x5t).toBe(second.x5t)
    expect(at('/notes').map(({ headers }) => headers.authorization)).toEqual([`Bearer token-1.${second.x5t}`])
  })

  it('MTLS-6.3-01: a ticket that the API no longer takes is renewed once and tried once more; then the API has the last word', async () => {
    const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' }
    let good = ''
    const { options, tls, at } = await stage({
      api: ({ headers }) => (headers.authorization === good ? undefined : { status: 401, headers: challenge }),
    })
    const holder = createClientCredentials(options)
    await holder.ticket()
    good = `Bearer token-3.${first.x5t}`
    expect((await holder.fetch(`${tls.origin}/notes`)).status).toBe(200)
    expect([at('/token').length, at('/notes').length]).toEqual([2, 2])
    good = 'none'
    expect((await holder.fetch(`${tls.origin}/notes`)).status).toBe(401)
    expect([at('/token').length, at('/notes').length]).toEqual([3, 4])
  })

  it('a certificate that is not usable is refused, and the old one stays', async () => {
    const { options } = await stage()
    expect(() => options.certificate.exchange({ ...exchanged, key: first.key })).toThrow('the key is not the key of the certificate')
    expect(options.certificate.current().x5t).toBe(first.x5t)
  })
})

it('says at the start what does not go together, all of it', () => {
  const options = { issuer: 'https://id.example', clientId: 'a', redirectUri: 'http://127.0.0.1/callback' }
  const wrong = { ...options, binding: 'both', authentication: { method: 'self_signed_tls_client_auth' } } as const
  expect(() => createSession(wrong)).toThrow(/binding "both" needs a certificate[\s\S]*self_signed_tls_client_auth needs a certificate/)
  const certificate = createCertificate(first)
  expect(() => createClientCredentials({ ...options, certificate, fetch })).toThrow('fetch and certificate exclude each other')
})
