// Migration 5: what opaque access tokens stand for.
import type { Migration } from './migration.ts'

export const opaqueTokens: Migration = {
  number: 5,
  name: 'opaque-tokens',
  sqlite: `
    CREATE TABLE opaque_tokens (
      issuer TEXT NOT NULL, token_hash TEXT NOT NULL, keep_until INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, token_hash)) STRICT, WITHOUT ROWID;
    CREATE INDEX opaque_tokens_to_sweep ON opaque_tokens (keep_until);
  `,
}
