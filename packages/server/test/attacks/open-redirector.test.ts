// The issuer sends nobody away for a stranger, takes its own name from its configuration alone, and hears each parameter once.

import { request } from 'node:http'
import { wireKey } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, getTokens, redemption, startCodeKit, walkForms } from 'testkit/code'
import { asKeyClient, basicHeader, type IssuerKit, kitRedirect, kitSecret, postForm, readResponse, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const evil = 'https://evil.example/landing'
let kit: IssuerKit
let stranger: string
let keyed: string
beforeAll(async () => {
  kit = await startCodeKit({
    config: {
      registration: {
        mode: 'open',
        limits: { perAddressAndHour: 1000 },
        policy: { scopes: ['openid', 'profile'] },
      },
    },
  })
  const register = async (more: object) => {
    const body = JSON.stringify({ redirect_uris: [evil], token_endpoint_auth_method: 'none', ...more })
    const headers = { 'content-type': 'application/json' }
    return String((await readResponse(await fetch(`${kit.issuer}/register`, { method: 'POST', headers, body }))).json['client_id'])
  }
  stranger = await register({})
  keyed = await register({ redirect_uris: ['com.example.evil:/back'], application_type: 'native' })
})
afterAll(() => kit.close())

const faults: Record<string, Record<string, string | undefined>> = {
  'a scope it may not have': { scope: 'openid everything' },
  'a response type that is not served': { response_type: 'token' },
  'no PKCE': { code_challenge: undefined },
  'an unsigned request object': { request: 'eyJhbGciOiJub25lIn0.e30.' },
  'prompt=none with more': { prompt: 'none login' },
  'a repeated state': {},
}
const ask = (clientId: string, redirectUri: string, change: Record<string, string | undefined>) => {
  const { url } = authorizeUrl(kit, { clientId, redirectUri, change: { scope: 'openid', ...change } })
  return Object.keys(change).length === 0 ? `${url}&state=again` : url
}

describe('an app that registered itself', () => {
  it.each(Object.keys(faults))('O21-7.13-01: %s, and nobody signed in: a page, no redirect; the person may go on', async (fault) => {
    const answer = await fetch(ask(stranger, evil, faults[fault] ?? {}), { redirect: 'manual' })
    const text = await answer.text()
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
    expect(text).toContain('Request cannot be processed')
    expect(text).toMatch(
      /<a href="https:\/\/evil\.example\/landing[?#]error=[^"]+" rel="noreferrer" id="error-onward">Go on to evil\.example<\/a>/,
    )
    for (const sign of ['<script', 'http-equiv', 'onclick']) expect(text).not.toContain(sign)
  })

  it('O21-7.13-01: the same in Japanese, for a private-use scheme, and as a form where one is asked for', async () => {
    const ja = await (await fetch(ask(keyed, 'com.example.evil:/back', { scope: 'all', ui_locales: 'ja' }), { redirect: 'manual' })).text()
    expect(ja).toContain('com.example.evil: へ進む')
    const posted = await fetch(ask(stranger, evil, { scope: 'all', response_mode: 'form_post' }), { redirect: 'manual' })
    const text = await posted.text()
    expect([posted.status, /<form method="post" action="https:\/\/evil\.example\/landing">/.test(text)]).toEqual([400, true])
    expect([text.includes('<script'), posted.headers.get('content-security-policy')?.includes('script-src')]).toEqual([false, false])
  })

  it('O21-7.13-01: prompt=none is answered, and so is a request of somebody who is signed in', async () => {
    const silent = await fetch(ask(stranger, evil, { prompt: 'none' }), { redirect: 'manual' })
    expect(new URL(silent.headers.get('location') ?? '').searchParams.get('error')).toBe('login_required')
    const { browser } = await getTokens(kit)
    const page = await browser.open(ask(stranger, evil, { scope: 'openid everything' }))
    expect(page.url.searchParams.get('error')).toBe('invalid_scope')
  })

  it('O21-7.13-01: an app that the operator declared is told at once', async () => {
    const answer = await fetch(ask('spa', kitRedirect, { scope: 'openid everything' }), { redirect: 'manual' })
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_scope')
  })
})

describe('an app that registered itself at a host that the operator named', () => {
  it('O21-7.13-01: is told at once there, and not under a scheme of its own', async () => {
    const policy = { scopes: ['openid'], redirectHosts: ['named.example', 'private-use'] }
    const named = await startCodeKit({ config: { registration: { mode: 'open', policy } } })
    const answerTo = async (uri: string, more: object) => {
      const body = JSON.stringify({ redirect_uris: [uri], token_endpoint_auth_method: 'none', ...more })
      const headers = { 'content-type': 'application/json' }
      const registered = await readResponse(await fetch(`${named.issuer}/register`, { method: 'POST', headers, body }))
      const clientId = String(registered.json['client_id'])
      const { url } = authorizeUrl(named, { clientId, redirectUri: uri, change: { scope: 'openid everything' } })
      return fetch(url, { redirect: 'manual' })
    }
    const web = await answerTo('https://named.example/callback', {})
    expect(new URL(web.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_scope')
    const app = await answerTo('com.example.app:/back', { application_type: 'native' })
    expect([app.status, app.headers.get('location')]).toEqual([400, null])
    await named.close()
  })
})

describe('redirects', () => {
  it('O21-4.1.2.1-01 OIDC-16.22-1: a redirect URI that is not registered is followed by no answer whatsoever, by GET and POST', async () => {
    const fields = Object.fromEntries(new URL(ask('spa', evil, { scope: 'openid' })).searchParams)
    const answers = [await fetch(ask('spa', evil, { scope: 'everything', prompt: 'none' }), { redirect: 'manual' })]
    answers.push(await fetch(`${kit.issuer}/authorize`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' }))
    for (const { status, headers } of answers) expect([status, headers.get('location'), headers.get('refresh')]).toEqual([400, null, null])
  })

  it('O21-7.13-01: where to go after signing in or changing the language is no parameter of a stranger', async () => {
    for (const path of ['/signin', '/account', '/logout', '/signed-out', '/consent', '/device'])
      for (const name of ['return_to', 'next', 'redirect', 'continue', 'url', 'back']) {
        const answer = await fetch(`${kit.issuer}${path}?${name}=${encodeURIComponent(evil)}`, { redirect: 'manual' })
        const text = await answer.text()
        expect([path, answer.headers.get('location')?.startsWith(evil) ?? false, text.includes('evil.example')]).toEqual([
          path,
          false,
          false,
        ])
      }
  })
})

/** Straight on the wire: fetch sets Host by itself. */
function raw(path: string, headers: Record<string, string>): Promise<{ status: number; location: string; text: string }> {
  const { hostname, port } = new URL(kit.issuer)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers }, (response) => {
      let text = ''
      response.on('data', (part) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '', text }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('names from outside', () => {
  const spoofs: Record<string, Record<string, string>> = {
    Host: { host: 'evil.example' },
    'X-Forwarded-Host': { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' },
    Forwarded: { forwarded: 'host=evil.example;proto=https' },
    'X-Original-URL': { 'x-original-url': '/evil.example', 'x-rewrite-url': '/evil.example', 'x-host': 'evil.example' },
  }
  it.each(Object.keys(spoofs))('BCP-4.13-01: %s changes no metadata, redirect or page', async (name) => {
    const { search } = new URL(authorizeUrl(kit).url)
    for (const path of ['/.well-known/openid-configuration', `/authorize${search}`, '/signed-out', '/nowhere']) {
      const answer = await raw(path, spoofs[name] ?? {})
      expect(`${answer.location}${answer.text}`).not.toContain('evil.example')
      if (answer.location !== '') expect(answer.location.startsWith('/') || answer.location.startsWith(kit.issuer)).toBe(true)
    }
  })

  it('DPOP-4.3-09: a proof for a host that only the headers name is refused', async () => {
    const spoofed = tokenProof(kit, wireKey(), { claims: { htu: 'https://evil.example/token' } })
    const headers = { dpop: spoofed, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    const answer = await postForm(kit, '/token', { grant_type: 'client_credentials', ...asKeyClient(kit) }, headers)
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_dpop_proof'])
  })
})

describe('the same name twice', () => {
  it('O21-3.1-01: what stands in the query of a POST is refused or not heard, and harms no code', async () => {
    const open = authorizeUrl(kit)
    const code = (await walkForms(kit, open.url)).landed.searchParams.get('code') ?? ''
    const dpop = tokenProof(kit, wireKey())
    const polluted = new URLSearchParams({ client_id: 'cli', redirect_uri: evil, code: 'other', grant_type: 'client_credentials' })
    const refused = await postForm(kit, `/token?${polluted}`, redemption(kit, open, code), { dpop })
    expect([refused.status, refused.json['error']]).toEqual([400, 'invalid_request'])
    const answer = await postForm(kit, '/token', redemption(kit, open, code), { dpop })
    expect([answer.status, answer.json['token_type']]).toEqual([200, 'DPoP'])
    const fields = Object.fromEntries(new URL(open.url).searchParams)
    const page = await formBrowser(kit.issuer).post(
      `${kit.issuer}/authorize?${new URLSearchParams({ redirect_uri: evil, state: 'x' })}`,
      fields,
    )
    expect([page.status, page.headers.get('location')?.includes('evil.example')]).toEqual([303, false])
  })

  const paths = ['/token', '/revoke', '/introspect', '/par']
  it.each(paths)('O21-3.2-01: %s refuses a parameter sent twice, even with one value, and with two client identities', async (path) => {
    const twice = new URLSearchParams({ grant_type: 'client_credentials', token: 'x', response_type: 'code' }).toString()
    const answer = await postForm(kit, path, `${twice}&token=x&grant_type=client_credentials&response_type=code`, {
      authorization: basicHeader('basic'),
    })
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_request'])
    const two = { grant_type: 'client_credentials', token: 'x', client_id: 'post', client_secret: kitSecret }
    const mixed = await postForm(kit, path, two, { authorization: basicHeader('basic') })
    expect([[400, 401].includes(mixed.status), ['invalid_request', 'invalid_client'].includes(String(mixed.json['error']))]).toEqual([
      true,
      true,
    ])
  })
})
