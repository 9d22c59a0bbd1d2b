// The one reader of compact JWS: whatever it is given, it answers with parts or with a rule.
import fc from 'fast-check'
import { segment, wireJwt, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import { checkJwk, isBroken, parseCompactJws, parseProof, signerFrom, signJwt, verify, wholeLaw } from '../src/index.ts'
import { boundedMemory } from '../src/jose/bounded-memory.ts'
import { lawWithout } from './proof-exchange.ts'

const key = wireKey('ES256')

describe('compact JWS', () => {
  it('answers every input with parts or with a rule, in the family of the caller', () => {
    const parts = fc
      .array(fc.oneof(fc.base64String(), fc.jsonValue().map(segment), fc.string()), { maxLength: 5 })
      .map((all) => all.join('.'))
    fc.assert(
      fc.property(fc.oneof(fc.string(), parts), (text) => {
        const parsed = parseCompactJws(text, 'client', wholeLaw)
        if (isBroken(parsed)) expect(parsed.family).toBe('client')
        else expect(`${parsed.signingInput}.${Buffer.from(parsed.signature).toString('base64url')}`).toBe(text)
        const proof = parseProof([text], wholeLaw)
        if (isBroken(proof)) expect(proof.family).toBe('proof')
      }),
      { numRuns: 500 },
    )
  })

  it('reads what another implementation wrote', () => {
    const parsed = parseCompactJws(wireJwt({ alg: 'ES256', typ: 'JWT' }, { sub: '記名' }, key), 'client', wholeLaw)
    expect(parsed).toMatchObject({ header: { alg: 'ES256', typ: 'JWT' }, claims: { sub: '記名' } })
  })

  it('jose.message-is-bounded: to the character, where a caller bounds it', () => {
    const text = wireJwt({ alg: 'ES256' }, { pad: 'x' }, key)
    expect(isBroken(parseCompactJws(text, 'client', wholeLaw, { characters: text.length }))).toBe(false)
    const limits = { characters: text.length - 1 }
    expect(parseCompactJws(text, 'client', wholeLaw, limits)).toEqual({ broken: 'jose.message-is-bounded', family: 'client' })
    expect(isBroken(parseCompactJws(text, 'client', lawWithout('jose.message-is-bounded'), limits))).toBe(false)
    expect(parseCompactJws('x'.repeat(16385), 'client', wholeLaw)).toMatchObject({ broken: 'jose.message-is-bounded' })
  })

  it('an own member named __proto__ stays a member', () => {
    const parsed = parseCompactJws(
      `${segment({ alg: 'x' })}.${Buffer.from('{"__proto__":{"iss":"evil"}}').toString('base64url')}.`,
      'client',
      wholeLaw,
    )
    if (isBroken(parsed)) throw new Error(parsed.broken)
    expect(parsed.claims['iss']).toBeUndefined()
  })
})

describe('signed JWTs', () => {
  it('name their algorithm, type and key, and verify', async () => {
    const signer = await signerFrom(key.privateJwk as never, 'ES256', 'key 1')
    const parsed = parseCompactJws(await signJwt({ typ: 'at+jwt' }, { sub: '記名', none: undefined }, signer), 'request', wholeLaw)
    if (isBroken(parsed)) throw new Error(parsed.broken)
    expect(parsed.header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'key 1' })
    expect(parsed.claims).toEqual({ sub: '記名' })
    const checked = await checkJwk(key.publicJwk, 'ES256', 'client', wholeLaw)
    if (isBroken(checked)) throw new Error(checked.broken)
    expect(await verify('ES256', checked.key, parsed.signingInput, parsed.signature)).toBe(true)
  })
})

describe('bounded memory', () => {
  it('never holds more than it was given, and keeps what is used', () => {
    const memory = boundedMemory<number>(10)
    memory.set('used', 1)
    for (let i = 0; i < 100; i++) {
      memory.set(`k${i}`, i)
      expect(memory.get('used')).toBe(1)
      expect(memory.size).toBeLessThanOrEqual(10)
    }
    expect(memory.get('k99')).toBe(99)
    expect(memory.get('k0')).toBeUndefined()
  })

  it('holds half of what it was given before it forgets anything', () => {
    const memory = boundedMemory<number>(10)
    for (let i = 0; i < 6; i++) memory.set(`k${i}`, i)
    expect(memory.size).toBe(6)
    for (let i = 0; i < 6; i++) expect(memory.get(`k${i}`)).toBe(i)
  })

  it('replaces and forgets on demand', () => {
    const memory = boundedMemory<number>(4)
    memory.set('a', 1)
    memory.set('b', 1)
    memory.set('c', 1)
    memory.set('a', 2)
    expect(memory.get('a')).toBe(2)
    memory.delete('a')
    expect(memory.get('a')).toBeUndefined()
  })
})
