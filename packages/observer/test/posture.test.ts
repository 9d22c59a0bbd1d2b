// The posture key: order, vocabulary, contradictions.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contradictionIn, isPostureMistake, type Posture, parsePosture, postureFields, renderPosture } from '../src/judgement/posture.ts'

const good = 'dpop+yes+yes+all_api+jti_yes+spa+confirmed'
const anyPosture = fc.record(
  Object.fromEntries(Object.entries(postureFields).map(([field, words]) => [field, fc.constantFrom(...words)])),
) as unknown as fc.Arbitrary<Posture>

describe('binding_key_posture', () => {
  it('SEED-TB-39: seven fields in one order, joined by + without spaces', () => {
    expect(parsePosture(good)).toEqual({
      mode: 'dpop',
      as_enforced: 'yes',
      rs_enforced: 'yes',
      coverage: 'all_api',
      replay_protection: 'jti_yes',
      client_fit: 'spa',
      confidence: 'confirmed',
    })
    expect(parsePosture('dpop+yes+yes+all_api+jti_yes+spa')).toMatchObject({ position: 7, mistake: 'missing' })
    expect(parsePosture(`${good}+x`)).toMatchObject({ position: 8 })
    expect(parsePosture('yes+dpop+yes+all_api+jti_yes+spa+confirmed')).toMatchObject({ position: 1, field: 'mode' })
    expect(parsePosture('dpop + yes+yes+all_api+jti_yes+spa+confirmed')).toMatchObject({ position: 1 })
    expect(parsePosture('')).toMatchObject({ position: 1 })
  })

  it.each([
    ['SEED-TB-40', 'DPoP+yes+yes+all_api+jti_yes+spa+confirmed', 1],
    ['SEED-TB-40', 'mTLS+yes+yes+all_api+unknown+server+confirmed', 1],
    ['SEED-TB-41', 'dpop+partial+yes+all_api+jti_yes+spa+confirmed', 2],
    ['SEED-TB-42', 'dpop+yes+partial+all_api+jti_yes+spa+confirmed', 4],
    ['SEED-TB-43', 'dpop+yes+yes+all_api+yes+spa+confirmed', 5],
    ['SEED-TB-44', 'dpop+yes+yes+all_api+jti_yes+web+confirmed', 6],
    ['SEED-TB-45', 'dpop+yes+yes+all_api+jti_yes+spa+high', 7],
  ])('%s: refuses %s at field %i', (_row, key, position) => {
    expect(parsePosture(key)).toMatchObject({ position })
  })

  it('SEED-TB-42: every coverage that contradicts rs_enforced is refused, no other is', () => {
    const answers = postureFields.rs_enforced.flatMap((rs) =>
      postureFields.coverage.map((coverage) => [
        rs,
        coverage,
        !isPostureMistake(parsePosture(`mixed+no+${rs}+${coverage}+unknown+spa+inferred`)),
      ]),
    )
    expect(answers).toEqual([
      ['yes', 'all_api', true],
      ['yes', 'partial_api', false],
      ['yes', 'unknown', true],
      ['no', 'all_api', false],
      ['no', 'partial_api', true],
      ['no', 'unknown', true],
      ['partial', 'all_api', false],
      ['partial', 'partial_api', true],
      ['partial', 'unknown', true],
      ['unknown', 'all_api', false],
      ['unknown', 'partial_api', true],
      ['unknown', 'unknown', true],
    ])
  })

  it('reads back what it writes, and reads nothing else', () => {
    fc.assert(
      fc.property(anyPosture, (posture) => {
        const read = parsePosture(renderPosture(posture))
        const contradiction = contradictionIn(posture)
        expect(read).toEqual(contradiction ?? posture)
      }),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = parsePosture(text)
        if (!isPostureMistake(read)) expect(renderPosture(read)).toBe(text)
      }),
    )
  })
})
