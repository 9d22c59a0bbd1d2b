// Server nonces: keyed, rotating, bound to one server, the one before accepted.
import { describe, expect, it } from 'vitest'
import { isBroken, judgeNonce, makeNonce, type NonceKeys } from '../src/index.ts'
import { judged, now, proofText, verdict } from './proof-exchange.ts'

const keys: NonceKeys = { current: new Uint8Array(32).fill(1), rotationSeconds: 100 }
const scope = 'https://api.example/'
/** A second at which a slot begins. */
const start = 1_800_000_000

describe('nonces', () => {
  it('DPOP-8-01: is of characters that the header may carry, and not guessable from the one before', async () => {
    const first = await makeNonce(keys, scope, start)
    const second = await makeNonce(keys, scope, start + 100)
    for (const nonce of [first, second]) expect(nonce).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]{40,}$/)
    expect(second.split('.')[1]).not.toBe(first.split('.')[1])
  })

  it('DPOP-8-03: is accepted while it is current and as long again, to the second', async () => {
    const nonce = await makeNonce(keys, scope, start)
    const at = (after: number) => judgeNonce(keys, scope, nonce, start + after)
    expect(await at(0)).toEqual({ nonce: 'current', until: start + 199, renew: false })
    expect(await at(99)).toMatchObject({ nonce: 'current', renew: false })
    expect(await at(100)).toEqual({ nonce: 'current', until: start + 199, renew: true })
    expect(await at(199)).toMatchObject({ nonce: 'current', renew: true })
    expect(await at(200)).toEqual({ nonce: 'unknown' })
  })

  it('accepts what a replica with a clock a little ahead has given out', async () => {
    const nonce = await makeNonce(keys, scope, start + 100)
    expect(await judgeNonce(keys, scope, nonce, start + 99)).toEqual({ nonce: 'current', until: start + 299, renew: false })
    expect(await judgeNonce(keys, scope, await makeNonce(keys, scope, start + 200), start + 99)).toEqual({ nonce: 'unknown' })
  })

  it('DPOP-4.3-11: never serves another server, even under a shared key', async () => {
    const nonce = await makeNonce(keys, 'https://as.example', start)
    expect(await judgeNonce(keys, scope, nonce, start)).toEqual({ nonce: 'unknown' })
  })

  it('survives a change of keys, and no second one', async () => {
    const nonce = await makeNonce(keys, scope, start)
    const next: NonceKeys = { ...keys, current: new Uint8Array(32).fill(2), previous: keys.current }
    expect(await judgeNonce(next, scope, nonce, start)).toEqual({ nonce: 'current', until: start + 199, renew: true })
    const later: NonceKeys = { ...keys, current: new Uint8Array(32).fill(3), previous: next.current }
    expect(await judgeNonce(later, scope, nonce, start)).toEqual({ nonce: 'unknown' })
  })

  it.each([
    ['altered', (nonce: string) => `${nonce.slice(0, -1)}${nonce.endsWith('A') ? 'B' : 'A'}`],
    ['cut', (nonce: string) => nonce.slice(0, -1)],
    ['longer', (nonce: string) => `${nonce}A`],
    ['of another slot', (nonce: string) => nonce.replace(/^[^.]+/, Math.floor(start / 100 - 1).toString(36))],
    ['in capitals', (nonce: string) => nonce.toUpperCase()],
    ['empty', () => ''],
    ['random', () => 'eyJ7S_zG.eyJH0-Z.HX4w-7v'],
    ['very long', () => 'z'.repeat(5000)],
  ])('DPOP-4.3-11: is unknown when %s', async (_what, change) => {
    expect(await judgeNonce(keys, scope, change(await makeNonce(keys, scope, start)), start)).toEqual({ nonce: 'unknown' })
  })

  it('rotates every two minutes unless told otherwise', async () => {
    const usual = { current: keys.current }
    expect(await makeNonce(usual, scope, start)).toBe(await makeNonce(usual, scope, start + 119))
    expect(await makeNonce(usual, scope, start)).not.toBe(await makeNonce(usual, scope, start + 120))
  })
})

describe('a proof where a nonce is required', () => {
  const required = async (nonce: string | undefined, at = now) => ({
    nonce: { mode: 'required' as const, verdict: await judgeNonce(keys, scope, nonce, at) },
  })

  it('DPOP-11.3-01: is never accepted without one', async () => {
    expect(await verdict(proofText(), await required(undefined))).toBe('dpop.nonce-is-given')
  })

  it('DPOP-4.3-12: is judged by the clock of the nonce: iat may be hours off', async () => {
    const nonce = await makeNonce(keys, scope, now)
    for (const iat of [now - 7200, now + 7200]) {
      expect(await verdict(proofText({ nonce, claims: { iat } }), await required(nonce))).toBe('sound')
    }
  })

  it('DPOP-11.1-01: is remembered until its nonce ends', async () => {
    const nonce = await makeNonce(keys, scope, now)
    const proof = await judged(proofText({ nonce, claims: { iat: now + 7200 } }), await required(nonce))
    expect(proof).toMatchObject({ replayUntil: now + 199, nonce })
  })

  it('a challenge comes before the judgement of iat, and after that of the signature', async () => {
    expect(await verdict(proofText({ claims: { iat: 0 } }), await required(undefined))).toBe('dpop.nonce-is-given')
    expect(await verdict(proofText({ claims: { htm: 'POST' } }), await required(undefined))).toBe('dpop.htm-is-request-method')
  })

  it('a nonce is no reason to refuse where none is asked for', async () => {
    expect(isBroken(await judged(proofText({ nonce: 'whatever' })))).toBe(false)
  })
})
