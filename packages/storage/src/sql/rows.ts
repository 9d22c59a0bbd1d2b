// Between rows and records: columns hold what changes or is asked for, `body` holds the record as it was put.
import type {
  AccessTokenRecord,
  CodeRecord,
  DeviceCodeRecord,
  GrantRecord,
  RefreshFamilyRecord,
  RefreshTokenRecord,
  RegistrationRecord,
  SessionRecord,
} from '@kimei/protocol'

export type SqlValue = string | number | null
export type Row = Readonly<Record<string, SqlValue>>

/** A record that never changes apart from being replaced. */
export function fromBody<T>(row: Row): T {
  return JSON.parse(row['body'] as string) as T
}

export const toRecord = {
  code: (row: Row): CodeRecord => ({ ...fromBody<CodeRecord>(row), redeemedAt: seconds(row, 'redeemed_at') }),
  refreshFamily: (row: Row): RefreshFamilyRecord => ({
    ...fromBody<RefreshFamilyRecord>(row),
    idleExpiresAt: row['idle_expires_at'] as number,
    revokedAt: seconds(row, 'revoked_at'),
  }),
  refreshToken: (row: Row): RefreshTokenRecord => ({
    ...fromBody<RefreshTokenRecord>(row),
    rotatedAt: seconds(row, 'rotated_at'),
    successorHash: row['successor_hash'] as string | null,
    sealedSuccessor: row['sealed_successor'] as string | null,
    sealedUntil: seconds(row, 'sealed_until'),
  }),
  accessToken: (row: Row): AccessTokenRecord => ({ ...fromBody<AccessTokenRecord>(row), revokedAt: seconds(row, 'revoked_at') }),
  grant: (row: Row): GrantRecord => ({
    ...fromBody<GrantRecord>(row),
    revokedAt: seconds(row, 'revoked_at'),
    version: row['version'] as number,
  }),
  deviceCode: (row: Row): DeviceCodeRecord => ({
    ...fromBody<DeviceCodeRecord>(row),
    intervalSeconds: row['interval_seconds'] as number,
    lastPolledAt: seconds(row, 'last_polled_at'),
    decision: row['decision'] as DeviceCodeRecord['decision'],
    grantId: row['grant_id'] as string | null,
    collectedAt: seconds(row, 'collected_at'),
  }),
  registration: (row: Row): RegistrationRecord => ({
    ...fromBody<RegistrationRecord>(row),
    lastUsedAt: row['last_used_at'] as number,
    keepUntil: row['keep_until'] as number,
  }),
  session: (row: Row): SessionRecord => ({
    ...fromBody<SessionRecord>(row),
    endedAt: seconds(row, 'ended_at'),
    version: row['version'] as number,
  }),
}

function seconds(row: Row, column: string): number | null {
  return row[column] as number | null
}
