// Forgets what nobody may ask for any more, in bounded batches. How long each record stays is told in `retention.ts`.
import type { Seconds } from '@kimei/protocol'
import type { ClaimLog } from './claim-log.ts'
import type { StatementName } from './statements.ts'
import type { Ask, Ran } from './verbs.ts'

const sweeps: readonly StatementName[] = [
  'sweepCodes',
  'sweepRefreshTokens',
  'sweepRefreshFamilies',
  'sweepAccessTokens',
  'sweepOpaqueTokens',
  'sweepGrants',
  'sweepSessions',
  'sweepInteractions',
  'sweepPushedRequests',
  'sweepDeviceCodes',
  'sweepLogoutNotices',
  'sweepClaimReads',
  // Registrations last: one without its client may wait for the next round, a client without its registration may not exist.
  'sweepRegisteredClients',
  'sweepRegistrations',
  'sweepKeys',
]

/** To be run in one transaction; answers how many rows went. */
export function* sweepSteps(claims: ClaimLog, now: Seconds, limit: number): Generator<Ask, number, Ran> {
  yield { name: 'eraseSealedSuccessors', values: [now, limit] }
  let left = limit - (yield* claims.sweep(now, limit))
  for (const name of sweeps) {
    if (left > 0) left -= (yield { name, values: [now, left] }).changes
  }
  return limit - left
}
