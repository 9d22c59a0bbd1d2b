// Without nonces a stolen pair of proof and token works for as long as both last: how long tokens may last is bounded by configuration.
import { describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'

const api = { identifier: 'https://api.example/', name: 'API' }
const parse = (more: object) => () => parseIssuerConfig({ issuer: 'https://id.example', apis: [api], ...more })
const off = { dpop: { nonce: { token: 'off', userinfo: 'off' } } }

describe('DPOP-11.2-01: without nonces access tokens are short lived', () => {
  it('they live five minutes where nobody says otherwise, and ten at most', () => {
    expect(parse(off)().lifetimes.accessTokenSeconds).toBe(300)
    expect(parse({ ...off, lifetimes: { accessTokenSeconds: 600 } })().lifetimes.accessTokenSeconds).toBe(600)
  })

  it.each([
    ['of the issuer', { lifetimes: { accessTokenSeconds: 601 } }],
    ['of one API', { apis: [{ ...api, accessTokenLifetimeSeconds: 601 }] }],
  ])('longer needs a key that says that it is dangerous: %s', (_title, more) => {
    expect(parse({ ...off, ...more })).toThrow(
      'access tokens of 601 s outlive their revocation: at most 600, or dangerouslyAllowLongAccessTokens',
    )
    expect(parse({ ...off, ...more, dangerouslyAllowLongAccessTokens: true })).not.toThrow()
  })

  it.each([
    ['of the issuer', { lifetimes: { accessTokenSeconds: 3601 } }],
    ['of one API', { apis: [{ ...api, accessTokenLifetimeSeconds: 3601 }] }],
  ])('more than an hour no key allows: %s', (_title, more) => {
    expect(parse({ ...off, ...more, dangerouslyAllowLongAccessTokens: true })).toThrow(/3600/)
  })
})
