// Migration 1: everything the spine remembers. Columns hold what conditions and sweeps ask; the rest of a record is one JSON text.
// Every key begins with the issuer, so that one database may serve many.
import type { Migration } from './migration.ts'

export const spine: Migration = {
  number: 1,
  name: 'spine',
  sqlite: `
    CREATE TABLE clients (
      issuer TEXT NOT NULL, client_id TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, client_id)) STRICT, WITHOUT ROWID;
    CREATE TABLE resources (
      issuer TEXT NOT NULL, resource TEXT NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, resource)) STRICT, WITHOUT ROWID;
    CREATE TABLE scopes (
      issuer TEXT NOT NULL, scope TEXT NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, scope)) STRICT, WITHOUT ROWID;
    CREATE TABLE users (
      issuer TEXT NOT NULL, subject TEXT NOT NULL, version INTEGER NOT NULL, username TEXT NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, subject)) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX users_by_name ON users (issuer, username);

    CREATE TABLE grants (
      issuer TEXT NOT NULL, grant_id TEXT NOT NULL, version INTEGER NOT NULL, client_id TEXT NOT NULL, subject TEXT NOT NULL,
      created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER, keep_until INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, grant_id)) STRICT, WITHOUT ROWID;
    CREATE INDEX grants_by_subject ON grants (issuer, subject);
    CREATE INDEX grants_to_sweep ON grants (keep_until);

    CREATE TABLE codes (
      issuer TEXT NOT NULL, code_hash TEXT NOT NULL, grant_id TEXT NOT NULL, redeemed_at INTEGER, keep_until INTEGER NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (issuer, code_hash)) STRICT, WITHOUT ROWID;
    CREATE INDEX codes_by_grant ON codes (issuer, grant_id);
    CREATE INDEX codes_to_sweep ON codes (keep_until);

    CREATE TABLE refresh_families (
      issuer TEXT NOT NULL, family_id TEXT NOT NULL, grant_id TEXT NOT NULL, idle_expires_at INTEGER NOT NULL,
      absolute_expires_at INTEGER NOT NULL, revoked_at INTEGER, keep_until INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, family_id)) STRICT, WITHOUT ROWID;
    CREATE INDEX refresh_families_by_grant ON refresh_families (issuer, grant_id);
    CREATE INDEX refresh_families_to_sweep ON refresh_families (keep_until);

    CREATE TABLE refresh_tokens (
      issuer TEXT NOT NULL, token_hash TEXT NOT NULL, family_id TEXT NOT NULL, rotated_at INTEGER, successor_hash TEXT,
      sealed_successor TEXT, sealed_until INTEGER, body TEXT NOT NULL,
      PRIMARY KEY (issuer, token_hash)) STRICT, WITHOUT ROWID;
    CREATE INDEX refresh_tokens_by_family ON refresh_tokens (issuer, family_id);
    CREATE INDEX refresh_tokens_sealed ON refresh_tokens (sealed_until) WHERE sealed_until IS NOT NULL;

    CREATE TABLE access_tokens (
      issuer TEXT NOT NULL, jti TEXT NOT NULL, grant_id TEXT, revoked_at INTEGER, keep_until INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, jti)) STRICT, WITHOUT ROWID;
    CREATE INDEX access_tokens_by_grant ON access_tokens (issuer, grant_id) WHERE grant_id IS NOT NULL;
    CREATE INDEX access_tokens_to_sweep ON access_tokens (keep_until);

    CREATE TABLE sessions (
      issuer TEXT NOT NULL, session_hash TEXT NOT NULL, version INTEGER NOT NULL, ended_at INTEGER, keep_until INTEGER NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (issuer, session_hash)) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_to_sweep ON sessions (keep_until);

    CREATE TABLE interactions (
      issuer TEXT NOT NULL, interaction_hash TEXT NOT NULL, version INTEGER NOT NULL, keep_until INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (issuer, interaction_hash)) STRICT, WITHOUT ROWID;
    CREATE INDEX interactions_to_sweep ON interactions (keep_until);

    CREATE TABLE signing_keys (
      issuer TEXT NOT NULL, kid TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL, keep_until INTEGER NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (issuer, kid)) STRICT, WITHOUT ROWID;

    -- A log in the order of arrival. The id is a hash that begins with the issuer or the API.
    CREATE TABLE replay (
      seq INTEGER PRIMARY KEY, space TEXT NOT NULL, id TEXT NOT NULL, live_until INTEGER NOT NULL) STRICT;
    CREATE TABLE replay_horizon (space TEXT NOT NULL PRIMARY KEY, forgotten_until INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE audit (
      seq INTEGER PRIMARY KEY, issuer TEXT NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL, subject TEXT, body TEXT NOT NULL) STRICT;
    CREATE INDEX audit_by_subject ON audit (issuer, subject, seq) WHERE subject IS NOT NULL;
  `,
}
