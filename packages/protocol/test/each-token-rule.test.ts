// Every rule of self-contained tokens: one token in which it is the only thing broken.
// Waiving that one rule lets the token through, which shows that nothing else was.
import { flipSignature, macJwt, segment, signText, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import {
  accessTokenRules,
  audienceRules,
  checkAccessToken,
  checkAudience,
  checkIdToken,
  type IdTokenExpectation,
  idTokenRules,
  isBroken,
  type Law,
  type RuleId,
  type TokenExpectation,
  tokenHash,
  tokenHeaderRules,
  tokenShapeRules,
  wholeLaw,
} from '../src/index.ts'
import { lawWithout } from './proof-exchange.ts'
import {
  accessClaims,
  accessToken,
  accessVerdict,
  api,
  idClaims,
  idToken,
  idTokenExpectation,
  idVerdict,
  issuer,
  issuerKey,
  now,
  published,
  tokenExpectation,
} from './token-exchange.ts'

type Judge = (law: Law) => Promise<string>

const access =
  (token: string, change: Partial<TokenExpectation> = {}): Judge =>
  (law) =>
    accessVerdict(token, change, law)
const id =
  (token: string, change: Partial<IdTokenExpectation> = {}): Judge =>
  (law) =>
    idVerdict(token, change, law)

const audience =
  (aud: unknown): Judge =>
  async (law) => {
    const token = await checkAccessToken(accessToken({ aud }), tokenExpectation, law)
    if (isBroken(token)) return token.broken
    return checkAudience(token, [api], law)?.broken ?? 'sound'
  }

const stranger = wireKey('ES256')
const unsigned = (alg: string) => `${segment({ alg, typ: 'at+jwt', kid: issuerKey.kid })}.${segment(accessClaims)}.`

const cases: Readonly<Record<string, Judge>> = {
  'token.alg-is-asymmetric': access(unsigned('none')),
  'token.alg-is-allowed': access(accessToken(), { algorithms: ['PS256'] }),
  'token.key-is-not-in-header': access(accessToken({}, { jku: 'https://evil.example/keys' })),
  'token.key-is-known': access(accessToken({}, { kid: 'unknown' })),
  'token.signature-verifies': access(flipSignature(accessToken())),

  'access-token.typ-is-at-jwt': access(accessToken({}, { typ: 'JWT' })),
  'access-token.claims-are-complete': access(accessToken({ client_id: undefined })),
  'access-token.iss-is-issuer': access(accessToken({ iss: `${issuer}/` })),
  'access-token.exp-has-not-passed': access(accessToken({ exp: now - 5 })),
  'access-token.nbf-has-come': access(accessToken({ nbf: now + 6 })),
  'access-token.iat-is-not-ahead': access(accessToken({ iat: now + 6 })),
  'access-token.aud-is-ours': audience('https://other.example/'),

  'id-token.typ-is-jwt': id(idToken({}, { typ: 'at+jwt' })),
  'id-token.claims-are-complete': id(idToken({ sub: undefined })),
  'id-token.iss-is-issuer': id(idToken({ iss: 'https://other.example' })),
  'id-token.aud-is-client': id(idToken({ aud: 'another-app' })),
  'id-token.azp-is-client': id(idToken({ azp: 'another-app' })),
  'id-token.exp-has-not-passed': id(idToken({ exp: now - 5 })),
  'id-token.iat-is-not-ahead': id(idToken({ iat: now + 6 })),
  'id-token.nonce-is-ours': id(idToken(), { nonce: 'n-2' }),
  'id-token.at-hash-is-token-hash': id(idToken({ at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }), { accessToken: 'another' }),
  'id-token.sign-in-is-recent': id(idToken(), { maxAgeSeconds: 94 }),
}

const tables = [tokenHeaderRules, tokenShapeRules, accessTokenRules, audienceRules, idTokenRules]
const rules = new Map(tables.flatMap((table) => Object.entries(table.rules)))

describe('each rule of tokens, the only thing broken', () => {
  it('both tokens are sound before anything is broken', async () => {
    expect(await accessVerdict(accessToken())).toBe('sound')
    expect(await audience(api)(wholeLaw)).toBe('sound')
    expect(await idVerdict(idToken())).toBe('sound')
  })

  it.each([...rules])('%s', async (rule, { fixed }) => {
    const judge = cases[rule]
    if (judge === undefined) throw new Error(`no token breaks ${rule} alone`)
    expect(await judge(wholeLaw)).toBe(rule)
    if (fixed === undefined) expect(await judge(lawWithout(rule as RuleId))).toBe('sound')
  })

  it('no token is kept for a rule that is gone', () => {
    expect(Object.keys(cases).filter((rule) => !rules.has(rule))).toEqual([])
  })
})

describe('more ways to break access tokens', () => {
  const publicKeyTexts = [JSON.stringify(issuerKey.publicJwk), issuerKey.publicJwk['x']!]
  const header = { alg: 'HS256', typ: 'at+jwt', kid: issuerKey.kid }

  it.each([
    ['ASVS-9.0: an opaque token', 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU', 'jose.is-compact'],
    ['ASVS-9.0: nothing', '', 'jose.is-compact'],
    ['ASVS-9.1.1: the signature stripped', `${accessToken().split('.').slice(0, 2).join('.')}.`, 'token.signature-verifies'],
    [
      'ASVS-9.1.1: the payload altered',
      accessToken().replace(/\.[^.]+\./, `.${segment({ ...accessClaims, scope: 'admin' })}.`),
      'token.signature-verifies',
    ],
    [
      'ASVS-9.1.1: an altered payload tells nothing of its claims',
      accessToken().replace(/\.[^.]+\./, `.${segment({ iss: 'https://evil.example' })}.`),
      'token.signature-verifies',
    ],
    ['ASVS-9.1.2: alg nOnE', unsigned('nOnE'), 'token.alg-is-asymmetric'],
    ['ASVS-9.1.2: HS256 under the public JWK', macJwt(header, accessClaims, publicKeyTexts[0]!), 'token.alg-is-asymmetric'],
    ['ASVS-9.1.2: HS256 under a coordinate', macJwt(header, accessClaims, publicKeyTexts[1]!), 'token.alg-is-asymmetric'],
    [
      'ASVS-9.1.3: an embedded key that really signed',
      accessToken({}, { jwk: stranger.publicJwk, kid: stranger.kid }, stranger),
      'token.key-is-not-in-header',
    ],
    ['ASVS-9.1.3: x5u', accessToken({}, { x5u: 'https://evil.example/cert' }), 'token.key-is-not-in-header'],
    ['ASVS-9.1.3: x5c', accessToken({}, { x5c: [] }), 'token.key-is-not-in-header'],
    [
      'ASVS-9.1.3: signed by a stranger under the kid of the issuer',
      accessToken({}, { kid: issuerKey.kid }, stranger),
      'token.signature-verifies',
    ],
    ['JWTBCP-3.1-01: the key of one algorithm under the name of another', accessToken({}, { alg: 'ES384' }), 'token.key-is-known'],
    ['ASVS-9.2.1: nbf that is no number', accessToken({ nbf: 'now' }), 'access-token.nbf-has-come'],
    ['AT-4-04: exp that is no number', accessToken({ exp: String(now + 60) }), 'access-token.claims-are-complete'],
    [
      'AT-4-04: exp beyond all numbers',
      signText(
        JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: issuerKey.kid }),
        JSON.stringify(accessClaims).replace(/"exp":\d+/, '"exp":1e999'),
        issuerKey,
      ),
      'access-token.claims-are-complete',
    ],
    ['AT-4-01: typ absent', accessToken({}, { typ: undefined }), 'access-token.typ-is-at-jwt'],
    ['AT-2.2-01: jti missing', accessToken({ jti: undefined }), 'access-token.claims-are-complete'],
    ['AT-2.2-01: sub empty', accessToken({ sub: '' }), 'access-token.claims-are-complete'],
    ['AT-2.2-01: scope as a list', accessToken({ scope: ['notes:read'] }), 'access-token.claims-are-complete'],
    ['DPOP-6-01: cnf of an unknown kind', accessToken({ cnf: { kid: 'x' } }), 'binding.cnf-is-known'],
    ['DPOP-11.8-01: jkt of another length', accessToken({ cnf: { jkt: 'abc' } }), 'binding.thumbprint-is-sha256'],
    [
      'JWTBCP-3.3-01: a JWT inside a JWT is not unwrapped',
      signText(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', cty: 'JWT', kid: issuerKey.kid }), accessToken(), issuerKey),
      'jose.is-json',
    ],
    ['a token of 16 KiB', accessToken({ pad: 'x'.repeat(16384) }), 'jose.message-is-bounded'],
  ])('%s', async (_what, token, rule) => {
    expect(await accessVerdict(token)).toBe(rule)
  })

  it.each([
    ['a prefix', api.slice(0, -1)],
    ['a longer one', `${api}notes`],
    ['another case', api.toUpperCase()],
    ['a list without it', ['https://other.example/', 'x']],
    ['an empty list', []],
    ['nothing', undefined],
    ['an object', { [api]: true }],
    ['a number in a list', [7]],
  ])('AT-4-03, ASVS-9.2.3: aud is %s', async (_what, aud) => {
    expect(await audience(aud)(wholeLaw)).toBe('access-token.aud-is-ours')
  })

  it('AT-4-03: aud may be a list that has it', async () => {
    expect(await audience(['https://other.example/', api])(wholeLaw)).toBe('sound')
  })

  it('AT-4-04, ASVS-9.2.1: times hold to the second, with the leeway and no more', async () => {
    expect(await accessVerdict(accessToken({ exp: now - 4 }))).toBe('sound')
    expect(await accessVerdict(accessToken({ nbf: now + 5, iat: now + 5 }))).toBe('sound')
    expect(await accessVerdict(accessToken({ exp: now }), { leewaySeconds: 0 })).toBe('access-token.exp-has-not-passed')
    expect(await accessVerdict(accessToken({ exp: now + 1 }), { leewaySeconds: 0 })).toBe('sound')
  })

  it('AT-4-01: typ may be written with application/ and in capitals', async () => {
    expect(await accessVerdict(accessToken({}, { typ: 'application/AT+JWT' }))).toBe('sound')
  })

  it('JWTBCP-3.10-01: a kid is handed over as a name, and only a short text is one', async () => {
    const asked: unknown[] = []
    const keyFor = async ({ kid }: { kid: string | undefined }) => {
      asked.push(kid)
      return undefined
    }
    for (const kid of ['../../etc/passwd', "' OR 1=1", 7, { a: 1 }, 'x'.repeat(257), 'x'.repeat(256)]) {
      expect(await accessVerdict(accessToken({}, { kid }), { keyFor })).toBe('token.key-is-known')
    }
    expect(asked).toEqual(['../../etc/passwd', "' OR 1=1", undefined, undefined, undefined, 'x'.repeat(256)])
  })

  it('AT-4-02: another trusted issuer cannot sign for this one', async () => {
    const other = wireKey('ES256', 'other-1')
    expect(await accessVerdict(accessToken({}, {}, other), { keyFor: published(issuerKey) })).toBe('token.key-is-known')
  })

  it('the evidence says what the token said', async () => {
    const jkt = 'A'.repeat(43)
    const token = await checkAccessToken(accessToken({ cnf: { jkt, extra: 1 } }), tokenExpectation, wholeLaw)
    expect(token).toMatchObject({
      issuer,
      subject: 'user-1',
      clientId: 'app',
      jti: 'token-1',
      audience: [api],
      scopes: ['notes:read', 'notes:write'],
      issuedAt: now - 10,
      expiresAt: now + 290,
      confirmation: { jkt },
    })
  })
})

describe('more ways to break ID tokens', () => {
  it.each([
    ['ASVS-9.2.2: an access token', accessToken({ aud: 'app' }), {}, 'id-token.typ-is-jwt'],
    ['OIDC-3.1.3.7-01: alg none', `${segment({ alg: 'none' })}.${segment(idClaims)}.`, {}, 'token.alg-is-asymmetric'],
    ['OIDC-3.1.3.7-01: HS256', macJwt({ alg: 'HS256', kid: issuerKey.kid }, idClaims, 'secret'), {}, 'token.alg-is-asymmetric'],
    ['OIDC-3.1.3.7-01: an audience beside the client', idToken({ aud: ['app', 'other'] }), {}, 'id-token.aud-is-client'],
    ['OIDC-3.1.3.7-01: no audience', idToken({ aud: [] }), {}, 'id-token.aud-is-client'],
    ['OIDC-3.1.3.7-01: nonce missing', idToken({ nonce: undefined }), { nonce: 'n-1' }, 'id-token.nonce-is-ours'],
    ['OIDC-2-02: auth_time missing', idToken({ auth_time: undefined }), { maxAgeSeconds: 3600 }, 'id-token.sign-in-is-recent'],
    ['sub outside ASCII', idToken({ sub: '記名' }), {}, 'id-token.claims-are-complete'],
    ['sub too long', idToken({ sub: 'x'.repeat(256) }), {}, 'id-token.claims-are-complete'],
  ] as const)('%s', async (_what, token, change, rule) => {
    expect(await idVerdict(token, change)).toBe(rule)
  })

  it('a hint may have expired, and nothing else', async () => {
    expect(await idVerdict(idToken({ exp: now - 9999 }), { purpose: 'hint' })).toBe('sound')
    expect(await idVerdict(idToken({ aud: 'other' }), { purpose: 'hint' })).toBe('id-token.aud-is-client')
  })

  it('OIDC-16.11-3: at_hash follows the algorithm of the token', async () => {
    for (const alg of ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA', 'Ed25519'] as const) {
      const key = wireKey(alg)
      const at_hash = await tokenHash('the token', alg)
      expect(await idVerdict(idToken({ at_hash }, {}, key), { keyFor: published(key), accessToken: 'the token' })).toBe('sound')
      expect(await idVerdict(idToken({ at_hash }, {}, key), { keyFor: published(key), accessToken: 'The token' })).toBe(
        'id-token.at-hash-is-token-hash',
      )
    }
  })

  it('the same client twice in aud, nonce and max_age kept: sound', async () => {
    expect(await idVerdict(idToken({ aud: ['app'], azp: 'app' }), { nonce: 'n-1', maxAgeSeconds: 95 })).toBe('sound')
  })

  it('OIDC-3.1.3.7-01: times hold to the second, with the leeway and no more', async () => {
    expect(await idVerdict(idToken({ exp: now - 4, iat: now + 5 }))).toBe('sound')
    expect(await idVerdict(idToken({ exp: now }), { leewaySeconds: 0 })).toBe('id-token.exp-has-not-passed')
    expect(await idVerdict(idToken({ auth_time: now - 65 }), { maxAgeSeconds: 60 })).toBe('sound')
    expect(await idVerdict(idToken({ auth_time: now - 66 }), { maxAgeSeconds: 60 })).toBe('id-token.sign-in-is-recent')
  })

  it('at_hash is judged where both it and the access token are there', async () => {
    expect(await idVerdict(idToken(), { accessToken: 'the token' })).toBe('sound')
    expect(await idVerdict(idToken({ at_hash: 'whatever' }))).toBe('sound')
  })

  it('the evidence says what the token said', async () => {
    const full = await checkIdToken(idToken({ sid: 's-1', aud: ['app'] }), idTokenExpectation, wholeLaw)
    expect(full).toMatchObject({ issuer, subject: 'user-1', audience: ['app'], authTime: now - 100, sessionId: 's-1' })
    const bare = await checkIdToken(idToken({ auth_time: undefined }), idTokenExpectation, wholeLaw)
    expect(bare).toMatchObject({ audience: ['app'], authTime: undefined, sessionId: undefined })
  })

  it('a refusal of an ID token is a bad request, of an access token a bad token', async () => {
    for (const token of ['', unsigned('none'), flipSignature(accessToken()), accessToken({ iss: 'x' })]) {
      expect(await checkAccessToken(token, tokenExpectation, wholeLaw)).toMatchObject({ family: 'access-token' })
      expect(await checkIdToken(token, idTokenExpectation, wholeLaw)).toMatchObject({ family: 'request' })
    }
  })
})
