// Every combination of policy, proofs and the names of a family: what comes out never bears less than what went in.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type BindingPolicy,
  type Confirmation,
  confirmationOf,
  decideConstraint,
  decideRefresh,
  type GrantRecord,
  isBroken,
  type PresentedCertificate,
  type RefreshFacts,
  type RefreshFamilyRecord,
  type RefreshTokenRecord,
  type VerifiedProof,
  wholeLaw,
  withCertificate,
} from '../src/index.ts'
import { api, evidence, issuer, noDetails, now } from './grant-evidence.ts'

const proofOf = (jkt: string) => ({ jkt }) as unknown as VerifiedProof
const certificateOf = (x5t: string) => ({ x5t, chain: [] }) as unknown as PresentedCertificate
const grant: GrantRecord = {
  issuer,
  grantId: 'g',
  clientId: 'app',
  subject: 'u',
  scopes: ['read'],
  resources: [api],
  sessionId: null,
  authTime: now,
  createdAt: now,
  expiresAt: now + 100,
  revokedAt: null,
  version: 1,
}
const life = { authTime: now, createdAt: now, idleExpiresAt: now + 100, absoluteExpiresAt: now + 100, revokedAt: null, idTokenNonce: null }
const familyOf = (confirmation: Confirmation | null, rotates: boolean): RefreshFamilyRecord => ({
  issuer,
  familyId: 'f',
  grantId: 'g',
  clientId: 'app',
  subject: 'u',
  scopes: ['read'],
  resources: [api],
  confirmation,
  rotates,
  ...life,
})
const fresh: RefreshTokenRecord = {
  issuer,
  tokenHash: 't',
  familyId: 'f',
  createdAt: now,
  rotatedAt: null,
  successorHash: null,
  sealedSuccessor: null,
  sealedUntil: null,
}
const stale: RefreshTokenRecord = { ...fresh, rotatedAt: now - 100, successorHash: 's', sealedUntil: now - 50 }

const policies: readonly BindingPolicy[] = [
  { kind: 'required' },
  { kind: 'required', by: 'certificate' },
  { kind: 'required', by: 'both' },
  { kind: 'optional', reason: 'x' },
  { kind: 'bearer', reason: 'x' },
]
const someKey = fc.constantFrom('key', 'other-key', undefined)
const someCertificate = fc.constantFrom('certificate', 'other-certificate', undefined)

it('property MTLS-3-01 MTLS-3.4-01 DPOP-5.2-01: a new token names everything that its client’s policy demands and that was proven', () => {
  fc.assert(
    fc.property(fc.constantFrom(...policies), someKey, someCertificate, (policy, key, shown) => {
      const proven = { proof: key ? proofOf(key) : undefined, certificate: shown ? certificateOf(shown) : undefined }
      const constraint = decideConstraint(policy, proven, now, wholeLaw)
      const by = policy.kind === 'required' ? (policy.by ?? 'key') : undefined
      const lacksKey = (by === 'key' || by === 'both') && key === undefined
      const lacksCertificate = (by === 'certificate' || by === 'both') && shown === undefined
      expect(isBroken(constraint)).toBe(lacksKey || lacksCertificate)
      if (isBroken(constraint)) return
      const named = confirmationOf(constraint)
      expect(named?.jkt).toBe(key)
      expect(named?.['x5t#S256']).toBe(by === 'certificate' || by === 'both' ? shown : undefined)
    }),
    { numRuns: 300 },
  )
})

it('property MTLS-4-01 DPOP-5-03: a refresh bears every name of its family, rotating or not; who lacks one changes nothing', () => {
  const names = fc.record({ key: fc.boolean(), certificate: fc.boolean() })
  fc.assert(
    fc.property(
      fc.constantFrom(...policies),
      someKey,
      someCertificate,
      names,
      fc.boolean(),
      fc.boolean(),
      (policy, key, shown, of, rotates, reused) => {
        const confirmation =
          of.key || of.certificate ? { ...(of.key && { jkt: 'key' }), ...(of.certificate && { 'x5t#S256': 'certificate' }) } : null
        const certificate = shown ? certificateOf(shown) : undefined
        const chosen = decideConstraint(policy, { proof: key ? proofOf(key) : undefined, certificate }, now, wholeLaw)
        if (isBroken(chosen)) return
        const constraint = of.certificate && certificate ? withCertificate(chosen, certificate) : chosen
        const facts: RefreshFacts = {
          client: evidence(),
          token: reused ? stale : fresh,
          family: familyOf(confirmation, rotates),
          grant,
          successor: undefined,
          personActive: true,
          signInLasts: true,
          jkt: key,
          x5t: shown,
          confirmation: confirmationOf(constraint),
          clientKey: undefined,
          scopes: [],
          resources: [],
          ...noDetails,
          now,
        }
        const decision = decideRefresh(facts, wholeLaw)
        const isHolder = (!of.key || key === 'key') && (!of.certificate || shown === 'certificate')
        expect('issue' in decision).toBe(isHolder && !reused)
        if (!isHolder) expect(decision).not.toHaveProperty('writes')
        if ('issue' in decision) expect(confirmationOf(constraint)).toMatchObject(confirmation ?? {})
      },
    ),
    { numRuns: 1000 },
  )
})
