// The whole of proofs and tokens once more, on the cryptography that browsers and edge runtimes have.
import { flipSignature, vector, wireKey } from 'testkit'
import { describe, expect, it, vi } from 'vitest'

vi.mock('#crypto', () => import('../src/jose/crypto.web.ts'))
vi.mock('#base64url', () => import('../src/jose/base64url.web.ts'))

const law = await import('../src/index.ts')
const { holder, judged, now, proofText, url, verdict } = await import('./proof-exchange.ts')
const { accessToken, accessVerdict } = await import('./token-exchange.ts')

describe('on WebCrypto', () => {
  it('digests are promises here: this really is the other variant', () => {
    expect(law.sha256('x')).toBeInstanceOf(Promise)
  })

  it.each(law.proofAlgorithms)('DPOP-4.3-05: a proof under %s', async (alg) => {
    const key = wireKey(alg)
    expect(await judged(proofText({}, key))).toMatchObject({ jkt: key.jkt })
    expect(await verdict(flipSignature(proofText({}, key)))).toBe('dpop.signature-verifies')
    const proofKey = await law.proofKeyFrom(key.privateJwk as never, alg)
    expect(await verdict(await law.buildProof({ key: proofKey, method: 'GET', url, now, jti: 'jti-with-96-bits-or-more' }))).toBe('sound')
  })

  it('SEED-DPOP-11: the figures of RFC 9449', async () => {
    const { tokenRequest, jkt } = vector<{ jkt: string; tokenRequest: { method: string; url: string; iat: number; proof: string } }>(
      'rfc9449',
    )
    const { method, url: target, iat, proof } = tokenRequest
    expect(await judged(proof, { method, targets: [target], now: iat })).toMatchObject({ jkt })
  })

  it.each([
    ['jwk.has-no-private-members', { header: { jwk: holder.privateJwk } }],
    ['jwk.is-on-curve', { header: { jwk: { ...holder.publicJwk, y: Buffer.alloc(32, 7).toString('base64url') } } }],
    ['dpop.htm-is-request-method', { claims: { htm: 'POST' } }],
    ['dpop.iat-is-recent', { claims: { iat: now - 61 } }],
  ])('%s', async (id, change) => {
    expect(await verdict(proofText(change))).toBe(id)
  })

  it('ath, nonces and certificates', async () => {
    const proof = await judged(proofText({ accessToken: 'the token' }))
    if (law.isBroken(proof)) throw new Error(proof.broken)
    expect(await law.checkAth(proof, 'the token', law.wholeLaw)).toBeUndefined()
    expect(await law.checkAth(proof, 'another', law.wholeLaw)).toMatchObject({ broken: 'dpop.ath-is-token-hash' })
    const keys = { current: new Uint8Array(32), previous: new Uint8Array(32).fill(1) }
    const nonce = await law.makeNonce({ current: keys.previous }, 'a', now)
    expect(await law.judgeNonce(keys, 'a', nonce, now)).toMatchObject({ nonce: 'current', renew: true })
    expect(await law.judgeNonce(keys, 'b', nonce, now)).toEqual({ nonce: 'unknown' })
    expect((await law.presentCertificate(new Uint8Array([1]))).x5t).toBe(await law.sha256('\x01'))
  })

  it('an access token, remembered and forged', async () => {
    const memory = law.makeAccessTokenMemory()
    for (let i = 0; i < 2; i++) expect(await accessVerdict(accessToken(), { memory })).toBe('sound')
    expect(await accessVerdict(flipSignature(accessToken()), { memory })).toBe('token.signature-verifies')
  })
})
