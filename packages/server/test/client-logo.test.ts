// Logos of clients, over real TLS: fetched by the issuer through its one fetcher, and shown from its own origin to the person who is asked.
import { type OutsideServer, selfSigned, startOutside } from 'testkit'
import { type FormBrowser, formBrowser } from 'testkit/browser'
import { kitPassword, startCodeKit } from 'testkit/code'
import { type IssuerKit, readResponse } from 'testkit/issuer'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
let content: { readonly type: string; readonly bytes: Buffer; readonly status?: number; readonly headers?: Record<string, string> }

let now = Math.floor(Date.now() / 1000)
let site: OutsideServer
let kit: IssuerKit
let origin = ''
beforeAll(async () => {
  const certificate = selfSigned('app.example', 'app.example')
  site = await startOutside((_request, response) => {
    response.writeHead(content.status ?? 200, { 'content-type': content.type, ...content.headers }).end(content.bytes)
  }, certificate)
  origin = `https://app.example:${site.port}`
  kit = await startCodeKit({
    clock: () => now,
    lookUp: () => ['127.0.0.1'],
    config: {
      outbound: { allow: [{ origin }], ca: [certificate.cert] },
      registration: { mode: 'open', policy: { scopes: ['openid'] }, limits: { perAddressAndHour: 1000 } },
    },
  })
})
afterAll(async () => {
  await kit.close()
  await site.close()
})
beforeEach(() => {
  site.asked.length = 0
  content = { type: 'image/png', bytes: png }
})

let clients = 0
/** The consent page of a fresh client, and where its logo is shown from. */
async function asked(change: object = {}): Promise<{ readonly browser: FormBrowser; readonly logo: string | undefined }> {
  clients += 1
  const metadata = { redirect_uris: [`${origin}/cb`], token_endpoint_auth_method: 'none', logo_uri: `${origin}/logo-${clients}`, ...change }
  const headers = { 'content-type': 'application/json' }
  const { json } = await readResponse(await fetch(`${kit.issuer}/register`, { method: 'POST', headers, body: JSON.stringify(metadata) }))
  const query = { client_id: String(json['client_id']), redirect_uri: `${origin}/cb`, response_type: 'code', scope: 'openid' }
  const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }
  const browser = formBrowser(kit.issuer)
  const page = await browser.open(`${kit.issuer}/authorize?${new URLSearchParams({ ...query, ...challenge })}`)
  const { text } = await browser.press(page, 'login-submit', { username: 'hanako', password: kitPassword })
  return { browser, logo: /<img class="client-logo" src="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') }
}

async function load({ browser, logo }: Awaited<ReturnType<typeof asked>>, more: RequestInit = {}) {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await fetch(new URL(logo ?? '', kit.issuer), { headers: { cookie }, ...more })
  return { response, bytes: Buffer.from(await response.arrayBuffer()) }
}

describe('the logo of a client', () => {
  it('DCR-5-01: comes from the issuer as it is, never as a page, and is fetched when it is shown', async () => {
    const shown = await asked()
    expect(site.asked).toEqual([])
    const { response, bytes } = await load(shown)
    expect([response.status, response.headers.get('content-type'), bytes.equals(png)]).toEqual([200, 'image/png', true])
    expect(response.headers.get('content-security-policy')).toContain('sandbox')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(site.asked).toHaveLength(1)
    expect(site.lastHeaders()).not.toHaveProperty('cookie')
  })

  it('is fetched once for many, and again when it is old', async () => {
    const shown = await asked()
    await Promise.all(Array.from({ length: 10 }, () => load(shown)))
    await load(shown)
    expect(site.asked).toHaveLength(1)
    now += 3601
    await load(await asked({ logo_uri: `${origin}/logo-${clients}` }))
    expect(site.asked).toHaveLength(2)
  })

  it('is for the browser of an open request alone', async () => {
    const shown = await asked()
    expect((await load(shown, { headers: {} })).response.status).toBe(404)
    expect((await load({ ...shown, logo: '/client-logo?interaction=made-up&lang=en' })).response.status).toBe(404)
    expect((await load({ ...shown, logo: '/client-logo' })).response.status).toBe(404)
    expect(site.asked).toEqual([])
    expect((await asked({ logo_uri: undefined })).logo).toBeUndefined()
  })
})

describe('what is no logo', () => {
  it.each([
    ['SVG', { type: 'image/svg+xml', bytes: svg }, 'outbound.content-type-is-asked-for'],
    ['SVG that says it is PNG', { type: 'image/png', bytes: svg }, 'outbound.picture-is-what-it-says'],
    ['PNG that says it is JPEG', { type: 'image/jpeg', bytes: png }, 'outbound.picture-is-what-it-says'],
    ['a page', { type: 'text/html', bytes: Buffer.from('<html>') }, 'outbound.content-type-is-asked-for'],
    ['nothing', { type: 'image/png', bytes: Buffer.alloc(0) }, 'outbound.picture-is-what-it-says'],
    ['too much', { type: 'image/png', bytes: Buffer.concat([png, Buffer.alloc(200_000)]) }, 'outbound.body-is-bounded'],
    ['an error', { type: 'image/png', bytes: png, status: 500 }, 'outbound.status-is-success'],
    [
      'a redirect',
      { type: 'image/png', bytes: png, status: 302, headers: { location: 'http://169.254.169.254/' } },
      'outbound.is-not-redirected',
    ],
    ['something compressed', { type: 'image/png', bytes: png, headers: { 'content-encoding': 'gzip' } }, 'outbound.content-is-plain'],
  ])('CIMD-8.6-01 DCR-5-01: %s: 404, told in the audit log, and not asked for again at once', async (_what, bad, rule) => {
    content = bad
    const shown = await asked()
    for (let times = 0; times < 2; times += 1) expect((await load(shown)).response.status).toBe(404)
    expect(site.asked).toHaveLength(1)
    expect(kit.audit.filter(({ event }) => event === 'outbound_refused').at(-1)).toMatchObject({ rule, purpose: 'logo' })
  })
})
