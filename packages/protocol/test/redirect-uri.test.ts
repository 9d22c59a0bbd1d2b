// Redirect URIs: simple string comparison, the one exception for ports of loopback, and what may be registered.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identityIsAssured, judge, matchesRegistered, readLoopback, redirectUriKind, redirectUriRules, wholeLaw } from '../src/index.ts'

/** Any UTF-16 code units, lone surrogates included. */
const anyText = (most: number) => fc.array(fc.nat(0xffff), { maxLength: most }).map((units) => String.fromCharCode(...units))

describe('a requested redirect URI', () => {
  it('O21-2.3.1-01: is one of the registered ones, byte by byte', () => {
    const registered = ['https://app.example/cb?a=1', 'com.example.app:/cb']
    expect(matchesRegistered(registered, 'https://app.example/cb?a=1')).toBe(true)
    expect(matchesRegistered(registered, 'com.example.app:/cb')).toBe(true)
    for (const other of [
      'https://app.example/cb',
      'https://app.example/cb?a=1&b',
      'https://app.example:443/cb?a=1',
      'https://APP.example/cb?a=1',
      'com.example.app:/cb2',
      '',
    ]) {
      expect(matchesRegistered(registered, other), other).toBe(false)
    }
  })

  it('NATIVE-7.3-01: differs in the port alone, where it is on loopback', () => {
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
      for (const registered of [`http://${host}/cb`, `http://${host}:1234/cb`]) {
        expect(matchesRegistered([registered], `http://${host}:49152/cb`)).toBe(true)
        expect(matchesRegistered([registered], `http://${host}/cb`)).toBe(true)
        for (const other of ['127.0.0.1', '[::1]', 'localhost', '127.0.0.2', '0x7f.1', '[0:0:0:0:0:0:0:1]', 'LOCALHOST'].filter(
          (name) => name !== host,
        )) {
          expect(matchesRegistered([registered], `http://${other}:49152/cb`), other).toBe(false)
        }
        for (const bad of [
          `http://${host}:0/cb`,
          `http://${host}:65536/cb`,
          `http://${host}:/cb`,
          `http://${host}:1/cb/`,
          `http://${host}:1/CB`,
          `https://${host}:1/cb`,
          `http://${host}:1@evil.example/cb`,
          `http://${host}.evil.example/cb`,
          `http://x@${host}:1/cb`,
        ]) {
          expect(matchesRegistered([registered], bad), bad).toBe(false)
        }
      }
    }
  })

  it('property: nothing but the registered string matches off loopback', () => {
    fc.assert(
      fc.property(
        anyText(20).map((text) => `https://app.example/${text}`),
        fc.string({ maxLength: 5 }),
        (uri, more) => {
          expect(matchesRegistered(['https://app.example/cb'], uri)).toBe(uri === 'https://app.example/cb')
          expect(matchesRegistered(['https://app.example/cb'], `https://app.example/cb${more}`)).toBe(more === '')
        },
      ),
      { numRuns: 200 },
    )
  })

  it('property: whatever matches on loopback is on the very same host', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.nat(70_000), (middle, port) => {
        const asked = `http://127.0.0.1${middle}:${port}/cb`
        if (matchesRegistered(['http://127.0.0.1/cb'], asked)) expect(new URL(asked).hostname).toBe('127.0.0.1')
      }),
      { numRuns: 300 },
    )
  })
})

describe('a registered redirect URI', () => {
  const rule = (uri: string, client: 'spa' | 'mobile' | 'server' = 'mobile') => judge(redirectUriRules, { uri, client }, wholeLaw)?.broken

  it('O21-2.3-01 O21-2.3.1-02 ASVS-10.4.1: each rule is broken alone', () => {
    expect(rule('https://app.example/cb')).toBeUndefined()
    expect(rule('com.example.app:/cb')).toBeUndefined()
    expect(rule('https://app.example/c b')).toBe('redirect-uri.is-printable')
    expect(rule(`https://app.example/${'x'.repeat(2000)}`)).toBe('redirect-uri.is-printable')
    expect(rule('https://app.example/cb#x')).toBe('redirect-uri.has-no-fragment')
    expect(rule('https://*.app.example/cb')).toBe('redirect-uri.has-no-wildcard')
    for (const uri of [
      'http://app.example/cb',
      'myapp:/cb',
      'myapp.:/cb',
      'javascript:alert(1)',
      'com.example.app://cb',
      'com.example.app:cb',
      '//app.example/cb',
      '',
    ]) {
      expect(['redirect-uri.scheme-is-safe', 'redirect-uri.is-printable'], uri).toContain(rule(uri))
    }
    expect(rule('com.example.app:/cb', 'spa')).toBe('redirect-uri.private-scheme-is-of-an-app')
    expect(rule('https://u:p@app.example/cb')).toBe('redirect-uri.host-is-plain')
    expect(rule('https://app.example/cb?state=1')).toBe('redirect-uri.query-leaves-room')
  })

  it('never throws, and what is loopback reads as loopback', () => {
    fc.assert(
      fc.property(anyText(60), (uri) => {
        rule(uri)
        expect(redirectUriKind(uri) === 'loopback').toBe(readLoopback(uri) !== undefined)
      }),
      { numRuns: 200 },
    )
  })

  it('O21-7.3-01: identity is assured by authentication or by an https redirect', () => {
    expect(identityIsAssured({ authentication: 'private_key_jwt' }, 'http://127.0.0.1/cb')).toBe(true)
    expect(identityIsAssured({ authentication: 'none' }, 'https://app.example/cb')).toBe(true)
    expect(identityIsAssured({ authentication: 'none' }, 'http://127.0.0.1/cb')).toBe(false)
    expect(identityIsAssured({ authentication: 'none' }, 'com.example.app:/cb')).toBe(false)
  })
})
