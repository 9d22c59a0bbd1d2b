// Proofs that must be accepted: published figures, every algorithm, every holder, harmless differences.
import { vector, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import {
  buildProof,
  checkAth,
  isBroken,
  Misuse,
  type PrivateJwk,
  type ProofKey,
  parseProof,
  proofAlgorithms,
  proofKeyFrom,
  thumbprintOf,
  wholeLaw,
} from '../src/index.ts'
import { holder, judged, now, proofText, url, verdict } from './proof-exchange.ts'

interface Figures {
  readonly jkt: string
  readonly tokenRequest: {
    readonly method: string
    readonly url: string
    readonly iat: number
    readonly jti: string
    readonly proof: string
  }
  readonly resourceRequest: Figures['tokenRequest'] & { readonly accessToken: string; readonly ath: string }
}

describe('RFC 9449 figures', () => {
  const figures = vector<Figures>('rfc9449')

  it.each(['tokenRequest', 'resourceRequest'] as const)('SEED-DPOP-11: the proof of the %s verifies at its own time', async (name) => {
    const { method, url: target, iat, jti, proof } = figures[name]
    const at = { method, targets: [target], now: iat }
    expect(await judged(proof, at)).toMatchObject({ jkt: figures.jkt, jti, htm: method, htu: target, iat, alg: 'ES256' })
    expect(await verdict(proof, { ...at, now })).toBe('dpop.iat-is-recent')
  })

  it('DPOP-4.2-04: ath is the hash of the token as sent', async () => {
    const { method, url: target, iat, proof, accessToken } = figures.resourceRequest
    const verified = await judged(proof, { method, targets: [target], now: iat })
    if (isBroken(verified)) throw new Error(verified.broken)
    expect(verified.ath).toBe(figures.resourceRequest.ath)
    expect(await checkAth(verified, accessToken, wholeLaw)).toBeUndefined()
    for (const other of [`${accessToken} `, `DPoP ${accessToken}`, accessToken.toLowerCase(), '']) {
      expect(await checkAth(verified, other, wholeLaw)).toMatchObject({ broken: 'dpop.ath-is-token-hash' })
    }
  })

  it('DPOP-4.2-04: ath in hex, or padded, is another ath', async () => {
    const { createHash } = await import('node:crypto')
    const hash = createHash('sha256').update('t').digest()
    for (const ath of [hash.toString('hex'), `${hash.toString('base64url')}=`, hash.toString('base64')]) {
      const verified = await judged(proofText({ claims: { ath } }))
      if (isBroken(verified)) throw new Error(verified.broken)
      expect(await checkAth(verified, 't', wholeLaw)).toMatchObject({ broken: 'dpop.ath-is-token-hash' })
    }
  })
})

describe('what differs and does not matter', () => {
  it.each([
    ['DPOP-4.2-06: an unknown claim', { claims: { purpose: 'x', nested: { a: [1] } } }],
    ['DPOP-4.2-06: an unknown header parameter', { header: { kid: 'k', cty: 'x' } }],
    ['DPOP-4.3-04: typ in capitals', { header: { typ: 'DPoP+JWT' } }],
    ['DPOP-4.3-04: typ with application/', { header: { typ: 'Application/dpop+jwt' } }],
    ['DPOP-11.1-02: a jti of 256 bytes', { claims: { jti: 'x'.repeat(256) } }],
    [
      'a key with alg, use, kid and key_ops that fit',
      { header: { jwk: { ...holder.publicJwk, alg: 'ES256', use: 'sig', kid: 'k', key_ops: ['verify'] } } },
    ],
  ])('%s', async (_what, change) => {
    expect(await verdict(proofText(change))).toBe('sound')
  })

  it('an Ed25519 key marked with the other name of its algorithm', async () => {
    const key = wireKey('EdDSA')
    expect(await verdict(proofText({ header: { jwk: { ...key.publicJwk, alg: 'Ed25519' } } }, key))).toBe('sound')
  })

  it('one key named twice, its members in another order', async () => {
    const { kty, crv, x, y } = holder.publicJwk
    for (const jwk of [
      { kty, crv, x, y },
      { y, x, kid: 'k', crv, kty },
    ]) {
      expect(await judged(proofText({ header: { jwk } }))).toMatchObject({ jkt: holder.jkt })
    }
  })

  it('the same proof judged twice is judged alike: single use is claimed elsewhere', async () => {
    const text = proofText()
    expect(await judged(text)).toEqual(await judged(text))
  })
})

describe('the holder and the checker agree', () => {
  const order = { method: 'GET', url, now, jti: 'jti-with-96-bits-or-more' }

  it.each(proofAlgorithms)('DPOP-4.3-05, FAPI2-5.4.1-01: %s', async (alg) => {
    const key = wireKey(alg)
    const proofKey = await proofKeyFrom(key.privateJwk as unknown as PrivateJwk, alg)
    const proof = await buildProof({ ...order, key: proofKey, accessToken: 'the token', nonce: 'n' })
    const verified = await judged(proof)
    expect(verified).toMatchObject({ jkt: key.jkt, alg, nonce: 'n', jti: order.jti })
    if (!isBroken(verified)) expect(await checkAth(verified, 'the token', wholeLaw)).toBeUndefined()
    expect(await thumbprintOf(proofKey)).toBe(key.jkt)
    // A proof by another implementation, too.
    expect(await verdict(proofText({}, key))).toBe('sound')
  })

  it('DPOP-4.2-01, DPOP-4.2-03: the proof carries the bare public key, and htu without query and fragment', async () => {
    const key = await proofKeyFrom({ ...(holder.privateJwk as unknown as PrivateJwk), kid: 'k', alg: 'ES256' }, 'ES256')
    const parsed = parseProof([await buildProof({ ...order, key, url: `${url}?token=secret#frag` })], wholeLaw)
    if (isBroken(parsed)) throw new Error(parsed.broken)
    expect(parsed.header).toEqual({
      typ: 'dpop+jwt',
      alg: 'ES256',
      jwk: { crv: 'P-256', kty: 'EC', x: holder.publicJwk['x'], y: holder.publicJwk['y'] },
    })
    expect(parsed.claims).toEqual({ jti: order.jti, htm: 'GET', htu: url, iat: now })
  })

  it('DPOP-4.2-02: refuses a jti too short to be random, and a URL that has no htu', async () => {
    const key: ProofKey = await proofKeyFrom(holder.privateJwk as unknown as PrivateJwk, 'ES256')
    await expect(buildProof({ ...order, key, jti: '1' })).rejects.toThrow(Misuse)
    await expect(buildProof({ ...order, key, url: '/notes' })).rejects.toThrow(Misuse)
    await expect(buildProof({ ...order, key, url: 'https://user:secret@api.example/' })).rejects.toThrow(Misuse)
  })
})
