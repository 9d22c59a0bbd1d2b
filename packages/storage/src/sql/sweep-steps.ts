// Forgets what nobody may ask for any more, in bounded batches. How long each record stays is told in `retention.ts`.
import type { Seconds } from '@kimei/protocol'
import type { StatementName } from './statements.ts'
import type { Ask, Ran } from './verbs.ts'

const sweeps: readonly StatementName[] = [
  'sweepReplay',
  'sweepCodes',
  'sweepRefreshTokens',
  'sweepRefreshFamilies',
  'sweepAccessTokens',
  'sweepGrants',
  'sweepSessions',
  'sweepInteractions',
  'sweepKeys',
]

/** To be run in one transaction; answers how many rows went. */
export function* sweepSteps(now: Seconds, limit: number): Generator<Ask, number, Ran> {
  yield { name: 'eraseSealedSuccessors', values: [now, limit] }
  // First the horizon, over the very rows that go: an id may be forgotten only where its time is remembered.
  yield { name: 'replayHorizonMoves', values: [now, limit] }
  let left = limit
  for (const name of sweeps) {
    if (left > 0) left -= (yield { name, values: [now, left] }).changes
  }
  return limit - left
}
