// Migration 3: devices that wait for a person to allow them elsewhere.
import type { Migration } from './migration.ts'

export const deviceCodes: Migration = {
  number: 3,
  name: 'device-codes',
  sqlite: `
    CREATE TABLE device_codes (
      issuer TEXT NOT NULL, device_hash TEXT NOT NULL, user_hash TEXT NOT NULL, expires_at INTEGER NOT NULL,
      interval_seconds INTEGER NOT NULL, last_polled_at INTEGER, decision TEXT, grant_id TEXT, collected_at INTEGER,
      keep_until INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, device_hash)) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX device_codes_by_user ON device_codes (issuer, user_hash);
    CREATE INDEX device_codes_to_sweep ON device_codes (keep_until);
  `,
}
