// A plan of seven parts that all carry one number, and the question which of its parts a storage holds.
import type { WritePlan } from '@kimei/protocol'
import type { Storage } from '../src/index.ts'
import { issuer, now, plan, sample } from '../src/testing/sample-records.ts'

const parts = 7

export function numberedPlan(number: number): WritePlan {
  const grantId = `grant-${number}`
  const familyId = `family-${number}`
  return plan(
    [
      { write: 'claim-once', space: 'proof', id: `proof-${number}`, until: now + 60 },
      { write: 'put-grant', record: sample.grant({ grantId }) },
      { write: 'put-code', record: sample.code({ grantId, codeHash: `code-${number}` }) },
      {
        write: 'put-refresh-family',
        record: sample.family({ grantId, familyId }),
        token: sample.refreshToken(`token-${number}`, { familyId }),
      },
      { write: 'put-access-token', record: sample.accessToken(`access-${number}`, { grantId }) },
    ],
    { audit: [sample.event(`request-${number}`, { subject: `subject-${number}` })] },
  )
}

/** `all`, `none`, or how many parts: a half-written plan. */
export async function heldOf({ records }: Storage, number: number): Promise<'all' | 'none' | number> {
  const found = [
    await records.claimed('proof', `proof-${number}`, now),
    await records.grant(issuer, `grant-${number}`),
    await records.code(issuer, `code-${number}`),
    await records.refreshFamily(issuer, `family-${number}`),
    await records.refreshToken(issuer, `token-${number}`),
    await records.accessToken(issuer, `access-${number}`),
    (await records.audit(issuer, { limit: 1, subject: `subject-${number}` })).length > 0,
  ].filter((part) => part !== undefined && part !== false).length
  return found === parts ? 'all' : found === 0 ? 'none' : found
}
