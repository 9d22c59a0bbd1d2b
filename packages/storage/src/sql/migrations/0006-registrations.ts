// Migration 6: what is remembered of clients that registered themselves.
import type { Migration } from './migration.ts'

export const registrations: Migration = {
  number: 6,
  name: 'registrations',
  sqlite: `
    CREATE TABLE registrations (
      issuer TEXT NOT NULL, client_id TEXT NOT NULL, version INTEGER NOT NULL, last_used_at INTEGER NOT NULL,
      keep_until INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, client_id)) STRICT, WITHOUT ROWID;
    CREATE INDEX registrations_to_sweep ON registrations (keep_until);
    CREATE INDEX grants_by_client ON grants (issuer, client_id);
  `,
}
