// Migration 2: authorization requests that clients push before a person sees them.
import type { Migration } from './migration.ts'

export const pushedRequests: Migration = {
  number: 2,
  name: 'pushed-requests',
  sqlite: `
    CREATE TABLE pushed_requests (
      issuer TEXT NOT NULL, request_hash TEXT NOT NULL, take_until INTEGER NOT NULL, keep_until INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, request_hash)) STRICT, WITHOUT ROWID;
    CREATE INDEX pushed_requests_to_sweep ON pushed_requests (keep_until);
  `,
}
