// What the strict profile leaves no room for, and consent that is each app's own.
import { createHash } from 'node:crypto'
import { Misuse } from '@kimei/protocol'
import { parseIssuerConfig } from '@kimei/server'
import { wireKey } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, startCodeKit, walkForms, walkSignIn } from 'testkit/code'
import { type IssuerKit, kitApi, kitRedirect, kitSecret } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const mistakesOf = (client: object, more: object = {}): string => {
  const apis = [{ identifier: kitApi, name: 'Notes', scopes: ['notes:read'] }]
  const scopes = [{ scope: 'notes:read', description: { ja: '読む', en: 'Read' } }]
  const key = { ...wireKey().publicJwk, kty: 'EC' as const }
  const web = {
    clientId: 'web',
    kind: 'server',
    name: 'Web',
    jwks: { keys: [key] },
    redirectUris: [kitRedirect],
    scopes: ['openid', 'notes:read'],
    apis: [kitApi],
  }
  try {
    parseIssuerConfig({ issuer: 'https://id.example', profile: 'fapi2', apis, scopes, clients: [{ ...web, ...client }], ...more })
    return ''
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    return error.mistakes.join('\n')
  }
}

describe('the strict profile', () => {
  it('is content with a client that signs its assertions and binds its tokens', () => {
    expect(mistakesOf({})).toBe('')
  })

  it.each(['bearer', 'optional'])('ASVS-10.4.14: binding %s is no configuration: every access token is bound', (kind) => {
    expect(mistakesOf({ binding: { kind, reason: 'an old app' } })).toMatch(/web.*binding/)
  })

  it.each(['client_secret_basic', 'client_secret_post'])('ASVS-10.4.16: %s is no configuration', (authentication) => {
    const secretHashes = [createHash('sha256').update(kitSecret).digest('base64url')]
    expect(mistakesOf({ authentication, secretHashes, jwks: undefined })).toMatch(/web.*(authentication|private_key_jwt)/)
  })

  it('ASVS-10.4.16: a public client is no configuration', () => {
    expect(mistakesOf({ kind: 'spa', jwks: undefined })).not.toBe('')
  })

  it('ASVS-10.4.15: requests that come through the browser alone are no configuration', () => {
    expect(mistakesOf({}, { requirePushedAuthorizationRequests: false })).toMatch(/requirePushedAuthorizationRequests/)
  })
})

describe('consent', () => {
  let kit: IssuerKit
  beforeAll(async () => {
    kit = await startCodeKit()
  })
  afterAll(() => kit.close())

  it('BCPU-2.4-01: what was allowed to one app is asked again for another of the same host, and silently it gets nothing', async () => {
    const browser = formBrowser(kit.issuer)
    const change = { scope: 'openid profile notes:read' }
    await walkForms(kit, authorizeUrl(kit, { clientId: 'spa', change }).url, browser)
    const silent = (clientId: string) => walkForms(kit, authorizeUrl(kit, { clientId, change: { ...change, prompt: 'none' } }).url, browser)
    expect((await silent('spa')).landed.searchParams.get('error')).toBeNull()
    expect((await silent('web')).landed.searchParams.get('error')).toBe('consent_required')
    expect((await silent('old-spa')).landed.searchParams.get('error')).toBe('consent_required')
    const page = await walkSignIn(browser, await browser.open(authorizeUrl(kit, { clientId: 'web', change }).url))
    expect(page.text).toContain('id="consent-allow"')
  })
})
