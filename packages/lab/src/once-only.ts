// Once-only rules removed: they are conditions inside storage, so a wrapper takes them out of the write plans.
// Everything else of the storage stays what it is.
import type { RuleId, Write, WritePlan } from '@kimei/protocol'
import type { RecordReader, Storage } from '@kimei/storage'

/** Rules that only storage can judge, and that this wrapper can remove. */
export const onceOnlyRules = [
  'dpop.jti-is-first-use',
  'assertion.jti-is-first-seen',
  'code.is-unredeemed',
  'refresh.is-current',
  'par.request-is-unused',
  'jwt-bearer.jti-is-first-seen',
] as const satisfies readonly RuleId[]

/** The same storage without the once-only rules among `without`; the storage itself when there is none. */
export function storageWithout(storage: Storage, without: readonly RuleId[]): Storage {
  if (!without.some((id) => (onceOnlyRules as readonly RuleId[]).includes(id))) return storage
  const removed = new Set(without)
  const proofs = removed.has('dpop.jti-is-first-use')
  return {
    ...storage,
    records: forgetful(storage.records, removed),
    replay: proofs ? { reach: storage.replay.reach, claim: () => 'first' } : storage.replay,
    commit: async (plan) =>
      storage.commit({ ...plan, writes: (await Promise.all(plan.writes.map((write) => rewrite(write, plan, storage, removed)))).flat() }),
    appendAudit: (events) => storage.appendAudit(events),
    sweep: (now, limit) => storage.sweep(now, limit),
    close: () => storage.close(),
  }
}

async function rewrite(write: Write, plan: WritePlan, storage: Storage, removed: ReadonlySet<RuleId>): Promise<readonly Write[]> {
  if (write.write === 'claim-once') {
    const space = {
      proof: 'dpop.jti-is-first-use',
      assertion: 'assertion.jti-is-first-seen',
      challenge: undefined,
      'grant-assertion': 'jwt-bearer.jti-is-first-seen',
      otp: undefined,
    }[write.space]
    return space !== undefined && removed.has(space as RuleId) ? [] : [write]
  }
  if (write.write === 'take-pushed-request') return removed.has('par.request-is-unused') ? [] : [write]
  if (write.write === 'redeem-code') return removed.has('code.is-unredeemed') ? [] : [write]
  if (write.write === 'rotate-refresh-token' && removed.has('refresh.is-current')) {
    // The successor begins a family of its own, so that the presented token stays current in the old one.
    const family = await storage.records.refreshFamily(plan.issuer, write.familyId)
    if (family === undefined) return [write]
    const familyId = `${write.familyId}-${write.successor.tokenHash.slice(0, 8)}`
    return [{ write: 'put-refresh-family', record: { ...family, familyId }, token: { ...write.successor, familyId } }]
  }
  return [write]
}

/** A code that was redeemed before the rule was removed is read as if it had not been. */
function forgetful(records: RecordReader, removed: ReadonlySet<RuleId>): RecordReader {
  if (!removed.has('code.is-unredeemed')) return records
  const reader = Object.create(records) as RecordReader
  return Object.assign(reader, {
    async code(issuer: string, codeHash: string) {
      const code = await records.code(issuer, codeHash)
      return code && { ...code, redeemedAt: null }
    },
  })
}
