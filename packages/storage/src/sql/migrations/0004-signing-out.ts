// Migration 4: sign-ins by person, notices to clients that a sign-in ended, and which app read what.
import type { Migration } from './migration.ts'

export const signingOut: Migration = {
  number: 4,
  name: 'signing-out',
  sqlite: `
    -- Made from the record itself, so that the version before goes on writing it.
    ALTER TABLE sessions ADD COLUMN subject TEXT GENERATED ALWAYS AS (json_extract(body, '$.subject')) VIRTUAL;
    CREATE INDEX sessions_by_subject ON sessions (issuer, subject);

    CREATE TABLE logout_notices (
      issuer TEXT NOT NULL, notice_id TEXT NOT NULL, version INTEGER NOT NULL, due_at INTEGER NOT NULL, keep_until INTEGER NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (issuer, notice_id)) STRICT, WITHOUT ROWID;
    CREATE INDEX logout_notices_due ON logout_notices (issuer, due_at);
    CREATE INDEX logout_notices_to_sweep ON logout_notices (keep_until);

    CREATE TABLE claim_reads (
      issuer TEXT NOT NULL, subject TEXT NOT NULL, client_id TEXT NOT NULL, hour INTEGER NOT NULL, claims TEXT NOT NULL,
      keep_until INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, subject, client_id, hour, claims)) STRICT, WITHOUT ROWID;
    CREATE INDEX claim_reads_to_sweep ON claim_reads (keep_until);
  `,
}
