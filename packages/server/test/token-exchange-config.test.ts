// Who may exchange tokens is configured: what cannot be, and what the metadata says of it.
import type { Misuse } from '@kimei/protocol'
import { exchangeGrant as grantType, withExchanges } from 'testkit/exchange'
import { type IssuerKit, kitApi, postForm, startIssuerKit } from 'testkit/issuer'
import { describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'

const errorOf = (answer: { status: number; json: Record<string, unknown> }) => [answer.status, answer.json['error']]

describe('configuration', () => {
  const mistakes = (client: object): readonly string[] => {
    const whole = { clientId: 'c', kind: 'server', name: 'C', secretHashes: ['A'.repeat(43)], apis: [kitApi], ...client }
    try {
      parseIssuerConfig({ issuer: 'https://issuer.example', apis: [{ identifier: kitApi, name: 'A' }], clients: [whole] })
      return []
    } catch (error) {
      return (error as Misuse).mistakes
    }
  }

  it('TEX-2.1-01: grant and exchange go together, for servers, with APIs that exist', () => {
    const there = { from: [kitApi], to: [kitApi] }
    expect(mistakes({ grants: [grantType], exchange: there })).toEqual([])
    expect(mistakes({ grants: [grantType] }).length).toBeGreaterThan(0)
    expect(mistakes({ exchange: there }).length).toBeGreaterThan(0)
    expect(mistakes({ grants: [grantType], exchange: { ...there, to: ['https://nowhere.example/'] } })).toHaveLength(1)
    expect(mistakes({ grants: [grantType], exchange: { ...there, to: [] } })).toHaveLength(1)
    expect(mistakes({ kind: 'mobile', secretHashes: [], grants: [grantType], exchange: there }).length).toBeGreaterThan(0)
  })

  it('metadata names the grant only where somebody may use it', async () => {
    const read = async (from: IssuerKit) =>
      (await (await fetch(`${from.issuer}/.well-known/oauth-authorization-server`)).json()) as Record<string, unknown>
    const kit = await startIssuerKit({ extend: withExchanges })
    expect((await read(kit))['grant_types_supported']).toContain(grantType)
    await kit.close()
    const plain = await startIssuerKit()
    expect((await read(plain))['grant_types_supported']).not.toContain(grantType)
    expect(errorOf(await postForm(plain, '/token', { grant_type: grantType, client_id: 'spa' }))).toEqual([400, 'unsupported_grant_type'])
    await plain.close()
  })
})
