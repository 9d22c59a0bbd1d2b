// What must hold of a chain of certificates: each rule the only thing broken, and the edges of each.
import { describe, expect, it } from 'vitest'
import { type ChainCertificate, type ChainFacts, chainRules, isStrongKey, judge, type Law, type RuleId, wholeLaw } from '../src/index.ts'
import { lawWithout, now } from './proof-exchange.ts'

const own: ChainCertificate = {
  notBefore: now - 100,
  notAfter: now + 100,
  key: { kind: 'ec', bits: 256 },
  digest: 'sha256',
  authority: false,
  usages: ['digitalSignature'],
  purposes: ['1.3.6.1.5.5.7.3.2'],
  strange: [],
}
const middle: ChainCertificate = { ...own, authority: true, usages: ['keyCertSign', 'cRLSign'], mostBelow: 0 }
const root: ChainCertificate = { ...middle, key: { kind: 'rsa', bits: 4096 }, digest: 'sha1', mostBelow: 1 }

const verdict = (path: readonly ChainCertificate[], law: Law = wholeLaw): string => {
  const facts: ChainFacts = { path, now }
  return judge(chainRules, facts, law)?.broken ?? 'sound'
}
const whole = [own, middle, root]

const cases: Readonly<Record<string, readonly ChainCertificate[]>> = {
  'client-certificate.chain-is-in-force': [{ ...own, notAfter: now - 1 }, middle, root],
  'client-certificate.is-for-clients': [{ ...own, purposes: ['1.3.6.1.5.5.7.3.1'] }, middle, root],
  'client-certificate.authorities-may-sign': [own, { ...middle, authority: false }, root],
  'client-certificate.extensions-are-understood': [{ ...own, strange: ['1.2.3'] }, middle, root],
  'client-certificate.keys-are-strong': [{ ...own, key: { kind: 'rsa', bits: 2047 } }, middle, root],
  'client-certificate.signatures-are-strong': [own, { ...middle, digest: 'sha1' }, root],
}

describe('each rule of a chain, the only thing broken', () => {
  it.each(Object.keys(chainRules.rules))('MTLS-2.1-01: %s', (id) => {
    const path = cases[id]
    if (!path) throw new Error(`nothing breaks ${id} alone`)
    expect([verdict(path), verdict(path, lawWithout(id as RuleId))]).toEqual([id, 'sound'])
  })
})

describe('a chain', () => {
  it.each<[string, readonly ChainCertificate[], string]>([
    ['whole', whole, 'sound'],
    ['that is the trusted certificate itself and one authority', [own, root], 'sound'],
    ['with an authority that expired a second ago', [own, { ...middle, notAfter: now - 1 }, root], 'client-certificate.chain-is-in-force'],
    ['whose trusted authority begins in a second', [own, middle, { ...root, notBefore: now + 1 }], 'client-certificate.chain-is-in-force'],
    ['in its first second', [{ ...own, notBefore: now }, middle, root], 'sound'],
    ['in its last second', [{ ...own, notAfter: now }, middle, root], 'sound'],
    ['for any purpose', [{ ...own, purposes: ['2.5.29.37.0'] }, middle, root], 'sound'],
    ['of a key for agreement alone', [{ ...own, usages: ['keyAgreement'] }, middle, root], 'client-certificate.is-for-clients'],
    [
      'with an authority that may only sign lists',
      [own, { ...middle, usages: ['cRLSign'] }, root],
      'client-certificate.authorities-may-sign',
    ],
    ['longer than its trusted authority allows', [own, middle, { ...root, mostBelow: 0 }], 'client-certificate.authorities-may-sign'],
    ['with a short key above', [own, { ...middle, key: { kind: 'rsa', bits: 1024 } }, root], 'client-certificate.keys-are-strong'],
    [
      'with a key of a kind that nobody uses any more',
      [{ ...own, key: { kind: 'dsa', bits: 3072 } }, root],
      'client-certificate.keys-are-strong',
    ],
    ['signed in a way that nobody knows', [{ ...own, digest: 'unknown' }, root], 'client-certificate.signatures-are-strong'],
  ])('MTLS-2.1-01: %s', (_what, path, answer) => {
    expect(verdict(path)).toBe(answer)
  })

  it('MTLS-2.1-01: of a certificate that says nothing of its use is for every use', () => {
    const { usages: _usages, purposes: _purposes, ...plain } = own
    const { usages: _all, mostBelow: _below, ...authority } = middle
    expect(verdict([plain, authority, authority])).toBe('sound')
  })

  it.each([
    ['rsa', 2048, true],
    ['rsa', 2047, false],
    ['rsa-pss', 3072, true],
    ['ec', 521, true],
    ['ec', 224, false],
    ['ed25519', 256, true],
    ['dsa', 4096, false],
    ['unknown', 0, false],
  ] as const)('MTLS-2.2-01: a key %s of %d bits', (kind, bits, strong) => {
    expect(isStrongKey({ kind, bits })).toBe(strong)
  })
})
