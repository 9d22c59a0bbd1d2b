// Client metadata: types, defaults, consistency, and everything that is refused, one mistake at a time.
import { describe, expect, it } from 'vitest'
import {
  type ClientMetadata,
  clientOfMetadata,
  isBroken,
  type MetadataSupport,
  nameOfMetadata,
  readMetadata,
  wholeLaw,
  wireErrors,
} from '../src/index.ts'

const support: MetadataSupport = {
  authentication: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  authenticationAlgs: { private_key_jwt: ['ES256', 'PS256', 'RS256'] },
  grants: ['authorization_code', 'refresh_token', 'client_credentials'],
  responseTypes: ['code'],
  subjectTypes: ['public', 'pairwise'],
  idTokenAlgs: ['RS256', 'ES256'],
  userinfoAlgs: ['RS256'],
  authorizationAlgs: ['RS256'],
  introspectionAlgs: [],
  requestObjectAlgs: ['ES256'],
  encryptionAlgs: ['RSA-OAEP-256'],
  encryptionEncs: ['A128CBC-HS256', 'A256GCM'],
  requestEncryptionAlgs: [],
  requestEncryptionEncs: [],
  certificateBinding: false,
  ignores: ['frontchannel_logout_uri'],
  listedOrigins: [],
}
const publicKey = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'k1' }
const sound = { redirect_uris: ['https://app.example/cb'] }

const read = (input: Readonly<Record<string, unknown>>, can: Partial<MetadataSupport> = {}) =>
  readMetadata(input, { ...support, ...can }, wholeLaw)
function accepted(input: Readonly<Record<string, unknown>>, can: Partial<MetadataSupport> = {}): ClientMetadata {
  const metadata = read(input, can)
  if (isBroken(metadata)) throw new Error(`${metadata.broken} ${JSON.stringify(metadata.seen)}`)
  return metadata
}

describe('accepted metadata', () => {
  it('DCR-2-01 DCR-3-01: carries every default: basic, code, web, RS256', () => {
    expect(accepted(sound)).toEqual({
      ...sound,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      application_type: 'web',
      id_token_signed_response_alg: 'RS256',
    })
  })

  it('DCR-2-01: each of grant_types and response_types follows from the other', () => {
    expect(accepted({ ...sound, grant_types: ['authorization_code', 'refresh_token'] }).response_types).toEqual(['code'])
    expect(accepted({ ...sound, response_types: ['code'] }).grant_types).toEqual(['authorization_code'])
    const own = accepted({ grant_types: ['client_credentials'] })
    expect([own.response_types, own.redirect_uris]).toEqual([[], []])
  })

  it('MCP-REG-01: without application_type, what only a device can receive is native; a mixture is web', () => {
    const typeOf = (...redirect_uris: string[]) => accepted({ redirect_uris, token_endpoint_auth_method: 'none' })
    expect(typeOf('http://localhost/callback', 'http://127.0.0.1:33418/').application_type).toBe('native')
    expect(typeOf('com.example.app:/cb').application_type).toBe('native')
    expect(accepted({ ...sound, redirect_uris: ['https://app.example/cb'] }).application_type).toBe('web')
    expect(accepted({ ...sound, application_type: 'native', token_endpoint_auth_method: 'none' }).application_type).toBe('native')
  })

  it('DCR-2-01: what is unknown, null or not done here is left out; unknown members of any type do no harm', () => {
    const more = { sphere: { deep: [{}] }, 'x#y#z': 3, tos_uri: null, frontchannel_logout_uri: 'https://other.example/', 'client_name#': 1 }
    expect(accepted({ ...sound, ...more })).toEqual(accepted(sound))
    expect(accepted({ ...sound, constructor: 1, toString: [] } as never)).toEqual(accepted(sound))
  })

  it('DCR-2-01: names come once for each language', () => {
    const metadata = accepted({ ...sound, client_name: 'Notes', 'client_name#ja-Hira': 'めも', 'client_name#fr': 'Notes (fr)' })
    expect(nameOfMetadata(metadata, 'id')).toEqual({ ja: 'めも', en: 'Notes' })
    expect(nameOfMetadata(accepted({ ...sound, 'client_name#en': 'N' }), 'id')).toEqual({ ja: 'N', en: 'N' })
    expect(nameOfMetadata(accepted(sound), 'id-1')).toEqual({ ja: 'id-1', en: 'id-1' })
  })

  it('JARM-3-01: with alg alone, enc is A128CBC-HS256', () => {
    const jwks = { keys: [publicKey] }
    const metadata = accepted({ ...sound, jwks, id_token_encrypted_response_alg: 'RSA-OAEP-256' })
    expect(metadata.id_token_encrypted_response_enc).toBe('A128CBC-HS256')
  })

  it('DCR-2-01: the signing algorithm of assertions is judged for methods that sign, ignored for others', () => {
    expect(accepted({ ...sound, token_endpoint_auth_signing_alg: 'none' }).token_endpoint_auth_method).toBe('client_secret_basic')
  })
})

describe('refused metadata', () => {
  const meta = 'invalid_client_metadata'
  const redirect = 'invalid_redirect_uri'
  const jwks = { keys: [publicKey] }
  const refused: readonly (readonly [rows: string, why: string, change: Record<string, unknown>, rule: string, error: string])[] = [
    ['DCR-2-01', 'redirect_uris as a text', { redirect_uris: 'https://app.example/cb' }, 'registration.members-have-their-types', meta],
    ['DCR-2-01', 'a redirect URI that is no text', { redirect_uris: [1] }, 'registration.members-have-their-types', meta],
    ['DCR-2-01', 'grant_types as an object', { grant_types: {} }, 'registration.members-have-their-types', meta],
    [
      'DCR-2-01',
      'too many redirect URIs',
      { redirect_uris: Array.from({ length: 33 }, (_, i) => `https://a.example/${i}`) },
      'registration.members-have-their-types',
      meta,
    ],
    ['DCR-2-01', 'a flag as text', { require_auth_time: 'true' }, 'registration.members-have-their-types', meta],
    ['DCR-2-01', 'a negative max age', { default_max_age: -1 }, 'registration.members-have-their-types', meta],
    ['DCR-2-01', 'jwks without keys', { jwks: {} }, 'registration.members-have-their-types', meta],
    ['DCR-2-01', 'a key without kty', { jwks: { keys: [{}] } }, 'registration.members-have-their-types', meta],
    ['DCR-5-01', 'a name with a right-to-left override', { client_name: 'Bank\u202Etxt' }, 'registration.members-have-their-types', meta],
    ['DCR-5-01', 'a localized name with a control character', { 'client_name#ja': 'a\nb' }, 'registration.members-have-their-types', meta],
    ['DCR-2-01', 'a URI that is none', { logo_uri: 'logo' }, 'registration.members-have-their-types', meta],
    [
      'O21-2.3-01',
      'a redirect URI with a fragment',
      { redirect_uris: ['https://app.example/cb#x'] },
      'redirect-uri.has-no-fragment',
      redirect,
    ],
    ['O21-2.3-01', 'a relative redirect URI', { redirect_uris: ['/cb'] }, 'redirect-uri.scheme-is-safe', redirect],
    ['ASVS-10.4.1', 'a wildcard', { redirect_uris: ['https://*.app.example/cb'] }, 'redirect-uri.has-no-wildcard', redirect],
    ['O21-1.5-01', 'http off loopback', { redirect_uris: ['http://app.example/cb'] }, 'redirect-uri.scheme-is-safe', redirect],
    ['DCR-5-01', 'a javascript redirect URI', { redirect_uris: ['javascript:alert(1)'] }, 'redirect-uri.scheme-is-safe', redirect],
    ['DCR-5-01', 'a data redirect URI', { redirect_uris: ['data:text/html,x'] }, 'redirect-uri.scheme-is-safe', redirect],
    [
      'OIDC-16.23-1',
      'a private-use scheme of a client that authenticates',
      { redirect_uris: ['com.example.app:/cb'] },
      'redirect-uri.private-scheme-is-of-an-app',
      redirect,
    ],
    [
      'MCP-REG-01',
      'a web client on loopback',
      { application_type: 'web', redirect_uris: ['http://127.0.0.1/cb'] },
      'registration.web-is-not-on-loopback',
      redirect,
    ],
    ['DCR-2-01', 'an unknown application type', { application_type: 'desktop' }, 'registration.application-type-is-known', meta],
    ['DCR-2-01', 'an unknown method', { token_endpoint_auth_method: 'tls_client_auth' }, 'registration.authentication-is-supported', meta],
    [
      'DCR-2-01',
      'assertions by none',
      { token_endpoint_auth_method: 'private_key_jwt', jwks, token_endpoint_auth_signing_alg: 'none' },
      'registration.authentication-alg-is-supported',
      meta,
    ],
    [
      'DCR-2-01',
      'assertions by HS256 with a key',
      { token_endpoint_auth_method: 'private_key_jwt', jwks, token_endpoint_auth_signing_alg: 'HS256' },
      'registration.authentication-alg-is-supported',
      meta,
    ],
    [
      'MTLS-3.3-01',
      'a certificate',
      { tls_client_certificate_bound_access_tokens: true },
      'registration.certificate-binding-is-supported',
      meta,
    ],
    ['DCR-2-01', 'the implicit grant', { grant_types: ['authorization_code', 'implicit'] }, 'registration.grants-are-supported', meta],
    ['DCR-2-01', 'the password grant', { grant_types: ['authorization_code', 'password'] }, 'registration.grants-are-supported', meta],
    ['DCR-2-01', 'response type token', { response_types: ['code', 'token'] }, 'registration.response-types-are-supported', meta],
    [
      'DCR-2-01',
      'code without its grant',
      { grant_types: ['client_credentials'], response_types: ['code'] },
      'registration.grants-fit-response-types',
      meta,
    ],
    [
      'DCR-2-01',
      'the grant without code',
      { grant_types: ['authorization_code'], response_types: [] },
      'registration.grants-fit-response-types',
      meta,
    ],
    ['DCR-2-01', 'jwks and jwks_uri', { jwks, jwks_uri: 'https://app.example/jwks' }, 'registration.keys-come-one-way', meta],
    ['DCR-2-01', 'a private key', { jwks: { keys: [{ ...publicKey, d: 'd' }] } }, 'client-metadata.keys-are-public', meta],
    ['DCR-2-01', 'a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'k' }] } }, 'client-metadata.keys-are-public', meta],
    ['DCR-5-01', 'a javascript logo', { logo_uri: 'javascript:alert(1)' }, 'registration.links-are-https', meta],
    ['DCR-5-01', 'a data logo', { logo_uri: 'data:image/png;base64,AA' }, 'registration.links-are-https', meta],
    ['DCR-5-01', 'a policy over http', { policy_uri: 'http://app.example/p' }, 'registration.links-are-https', meta],
    ['DCR-5-01', 'a jwks_uri over http', { jwks_uri: 'http://127.0.0.1/jwks' }, 'registration.links-are-https', meta],
    ['DCR-5-01', 'a user name in a link', { tos_uri: 'https://app.example@evil.example/' }, 'registration.links-are-https', meta],
    ['DCR-5-01', 'a localized link over http', { 'tos_uri#ja': 'http://app.example/' }, 'registration.links-are-https', meta],
    ['JAR-5.2-01', 'a request URI over http', { request_uris: ['http://app.example/r#h'] }, 'registration.links-are-https', meta],
    ['DCR-5-01', 'a logo on another host', { logo_uri: 'https://cdn.example/l.png' }, 'registration.shown-links-share-a-host', meta],
    [
      'DCR-5-01',
      'a localized logo on another host',
      { 'logo_uri#ja': 'https://cdn.example/l.png' },
      'registration.shown-links-share-a-host',
      meta,
    ],
    ['OIDC-9-01', 'unsigned ID tokens', { id_token_signed_response_alg: 'none' }, 'registration.signing-is-supported', meta],
    ['OIDC-16.19-1', 'HS256 ID tokens', { id_token_signed_response_alg: 'HS256' }, 'registration.signing-is-supported', meta],
    [
      'JARM-3-01',
      'unsigned authorization responses',
      { authorization_signed_response_alg: 'none' },
      'registration.signing-is-supported',
      meta,
    ],
    ['JAR-6.2-01', 'unsigned request objects', { request_object_signing_alg: 'none' }, 'registration.signing-is-supported', meta],
    ['JARM-3-01', 'enc without alg', { authorization_encrypted_response_enc: 'A256GCM' }, 'registration.encryption-names-its-alg', meta],
    ['JARM-3-01', 'an unknown alg', { jwks, userinfo_encrypted_response_alg: 'RSA1_5' }, 'registration.encryption-is-supported', meta],
    [
      'JARM-3-01',
      'an unknown enc',
      { jwks, userinfo_encrypted_response_alg: 'RSA-OAEP-256', userinfo_encrypted_response_enc: 'XC20P' },
      'registration.encryption-is-supported',
      meta,
    ],
    ['JARM-3-01', 'encryption to nobody', { id_token_encrypted_response_alg: 'RSA-OAEP-256' }, 'registration.encryption-has-a-key', meta],
    ['OIDC-8.1-01', 'an unknown subject type', { subject_type: 'secret' }, 'registration.subject-type-is-supported', meta],
    [
      'OIDC-8.1-01',
      'pairwise on two hosts without a sector',
      { subject_type: 'pairwise', redirect_uris: ['https://a.example/', 'https://b.example/'] },
      'registration.pairwise-has-one-sector',
      meta,
    ],
    [
      'RPLO-3-01',
      'a logout return with a fragment',
      { post_logout_redirect_uris: ['https://app.example/#bye'] },
      'client-metadata.post-logout-uris-are-sound',
      meta,
    ],
    [
      'RPLO-3-01',
      'a logout return over http',
      { post_logout_redirect_uris: ['http://app.example/bye'] },
      'client-metadata.post-logout-uris-are-sound',
      meta,
    ],
    ['BCLO-2.2-01', 'a back-channel over http', { backchannel_logout_uri: 'http://app.example/bc' }, 'registration.links-are-https', meta],
  ]
  for (const [rows, why, change, rule, error] of refused) {
    it(`${rows}: ${why}: ${rule}`, () => {
      const answer = read({ ...sound, ...change })
      expect(isBroken(answer) ? [answer.broken, wireErrors.registration[answer.family].error] : answer).toEqual([rule, error])
    })
  }

  it('DCR-2-01: a front channel on another origin, where the issuer has one', () => {
    const answer = read({ ...sound, frontchannel_logout_uri: 'https://other.example/' }, { ignores: [] })
    expect(isBroken(answer) && answer.broken).toBe('client-metadata.frontchannel-uri-is-of-a-redirect-origin')
  })

  it('DCR-2-01: the refusal names the member whose type is wrong', () => {
    expect(read({ ...sound, contacts: 'me@app.example' })).toMatchObject({ member: 'contacts' })
  })
})

describe('the client of it', () => {
  const terms = {
    issuer: 'https://id.example',
    clientId: 'c-1',
    source: 'registered',
    scopes: ['openid', 'notes:read'],
    resources: ['https://api.example/'],
    binding: { kind: 'optional', reason: 'old apps' },
    dangerouslyAcceptTokenEndpointAudience: true,
    dangerouslyAllowWithoutPkce: true,
  } as const

  it('DCR-2-01: gets the scopes it asks for, within the terms; all of them where it names none', () => {
    expect(clientOfMetadata(accepted(sound), terms).scopes).toEqual(['openid', 'notes:read'])
    expect(clientOfMetadata(accepted({ ...sound, scope: 'admin notes:read' }), terms).scopes).toEqual(['notes:read'])
  })

  it('SEED-O21-12: is bound where it asks for it, whatever the terms allow', () => {
    expect(clientOfMetadata(accepted(sound), terms).binding.kind).toBe('optional')
    expect(clientOfMetadata(accepted({ ...sound, dpop_bound_access_tokens: true }), terms).binding).toEqual({ kind: 'required' })
  })

  it('O21-2.1-01: a client that authenticates is a server, others are apps or pages; the exception of audiences is for assertions', () => {
    const of = (more: object) => clientOfMetadata(accepted({ ...sound, ...more }), terms)
    expect([of({}).kind, of({}).dangerouslyAcceptTokenEndpointAudience]).toEqual(['server', false])
    const keyed = of({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicKey] } })
    expect([keyed.kind, keyed.dangerouslyAcceptTokenEndpointAudience]).toEqual(['server', true])
    expect(of({ token_endpoint_auth_method: 'none' }).kind).toBe('spa')
    expect([of({}).dangerouslyAllowWithoutPkce, of({ token_endpoint_auth_method: 'none' }).dangerouslyAllowWithoutPkce]).toEqual([
      true,
      undefined,
    ])
    expect(of({ token_endpoint_auth_method: 'none', redirect_uris: ['com.example.app:/cb'] }).kind).toBe('mobile')
  })
})
