// What probes of certificates make of a record: every combination that decides, and what is published against what was seen.
import { describe, expect, it } from 'vitest'
import { judgeByCertificate } from '../src/judgement/certificate-record.ts'
import { contradictionsOf } from '../src/judgement/contradictions.ts'
import type { Verdict } from '../src/observation.ts'
import { inventoryOf, issuerRecord, result } from './records.ts'

const judge = (verdicts: Readonly<Record<string, Verdict>>, scope: 'all' | 'comparison' = 'all') => {
  const probes = Object.entries(verdicts).map(([id, verdict]) => result(id, verdict))
  const { mode, rsRequired, rsEnforced, strength } = judgeByCertificate({ probes, scope }, 'certificate')
  return `${mode} ${rsRequired} ${rsEnforced} ${strength}`
}

describe('a ticket that names a certificate', () => {
  it.each([
    ['mtls yes yes strict', { L7: 'holds', L6: 'holds', L8: 'holds', 'L9-xfcc': 'holds' }],
    ['mtls yes yes strict', { L7: 'holds', L6: 'holds', L8: 'not-applicable', L10: 'not-applicable' }],
    ['bearer no no none', { L7: 'violated' }],
    ['mtls yes no nominal', { L7: 'holds', L6: 'violated' }],
    ['mtls yes no lax', { L7: 'holds', L6: 'holds', 'L9-xfcc': 'violated' }],
    ['mtls yes no lax', { L7: 'holds', L6: 'holds', 'L11-address': 'violated' }],
    ['mtls yes no lax', { L7: 'holds', L6: 'holds', L10: 'violated' }],
    ['mixed no partial unknown', { L7: 'holds', L6: 'holds', L8: 'violated' }],
    // Without a second certificate, or with an open question, nothing is called enforced.
    ['mtls yes unknown unknown', { L7: 'holds', L6: 'not-applicable' }],
    ['mtls yes unknown unknown', { L7: 'holds', L6: 'holds', 'L9-xfcc': 'inconclusive' }],
    ['mtls yes unknown unknown', { L7: 'holds', L6: 'holds', L8: 'inconclusive' }],
    ['unknown unknown unknown unknown', { L7: 'inconclusive', L6: 'inconclusive' }],
  ] as const)('SEED-TB-35: %s', (so, verdicts) => {
    expect(judge(verdicts)).toBe(so)
  })

  it('a further client is compared, and its strength is not claimed', () => {
    expect(judge({ L7: 'holds', L6: 'holds' }, 'comparison')).toBe('mtls yes yes unknown')
  })

  it('SEED-TB-37: a plain ticket over a connection with a certificate is no binding', () => {
    expect(judgeByCertificate({ probes: [], scope: 'all' }, 'beside')).toMatchObject({ mode: 'mtls', rsRequired: 'no', rsEnforced: 'no' })
  })

  it('published as bound to certificates, and issued without: a contradiction', () => {
    const declared = { tls_client_certificate_bound_access_tokens: true }
    const seen = (verdict: Verdict) =>
      contradictionsOf(inventoryOf([{ id: 'a' }]), [issuerRecord({ declared, probes: [result('L12', verdict)] })], [])
    expect(seen('violated')).toMatchObject([{ declared: 'tls_client_certificate_bound_access_tokens=true', observed: 'as_enforced=no' }])
    expect(seen('holds')).toEqual([])
  })
})
