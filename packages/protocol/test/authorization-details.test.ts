// Authorization details (RFC 9396) as the law sees them: read, judged against types, compared, narrowed.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AuthorizationDetail,
  areAmong,
  type ClientRecord,
  checkAuthorizationRequest,
  type DetailType,
  type DetailTypes,
  detailsFor,
  type Form,
  isBroken,
  makeOffer,
  parseDetails,
  parseForm,
  type RuleId,
  sameDetails,
  sameJson,
  wholeLaw,
} from '../src/index.ts'

const issuer = 'https://id.example'
const api = 'https://pay.example/'
const other = 'https://other.example/'
const client: ClientRecord = {
  issuer,
  clientId: 'app',
  kind: 'spa',
  name: { ja: 'a', en: 'a' },
  redirectUris: ['https://app.example/cb'],
  authentication: 'none',
  secretHashes: [],
  jwks: [],
  grants: ['authorization_code'],
  scopes: ['openid', 'read'],
  resources: [other, api],
  authorizationDetailsTypes: ['payment', 'note'],
  binding: { kind: 'required' },
  idTokenAlg: 'RS256',
  dangerouslyAcceptTokenEndpointAudience: false,
  origins: [],
  disabled: false,
  version: 1,
}
const typed = (type: string, apis: readonly string[] = []): [string, DetailType] => [
  type,
  { type, apis, transport: 'any', consent: 'remembered', flawOf: (detail) => ('bad' in detail ? '/bad is unknown' : undefined) },
]
const types: DetailTypes = new Map([typed('payment', [api]), typed('note'), typed('secret')])
const record = (resource: string) => ({ issuer, resource, name: { ja: 'a', en: 'a' }, scopes: [], accessTokenLifetimeSeconds: 300 })
const scopes = ['openid', 'read'].map((scope) => ({ issuer, scope, description: { ja: scope, en: scope }, claims: [] }))
const offer = makeOffer(issuer, [record(api), record(other)], scopes, { details: types })
const sound = { response_type: 'code', code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' }
const ask = (parameters: Record<string, string>, law = wholeLaw) => {
  const form = parseForm(new URLSearchParams({ ...sound, ...parameters }).toString()) as Form
  return checkAuthorizationRequest(form, client, offer, law)
}
const details = (...list: unknown[]) => JSON.stringify(list)

describe('reading', () => {
  const refused: Record<string, [string, string]> = {
    'no JSON': ['[{', 'details.are-a-list'],
    'an object': ['{"type":"note"}', 'details.are-a-list'],
    'a text': ['"note"', 'details.are-a-list'],
    null: ['null', 'details.are-a-list'],
    'a list of texts': ['["note"]', 'details.are-a-list'],
    'a list in a list': ['[[{"type":"note"}]]', 'details.are-a-list'],
    'an object without type': ['[{"actions":["read"]}]', 'details.are-a-list'],
    'a type that is no text': ['[{"type":1}]', 'details.are-a-list'],
    'an empty type': ['[{"type":""}]', 'details.are-a-list'],
    'two members of one name': ['[{"type":"note","type":"payment"}]', 'details.are-a-list'],
    'one of them escaped': ['[{"type":"note","\\u0074ype":"payment"}]', 'details.are-a-list'],
    'something behind the list': ['[],"list":[{"type":"note"}]', 'details.are-a-list'],
    'another member behind the list': ['[],"more":1', 'details.are-a-list'],
    'too many objects': [details(...Array.from({ length: 33 }, () => ({ type: 'note' }))), 'details.are-bounded'],
    'too many characters': [details({ type: 'note', text: 'x'.repeat(8200) }), 'details.are-bounded'],
    'too deep': [`[{"type":"note","a":${'['.repeat(7)}${']'.repeat(7)}}]`, 'details.are-bounded'],
    'too many members': [details({ type: 'note', a: Array.from({ length: 300 }, () => 1) }), 'details.are-bounded'],
  }
  for (const [why, [text, rule]] of Object.entries(refused)) {
    it(`RAR-5-01: ${why}: ${rule}`, () => {
      expect(parseDetails(text)).toMatchObject({ broken: rule, family: 'authorization-details' })
    })
  }

  it('absent and empty ask for nothing; eight levels are read', () => {
    expect(parseDetails(undefined)).toEqual([])
    expect(parseDetails('[]')).toEqual([])
    expect(isBroken(parseDetails(`[{"type":"note","a":${'['.repeat(6)}${']'.repeat(6)}}]`))).toBe(false)
  })

  it('property: whatever text comes, it is a list of typed objects or refused, never a throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const read = parseDetails(text)
        expect(isBroken(read) || read.every(({ type }) => typeof type === 'string')).toBe(true)
      }),
    )
  })
})

describe('judging', () => {
  const refused: Record<string, [RuleId, object, Record<string, string>?]> = {
    'an unknown type': ['details.type-is-known', { type: 'other' }],
    'a type that is not the client’s': ['details.type-is-assigned-to-the-client', { type: 'secret' }],
    'an unknown field': ['details.fit-their-type', { type: 'note', bad: 1 }],
    'a location that is no API': ['details.fit-the-target', { type: 'note', locations: ['https://unknown.example/'] }],
    'a location outside the resource': ['details.fit-the-target', { type: 'note', locations: [api] }, { resource: other }],
    'a type that means nothing at the resource': ['details.fit-the-target', { type: 'payment' }, { resource: other }],
  }
  for (const [why, [rule, detail, more]] of Object.entries(refused)) {
    it(`RAR-5-01: ${why} is refused by ${rule} alone`, () => {
      const asked = { scope: 'openid', authorization_details: details({ type: 'note' }, detail), ...more }
      expect(ask(asked)).toMatchObject({ broken: rule, family: 'authorization-details' })
      expect(isBroken(ask(asked, { waives: (id) => id === rule }))).toBe(false)
    })
  }

  it('RES-2-01: without resource the audience is where the details apply, and the issuer for openid', () => {
    expect(ask({ scope: 'openid', authorization_details: details({ type: 'payment' }) })).toMatchObject({ resources: [api, issuer] })
    expect(ask({ authorization_details: details({ type: 'note', locations: [other] }) })).toMatchObject({ resources: [other], scopes: [] })
    expect(ask({ authorization_details: details({ type: 'note' }) })).toMatchObject({ resources: [other] })
    expect(ask({ authorization_details: details({ type: 'payment' }), resource: api })).toMatchObject({ resources: [api] })
  })

  it('O21-1.4.1-01: an empty list is no wish: scope is still asked for', () => {
    expect(ask({ authorization_details: '[]' })).toMatchObject({ broken: 'scope.is-asked-for' })
  })
})

describe('comparing', () => {
  const a: AuthorizationDetail = { type: 'payment', amount: { value: '1', currency: 'EUR' }, to: ['x', 'y'] }
  it('RAR-7-01: the order of members does not matter, the order of a list does', () => {
    expect(sameJson(a, { to: ['x', 'y'], amount: { currency: 'EUR', value: '1' }, type: 'payment' })).toBe(true)
    expect(sameJson(a, { ...a, to: ['y', 'x'] })).toBe(false)
    expect(sameJson(a, { ...a, amount: { value: '1' } })).toBe(false)
    expect(sameJson({ type: 'a', x: null }, { type: 'a', y: null })).toBe(false)
    expect(sameJson({ 0: 1 }, [1])).toBe(false)
  })

  it('RAR-7-01: less than granted is among it; a changed value, a smaller amount included, is not', () => {
    const granted = [a, { type: 'note' }]
    expect(areAmong([{ type: 'note' }], granted)).toBe(true)
    expect(areAmong([{ ...a, amount: { value: '0.5', currency: 'EUR' } }], granted)).toBe(false)
    expect(sameDetails([{ type: 'note' }, a], granted)).toBe(true)
    expect(sameDetails([a], granted)).toBe(false)
  })

  it('RAR-7-01: a token carries what is for its audience', () => {
    const all = [{ type: 'payment' }, { type: 'note', locations: [other] }, { type: 'note' }, { type: 'gone' }]
    expect(detailsFor(all, [api], types)).toEqual([{ type: 'payment' }, { type: 'note' }])
    expect(detailsFor(all, [other], types)).toEqual([{ type: 'note', locations: [other] }, { type: 'note' }])
  })
})
