// Response types and modes: what is served, what fits what, and by which way an early error goes.
import { describe, expect, it } from 'vitest'
import {
  carrierOf,
  isBroken,
  judge,
  parseForm,
  type ResponseFacts,
  type RuleId,
  readEncryption,
  readResponseType,
  resolveMode,
  responseModes,
  responseRules,
  wantedMode,
  wholeLaw,
} from '../src/index.ts'

const formOf = (text: string) => {
  const form = parseForm(text)
  if (isBroken(form)) throw new Error(form.broken)
  return form
}

describe('response types', () => {
  it.each([
    ['code', 'code'],
    ['code id_token', 'code id_token'],
    ['id_token code', 'code id_token'],
    ['token', undefined],
    ['code token', undefined],
    ['code code', undefined],
    ['code  id_token', undefined],
    [' code', undefined],
    ['Code', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('ASVS-10.6.1: %j is %j', (text, type) => {
    expect(readResponseType(text)).toBe(type)
  })
})

describe('response modes', () => {
  it.each([
    [undefined, 'code', 'query'],
    [undefined, 'code id_token', 'fragment'],
    [undefined, 'id_token code', 'fragment'],
    [undefined, 'token', 'fragment'],
    [undefined, undefined, 'query'],
    ['jwt', 'code', 'query.jwt'],
    ['jwt', 'code id_token', 'fragment.jwt'],
    ['form_post', 'code id_token', 'form_post'],
    ['form_post.jwt', 'code', 'form_post.jwt'],
    ['query', 'code id_token', 'query'],
    ['web_message', 'code', undefined],
    ['QUERY', 'code', undefined],
    ['.jwt', 'code', undefined],
    ['toString', 'code', undefined],
  ])('JARM-2.3-01 SEED-O21-17: %j for %j is %j', (mode, type, resolved) => {
    expect(resolveMode(mode, type)).toBe(resolved)
  })

  it('every mode has a carrier, and the signed ones are signed', () => {
    for (const mode of responseModes) {
      const { carrier, signed } = carrierOf(resolveMode(mode, 'code')!)
      expect(['query', 'fragment', 'form_post']).toContain(carrier)
      expect(signed).toBe(mode.endsWith('jwt'))
    }
  })

  it.each([
    ['response_type=code&response_mode=fragment', 'fragment'],
    ['response_type=code&response_mode=nonsense', 'query'],
    ['response_type=token&response_mode=nonsense', 'fragment'],
    ['response_type=code&response_mode=query&response_mode=fragment', 'query'],
    ['response_type=code&response_type=token', 'query'],
    ['', 'query'],
  ])('before anything was judged: %s is told by %s', (text, mode) => {
    expect(wantedMode(formOf(text))).toBe(mode)
  })
})

describe('what fits what', () => {
  const sound: ResponseFacts = {
    type: 'code id_token',
    mode: 'fragment',
    client: { responseTypes: ['code', 'code id_token'] },
    redirectUri: 'https://app.example/callback',
    nonce: 'n',
    openid: true,
  }
  const broken: [RuleId, Partial<ResponseFacts>][] = [
    ['authorize.response-type-is-registered', { client: {} }],
    ['authorize.response-type-is-registered', { client: { responseTypes: ['code'] } }],
    ['authorize.response-mode-fits-type', { mode: 'query' }],
    ['authorize.response-mode-fits-type', { mode: 'query.jwt' }],
    ['authorize.form-post-goes-to-the-web', { mode: 'form_post', redirectUri: 'com.example:/cb' }],
    ['authorize.form-post-goes-to-the-web', { mode: 'form_post.jwt', redirectUri: 'httpsx://cb' }],
    ['authorize.id-token-is-openid', { openid: false }],
    ['authorize.id-token-has-nonce', { nonce: undefined }],
  ]

  it.each(broken)('%s: broken alone by %j, removed alone', (id, change) => {
    expect(judge(responseRules, sound, wholeLaw)).toBeUndefined()
    expect(judge(responseRules, { ...sound, ...change }, wholeLaw)).toMatchObject({ broken: id })
    expect(judge(responseRules, { ...sound, ...change }, { waives: (asked) => asked === id })).toBeUndefined()
  })

  it('code alone needs none of it', () => {
    const code = { ...sound, type: 'code', mode: 'query', client: {}, nonce: undefined, openid: false } as const
    expect(judge(responseRules, code, wholeLaw)).toBeUndefined()
    expect(judge(responseRules, { ...code, mode: 'form_post', redirectUri: 'http://127.0.0.1:9/cb' }, wholeLaw)).toBeUndefined()
  })
})

describe('registered encryption', () => {
  it.each([
    [undefined, undefined, undefined],
    ['ECDH-ES', undefined, { alg: 'ECDH-ES', enc: 'A128CBC-HS256' }],
    ['RSA-OAEP-256', 'A256GCM', { alg: 'RSA-OAEP-256', enc: 'A256GCM' }],
    [undefined, 'A256GCM', { broken: 'client-metadata.enc-comes-with-alg', family: 'request' }],
    ['RSA1_5', undefined, { broken: 'client-metadata.encryption-is-served', family: 'request' }],
    ['dir', 'A256GCM', { broken: 'client-metadata.encryption-is-served', family: 'request' }],
    ['ECDH-ES', 'none', { broken: 'client-metadata.encryption-is-served', family: 'request' }],
    ['constructor', undefined, { broken: 'client-metadata.encryption-is-served', family: 'request' }],
  ])('JARM-3-01: alg %j, enc %j', (alg, enc, read) => {
    expect(readEncryption(alg, enc)).toEqual(read)
  })
})
