// What may be configured of registration: closed by default, every contradiction told at once.
import { Misuse } from '@kimei/protocol'
import { describe, expect, it } from 'vitest'
import { type IssuerConfigInput, parseIssuerConfig } from '../src/index.ts'

describe('its configuration', () => {
  const parse =
    (registration: unknown, more: object = {}) =>
    () =>
      parseIssuerConfig({ issuer: 'https://id.example', registration, ...more } as IssuerConfigInput)

  it('DCR-3-01: is closed by default, and every contradiction is told', () => {
    expect(parse(undefined)().registration.mode).toBe('closed')
    expect(parse({ mode: 'token' })).toThrow(/initialAccessTokens/)
    expect(parse({ mode: 'open', policy: { scopes: ['unknown'] } })).toThrow(/not declared/)
    expect(parse({ mode: 'open', policy: { apis: ['https://unknown.example/'] } })).toThrow(/not declared/)
    expect(parse({ mode: 'open', unusedDays: 1 })).toThrow(/unusedDays/)
    expect(parse({ mode: 'open', policy: { authentication: ['none'], dangerouslyAllowWithoutPkce: true } })).toThrow(
      /dangerouslyAllowWithoutPkce/,
    )
    expect(parse({ mode: 'open' }, { profile: 'fapi2' })).toThrow(/profile fapi2/)
    expect(parse({ mode: 'ajar' })).toThrow(Misuse)
  })
})
