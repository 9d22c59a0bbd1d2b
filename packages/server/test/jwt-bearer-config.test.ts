// Whose assertions are taken is configured, and what is not configured is not served: no password, no implicit grant.
import type { Misuse } from '@kimei/protocol'
import { wireKey } from 'testkit'
import { asKeyClient, type IssuerKit, kitApi, postForm, startIssuerKit, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const key = wireKey()
const jwks = { keys: [{ ...wireKey().publicJwk, kty: 'EC' as const }] }
const trusted = { issuer: 'https://idp.example', jwks, subjects: 'username' as const, scopes: ['notes:read'], apis: [kitApi] }
const errorOf = (answer: { status: number; json: Record<string, unknown> }) => [answer.status, answer.json['error']]

let kit: IssuerKit
beforeAll(async () => {
  kit = await startIssuerKit()
})
afterAll(() => kit.close())

describe('configuration', () => {
  const mistakes = (one: object): readonly string[] => {
    try {
      const apis = [{ identifier: kitApi, name: 'A', scopes: ['notes:read'] }]
      const scopes = [{ scope: 'notes:read', description: 'Read' }]
      parseIssuerConfig({ issuer: 'https://issuer.example', apis, scopes, assertionIssuers: [{ ...trusted, ...one }] })
      return []
    } catch (error) {
      return (error as Misuse).mistakes
    }
  }

  it('PKJWT-2.1-01: keys one way, APIs, scopes and clients that exist, bounded lifetimes, no secret keys', () => {
    expect(mistakes({})).toEqual([])
    for (const wrong of [
      { jwks: undefined },
      { jwksUri: 'https://idp.example/jwks' },
      { jwks: undefined, jwksUri: 'http://idp.example/jwks' },
      { apis: ['https://nowhere.example/'] },
      { scopes: ['nothing'] },
      { clients: ['nobody'] },
      { issuer: 'https://issuer.example' },
      { maxLifetimeSeconds: 3601 },
      { algorithms: ['HS256'] },
      { jwks: { keys: [{ kty: 'EC', d: 'x' }] } },
      { subjects: 'email' },
    ]) {
      expect(mistakes(wrong), JSON.stringify(wrong)).toHaveLength(1)
    }
  })

  it('without an issuer of assertions the grant is not served', async () => {
    expect(errorOf(await postForm(kit, '/token', { grant_type: grantType, client_id: 'spa', assertion: 'x' }))).toEqual([
      400,
      'unsupported_grant_type',
    ])
  })
})

describe('grants that are not served', () => {
  it('SEED-O21-01 ASVS-10.4.4: password, implicit and made-up grants are unsupported_grant_type; client_credentials renews nothing', async () => {
    for (const grant_type of ['password', 'implicit', 'urn:ietf:params:oauth:grant-type:saml2-bearer', 'toString']) {
      const form = { grant_type, username: 'hanako', password: 'x', client_id: 'spa' }
      expect(errorOf(await postForm(kit, '/token', form))).toEqual([400, 'unsupported_grant_type'])
    }
    const form = { grant_type: 'client_credentials', scope: 'notes:read', ...asKeyClient(kit) }
    const { status, json } = await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })
    expect([status, json['refresh_token']]).toEqual([200, undefined])
  })
})
