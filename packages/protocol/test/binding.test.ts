// Whom a token names, and whether its bearer is it. Every rule alone, and every combination of both constraints.
import { vector, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import {
  type BearerPermission,
  type BindingPolicy,
  bearerPermission,
  bindingPolicyRules,
  bindingRules,
  type Confirmation,
  checkBinding,
  checkBound,
  confirmationOf,
  confirmationRules,
  decideConstraint,
  isBroken,
  type Law,
  type PresentedCertificate,
  type Proven,
  presentCertificate,
  type RuleId,
  readConfirmation,
  tokenTypeOf,
  type VerifiedProof,
  wholeLaw,
  withCertificate,
} from '../src/index.ts'
import { judged, lawWithout, now, proofText } from './proof-exchange.ts'

async function proofBy(key = wireKey('ES256')): Promise<VerifiedProof> {
  const proof = await judged(proofText({}, key))
  if (isBroken(proof)) throw new Error(proof.broken)
  return proof
}

const proof = await proofBy()
const otherProof = await proofBy()
const certificate = await presentCertificate(new Uint8Array([1]))
const otherCertificate = await presentCertificate(new Uint8Array([2]))
const named: Confirmation = { jkt: proof.jkt }
const certified: Confirmation = { 'x5t#S256': certificate.x5t }

interface Presented {
  readonly cnf?: Confirmation
  readonly scheme?: 'dpop' | 'bearer'
  readonly proof?: VerifiedProof
  readonly certificate?: PresentedCertificate
}

function verdict({ cnf, scheme = 'dpop', proof: given, certificate: shown }: Presented, law: Law = wholeLaw): string {
  return checkBinding({ confirmation: cnf, scheme, proof: given, certificate: shown }, law)?.broken ?? 'sound'
}

const policyVerdict = (result: unknown): string => (isBroken(result) ? result.broken : 'sound')

const bind = (policy: BindingPolicy, { proof, certificate }: Partial<Proven>, law: Law = wholeLaw) =>
  decideConstraint(policy, { proof, certificate }, now, law)

const cases: Readonly<Record<string, (law: Law) => string>> = {
  'binding.cnf-is-known': (law) => policyVerdict(readConfirmation({ kid: 'x' }, law) ?? {}),
  'binding.thumbprint-is-sha256': (law) => policyVerdict(readConfirmation({ jkt: 'short' }, law) ?? {}),
  'binding.named-token-is-not-bearer': (law) => verdict({ cnf: named, scheme: 'bearer', proof }, law),
  'binding.proof-comes-along': (law) => verdict({ cnf: named }, law),
  'binding.proof-key-is-named-key': (law) => verdict({ cnf: named, proof: otherProof }, law),
  'binding.certificate-comes-along': (law) => verdict({ cnf: certified, scheme: 'bearer' }, law),
  'binding.certificate-is-named-certificate': (law) => verdict({ cnf: certified, scheme: 'bearer', certificate: otherCertificate }, law),
  'binding.dpop-scheme-carries-named-token': (law) => verdict({ proof }, law),
  'binding.token-is-bound': (law) => policyVerdict(checkBound(undefined, law) ?? {}),
  'binding.certificate-is-shown': (law) => policyVerdict(bind({ kind: 'required', by: 'certificate' }, { proof }, law)),
  'binding.key-is-proven-beside': (law) => policyVerdict(bind({ kind: 'required', by: 'both' }, { certificate }, law)),
  'binding.bearer-is-permitted': (law) => policyVerdict(bearerPermission({ kind: 'required' }, now, law)),
}

const rules = new Map([confirmationRules, bindingRules, bindingPolicyRules].flatMap((table) => Object.entries(table.rules)))

describe('each rule of binding, the only thing broken', () => {
  it.each([...rules])('%s', (id, { fixed }) => {
    const judge = cases[id]
    if (judge === undefined) throw new Error(`nothing breaks ${id} alone`)
    expect(judge(wholeLaw)).toBe(id)
    if (fixed === undefined) expect(judge(lawWithout(id as RuleId))).toBe('sound')
  })

  it('nothing is kept for a rule that is gone', () => {
    expect(Object.keys(cases).filter((id) => !rules.has(id))).toEqual([])
  })
})

describe('who may present a token', () => {
  it.each([
    ['DPOP-4.3-14: its key', { cnf: named, proof }, 'sound'],
    ['DPOP-7.2-01: its key, under Bearer without a proof', { cnf: named, scheme: 'bearer' }, 'binding.named-token-is-not-bearer'],
    [
      'DPOP-7.2-01, SEED-TB-74: its key, under Bearer with its proof',
      { cnf: named, scheme: 'bearer', proof },
      'binding.named-token-is-not-bearer',
    ],
    ['DPOP-7.1-01: nobody, under DPoP without a proof', { cnf: named }, 'binding.proof-comes-along'],
    ['SEED-DPOP-10: another key', { cnf: named, proof: otherProof }, 'binding.proof-key-is-named-key'],
    ['a certificate in place of its key', { cnf: named, certificate }, 'binding.proof-comes-along'],
    ['its key, over any connection', { cnf: named, proof, certificate }, 'sound'],
    ['MTLS-3-02: its certificate', { cnf: certified, scheme: 'bearer', certificate }, 'sound'],
    ['MTLS-3-04: nobody, without a certificate', { cnf: certified, scheme: 'bearer' }, 'binding.certificate-comes-along'],
    [
      'MTLS-3-02: another certificate',
      { cnf: certified, scheme: 'bearer', certificate: otherCertificate },
      'binding.certificate-is-named-certificate',
    ],
    ['its certificate, under DPoP with a proof', { cnf: certified, proof, certificate }, 'binding.dpop-scheme-carries-named-token'],
    ['a proof in place of its certificate', { cnf: certified, scheme: 'bearer', proof }, 'binding.certificate-comes-along'],
    ['anybody, an unbound token under Bearer', { scheme: 'bearer' }, 'sound'],
    ['DPOP-7.2-04: an unbound token under DPoP', { proof }, 'binding.dpop-scheme-carries-named-token'],
  ] as const)('%s', (_what, presented, answer) => {
    expect(verdict(presented as Presented)).toBe(answer)
  })

  it.each([
    [proof, certificate, 'sound'],
    [otherProof, certificate, 'binding.proof-key-is-named-key'],
    [undefined, certificate, 'binding.proof-comes-along'],
    [proof, otherCertificate, 'binding.certificate-is-named-certificate'],
    [proof, undefined, 'binding.certificate-comes-along'],
  ])('CNF-3.1-01: a token that names both needs both (%#)', (given, shown, answer) => {
    const cnf = { ...named, ...certified }
    expect(verdict({ cnf, ...(given && { proof: given }), ...(shown && { certificate: shown }) })).toBe(answer)
  })

  it('DPOP-7.2-04: an unbound token under DPoP without a proof lacks its name, not the proof', () => {
    expect(verdict({})).toBe('binding.dpop-scheme-carries-named-token')
  })

  it('without the rule against it, a named token passes as bearer by itself, and an odd cnf as none', () => {
    expect(verdict({ cnf: named, scheme: 'bearer' }, lawWithout('binding.named-token-is-not-bearer'))).toBe('sound')
    expect(readConfirmation({ kid: 'x' }, lawWithout('binding.cnf-is-known'))).toBeUndefined()
  })

  it('DPOP-4.3-14: a wrong key is a bad token, a missing proof a bad proof', () => {
    const at = (given: Presented) =>
      checkBinding({ confirmation: given.cnf, scheme: 'dpop', proof: given.proof, certificate: undefined }, wholeLaw)
    expect(at({ cnf: named, proof: otherProof })).toMatchObject({ family: 'binding' })
    expect(at({ cnf: named })).toMatchObject({ family: 'proof' })
  })

  it('a route that demands binding takes a token that has any', () => {
    expect(checkBound(certified, wholeLaw)).toBeUndefined()
    expect(checkBound(named, wholeLaw)).toBeUndefined()
  })
})

describe('cnf', () => {
  const jkt = 'A'.repeat(43)
  it.each([
    ['absent', undefined, undefined],
    ['a key', { jkt }, { jkt }],
    ['a certificate', { 'x5t#S256': jkt }, { 'x5t#S256': jkt }],
    ['both', { jkt, 'x5t#S256': jkt }, { jkt, 'x5t#S256': jkt }],
    ['CNF-3.1-01: a key beside something unknown', { jkt, kid: 'x' }, { jkt }],
  ])('is read: %s', (_what, cnf, confirmation) => {
    expect(readConfirmation(cnf, wholeLaw)).toEqual(confirmation)
  })

  it.each([
    ['empty', {}, 'binding.cnf-is-known'],
    ['null', null, 'binding.cnf-is-known'],
    ['a text', jkt, 'binding.cnf-is-known'],
    ['a list', [{ jkt }], 'binding.cnf-is-known'],
    ['the other certificate hash', { x5t: jkt }, 'binding.cnf-is-known'],
    ['jkt of null', { jkt: null }, 'binding.thumbprint-is-sha256'],
    ['jkt padded', { jkt: `${jkt}=` }, 'binding.thumbprint-is-sha256'],
    ['jkt of a list', { jkt: [jkt] }, 'binding.thumbprint-is-sha256'],
    ['a good key beside a bad certificate', { jkt, 'x5t#S256': 'x' }, 'binding.thumbprint-is-sha256'],
  ])('DPOP-6-01, CNF-3.1-01: is never unbound for being odd: %s', (_what, cnf, id) => {
    expect(readConfirmation(cnf, wholeLaw)).toMatchObject({ broken: id, family: 'access-token' })
  })
})

describe('what a new token is bound to', () => {
  it('MTLS-3.1-01, MTLS-6.2-01: the certificate of RFC 8705 appendix A, self-signed and expired as it is', async () => {
    const { certificateDerBase64, x5tS256 } = vector<{ certificateDerBase64: string; x5tS256: string }>('rfc8705')
    expect((await presentCertificate(Buffer.from(certificateDerBase64, 'base64'))).x5t).toBe(x5tS256)
  })

  it.each([
    ['required', { kind: 'required' }, false],
    ['optional', { kind: 'optional', reason: 'migration' }, true],
    ['bearer', { kind: 'bearer', reason: 'legacy' }, true],
    ['bearer until now', { kind: 'bearer', reason: 'legacy', until: now }, true],
    ['bearer until a second ago', { kind: 'bearer', reason: 'legacy', until: now - 1 }, false],
  ] as const)('DPOP-5.2-01: an unbound token under the policy %s', (_what, policy, allowed) => {
    const permission = bearerPermission(policy, now, wholeLaw)
    expect(isBroken(permission)).toBe(!allowed)
    if (isBroken(permission)) expect(permission.family).toBe('proof')
    else expect(permission.reason).toBe('reason' in policy ? policy.reason : '')
  })

  const byCertificate = { kind: 'required', by: 'certificate' } as const
  const byBoth = { kind: 'required', by: 'both' } as const
  const optional = { kind: 'optional', reason: 'migration' } as const
  it.each<[string, BindingPolicy, Partial<Proven>, string]>([
    ['MTLS-3-01: a certificate where it is wanted', byCertificate, { certificate }, 'mtls'],
    ['MTLS-3-01: a proof beside it names its key as well', byCertificate, { certificate, proof }, 'both'],
    ['MTLS-3.4-01: a proof does not take the place of the certificate', byCertificate, { proof }, 'binding.certificate-is-shown'],
    ['MTLS-3.4-01: nothing at all', byCertificate, {}, 'binding.certificate-is-shown'],
    ['both, where both are wanted', byBoth, { certificate, proof }, 'both'],
    ['DPOP-5.2-01: a certificate does not take the place of the proof', byBoth, { certificate }, 'binding.key-is-proven-beside'],
    ['MTLS-3.4-01: a proof alone where both are wanted', byBoth, { proof }, 'binding.certificate-is-shown'],
    ['DPOP-5-02: a key where a key is wanted', { kind: 'required' }, { proof, certificate }, 'dpop'],
    [
      'DPOP-5.2-01: a certificate that nobody asked for names nothing',
      { kind: 'required' },
      { certificate },
      'binding.bearer-is-permitted',
    ],
    ['DPOP-5-02: from the first proof on a client without duty is bound', optional, { proof }, 'dpop'],
    ['DPOP-5.2-01: without one it may stay unbound', optional, { certificate }, 'bearer'],
  ])('%s', (_what, policy, proven, answer) => {
    const constraint = bind(policy, proven)
    expect(isBroken(constraint) ? constraint.broken : constraint.kind).toBe(answer)
  })

  it('MTLS-4-01: what descends from a token bound to a certificate is bound to it, with a proof or without', () => {
    const permission = bearerPermission(optional, now, wholeLaw) as BearerPermission
    expect(withCertificate({ kind: 'bearer', permission }, certificate)).toEqual({ kind: 'mtls', certificate })
    expect(withCertificate({ kind: 'dpop', proof }, certificate)).toEqual({ kind: 'both', proof, certificate })
    expect(withCertificate({ kind: 'both', proof, certificate }, otherCertificate)).toEqual({
      kind: 'both',
      proof,
      certificate: otherCertificate,
    })
  })

  it('DPOP-5-02, DPOP-6.1-01, MTLS-3-01: cnf and token_type follow the constraint', () => {
    const permission = bearerPermission({ kind: 'optional', reason: 'x' }, now, wholeLaw) as BearerPermission
    const all = [
      [{ kind: 'dpop', proof }, named, 'DPoP'],
      [{ kind: 'mtls', certificate }, certified, 'Bearer'],
      [{ kind: 'both', proof, certificate }, { ...named, ...certified }, 'DPoP'],
      [{ kind: 'bearer', permission }, undefined, 'Bearer'],
    ] as const
    for (const [constraint, cnf, type] of all) {
      expect(confirmationOf(constraint)).toEqual(cnf)
      expect(tokenTypeOf(constraint)).toBe(type)
    }
  })
})
