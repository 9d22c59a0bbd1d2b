// Whose address counts: forwarded headers of listed peers alone, read from the right.

import { Misuse } from '@kimei/protocol'
import { parseIssuerConfig } from '@kimei/server'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeConnectionReader } from '../src/http/client-address.ts'

const issuer = 'https://id.example'
const reader = (forwarded?: object) => makeConnectionReader(parseIssuerConfig({ issuer, ...(forwarded && { forwarded }) }))
const from = (remoteAddress: string, header: string, value: string, forwarded?: object) =>
  reader(forwarded)(new Request(issuer, { headers: { [header]: value } }), { encrypted: false, remoteAddress }).remoteAddress
const peers = ['10.0.0.0/8', '::1']

describe('the address of the caller', () => {
  it('BCP-4.13-01: is the connection’s, whatever a stranger forwards', () => {
    expect(from('192.0.2.1', 'x-forwarded-for', '198.51.100.9')).toBe('192.0.2.1')
    expect(from('192.0.2.1', 'x-forwarded-for', '198.51.100.9', { peers })).toBe('192.0.2.1')
    expect(from('10.0.0.1', 'forwarded', 'for=198.51.100.9', { peers })).toBe('10.0.0.1')
  })

  it('is what our proxies say, read from the right', () => {
    expect(from('10.0.0.1', 'x-forwarded-for', '198.51.100.9', { peers })).toBe('198.51.100.9')
    expect(from('10.0.0.1', 'x-forwarded-for', '203.0.113.7, 198.51.100.9, 10.9.9.9', { peers })).toBe('198.51.100.9')
    expect(from('::1', 'x-forwarded-for', '198.51.100.9:4711', { peers })).toBe('198.51.100.9')
    expect(from('10.0.0.1', 'forwarded', 'for=203.0.113.7, for="[2001:db8::1]:4711";proto=https', { peers, header: 'forwarded' })).toBe(
      '2001:db8::1',
    )
    expect(from('10.0.0.1', 'x-forwarded-for', '10.1.1.1', { peers })).toBe('10.0.0.1')
  })

  it('peers are addresses or ranges', () => {
    for (const bad of ['proxy.example', '10.0.0.0/33', '']) {
      expect(() => parseIssuerConfig({ issuer, forwarded: { peers: [bad] } })).toThrow(Misuse)
    }
  })

  it('no header value makes it throw', () => {
    const ascii = fc
      .array(fc.constantFrom('for=', '"', '[', ']', ':', ',', ';', '10.0.0.1', '::1', 'x'), { maxLength: 12 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(ascii, fc.constantFrom('x-forwarded-for', 'forwarded'), (value, header) => {
        expect(typeof from('10.0.0.1', header, value, { peers, header })).toBe('string')
      }),
      { numRuns: 200 },
    )
  })
})
