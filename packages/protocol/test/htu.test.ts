// One spelling for each target URI: RFC 3986 §6.2.2 and §6.2.3, and nothing a framework would repair.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isProtectedTransport } from '../src/dpop/htu.ts'
import { normalizeHtu } from '../src/index.ts'
import { lawWithout, proofText, url, verdict } from './proof-exchange.ts'

describe('htu that means the same', () => {
  it.each([
    ['scheme in capitals', 'HTTPS://rs.example/api', 'https://rs.example/api'],
    ['host in capitals', 'https://RS.Example/api', 'https://rs.example/api'],
    ['default port of https', 'https://rs.example:443/api', 'https://rs.example/api'],
    ['default port of http', 'http://localhost:80/api', 'http://localhost/api'],
    ['empty port', 'https://rs.example:/api', 'https://rs.example/api'],
    ['scheme, host and port at once', 'HTTPS://RS.EXAMPLE:443/api', 'https://rs.example/api'],
    ['an encoded tilde', 'https://rs.example/%7Euser', 'https://rs.example/~user'],
    ['an encoded letter', 'https://rs.example/%61pi', 'https://rs.example/api'],
    ['an encoded letter in the host', 'https://rs.ex%61mple/api', 'https://rs.example/api'],
    ['an encoded capital in the host', 'https://rs.ex%41mple/api', 'https://rs.example/api'],
    ['a triplet in small letters', 'https://rs.example/a%2fb', 'https://rs.example/a%2Fb'],
    ['dot segments', 'https://rs.example/a/./b/../c', 'https://rs.example/a/c'],
    ['encoded dot segments', 'https://rs.example/a/%2e/b/%2E%2e/c', 'https://rs.example/a/c'],
    ['a dot segment at the end', 'https://rs.example/a/b/..', 'https://rs.example/a/'],
    ['a single dot at the end', 'https://rs.example/a/.', 'https://rs.example/a/'],
    ['dot segments beyond the root', 'https://rs.example/../../a', 'https://rs.example/a'],
    ['RFC 3986 §5.2.4', 'https://rs.example/a/b/c/./../../g', 'https://rs.example/a/g'],
    ['an empty path', 'https://rs.example', 'https://rs.example/'],
    ['an empty path before a query', 'https://rs.example?x=/a', 'https://rs.example/'],
    ['a query', 'https://rs.example/api?x=1', 'https://rs.example/api'],
    ['a fragment', 'https://rs.example/api#x', 'https://rs.example/api'],
    ['query and fragment with anything in them', 'https://rs.example/api?a=[ ]#?é', 'https://rs.example/api'],
    ['an address of IPv6', 'https://[2001:DB8::1]:443/api', 'https://[2001:db8::1]/api'],
  ])('DPOP-4.3-10: %s', (_what, uri, spelling) => {
    expect(normalizeHtu(uri)).toBe(spelling)
  })
})

describe('htu that means something else', () => {
  it.each([
    ['a slash at the end', 'https://rs.example/api', 'https://rs.example/api/'],
    ['an encoded slash', 'https://rs.example/a/b', 'https://rs.example/a%2Fb'],
    ['two slashes', 'https://rs.example/a/b', 'https://rs.example/a//b'],
    ['the scheme', 'https://rs.example/api', 'http://rs.example/api'],
    ['the port', 'https://rs.example/api', 'https://rs.example:8443/api'],
    ['the default port of the other scheme', 'https://rs.example/api', 'https://rs.example:80/api'],
    ['a port with a leading zero', 'https://rs.example/api', 'https://rs.example:0443/api'],
    ['the case of the path', 'https://rs.example/api', 'https://rs.example/API'],
    ['a dot behind the host', 'https://rs.example/api', 'https://rs.example./api'],
    ['an encoded reserved character', 'https://rs.example/a;b', 'https://rs.example/a%3Bb'],
    ['a plus for a space', 'https://rs.example/a+b', 'https://rs.example/a%20b'],
    ['a segment of three dots', 'https://rs.example/a', 'https://rs.example/.../a'],
  ])('DPOP-4.3-10: %s', (_what, one, other) => {
    expect(normalizeHtu(one)).toBeDefined()
    expect(normalizeHtu(other)).toBeDefined()
    expect(normalizeHtu(other)).not.toBe(normalizeHtu(one))
  })
})

describe('htu that is none', () => {
  it.each([
    ['a path', '/api'],
    ['no scheme', '//rs.example/api'],
    ['another scheme', 'ftp://rs.example/api'],
    ['a custom scheme', 'com.example:/api'],
    ['userinfo', 'https://user@rs.example/api'],
    ['userinfo that looks like a host', 'https://rs.example:443@evil.example/api'],
    ['an empty host', 'https:///api'],
    ['one slash', 'https:/rs.example/api'],
    ['a backslash', 'https://rs.example\\api'],
    ['a space', 'https://rs.example/a b'],
    ['a space before', ' https://rs.example/api'],
    ['a line feed behind', 'https://rs.example/api\n'],
    ['a tab inside', 'https://rs.exa\tmple/api'],
    ['a lone percent sign', 'https://rs.example/%'],
    ['half a triplet', 'https://rs.example/%4'],
    ['a triplet that is none', 'https://rs.example/%zz'],
    ['a lone percent sign in the host', 'https://rs%.example/'],
    ['a letter outside ASCII', 'https://rs.example/é'],
    ['a host outside ASCII', 'https://rs.exämple/'],
    ['a port that is no number', 'https://rs.example:x/api'],
    ['an open bracket', 'https://[::1/api'],
    ['nothing', ''],
  ])('DPOP-4.3-09: %s', (_what, uri) => {
    expect(normalizeHtu(uri)).toBeUndefined()
  })
})

describe('htu, whatever it is', () => {
  const piece = fc.constantFrom('a', 'B', '.', '..', '%2e', '%2F', '%41', '~', '/', '//', ':', '@', '%', 'é', ' ', '?', '#', '[', ';')
  const uri = fc
    .tuple(fc.constantFrom('https://', 'HTTP://', 'https:', ''), fc.array(piece, { maxLength: 10 }))
    .map(([scheme, rest]) => scheme + rest.join(''))

  it('has one spelling, which is its own', () => {
    fc.assert(
      fc.property(fc.oneof(uri, fc.string(), fc.webUrl({ withFragments: true, withQueryParameters: true })), (text) => {
        const spelling = normalizeHtu(text)
        if (spelling === undefined) return
        expect(normalizeHtu(spelling)).toBe(spelling)
        expect(spelling).toMatch(/^https?:\/\/[^/?#@\s]+\/[^?#\s]*$/)
      }),
      { numRuns: 1000 },
    )
  })

  it('agrees with the platform on the origin of whatever both can read', () => {
    fc.assert(
      fc.property(fc.webUrl({ validSchemes: ['http', 'https'] }), (text) => {
        const spelling = normalizeHtu(text)
        if (spelling !== undefined) expect(new URL(spelling).origin).toBe(new URL(text).origin)
      }),
    )
  })
})

describe('htu at the request', () => {
  it.each([
    ['in another spelling', 'HTTPS://API.EXAMPLE:443/x/../not%65s'],
    ['with the query of the request', `${url}?page=2`],
    ['with a fragment', `${url}#top`],
  ])('DPOP-4.3-10, DPOP-4.2-03: matches %s', async (_what, htu) => {
    expect(await verdict(proofText({ claims: { htu } }))).toBe('sound')
  })

  it('matches any of several public addresses', async () => {
    expect(await verdict(proofText(), { targets: ['https://alias.example/notes', url] })).toBe('sound')
  })

  it('DPOP-4.3-09: matches nothing where no public address is known', async () => {
    expect(await verdict(proofText(), { targets: [] })).toBe('dpop.htu-is-request-target')
  })

  it('a wrong address breaks one rule, not two, whatever its scheme', async () => {
    const text = proofText({ url: 'http://elsewhere.example/notes' })
    expect(await verdict(text, {}, lawWithout('dpop.htu-is-request-target'))).toBe('sound')
    expect(await verdict(proofText({ claims: { htu: '/notes' } }), {}, lawWithout('dpop.htu-is-request-target'))).toBe('sound')
  })

  it.each([
    ['http://localhost:4445/notes', true],
    ['http://127.0.0.1:4445/notes', true],
    ['http://127.8.8.8/notes', true],
    ['http://[::1]:4445/notes', true],
    ['https://api.example/notes', true],
    ['http://api.example/notes', false],
    ['http://localhost.evil.example/notes', false],
    ['http://127.0.0.1.evil.example/notes', false],
    ['http://10.0.0.1/notes', false],
  ])('DPOP-2-01: %s is protected transport: %s', (target, answer) => {
    expect(isProtectedTransport(target)).toBe(answer)
  })
})
