// Authorization requests as pure functions: trust, request rules, the next step, metadata, and that no input throws.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ClientRecord,
  catalogue,
  checkAuthorizationRequest,
  checkRedirectTarget,
  decideStep,
  isBroken,
  issuerTables,
  keepOffline,
  type Law,
  makeOffer,
  parseForm,
  profiles,
  type RuleId,
  type StepFacts,
  serverMetadata,
  splitScope,
  wellKnownPaths,
  wholeLaw,
  wireErrors,
} from '../src/index.ts'

const issuer = 'https://id.example'
const api = 'https://api.example/'
const now = 1_800_000_000
const client: ClientRecord = {
  issuer,
  clientId: 'app',
  kind: 'spa',
  name: { ja: 'a', en: 'a' },
  redirectUris: ['https://app.example/cb'],
  authentication: 'none',
  secretHashes: [],
  jwks: [],
  grants: ['authorization_code', 'refresh_token'],
  scopes: ['openid', 'read', 'offline_access'],
  resources: [api],
  binding: { kind: 'required' },
  idTokenAlg: 'RS256',
  dangerouslyAcceptTokenEndpointAudience: false,
  origins: [],
  disabled: false,
  version: 1,
}
const scopes = ['openid', 'read', 'offline_access'].map((scope) => ({ issuer, scope, description: { ja: scope, en: scope }, claims: [] }))
const apiRecord = { issuer, resource: api, name: { ja: 'a', en: 'a' }, scopes: ['read'], accessTokenLifetimeSeconds: 300 }
const offer = makeOffer(issuer, [apiRecord, { ...apiRecord, resource: 'https://others.example/', scopes: [] }], scopes)
const sound = { response_type: 'code', scope: 'openid read', code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' }
const formOf = (parameters: Record<string, string> | string) => {
  const form = parseForm(typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString())
  if (isBroken(form)) throw new Error(form.broken)
  return form
}
const check = (change: Record<string, string>, law: Law = wholeLaw, by = client) =>
  checkAuthorizationRequest(formOf({ ...sound, ...change }), by, offer, law)

describe('trust in the redirect', () => {
  it('O21-2.3.2-01: the only registered redirect URI need not be sent', () => {
    expect(checkRedirectTarget(formOf({ state: 's' }), client, wholeLaw)).toMatchObject({
      redirectUri: 'https://app.example/cb',
      state: 's',
    })
    const two = { ...client, redirectUris: [...client.redirectUris, 'https://app.example/2'] }
    expect(checkRedirectTarget(formOf({}), two, wholeLaw)).toMatchObject({ broken: 'authorize.redirect-uri-is-given' })
  })

  it('O21-4.1.2.1-01: unknown and disabled clients have no redirect URI', () => {
    expect(checkRedirectTarget(formOf({}), undefined, wholeLaw)).toMatchObject({ broken: 'authorize.client-is-known' })
    expect(checkRedirectTarget(formOf({}), { ...client, disabled: true }, wholeLaw)).toMatchObject({ broken: 'authorize.client-is-known' })
  })
})

describe('the request', () => {
  it('RES-2-02: without resource the target is the default API, and the issuer for openid; with it, exactly that', () => {
    expect(check({})).toMatchObject({ resources: [api, issuer], scopes: ['openid', 'read'] })
    expect(check({ scope: 'read' })).toMatchObject({ resources: [api] })
    expect(check({ resource: api })).toMatchObject({ resources: [api] })
    expect(check({ resource: issuer, scope: 'openid' })).toMatchObject({ resources: [issuer] })
    expect(check({ resource: issuer, scope: 'read' })).toMatchObject({ broken: 'resource.is-known' })
    expect(check({ resource: issuer })).toMatchObject({ broken: 'scope.fits-the-target' })
  })

  it('OIDC-11-01: offline_access is dropped where the client could not keep it', () => {
    const cannot = { ...client, grants: ['authorization_code' as const] }
    expect(check({ scope: 'read offline_access' }, wholeLaw, cannot)).toMatchObject({ scopes: ['read'] })
    expect(keepOffline(['read', 'offline_access'], { prompt: [], recorded: false })).toEqual(['read'])
    expect(keepOffline(['read', 'offline_access'], { prompt: ['consent'], recorded: false })).toEqual(['read', 'offline_access'])
    expect(keepOffline(['read', 'offline_access'], { prompt: ['none'], recorded: true })).toEqual(['read', 'offline_access'])
  })

  const broken: Record<string, [Record<string, string>, RuleId]> = {
    'OIDC-3.1.2.6-01': [{ response_mode: 'web_message' }, 'authorize.response-mode-is-served'],
    'OIDC-16.11-1': [{ response_type: 'token' }, 'authorize.response-type-is-served'],
    'O21-4.1.1-01': [{ code_challenge_method: 'plain' }, 'pkce.method-is-s256'],
    'a challenge of another length': [{ code_challenge: 'c' }, 'pkce.challenge-is-a-digest'],
    'OIDC-3.1.2.1-01': [{ prompt: 'none consent' }, 'authorize.prompt-none-stands-alone'],
    'ASVS-10.4.11': [{ scope: 'openid other' }, 'scope.is-assigned-to-the-client'],
    registration: [{ registration: '{}' }, 'authorize.no-registration'],
    'RES-2-01 a relative resource': [{ resource: 'foo', scope: 'openid' }, 'resource.is-an-absolute-uri'],
    'RES-2-01 an unknown resource': [{ resource: 'https://unknown.example/', scope: 'openid' }, 'resource.is-known'],
    'a resource of others': [{ resource: 'https://others.example/', scope: 'openid' }, 'resource.is-assigned-to-the-client'],
    'AT-3-01': [{ resource: issuer }, 'scope.fits-the-target'],
  }
  for (const [why, [change, id]] of Object.entries(broken)) {
    it(`${why}: ${id} is broken alone, removed alone`, () => {
      expect(check(change)).toMatchObject({ broken: id })
      expect(isBroken(check(change, { waives: (asked) => asked === id }))).toBe(false)
    })
  }

  it('no input throws, and every refusal after trust knows its place on the wire', () => {
    const names = [
      'response_type',
      'response_mode',
      'scope',
      'resource',
      'prompt',
      'max_age',
      'code_challenge',
      'code_challenge_method',
      'dpop_jkt',
      'state',
      'nonce',
      'ui_locales',
      'claims',
    ]
    const value = fc.oneof(
      fc.constantFrom('code', 'id_token code', 'form_post.jwt', 'S256', 'openid read', api, 'none', 'c'.repeat(43), '0'),
      fc.string({ maxLength: 30 }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 10 }), (pairs) => {
        const answer = checkAuthorizationRequest(
          formOf(new URLSearchParams(pairs.map(([name, text]) => [name, text.toWellFormed()])).toString()),
          client,
          offer,
          wholeLaw,
        )
        if (isBroken(answer)) expect(wireErrors.authorize[answer.family].error).toBeTruthy()
        else expect(answer.codeChallenge).toHaveLength(43)
      }),
      { numRuns: 300 },
    )
  })
})

describe('the next step', () => {
  const facts: StepFacts = {
    prompt: [],
    maxAgeSeconds: null,
    hintedSubject: null,
    signedInHere: false,
    now,
    signIn: { subject: 'u', authTime: now - 100 },
    consented: true,
    identityAssured: true,
  }
  const step = (change: Partial<StepFacts>) => decideStep({ ...facts, ...change }, wholeLaw)

  it('OIDC-3.1.2.1-02 O21-7.3-01: sign in, consent, or nothing', () => {
    expect(step({})).toBe('complete')
    expect(step({ signIn: undefined })).toBe('sign-in')
    expect(step({ prompt: ['login'] })).toBe('sign-in')
    expect(step({ prompt: ['select_account'] })).toBe('sign-in')
    expect(step({ prompt: ['login'], signedInHere: true })).toBe('complete')
    expect(step({ prompt: ['consent'] })).toBe('consent')
    expect(step({ consented: false })).toBe('consent')
    expect(step({ identityAssured: false })).toBe('consent')
    expect(step({ maxAgeSeconds: 99 })).toBe('sign-in')
    expect(step({ maxAgeSeconds: 100 })).toBe('complete')
    expect(step({ maxAgeSeconds: 0, signIn: { subject: 'u', authTime: now } })).toBe('sign-in')
    expect(step({ hintedSubject: 'other' })).toBe('sign-in')
  })

  it('OIDC-3.1.2.1-01 OIDC-3.1.2.2-01: with prompt=none nothing is shown, and the reason is told', () => {
    expect(step({ prompt: ['none'] })).toBe('complete')
    expect(step({ prompt: ['none'], signIn: undefined })).toMatchObject({ family: 'login-required' })
    expect(step({ prompt: ['none'], maxAgeSeconds: 1 })).toMatchObject({ family: 'login-required' })
    expect(step({ prompt: ['none'], hintedSubject: 'other' })).toMatchObject({ broken: 'authorize.hinted-person-is-signed-in' })
    expect(step({ prompt: ['none'], consented: false })).toMatchObject({ family: 'consent-required' })
    expect(step({ prompt: ['none'], identityAssured: false })).toMatchObject({ family: 'consent-required' })
  })

  it('property: nobody is let through without a sign-in and an allowance', () => {
    const facts = fc.record({
      prompt: fc.subarray(['login', 'consent', 'select_account'] as const),
      maxAgeSeconds: fc.option(fc.nat(200)),
      hintedSubject: fc.option(fc.constantFrom('u', 'other')),
      signedInHere: fc.boolean(),
      now: fc.constant(now),
      signIn: fc.option(fc.constant({ subject: 'u', authTime: now - 100 }), { nil: undefined }),
      consented: fc.boolean(),
      identityAssured: fc.boolean(),
    })
    fc.assert(
      fc.property(facts, (one) => {
        if (decideStep(one, wholeLaw) !== 'complete') return
        expect(one.signIn && one.consented && one.identityAssured && !one.prompt.includes('consent')).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('what is published', () => {
  it('META-3-01: one document at three places, where the issuer has a path', () => {
    expect(wellKnownPaths('https://id.example')).toEqual(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])
    expect(wellKnownPaths('https://id.example/a/b')).toEqual([
      '/.well-known/oauth-authorization-server/a/b',
      '/.well-known/openid-configuration/a/b',
      '/a/b/.well-known/openid-configuration',
    ])
  })

  it('META-3-01: empty lists are left out', () => {
    const endpoints = {
      authorization: 'a',
      token: 't',
      userinfo: 'u',
      jwks: 'j',
      revocation: 'r',
      introspection: 'i',
      pushed: 'p',
      endSession: 'e',
    }
    const document = serverMetadata({
      issuer,
      profile: profiles.oauth21,
      endpoints,
      grants: ['authorization_code'],
      requirePushed: false,
      requestObjectAlgorithms: ['ES256'],
      requestObjectEncryption: [],
      requireSigned: false,
      scopes: [],
      claims: [],
      proofAlgorithms: ['ES256'],
      idTokenAlgorithms: ['RS256'],
      introspectionAlgorithms: [],
      answerAlgorithms: ['RS256'],
      responseTypes: ['code'],
      uiLocales: [],
      certificateMethods: [],
      sharedSecretAssertions: false,
      clientDocuments: false,
      acrValues: [],
      authorizationDetailsTypes: [],
    })
    expect(document).not.toHaveProperty('client_id_metadata_document_supported')
    expect(document).not.toHaveProperty('scopes_supported')
    expect(document).not.toHaveProperty('introspection_signing_alg_values_supported')
    expect(document['dpop_signing_alg_values_supported']).toEqual(['ES256'])
  })

  it('every rule of the issuer stands in the catalogue, with a sentence that fits the wire', () => {
    for (const table of issuerTables) {
      for (const id of Object.keys(table.rules) as RuleId[]) {
        expect(catalogue.get(id)?.says, id).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/)
      }
    }
  })

  it('scope names are split, each once', () => {
    expect(splitScope('a b a')).toEqual(['a', 'b'])
    expect(splitScope(undefined)).toEqual([])
  })
})
