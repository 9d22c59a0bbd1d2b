// The mcp profile on the wire: tickets without a name, for one API and short, and how they come to bear one.
import { wireKey } from 'testkit'
import { authorizeUrl, getTokens, redemption, startCodeKit, walkForms } from 'testkit/code'
import { claimsOfJwt, type IssuerKit, kitApi, kitOtherApi, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

describe('mcp: tickets that do not bear a name yet', () => {
  let kit: IssuerKit
  beforeAll(async () => {
    const unnamed = { kind: 'optional' as const, reason: 'clients of this protocol send no proofs yet' }
    kit = await startCodeKit({
      config: {
        profile: 'mcp',
        clients: [
          {
            clientId: 'mcp',
            kind: 'mobile',
            name: 'Agent',
            redirectUris: ['http://127.0.0.1/callback'],
            scopes: ['openid', 'offline_access', 'notes:read', 'other:read'],
            apis: [kitApi, kitOtherApi],
            binding: unnamed,
          },
        ],
      },
    })
  })
  afterAll(() => kit.close())

  const tokensOf = async (change: Record<string, string>, headers: Record<string, string> = {}) => {
    const open = authorizeUrl(kit, { clientId: 'mcp', redirectUri: 'http://127.0.0.1:4000/callback', change })
    const { landed } = await walkForms(kit, open.url)
    return { open, answer: await postForm(kit, '/token', redemption(kit, open, landed.searchParams.get('code') ?? ''), headers) }
  }
  const renew = (token: unknown, headers: Record<string, string> = {}) =>
    postForm(kit, '/token', { grant_type: 'refresh_token', refresh_token: String(token), client_id: 'mcp' }, headers)

  it('MCP-RES-01, MCP-RT-01: an unnamed ticket is for one API and short, and its refresh token rotates', async () => {
    const { answer } = await tokensOf({ scope: 'openid notes:read' })
    expect(answer.json).toMatchObject({ token_type: 'Bearer', expires_in: 300 })
    expect(claimsOfJwt(answer.json['access_token'])['aud']).toBe(kitApi)
    const renewed = await renew(answer.json['refresh_token'])
    expect(renewed.json['refresh_token']).toBeTypeOf('string')
    expect(renewed.json['refresh_token']).not.toBe(answer.json['refresh_token'])
    expect(claimsOfJwt(renewed.json['access_token'])['aud']).toBe(kitApi)
  })

  it('DPOP-5-03: with the first proof the ticket and all its successors bear that name', async () => {
    const { answer } = await tokensOf({ scope: 'notes:read' })
    const key = wireKey()
    const named = await renew(answer.json['refresh_token'], { dpop: tokenProof(kit, key) })
    expect(named.json).toMatchObject({ token_type: 'DPoP' })
    expect(claimsOfJwt(named.json['access_token'])['cnf']).toEqual({ jkt: key.jkt })
    const bare = await renew(named.json['refresh_token'])
    expect([bare.status, bare.json['error']]).toEqual([400, 'invalid_dpop_proof'])
    const foreign = await renew(named.json['refresh_token'], { dpop: tokenProof(kit, wireKey()) })
    expect([foreign.status, foreign.json['error']]).toEqual([400, 'invalid_grant'])
    expect((await renew(named.json['refresh_token'], { dpop: tokenProof(kit, key) })).status).toBe(200)
  })

  it('DPOP-5-03: two proofs of two keys at the same moment: one names the ticket, the other is refused and harms nobody', async () => {
    const { answer } = await tokensOf({ scope: 'notes:read' })
    const keys = [wireKey(), wireKey()] as const
    const answers = await Promise.all(keys.map((key) => renew(answer.json['refresh_token'], { dpop: tokenProof(kit, key) })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
    const winner = answers.findIndex(({ status }) => status === 200)
    const key = keys[winner as 0]
    expect((await renew(answers[winner]?.json['refresh_token'], { dpop: tokenProof(kit, key) })).status).toBe(200)
  })

  it('O21-1.4.1-01: a request without scope asks for what the API offers; offline access is never among it', async () => {
    const key = wireKey()
    const plain = { clientId: 'mcp', redirectUri: 'http://127.0.0.1:4000/callback', key }
    for (const change of [{ scope: undefined }, { scope: '' }, { scope: undefined, resource: kitOtherApi }]) {
      const held = await getTokens(kit, { ...plain, change })
      expect(held.answer.json['scope']).toBe('resource' in change ? 'other:read' : 'notes:read')
    }
    const twice = await fetch(`${authorizeUrl(kit, plain).url}&scope=openid`, { redirect: 'manual' })
    expect(new URL(twice.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request')
  })

  it('a named ticket may be for several APIs', async () => {
    const key = wireKey()
    const held = await getTokens(kit, {
      clientId: 'mcp',
      redirectUri: 'http://127.0.0.1:4000/callback',
      key,
      change: { scope: 'openid notes:read' },
    })
    expect(claimsOfJwt(held.answer.json['access_token'])['aud']).toEqual([kitApi, kit.issuer])
  })
})
