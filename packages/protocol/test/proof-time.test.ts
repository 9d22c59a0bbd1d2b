// When a proof is acceptable, and how long it must be remembered: to the second.
import { fixedClock } from 'testkit'
import { describe, expect, it } from 'vitest'
import { isBroken, type VerifiedProof } from '../src/index.ts'
import { judged, now, proofText, verdict } from './proof-exchange.ts'

async function sound(...args: Parameters<typeof judged>): Promise<VerifiedProof> {
  const proof = await judged(...args)
  if (isBroken(proof)) throw new Error(proof.broken)
  return proof
}

describe('the window of a proof', () => {
  it.each([
    [-60, 'sound'],
    [-61, 'dpop.iat-is-recent'],
    [10, 'sound'],
    [11, 'dpop.iat-is-not-ahead'],
    [61, 'dpop.iat-is-not-ahead'],
  ])('DPOP-4.3-12: iat %i seconds from now: %s', async (offset, answer) => {
    expect(await verdict(proofText({ claims: { iat: now + offset } }))).toBe(answer)
  })

  it('is configuration', async () => {
    const window = { pastSeconds: 300, futureSeconds: 60 }
    expect(await verdict(proofText({ claims: { iat: now - 300 } }), { window })).toBe('sound')
    expect(await verdict(proofText({ claims: { iat: now + 60 } }), { window })).toBe('sound')
    expect(await verdict(proofText({ claims: { iat: now + 61 } }), { window })).toBe('dpop.iat-is-not-ahead')
  })

  it('DPOP-4.3-03: takes a fraction of a second', async () => {
    expect(await verdict(proofText({ claims: { iat: now - 0.75 } }))).toBe('sound')
    expect(await verdict(proofText({ claims: { iat: now - 60.5 } }))).toBe('dpop.iat-is-recent')
  })

  it('DPOP-4.2-06: nbf and exp, where present, hold with the same skew', async () => {
    expect(await verdict(proofText({ claims: { nbf: now + 10, exp: now - 9 } }))).toBe('sound')
    expect(await verdict(proofText({ claims: { nbf: now - 5, exp: now + 60 } }))).toBe('sound')
  })
})

describe('how long a proof is remembered', () => {
  it.each([0, -60, 10, -59.5, 9.25])(
    'DPOP-11.1-01: with iat %d seconds from now it is refused for age exactly when it is forgotten',
    async (offset) => {
      const text = proofText({ claims: { iat: now + offset } })
      const { replayUntil } = await sound(text)
      const clock = fixedClock(replayUntil)
      expect(await verdict(text, { now: clock() })).toBe('sound')
      clock.advance(1)
      expect(await verdict(text, { now: clock() })).toBe('dpop.iat-is-recent')
    },
  )

  it('is named by owner, key, address and jti together', async () => {
    const claims = { jti: 'one-and-the-same-jti' }
    const base = await sound(proofText({ claims }))
    const again = await sound(proofText({ claims: { ...claims, iat: now - 5 } }))
    expect(again.replayId).toBe(base.replayId)
    const other = { url: 'https://api.example/other' }
    const differing = [
      await sound(proofText({ claims }), { owner: 'https://other.example/' }),
      await sound(proofText({ ...other, claims }), { targets: [other.url] }),
      await sound(proofText({ claims: { jti: 'another-jti-than-that' } })),
    ]
    for (const proof of differing) expect(proof.replayId).not.toBe(base.replayId)
    expect(base.replayId).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('is one name however the address is spelled', async () => {
    const claims = { jti: 'one-and-the-same-jti' }
    const plain = await sound(proofText({ claims }))
    const spelled = await sound(proofText({ claims: { ...claims, htu: 'HTTPS://api.example:443/./notes?x=1' } }))
    expect(spelled.replayId).toBe(plain.replayId)
  })
})
