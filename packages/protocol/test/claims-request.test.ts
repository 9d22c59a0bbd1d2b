// The claims parameter as a pure function: what is read, what is left out, what is refused.
import { describe, expect, it } from 'vitest'
import { type ClientRecord, demandedSubject, isBroken, makeOffer, noClaims, readClaimsRequest, wholeLaw } from '../src/index.ts'

const issuer = 'https://id.example'
const client = { scopes: ['openid', 'email'] } as unknown as ClientRecord
const scopeOf = (scope: string, claims: string[]) => ({ issuer, scope, description: { ja: scope, en: scope }, claims })
const offer = makeOffer(
  issuer,
  [],
  [scopeOf('openid', []), scopeOf('email', ['email', 'email_verified']), scopeOf('phone', ['phone_number'])],
)
const read = (claims: unknown, law = wholeLaw) =>
  readClaimsRequest({ text: typeof claims === 'string' ? claims : JSON.stringify(claims), client, offer }, law)

describe('the claims parameter', () => {
  it('OIDC-5.5-01: null, essential, value and values are read; unknown members are ignored', () => {
    expect(
      read({
        userinfo: { email: null, email_verified: { essential: true, unknown: 1 } },
        id_token: { email: { value: 'a@example.test' }, acr: { essential: true, values: ['1', '2'] } },
        somewhere_else: 7,
      }),
    ).toEqual({
      userinfo: { email: {}, email_verified: { essential: true } },
      id_token: { email: { value: 'a@example.test' }, acr: { essential: true, values: ['1', '2'] } },
    })
    expect(readClaimsRequest({ text: undefined, client, offer }, wholeLaw)).toEqual(noClaims)
    expect(read({})).toEqual(noClaims)
  })

  it('OIDC-5.5-01: a claim that no scope of the client tells is left out, and is no error', () => {
    const asked = {
      userinfo: { phone_number: { essential: true }, email: null, nonsense: null },
      id_token: { phone_number: null, sub: null },
    }
    expect(read(asked)).toEqual({ userinfo: { email: {} }, id_token: { sub: {} } })
    const lax = { waives: (id: string) => id === 'claims.are-within-the-clients-scopes' }
    expect(read(asked, lax)).toMatchObject({ userinfo: { phone_number: { essential: true } } })
  })

  const broken: Record<string, [unknown, string]> = {
    'no JSON': ['email', 'claims.are-a-json-object'],
    'a list': ['[]', 'claims.are-a-json-object'],
    'two members of one name': ['{"userinfo":{},"userinfo":{}}', 'claims.are-a-json-object'],
    'deep nesting': [`{"userinfo":{"a":{"value":${'['.repeat(8)}${']'.repeat(8)}}}}`, 'claims.are-a-json-object'],
    'userinfo that is a list': [{ userinfo: [] }, 'claims.are-a-json-object'],
    'id_token that is null': [{ id_token: null }, 'claims.are-a-json-object'],
    'a claim asked for by true': [{ userinfo: { email: true } }, 'claims.asks-are-well-formed'],
    'a claim asked for by a list': [{ id_token: { email: [] } }, 'claims.asks-are-well-formed'],
    'essential that is text': [{ userinfo: { email: { essential: 'true' } } }, 'claims.asks-are-well-formed'],
    'values that is text': [{ id_token: { acr: { values: '1' } } }, 'claims.asks-are-well-formed'],
    'a long text': [`{"userinfo":{"email":{"value":"${'x'.repeat(5000)}"}}}`, 'claims.are-bounded'],
  }
  for (const [why, [claims, id]] of Object.entries(broken)) {
    it(`OIDC-5.5-01: ${why}: ${id}`, () => {
      expect(read(claims)).toMatchObject({ broken: id, family: 'request' })
    })
  }

  it('names of the language itself are names like others', () => {
    expect(isBroken(read('{"userinfo":{"__proto__":null,"constructor":null,"toString":null}}'))).toBe(false)
    expect(read('{"__proto__":{"userinfo":{"email":null}}}')).toEqual(noClaims)
  })
})

describe('sub among the claims', () => {
  const demanded = (id_token: object, hint: string | null, userinfo = {}) =>
    demandedSubject({ userinfo, id_token } as never, hint, wholeLaw)

  it('OIDC-5.5-01: a value is a demand; with id_token_hint it must be the same person', () => {
    expect(demanded({}, null)).toBeNull()
    expect(demanded({ sub: {} }, 'a')).toBe('a')
    expect(demanded({ sub: { value: 'a' } }, null)).toBe('a')
    expect(demanded({ sub: { values: ['a'] } }, 'a', { sub: { value: 'a' } })).toBe('a')
    for (const other of [{ value: 'b' }, { values: ['a', 'b'] }, { value: 7 }]) {
      expect(demanded({ sub: other }, 'a')).toMatchObject({ broken: 'claims.sub-names-one-person', family: 'login-required' })
    }
  })
})
