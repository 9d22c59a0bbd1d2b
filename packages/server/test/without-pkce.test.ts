// dangerouslyAllowWithoutPkce: one confidential client goes without a challenge, everybody else and everything else stays as it is.
import { Misuse } from '@kimei/protocol'
import { authorizeUrl, startCodeKit, walkForms } from 'testkit/code'
import { basicHeader, type IssuerKit, kitApi, kitRedirect, kitSecret, pkcePair, postForm } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'

const secretHash = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(kitSecret))).toString('base64url')
const binding = { kind: 'bearer', reason: 'a conformance suite that makes no proofs' } as const
const web = { kind: 'server' as const, name: 'Web', authentication: 'client_secret_basic' as const, secretHashes: [secretHash] }
const more = { redirectUris: [kitRedirect], scopes: ['openid', 'notes:read'], apis: [kitApi], binding }

let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({
    config: {
      clients: [
        { ...web, ...more, clientId: 'plain', dangerouslyAllowWithoutPkce: true },
        { ...web, ...more, clientId: 'usual' },
      ],
    },
  })
})
afterAll(() => kit.close())

const noPkce = { code_challenge: undefined, code_challenge_method: undefined, scope: 'openid notes:read' }
async function codeOf(clientId: string, change: Record<string, string | undefined>) {
  const { landed } = await walkForms(kit, authorizeUrl(kit, { clientId, change }).url)
  return landed.searchParams
}
const redeem = (clientId: string, code: string | null, extra: Record<string, string> = {}) =>
  postForm(
    kit,
    '/token',
    { grant_type: 'authorization_code', code: code ?? '', redirect_uri: kitRedirect, ...extra },
    { authorization: basicHeader(clientId) },
  )

describe('a confidential client with the exception', () => {
  it('O21-4.1.1-02: asks without a challenge and redeems without a verifier', async () => {
    const answered = await codeOf('plain', noPkce)
    const answer = await redeem('plain', answered.get('code'))
    expect([answer.status, answer.json['token_type'], typeof answer.json['id_token']]).toEqual([200, 'Bearer', 'string'])
  })

  it('O21-4.1.1-02: does so twice: an absent challenge is none that came before', async () => {
    expect((await codeOf('plain', noPkce)).get('code')).not.toBeNull()
  })

  it('O21-3.2.4-03: a code_verifier where no code_challenge was sent is 400 invalid_grant, and the code stays good', async () => {
    const code = (await codeOf('plain', noPkce)).get('code')
    const answer = await redeem('plain', code, { code_verifier: pkcePair().verifier })
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_grant'])
    expect((await redeem('plain', code)).status).toBe(200)
  })

  it('O21-4.1.3-01: a challenge that was sent is held to: without, or with another, verifier 400 invalid_grant', async () => {
    const { verifier, challenge } = pkcePair()
    const asked = { scope: 'openid notes:read', code_challenge: challenge, code_challenge_method: 'S256' }
    const code = (await codeOf('plain', asked)).get('code')
    expect((await redeem('plain', code)).json['error']).toBe('invalid_grant')
    expect((await redeem('plain', code, { code_verifier: pkcePair().verifier })).json['error']).toBe('invalid_grant')
    expect((await redeem('plain', code, { code_verifier: verifier })).status).toBe(200)
  })

  const odd: Record<string, Record<string, string | undefined>> = {
    'plain as method': { code_challenge_method: 'plain' },
    'a method without challenge': { code_challenge: undefined, code_challenge_method: 'S256' },
    'a plain method without challenge': { code_challenge: undefined, code_challenge_method: 'plain' },
    'a challenge without method': { code_challenge_method: undefined },
    'a challenge that is no digest': { code_challenge: 'short' },
  }
  for (const [why, change] of Object.entries(odd)) {
    it(`O21-4.1.1-01: ${why} is refused as for everybody`, async () => {
      expect((await codeOf('plain', { scope: 'openid notes:read', ...change })).get('error')).toBe('invalid_request')
    })
  }
})

describe('everybody else', () => {
  it('O21-4.1.1-02 ASVS-10.4.6: needs a challenge', async () => {
    expect((await codeOf('usual', noPkce)).get('error')).toBe('invalid_request')
  })

  it('O21-4.1.1-02: the metadata still says S256 and nothing else', async () => {
    const metadata = (await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>
    expect(metadata['code_challenge_methods_supported']).toEqual(['S256'])
  })

  it('O21-4.1.1-02: a public client cannot be declared with the exception', () => {
    for (const kind of ['spa', 'mobile'] as const) {
      const client = {
        clientId: 'app',
        kind,
        name: 'App',
        redirectUris: [kitRedirect],
        scopes: ['openid'],
        dangerouslyAllowWithoutPkce: true,
      }
      expect(() => parseIssuerConfig({ issuer: 'https://id.example', clients: [client] })).toThrow(Misuse)
      expect(() => parseIssuerConfig({ issuer: 'https://id.example', clients: [client] })).toThrow(/pkce-exception-is-confidential/)
    }
  })
})
