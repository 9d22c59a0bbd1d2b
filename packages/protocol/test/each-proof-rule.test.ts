// Every rule of proofs, keys and compact form: one exchange in which it is the only thing broken.
// Waiving that one rule lets the exchange through, which shows that nothing else was.
import fc from 'fast-check'
import { flipSignature, macJwt, oddRsaKey, segment, signText, type WireKey, wireJwt, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import {
  athRules,
  checkAth,
  isBroken,
  joseRules,
  jwkRules,
  type ProofExpectation,
  parseProof,
  proofClaimRules,
  proofHeaderRules,
  proofNonceRules,
  proofShapeRules,
  proofTargetRules,
  proofTimeRules,
  type RuleId,
  tokenAlgorithms,
  wholeLaw,
} from '../src/index.ts'
import { expectation, holder, judged, lawWithout, now, proofText, url, verdict } from './proof-exchange.ts'

interface Case {
  readonly lines: string | readonly string[]
  readonly expect?: Partial<ProofExpectation>
  /** Judged with `ath` too, against this token. */
  readonly accessToken?: string
}

const claims = { jti: 'a-jti-of-good-length', htm: 'GET', htu: url, iat: now }
const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: holder.publicJwk }
const headerWith = (change: object): Case => ({ lines: proofText({ header: change as Record<string, unknown> }) })
const claimsWith = (change: object): Case => ({ lines: proofText({ claims: change as Record<string, unknown> }) })
const keyWith = (change: object, key: WireKey = holder): Case => ({
  lines: proofText({ header: { jwk: { ...key.publicJwk, ...change } } }, key),
})

const edwards = wireKey('EdDSA')
const smallOrder = Buffer.alloc(32)
const required = { mode: 'required' } as const

const cases: Readonly<Record<string, Case>> = {
  'jose.message-is-bounded': { lines: '' },
  'jose.is-compact': { lines: `${proofText()}.` },
  'jose.is-json': { lines: signText(JSON.stringify(header), '[]', holder) },
  'jose.members-are-unique': { lines: signText(JSON.stringify(header), `{"htm":"POST",${JSON.stringify(claims).slice(1)}`, holder) },
  'jose.json-is-shallow': claimsWith({ extra: [[[[[[[[1]]]]]]]] }),
  'jose.crit-is-absent': headerWith({ crit: ['exp'], exp: 1 }),
  'jwk.is-object': headerWith({ jwk: 'a key' }),
  'jwk.is-on-curve': keyWith({ y: Buffer.alloc(32, 7).toString('base64url') }),

  'jwk.has-no-private-members': { lines: proofText({ header: { jwk: holder.privateJwk } }) },
  'jwk.type-fits-alg': headerWith({ alg: 'ES384' }),
  'jwk.members-are-canonical': keyWith({ x: `${holder.publicJwk['x']}=` }),
  'jwk.rsa-is-long-enough': keyWith({}, oddRsaKey(1024)),
  'jwk.rsa-is-bounded': { lines: '' },
  'jwk.rsa-exponent-is-usual': keyWith({}, oddRsaKey(2048, 2n ** 32n + 15n)),
  'jwk.ed25519-point-is-sound': { lines: '' },
  'jwk.is-meant-for-this': keyWith({ use: 'enc' }),

  'dpop.proof-is-present': { lines: [] },
  'dpop.proof-is-sent-once': { lines: [proofText(), proofText()] },
  'dpop.proof-is-bounded': claimsWith({ extra: 'x'.repeat(8192) }),
  'dpop.has-jwk': headerWith({ jwk: undefined }),
  'dpop.signature-verifies': { lines: flipSignature(proofText()) },

  'dpop.typ-is-dpop-jwt': headerWith({ typ: 'JWT' }),
  'dpop.alg-is-asymmetric': { lines: `${segment({ ...header, alg: 'none' })}.${segment(claims)}.` },
  'dpop.alg-is-allowed': { lines: proofText({}, wireKey('RS256')) },

  'dpop.jti-is-text': claimsWith({ jti: 7 }),
  'dpop.jti-is-bounded': claimsWith({ jti: 'x'.repeat(257) }),
  'dpop.htm-is-text': claimsWith({ htm: undefined }),
  'dpop.htu-is-text': claimsWith({ htu: [url] }),
  'dpop.iat-is-number': claimsWith({ iat: String(now) }),

  'dpop.htm-is-request-method': claimsWith({ htm: 'POST' }),
  'dpop.htu-is-request-target': claimsWith({ htu: 'https://api.example/other' }),
  'dpop.target-is-protected': {
    lines: proofText({ url: 'http://api.example/notes' }),
    expect: { targets: ['http://api.example/notes'] },
  },

  'dpop.nonce-is-given': { lines: proofText(), expect: { nonce: { ...required, verdict: { nonce: 'missing' } } } },
  'dpop.nonce-is-current': { lines: proofText({ nonce: 'n' }), expect: { nonce: { ...required, verdict: { nonce: 'unknown' } } } },

  'dpop.iat-is-recent': claimsWith({ iat: now - 61 }),
  'dpop.iat-is-not-ahead': claimsWith({ iat: now + 11 }),
  'dpop.nbf-has-come': claimsWith({ nbf: now + 11 }),
  'dpop.exp-has-not-passed': claimsWith({ exp: now - 10 }),

  'dpop.has-ath': { lines: proofText(), accessToken: 'the token' },
  'dpop.ath-is-token-hash': { lines: proofText({ accessToken: 'another token' }), accessToken: 'the token' },
}

/** Shown in the files named: no proof can break them alone, or nothing here could. */
const elsewhere: Readonly<Record<string, string>> = {
  'jose.message-is-bounded': 'compact-jws.test.ts: a proof has its own bound',
  'jwk.rsa-is-bounded': 'jwk.test.ts: making such a key takes seconds',
  'jwk.ed25519-point-is-sound': 'jwk.test.ts: no private key belongs to such a point',
  'dpop.jti-is-first-use': 'storage claims it',
}

const tables = [
  joseRules,
  jwkRules,
  proofShapeRules,
  proofHeaderRules,
  proofClaimRules,
  proofTargetRules,
  proofNonceRules,
  proofTimeRules,
  athRules,
]
const rules = new Map(tables.flatMap((table) => Object.entries(table.rules)))

async function outcome({ lines, expect: change, accessToken }: Case, law = wholeLaw): Promise<string> {
  const result = await judged(lines, change, law)
  if (isBroken(result)) return result.broken
  const ath = accessToken === undefined ? undefined : await checkAth(result, accessToken, law)
  return ath?.broken ?? 'sound'
}

describe('each rule of proofs, the only thing broken', () => {
  it('the exchange is sound before anything is broken', async () => {
    expect(await outcome({ lines: proofText({ accessToken: 'the token' }), accessToken: 'the token' })).toBe('sound')
  })

  it.each([...rules].filter(([id]) => !(id in elsewhere)))('%s', async (id, rule) => {
    const broken = cases[id]
    if (broken === undefined) throw new Error(`no exchange breaks ${id} alone`)
    expect(await outcome(broken)).toBe(id)
    if (rule.fixed === undefined) expect(await outcome(broken, lawWithout(id as RuleId))).toBe('sound')
  })

  it('no exchange is kept for a rule that is gone', () => {
    expect(Object.keys(cases).filter((id) => !rules.has(id))).toEqual([])
  })
})

describe('any proof at all', () => {
  const member = fc.constantFrom('typ', 'alg', 'jwk', 'crit', 'kid', 'jti', 'htm', 'htu', 'iat', 'nonce', 'nbf', 'exp', 'ath')
  const keyMember = fc.constantFrom('kty', 'crv', 'x', 'y', 'n', 'e', 'd', 'alg', 'use', 'key_ops')
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('constructor', '__proto__', 'EC', 'RSA', 'OKP', 'oct', 'P-384', 'none', '', 'AAAA'))

  it('is sound or breaks a rule: nothing is thrown, whatever its members are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(member, odd), fc.dictionary(keyMember, odd), async (changes, keyChanges) => {
        const change = { header: changes, claims: changes }
        const plain = await verdict(proofText(change))
        const keyed = await verdict(proofText({ ...change, header: { jwk: { ...holder.publicJwk, ...keyChanges }, ...changes } }))
        for (const id of [plain, keyed]) expect(id === 'sound' || rules.has(id)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('more ways to break them', () => {
  it.each([
    ['DPOP-4.3-01: a comma inside the line', `${proofText()}, ${proofText()}`, 'dpop.proof-is-sent-once'],
    ['DPOP-4.3-01: a comma at its beginning', `,${proofText()}`, 'dpop.proof-is-sent-once'],
    ['DPOP-4.3-01: a comma at its end', `${proofText()},`, 'dpop.proof-is-sent-once'],
    ['DPOP-4.3-02: an empty line', '', 'jose.is-compact'],
    ['DPOP-4.3-02: two segments', proofText().split('.').slice(0, 2).join('.'), 'jose.is-compact'],
    ['DPOP-4.3-02: four segments', `${proofText()}.AAAA`, 'jose.is-compact'],
    ['DPOP-4.3-02: the JSON serialization', JSON.stringify({ payload: segment(claims), signature: 'AAAA' }), 'dpop.proof-is-sent-once'],
    ['DPOP-4.3-02: a space before', ` ${proofText()}`, 'jose.is-compact'],
    ['DPOP-4.3-02: a space inside', proofText().replace('.', ' .'), 'jose.is-compact'],
    ['DPOP-4.3-02: a last character that spells no byte', `${proofText().slice(0, -1)}_`, 'jose.is-compact'],
    [
      'DPOP-4.3-02: a payload that is no UTF-8',
      signText(JSON.stringify(header), new Uint8Array([0x7b, 0xff, 0x7d]), holder),
      'jose.is-json',
    ],
    [
      'DPOP-4.3-02: two members of one name, one escaped',
      signText(JSON.stringify(header), `{"\\u0068tm":"POST",${JSON.stringify(claims).slice(1)}`, holder),
      'jose.members-are-unique',
    ],
    ['DPOP-4.2-06: an empty crit', proofText({ header: { crit: [] } }), 'jose.crit-is-absent'],
    ['DPOP-4.3-03: jti empty', proofText({ claims: { jti: '' } }), 'dpop.jti-is-text'],
    ['DPOP-4.3-03: iat missing', proofText({ claims: { iat: undefined } }), 'dpop.iat-is-number'],
    [
      'DPOP-4.3-03: iat beyond all numbers',
      signText(JSON.stringify(header), JSON.stringify(claims).replace(`${now}`, '1e999'), holder),
      'dpop.iat-is-number',
    ],
    ['DPOP-4.3-04: typ missing', proofText({ header: { typ: undefined } }), 'dpop.typ-is-dpop-jwt'],
    ['DPOP-4.3-04: typ at+jwt', proofText({ header: { typ: 'at+jwt' } }), 'dpop.typ-is-dpop-jwt'],
    ['DPOP-4.3-04: typ client-authentication+jwt', proofText({ header: { typ: 'client-authentication+jwt' } }), 'dpop.typ-is-dpop-jwt'],
    ['DPOP-4.3-05: alg NoNe', `${segment({ ...header, alg: 'NoNe' })}.${segment(claims)}.`, 'dpop.alg-is-asymmetric'],
    ['DPOP-4.3-05: alg missing', proofText({ header: { alg: undefined } }), 'dpop.alg-is-asymmetric'],
    ['DPOP-4.3-05: alg of the prototype', proofText({ header: { alg: 'constructor' } }), 'dpop.alg-is-asymmetric'],
    [
      'DPOP-4.3-05: HS256 under the public key',
      macJwt({ ...header, alg: 'HS256' }, claims, JSON.stringify(holder.publicJwk)),
      'dpop.alg-is-asymmetric',
    ],
    ['DPOP-4.3-05: Ed25519 with an EC key', proofText({ header: { alg: 'Ed25519' } }), 'jwk.type-fits-alg'],
    ['DPOP-4.3-06: an empty signature', `${proofText().split('.').slice(0, 2).join('.')}.`, 'dpop.signature-verifies'],
    ['DPOP-4.3-06: signed by another key', wireJwt(header, claims, wireKey('ES256')), 'dpop.signature-verifies'],
    [
      'DPOP-4.3-06: the payload altered',
      proofText().replace(/\.[^.]+\./, `.${segment({ ...claims, htm: 'GET' })}.`),
      'dpop.signature-verifies',
    ],
    ['DPOP-4.3-07: a symmetric key', proofText({ header: { jwk: { ...holder.publicJwk, k: 'AAAA' } } }), 'jwk.has-no-private-members'],
    [
      'DPOP-4.3-07: a private member without a value',
      proofText({ header: { jwk: { ...holder.publicJwk, d: null } } }),
      'jwk.has-no-private-members',
    ],
    ['DPOP-4.3-08: htm in small letters', proofText({ claims: { htm: 'get' } }), 'dpop.htm-is-request-method'],
    ['DPOP-4.3-08: HEAD is not GET', proofText({ claims: { htm: 'HEAD' } }), 'dpop.htm-is-request-method'],
    ['DPOP-4.3-09: another host', proofText({ url: 'https://api.evil.example/notes' }), 'dpop.htu-is-request-target'],
    ['DPOP-4.3-09: no absolute URI', proofText({ claims: { htu: '/notes' } }), 'dpop.htu-is-request-target'],
    ['DPOP-4.3-12: an hour old', proofText({ claims: { iat: now - 3600 } }), 'dpop.iat-is-recent'],
    ['DPOP-4.3-12: an hour ahead', proofText({ claims: { iat: now + 3600 } }), 'dpop.iat-is-not-ahead'],
    ['DPOP-4.2-06: nbf that is no number', proofText({ claims: { nbf: 'soon' } }), 'dpop.nbf-has-come'],
    ['DPOP-4.2-06: exp that is no number', proofText({ claims: { exp: null } }), 'dpop.exp-has-not-passed'],
    ['DPOP-11.1-02: jti short in characters, long in bytes', proofText({ claims: { jti: '記'.repeat(86) } }), 'dpop.jti-is-bounded'],
    [
      'THUMB-7-01: a coordinate without its leading zeros',
      proofText({ header: { jwk: { ...holder.publicJwk, x: Buffer.alloc(31, 1).toString('base64url') } } }),
      'jwk.members-are-canonical',
    ],
    [
      'JWTBCP-3.1-01: a key marked for another algorithm',
      proofText({ header: { jwk: { ...holder.publicJwk, alg: 'ES384' } } }),
      'jwk.is-meant-for-this',
    ],
    [
      'JWTBCP-3.1-01: a key marked for signing only',
      proofText({ header: { jwk: { ...holder.publicJwk, key_ops: ['sign'] } } }),
      'jwk.is-meant-for-this',
    ],
  ])('%s', async (_what, text, id) => {
    expect(await verdict(text)).toBe(id)
  })

  it('DPOP-4.3-05: RS256 passes where a server lists it', async () => {
    expect(await verdict(proofText({}, wireKey('RS256')), { algorithms: tokenAlgorithms })).toBe('sound')
  })

  it('DPOP-4.3-07: the refusal names the private members, never their values', async () => {
    const refused = await judged(proofText({ header: { jwk: holder.privateJwk } }))
    expect(refused).toMatchObject({ broken: 'jwk.has-no-private-members', seen: { received: ['d'] } })
    expect(JSON.stringify(refused)).not.toContain(holder.privateJwk['d'])
  })

  it('DPOP-4.3-09: the refusal shows both normalized targets, never a query', async () => {
    const refused = await judged(proofText({ claims: { htu: 'HTTPS://API.example/x?access_token=secret' } }))
    expect(refused).toMatchObject({ seen: { expected: [url], received: 'https://api.example/x' } })
    expect(JSON.stringify(refused)).not.toContain('secret')
  })

  it('DPOP-4.3-12: the refusal shows iat, the server time and the window', async () => {
    const refused = await judged(proofText({ claims: { iat: now - 3600 } }))
    expect(refused).toMatchObject({ seen: { received: now - 3600, serverTime: now, expected: { from: now - 60, to: now + 10 } } })
  })

  it('a refusal of any proof is of the family proof, but for the nonce', async () => {
    for (const [id, broken] of Object.entries(cases)) {
      if (id in elsewhere || broken.accessToken !== undefined) continue
      const result = await judged(broken.lines, broken.expect)
      expect(result).toMatchObject({ family: id.startsWith('dpop.nonce') ? 'proof-nonce' : 'proof' })
    }
  })

  it('DPOP-11.1-02: an oversized header is not even decoded', () => {
    expect(parseProof(['!'.repeat(8193)], wholeLaw)).toMatchObject({ broken: 'dpop.proof-is-bounded' })
  })

  it('an Ed25519 key of small order is refused before its signature is looked at', async () => {
    const jwk = { ...edwards.publicJwk, x: smallOrder.toString('base64url') }
    expect(await verdict(proofText({ header: { jwk } }, edwards))).toBe('jwk.ed25519-point-is-sound')
  })

  it('what a lax Law has let through leaves nothing behind for the whole one', async () => {
    const text = proofText({ header: { jwk: holder.privateJwk } })
    expect(await verdict(text, {}, lawWithout('jwk.has-no-private-members'))).toBe('sound')
    expect(await verdict(text)).toBe('jwk.has-no-private-members')
    expect(expectation.nonce.mode).toBe('off')
  })
})
