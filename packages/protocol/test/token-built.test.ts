// Tokens as the issuer makes them: read back by our checker and by another implementation.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { importJWK, jwtVerify } from 'jose'
import { vector, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import {
  buildAccessToken,
  buildIdToken,
  checkAccessToken,
  isBroken,
  makeAccessTokenMemory,
  signerFrom,
  tokenHash,
  wholeLaw,
} from '../src/index.ts'
import { shake256 } from '../src/tokens/shake256.ts'
import { lawWithout } from './proof-exchange.ts'
import {
  accessClaims,
  accessToken,
  accessVerdict,
  api,
  idClaims,
  idVerdict,
  issuer,
  issuerKey,
  now,
  published,
  tokenExpectation,
} from './token-exchange.ts'

describe('built tokens', () => {
  const currentDate = new Date(now * 1000)

  it('AT-2.1-01, AT-2.2-01: an access token has its typ and claims, for other readers too', async () => {
    const signer = await signerFrom(issuerKey.privateJwk as never, 'ES256', issuerKey.kid)
    const cnf = { jkt: 'A'.repeat(43) }
    const token = await buildAccessToken({ ...accessClaims, cnf }, signer)
    expect(await accessVerdict(token)).toBe('sound')
    const options = { issuer, audience: api, typ: 'at+jwt', currentDate, requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp'] }
    const read = await jwtVerify(token, await importJWK(issuerKey.publicJwk, 'ES256'), options)
    expect(read.payload).toEqual({ ...accessClaims, cnf })
    expect(read.protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: issuerKey.kid })
  })

  it('OIDC-16.11-2: an ID token under RS256, for other readers too', async () => {
    const key = wireKey('RS256')
    const signer = await signerFrom(key.privateJwk as never, 'RS256', key.kid)
    const claims = { ...idClaims, at_hash: await tokenHash('the token', 'RS256') }
    const token = await buildIdToken(claims, signer)
    expect(await idVerdict(token, { keyFor: published(key), accessToken: 'the token', nonce: 'n-1' })).toBe('sound')
    const read = await jwtVerify(token, await importJWK(key.publicJwk, 'RS256'), { issuer, audience: 'app', currentDate })
    expect(read.payload).toEqual(claims)
  })
})

describe('token hashes', () => {
  const { hashes } = vector<{ hashes: { of: string; value: string; alg: string; crv?: string; hash: string }[] }>('token-hash')

  it.each(hashes)('OIDC-3.1.3.6-01: of the $of under $alg $crv', async ({ value, alg, crv, hash }) => {
    expect(await tokenHash(value, alg, crv)).toBe(hash)
  })

  it.each(['none', 'HS1024', 'toString', ''])('no hash belongs to %j', async (alg) => {
    await expect(tokenHash('x', alg)).rejects.toThrow(TypeError)
  })

  it('SHAKE256 agrees with the platform, over every block boundary', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 300 }), (message, length) => {
        const theirs = createHash('shake256', { outputLength: length }).update(message).digest()
        expect(Buffer.from(shake256(message, length)).equals(theirs)).toBe(true)
      }),
      { numRuns: 40 },
    )
    for (const length of [135, 136, 137]) {
      const message = new Uint8Array(length).fill(3)
      const theirs = createHash('shake256', { outputLength: 114 }).update(message).digest()
      expect(Buffer.from(shake256(message, 114)).equals(theirs)).toBe(true)
    }
  })
})

describe('the memory of verified tokens', () => {
  it('answers the same as without it, and asks for the key each time', async () => {
    const memory = makeAccessTokenMemory()
    let asked = 0
    const keys = published(issuerKey)
    const keyFor: typeof keys = (question) => {
      asked++
      return keys(question)
    }
    const token = accessToken()
    const first = await checkAccessToken(token, { ...tokenExpectation, keyFor, memory }, wholeLaw)
    const second = await checkAccessToken(token, { ...tokenExpectation, keyFor, memory }, wholeLaw)
    expect(second).toEqual(first)
    // Read once: the second answer hands out what the first one read.
    expect(!isBroken(first) && !isBroken(second) && first.claims === second.claims).toBe(true)
    expect([asked, memory.verified.size]).toEqual([2, 1])
  })

  it('knows one token from another', async () => {
    const memory = makeAccessTokenMemory()
    for (const jti of ['one', 'two', 'one']) {
      expect(await checkAccessToken(accessToken({ jti }), { ...tokenExpectation, memory }, wholeLaw)).toMatchObject({ jti })
    }
    expect(await accessVerdict('not.a.token', { memory })).toBe('jose.is-compact')
  })

  it('AT-4-04: a remembered token still expires', async () => {
    const memory = makeAccessTokenMemory()
    const token = accessToken()
    expect(await accessVerdict(token, { memory })).toBe('sound')
    expect(await accessVerdict(token, { memory, now: now + 295 })).toBe('access-token.exp-has-not-passed')
  })

  it('ASVS-9.1.3: a key that was taken back takes its tokens with it', async () => {
    const memory = makeAccessTokenMemory()
    const token = accessToken()
    expect(await accessVerdict(token, { memory })).toBe('sound')
    expect(await accessVerdict(token, { memory, keyFor: published() })).toBe('token.key-is-known')
    const replaced = { ...wireKey('ES256'), kid: issuerKey.kid }
    expect(await accessVerdict(token, { memory, keyFor: published(replaced) })).toBe('token.signature-verifies')
    expect(await accessVerdict(token, { memory })).toBe('sound')
  })

  it('ASVS-9.1.2: a shorter list of algorithms holds at once', async () => {
    const memory = makeAccessTokenMemory()
    const token = accessToken()
    expect(await accessVerdict(token, { memory })).toBe('sound')
    expect(await accessVerdict(token, { memory, algorithms: ['EdDSA'] })).toBe('token.alg-is-allowed')
  })

  it('remembers nothing that did not verify, even where a Law let it through', async () => {
    const memory = makeAccessTokenMemory()
    const forged = accessToken({}, { kid: issuerKey.kid }, wireKey('ES256'))
    expect(await accessVerdict(forged, { memory }, lawWithout('token.signature-verifies'))).toBe('sound')
    expect(memory.verified.size).toBe(0)
    expect(await accessVerdict(forged, { memory })).toBe('token.signature-verifies')
  })

  it('holds no token, and nobody can change what it holds', async () => {
    const memory = makeAccessTokenMemory()
    const token = accessToken({ cnf: { jkt: 'A'.repeat(43) } })
    const checked = await checkAccessToken(token, { ...tokenExpectation, memory }, wholeLaw)
    if (isBroken(checked)) throw new Error(checked.broken)
    expect(() => Object.assign(checked.claims, { sub: 'somebody else' })).toThrow(TypeError)
    expect(() => Object.assign(checked.claims['cnf'] as object, { jkt: 'B' })).toThrow(TypeError)
    expect(memory.verified.get(token)).toBeUndefined()
  })

  it('is bounded', async () => {
    const memory = makeAccessTokenMemory(4)
    for (let i = 0; i < 12; i++) await accessVerdict(accessToken({ jti: `token ${i}` }), { memory })
    expect(memory.verified.size).toBeLessThanOrEqual(4)
  })
})
