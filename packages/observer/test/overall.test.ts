// From records to the posture: mode, enforcement, coverage, client fit, confidence, hypotheses.
import { describe, expect, it } from 'vitest'
import { conclude } from '../src/judgement/conclude.ts'
import { nextStepsOf } from '../src/judgement/next-steps.ts'
import { judgeOverall } from '../src/judgement/overall.ts'
import { renderPosture } from '../src/judgement/posture.ts'
import type { ApiRecord, IssuerRecord } from '../src/observation.ts'
import { type ApiWish, apiRecord, bearerApi, inventoryOf, issuerRecord, result } from './records.ts'

const three = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]

function overallOf(
  apis: readonly ApiRecord[],
  issuers: readonly IssuerRecord[] = [issuerRecord()],
  wishes: readonly ApiWish[] = three,
  more = {},
) {
  return judgeOverall({ inventory: inventoryOf(wishes, more), issuers, apis })
}
const keyOf = (...args: Parameters<typeof overallOf>) => renderPosture(overallOf(...args).posture)
const enforcing = three.map(({ id }) => apiRecord(id))

describe('posture', () => {
  it('SEED-TB-42: everything enforced at every API of a good sample', () => {
    expect(keyOf(enforcing)).toBe('dpop+yes+yes+all_api+jti_yes+server+confirmed')
    expect(overallOf(enforcing).overall).toBe('named')
    expect(overallOf(enforcing).hypothesis).toBe('none')
  })

  it('SEED-TB-21, SEED-TB-29: one API that takes bearer makes it mixed and partial', () => {
    const apis = [apiRecord('a'), apiRecord('b'), apiRecord('c', bearerApi)]
    expect(keyOf(apis)).toBe('mixed+yes+partial+partial_api+jti_yes+server+confirmed')
    expect(overallOf(apis)).toMatchObject({ overall: 'exposed', hypothesis: 'D' })
  })

  it('SEED-TB-57: bearer everywhere is hypothesis A', () => {
    const apis = three.map(({ id }) => apiRecord(id, bearerApi))
    const issuer = issuerRecord({ mode: 'bearer', asRequired: 'no', asEnforced: 'no' })
    expect(keyOf(apis, [issuer])).toBe('bearer+no+no+unknown+unknown+server+confirmed')
    expect(overallOf(apis, [issuer]).hypothesis).toBe('A')
  })

  it('SEED-TB-59: an issuer that binds before APIs that do not look is hypothesis B; with two APIs it is only inferred', () => {
    const apis = ['a', 'b'].map((id) => apiRecord(id, bearerApi))
    const answer = overallOf(apis, [issuerRecord()], [{ id: 'a' }, { id: 'b' }])
    expect(answer.hypothesis).toBe('B')
    expect(answer.posture).toMatchObject({ mode: 'mixed', rs_enforced: 'no', coverage: 'unknown', confidence: 'inferred' })
  })

  it('one API by key and another by certificate, all bound: mixed, and enforced everywhere', () => {
    const apis = [apiRecord('a'), apiRecord('b', { mode: 'mtls', replay: 'unknown' }), apiRecord('c')]
    const issuers = [issuerRecord(), issuerRecord({ client: 'machine', mode: 'mtls' })]
    expect(keyOf(apis, issuers)).toBe('mixed+yes+yes+all_api+jti_yes+server+confirmed')
    expect(overallOf(apis, issuers)).toMatchObject({ hypothesis: 'none', overall: 'named' })
  })

  it('proofs for other requests that pass at one API make enforcement partial, though every API demands a name', () => {
    const lax = apiRecord('a', { rsEnforced: 'partial', strength: 'lax' })
    expect(keyOf([lax, ...enforcing.slice(1)])).toBe('dpop+yes+partial+partial_api+jti_yes+server+confirmed')
    expect(overallOf([lax, ...enforcing.slice(1)])).toMatchObject({ overall: 'exposed', hypothesis: 'D' })
  })

  it('what was carried over from an API with the same guard is inferred, and so is the whole', () => {
    const carried = apiRecord('a', { carriedFrom: 'b', probes: [result('B1', 'holds'), result('K1', 'holds')] })
    expect(overallOf([carried, ...enforcing.slice(1)]).posture).toMatchObject({ rs_enforced: 'yes', confidence: 'inferred' })
  })

  it('where no ticket bound to nothing could be had, nobody says that none would pass', () => {
    const unasked = three.map(({ id }) => apiRecord(id, { probes: ['B1', 'K1'].map((probe) => result(probe, 'holds')) }))
    expect(overallOf(unasked).warnings.map(({ en }) => en)).toEqual([expect.stringMatching(/^Not seen: .* bound to nothing/)])
    expect(overallOf(enforcing).warnings).toEqual([])
  })

  it('SEED-TB-46: fewer than three APIs leave coverage unknown, with a warning', () => {
    const answer = overallOf([apiRecord('a'), apiRecord('b')], [issuerRecord()], [{ id: 'a' }, { id: 'b' }])
    expect(answer.posture.coverage).toBe('unknown')
    expect(answer.warnings).toHaveLength(1)
  })

  it('SEED-TB-72: representatives that do not fall in privilege leave coverage unknown', () => {
    const wishes = [{ id: 'a', privilege: 'low' }, { id: 'b', privilege: 'high' }, { id: 'c' }] as const
    expect(overallOf(enforcing, [issuerRecord()], wishes, { representatives: ['a', 'b', 'c'] }).posture.coverage).toBe('unknown')
    expect(overallOf(enforcing, [issuerRecord()], wishes, { representatives: ['b', 'c', 'a'] }).posture.coverage).toBe('all_api')
    expect(overallOf(enforcing, [issuerRecord()], wishes).representatives).toEqual(['b', 'c', 'a'])
  })

  it.each(['graphql', 'batch', 'admin'] as const)('SEED-TB-30: a %s API outside the sample leaves coverage unknown', (kind) => {
    const wishes = [...three, { id: 'd', kind }]
    const answer = overallOf([...enforcing, apiRecord('d')], [issuerRecord()], wishes, { representatives: ['a', 'b', 'c'] })
    expect(answer.posture.coverage).toBe('unknown')
    expect(answer.warnings.map(({ en }) => en)).toEqual([expect.stringContaining('(d)')])
  })

  it('SEED-TB-23: an opaque ticket proves no binding at issue', () => {
    expect(overallOf(enforcing, [issuerRecord({ token: 'opaque', asEnforced: 'unknown' })]).posture.as_enforced).toBe('unknown')
  })

  it('SEED-TB-76: with an opaque ticket the verdict rests on enforcement, and the record says so', () => {
    const answer = overallOf(enforcing, [issuerRecord({ token: 'opaque', asEnforced: 'unknown' })])
    expect(answer.posture).toMatchObject({ as_enforced: 'unknown', rs_enforced: 'yes', confidence: 'inferred' })
    expect(answer.warnings.map(({ en }) => en)).toEqual(['The ticket cannot be read: the verdict rests on what APIs refuse.'])
    expect(answer.overall).toBe('unknown')
  })

  it('SEED-TB-09: issuance left open leaves the whole open', () => {
    expect(overallOf(enforcing, [issuerRecord({ asEnforced: 'unknown' })]).overall).toBe('unknown')
    expect(overallOf([...enforcing.slice(0, 2), apiRecord('c', { rsEnforced: 'unknown', mode: 'unknown' })]).overall).toBe('unknown')
  })

  it('a hole that was seen stays a hole where others could not be seen', () => {
    const apis = [apiRecord('a', bearerApi), apiRecord('b', { rsEnforced: 'unknown', mode: 'unknown' })]
    expect(overallOf(apis).posture.rs_enforced).toBe('partial')
    expect(overallOf(apis).overall).toBe('exposed')
  })

  it('SEED-TB-43: one accepted replay is jti_no; none tried is unknown', () => {
    const replayed = apiRecord('a', { replay: 'jti_no', strength: 'lax', probes: [result('R1', 'violated')] })
    expect(overallOf([replayed, ...enforcing.slice(1)]).posture.replay_protection).toBe('jti_no')
    const untried = three.map(({ id }) => apiRecord(id, { replay: 'unknown', probes: [result('B1', 'holds')] }))
    expect(overallOf(untried).posture.replay_protection).toBe('unknown')
  })

  it('SEED-TB-14, SEED-TB-44: client fit is what is stated; one silent client makes it unknown', () => {
    const client = (id: string, kind?: 'spa' | 'mobile' | 'server') => ({
      id,
      clientId: id,
      ...(kind && { kind }),
      ticket: { from: 'client-credentials' } as const,
    })
    const kindOf = (...clients: ReturnType<typeof client>[]) =>
      overallOf(enforcing, [issuerRecord()], three, { clients }).posture.client_fit
    expect(kindOf(client('a', 'spa'))).toBe('spa')
    expect(kindOf(client('a', 'spa'), client('b', 'server'))).toBe('mixed')
    expect(kindOf(client('a', 'spa'), client('b'))).toBe('unknown')
  })

  it('SEED-TB-61: what differs between clients at one API is found; one client alone leaves it unknown', () => {
    expect(overallOf(enforcing).perClientDifference).toBe('unknown')
    expect(overallOf([...enforcing, apiRecord('a', { client: 'partner' })]).perClientDifference).toBe('none')
    expect(overallOf([...enforcing, apiRecord('a', { client: 'partner', ...bearerApi })]).perClientDifference).toBe('found')
  })

  it('SEED-TB-47: a field without evidence is unknown, whatever was concluded', () => {
    const silent = three.map(({ id }) => apiRecord(id, { probes: [], evidence: [] }))
    expect(overallOf(silent, [issuerRecord({ probes: [], evidence: [] })]).posture).toMatchObject({
      mode: 'unknown',
      as_enforced: 'unknown',
      rs_enforced: 'unknown',
    })
  })
})

describe('findings and next steps', () => {
  const concluded = (apis: readonly ApiRecord[], more = {}, issuers = [issuerRecord()]) =>
    conclude({ inventory: inventoryOf(three, more), startedAt: 0, finishedAt: 1, requests: 1, evidence: [], issuers, apis })

  it('declared as required and not enforced is the best finding there is', () => {
    const declared = { dpop_bound_access_tokens_required: true }
    const { findings } = concluded([apiRecord('a', { ...bearerApi, declared }), ...enforcing.slice(1)])
    expect(findings.map(({ title, owner }) => [title.en, owner])).toContainEqual(['Declared as required, and not enforced', 'RS'])
  })

  it('SEED-TB-34: wrong htm accepted is lax and P1; a proof nobody checks is nominal', () => {
    const lax = apiRecord('a', { strength: 'lax', probes: [result('M1', 'violated')] })
    expect(concluded([lax, ...enforcing.slice(1)]).findings).toMatchObject([
      { priority: 'P1', probes: ['M1'], rules: ['dpop.htm-is-request-method'] },
    ])
    const nominal = apiRecord('a', { rsEnforced: 'no', strength: 'nominal', privilege: 'high', probes: [result('X0', 'violated')] })
    expect(concluded([nominal, ...enforcing.slice(1)]).findings).toMatchObject([
      { priority: 'P0', title: { en: expect.stringContaining('Any proof will do') } },
    ])
  })

  it('SEED-TB-35, SEED-TB-37, SEED-TB-60: certificates at issue and none at use are hypothesis C and P1', () => {
    const observation = concluded(enforcing, {}, [issuerRecord({ mode: 'mtls' })])
    expect(observation.hypothesis).toBe('C')
    expect(observation.findings).toMatchObject([{ priority: 'P1', kind: 'certificate-one-sided' }])
    expect(observation.statements.map(({ text }) => text.en)).toContainEqual(expect.stringMatching(/^Hypothesis C: /))
  })

  it('a refusal by 500 is a refusal in the wrong form', () => {
    const failing = apiRecord('a', { probes: [{ ...result('B2', 'holds'), answered: 'refused (500)' }] })
    expect(concluded([failing, ...enforcing.slice(1)]).findings).toMatchObject([{ priority: 'P2', probes: ['B2'] }])
  })

  it('SEED-TB-38: a browser app with an unbound refresh token that does not rotate: 17 comes before 18', () => {
    const clients = [{ id: 'job', clientId: 'job', kind: 'spa', refreshTokens: 'not-rotated', ticket: { from: 'client-credentials' } }]
    const { next } = concluded(
      three.map(({ id }) => apiRecord(id, bearerApi)),
      { clients },
      [issuerRecord({ mode: 'bearer', asEnforced: 'no', asRequired: 'no' })],
    )
    const steps = next.map(({ step }) => step)
    expect(steps.indexOf('17')).toBeLessThan(steps.indexOf('18'))
    expect(steps).toContain('18')
  })

  it('SEED-TB-58: bearer everywhere is answered by more than binding', () => {
    expect(nextStepsOf([], 'A').map(({ step }) => step)).toEqual(expect.arrayContaining(['17', '16', '15']))
  })

  it('SEED-TB-54: sound enforcement with unclear operations is P2 and nothing more', () => {
    const { findings, record } = concluded(enforcing, { operations: { keyRotation: 'documented' } })
    expect(findings).toMatchObject([{ priority: 'P2', subject: 'operations: revocation, fallback', tier: 'inferred' }])
    expect(record.action_priority).toBe('P2')
  })

  it('SEED-TB-31: an inner API that takes bearer is recorded with its boundary', () => {
    const observation = concluded([apiRecord('a', { ...bearerApi, boundary: 'internal' }), ...enforcing.slice(1)])
    expect(observation.apis[0]).toMatchObject({ boundary: 'internal', rsEnforced: 'no' })
    expect(observation.posture.rs_enforced).toBe('partial')
  })

  it('SEED-TB-20: nothing here is ever called mTLS, since no certificate request was looked for', () => {
    expect(concluded(enforcing).posture.mode).not.toBe('mtls')
    expect(concluded(enforcing).apis[0]!.columns.tlsCertificateRequest).toBe('not-tested')
  })
})
