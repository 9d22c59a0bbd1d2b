// Every SQL statement of the product, once: plain SQL with ?1 parameters, understood by SQLite and (rendered as $1) by PostgreSQL.
// Who runs them, and in which order, is told in `verbs.ts` and `sql-reader.ts`; tables are made in `migrations/`.

import { deviceStatements } from './device-statements.ts'
import { registrationStatements } from './registration-statements.ts'
import { signingOutStatements } from './signing-out-statements.ts'
import { reads, type Statement, writes } from './statement.ts'

export type { Statement } from './statement.ts'

/** Nothing may be born into a grant that is gone: a decision that began before the revocation would outlive it. */
const grantLives = (grantId: string) =>
  `EXISTS (SELECT 1 FROM grants WHERE grants.issuer = ?1 AND grants.grant_id = ${grantId} AND grants.revoked_at IS NULL)`

export const statements = {
  // Once-only things, where one process owns the database: see claim-log.ts.
  logClaim: writes('INSERT INTO replay (space, id, live_until) VALUES (?1, ?2, ?3)'),
  allClaims: reads('SELECT space, id, live_until FROM replay'),
  replayHorizon: reads('SELECT space, forgotten_until FROM replay_horizon'),
  claimsBehind: reads('SELECT MAX(seq) AS last FROM (SELECT seq FROM replay WHERE seq > ?1 ORDER BY seq LIMIT ?2) AS some'),
  replayHorizonMoves: writes(`
    INSERT INTO replay_horizon (space, forgotten_until)
    SELECT space, MAX(live_until) FROM replay WHERE live_until < ?1 AND seq > ?2 AND seq <= ?3 GROUP BY space
    ON CONFLICT (space) DO UPDATE SET forgotten_until = excluded.forgotten_until
    WHERE replay_horizon.forgotten_until < excluded.forgotten_until`),
  sweepClaims: writes('DELETE FROM replay WHERE live_until < ?1 AND seq > ?2 AND seq <= ?3'),

  code: reads('SELECT body, redeemed_at FROM codes WHERE issuer = ?1 AND code_hash = ?2'),
  putCode: writes(`
    INSERT INTO codes (issuer, code_hash, grant_id, redeemed_at, keep_until, body)
    SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT), CAST(?6 AS TEXT)
    WHERE ${grantLives('?3')}
    ON CONFLICT (issuer, code_hash) DO NOTHING`),
  redeemCode: writes('UPDATE codes SET redeemed_at = ?3 WHERE issuer = ?1 AND code_hash = ?2 AND redeemed_at IS NULL'),
  // Redeemed ones stay: their replay must still be recognized.
  dropCodesOfGrant: writes('DELETE FROM codes WHERE issuer = ?1 AND grant_id = ?2 AND redeemed_at IS NULL'),
  sweepCodes: writes(`
    DELETE FROM codes WHERE (issuer, code_hash) IN (SELECT issuer, code_hash FROM codes WHERE keep_until < ?1 LIMIT ?2)`),

  refreshFamily: reads('SELECT body, idle_expires_at, revoked_at FROM refresh_families WHERE issuer = ?1 AND family_id = ?2'),
  refreshToken: reads(`
    SELECT body, rotated_at, successor_hash, sealed_successor, sealed_until FROM refresh_tokens WHERE issuer = ?1 AND token_hash = ?2`),
  putRefreshFamily: writes(`
    INSERT INTO refresh_families (issuer, family_id, grant_id, idle_expires_at, absolute_expires_at, revoked_at, keep_until, body)
    SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT), CAST(?6 AS BIGINT),
      CAST(?7 AS BIGINT), CAST(?8 AS TEXT)
    WHERE ${grantLives('?3')}
    ON CONFLICT (issuer, family_id) DO NOTHING`),
  putRefreshToken: writes(`
    INSERT INTO refresh_tokens
      (issuer, token_hash, family_id, rotated_at, successor_hash, sealed_successor, sealed_until, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (issuer, token_hash) DO NOTHING`),
  // Also the lock under which a rotation is judged: a rotation and a revocation of one family touch the same row first.
  touchRefreshFamily: writes(`
    UPDATE refresh_families SET idle_expires_at = ?3,
      keep_until = CASE WHEN ?3 < absolute_expires_at THEN ?3 ELSE absolute_expires_at END + ?4
    WHERE issuer = ?1 AND family_id = ?2 AND revoked_at IS NULL`),
  rotateRefreshToken: writes(`
    UPDATE refresh_tokens SET rotated_at = ?4, successor_hash = ?5, sealed_successor = ?6, sealed_until = ?7
    WHERE issuer = ?1 AND token_hash = ?2 AND family_id = ?3 AND rotated_at IS NULL`),
  bindRefreshFamily: writes(`
    UPDATE refresh_families SET body = ?3 WHERE issuer = ?1 AND family_id = ?2 AND body = ?4 AND revoked_at IS NULL`),
  revokeRefreshFamily: writes('UPDATE refresh_families SET revoked_at = ?3 WHERE issuer = ?1 AND family_id = ?2 AND revoked_at IS NULL'),
  revokeFamiliesOfGrant: writes('UPDATE refresh_families SET revoked_at = ?3 WHERE issuer = ?1 AND grant_id = ?2 AND revoked_at IS NULL'),
  eraseSealedSuccessors: writes(`
    UPDATE refresh_tokens SET sealed_successor = NULL, sealed_until = NULL
    WHERE (issuer, token_hash) IN (SELECT issuer, token_hash FROM refresh_tokens WHERE sealed_until < ?1 LIMIT ?2)`),
  // Tokens first: a family without tokens may wait for the next round, a token without its family may not exist.
  sweepRefreshTokens: writes(`
    DELETE FROM refresh_tokens WHERE (issuer, token_hash) IN (
      SELECT refresh_tokens.issuer, refresh_tokens.token_hash FROM refresh_families
      JOIN refresh_tokens ON refresh_tokens.issuer = refresh_families.issuer AND refresh_tokens.family_id = refresh_families.family_id
      WHERE refresh_families.keep_until < ?1 LIMIT ?2)`),
  sweepRefreshFamilies: writes(`
    DELETE FROM refresh_families WHERE (issuer, family_id) IN (
      SELECT issuer, family_id FROM refresh_families WHERE keep_until < ?1 AND NOT EXISTS (
        SELECT 1 FROM refresh_tokens
        WHERE refresh_tokens.issuer = refresh_families.issuer AND refresh_tokens.family_id = refresh_families.family_id)
      LIMIT ?2)`),

  accessToken: reads('SELECT body, revoked_at FROM access_tokens WHERE issuer = ?1 AND jti = ?2'),
  // A revocation stays: remembering a token again never revives it.
  putAccessToken: writes(`
    INSERT INTO access_tokens (issuer, jti, grant_id, revoked_at, keep_until, body)
    SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT), CAST(?6 AS TEXT)
    WHERE CAST(?3 AS TEXT) IS NULL OR ${grantLives('?3')}
    ON CONFLICT (issuer, jti) DO UPDATE SET revoked_at = COALESCE(access_tokens.revoked_at, excluded.revoked_at)`),
  revokeAccessToken: writes('UPDATE access_tokens SET revoked_at = ?3 WHERE issuer = ?1 AND jti = ?2 AND revoked_at IS NULL'),
  revokeAccessTokensOfGrant: writes('UPDATE access_tokens SET revoked_at = ?3 WHERE issuer = ?1 AND grant_id = ?2 AND revoked_at IS NULL'),
  revokeAccessTokensOfFamily: writes(`
    UPDATE access_tokens SET revoked_at = ?3 WHERE issuer = ?1 AND revoked_at IS NULL
      AND grant_id = (SELECT grant_id FROM refresh_families WHERE issuer = ?1 AND family_id = ?2)`),
  sweepAccessTokens: writes(`
    DELETE FROM access_tokens WHERE (issuer, jti) IN (SELECT issuer, jti FROM access_tokens WHERE keep_until < ?1 LIMIT ?2)`),

  opaqueToken: reads('SELECT body FROM opaque_tokens WHERE issuer = ?1 AND token_hash = ?2'),
  putOpaqueToken: writes(`
    INSERT INTO opaque_tokens (issuer, token_hash, keep_until, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (issuer, token_hash) DO NOTHING`),
  sweepOpaqueTokens: writes(`
    DELETE FROM opaque_tokens WHERE (issuer, token_hash) IN (SELECT issuer, token_hash FROM opaque_tokens WHERE keep_until < ?1 LIMIT ?2)`),

  grant: reads('SELECT body, revoked_at, version FROM grants WHERE issuer = ?1 AND grant_id = ?2'),
  grantsOfSubject: reads(`
    SELECT body, revoked_at, version FROM grants WHERE issuer = ?1 AND subject = ?2 AND revoked_at IS NULL AND expires_at >= ?3
    ORDER BY created_at DESC, grant_id`),
  grantsOfSubjectToClient: reads(`
    SELECT body, revoked_at, version FROM grants
    WHERE issuer = ?1 AND subject = ?2 AND revoked_at IS NULL AND expires_at >= ?3 AND client_id = ?4
    ORDER BY created_at DESC, grant_id`),
  insertGrant: writes(`
    INSERT INTO grants (issuer, grant_id, version, client_id, subject, created_at, expires_at, revoked_at, keep_until, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (issuer, grant_id) DO NOTHING`),
  replaceGrant: writes(`
    UPDATE grants SET version = ?3, client_id = ?4, subject = ?5, created_at = ?6, expires_at = ?7, revoked_at = ?8, keep_until = ?9, body = ?10
    WHERE issuer = ?1 AND grant_id = ?2 AND version = ?3 - 1`),
  // The version moves on, so that a change decided before the revocation cannot undo it.
  revokeGrant: writes(`
    UPDATE grants SET revoked_at = ?3, version = version + 1 WHERE issuer = ?1 AND grant_id = ?2 AND revoked_at IS NULL`),
  sweepGrants: writes(`
    DELETE FROM grants WHERE (issuer, grant_id) IN (SELECT issuer, grant_id FROM grants WHERE keep_until < ?1 LIMIT ?2)`),

  session: reads('SELECT body, ended_at, version FROM sessions WHERE issuer = ?1 AND session_hash = ?2'),
  insertSession: writes(`
    INSERT INTO sessions (issuer, session_hash, version, ended_at, keep_until, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (issuer, session_hash) DO NOTHING`),
  replaceSession: writes(`
    UPDATE sessions SET version = ?3, ended_at = ?4, keep_until = ?5, body = ?6
    WHERE issuer = ?1 AND session_hash = ?2 AND version = ?3 - 1`),
  endSession: writes(`
    UPDATE sessions SET ended_at = ?3, version = version + 1 WHERE issuer = ?1 AND session_hash = ?2 AND ended_at IS NULL`),
  sweepSessions: writes(`
    DELETE FROM sessions WHERE (issuer, session_hash) IN (SELECT issuer, session_hash FROM sessions WHERE keep_until < ?1 LIMIT ?2)`),

  interaction: reads('SELECT body FROM interactions WHERE issuer = ?1 AND interaction_hash = ?2'),
  insertInteraction: writes(`
    INSERT INTO interactions (issuer, interaction_hash, version, keep_until, body) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (issuer, interaction_hash) DO NOTHING`),
  replaceInteraction: writes(`
    UPDATE interactions SET version = ?3, keep_until = ?4, body = ?5 WHERE issuer = ?1 AND interaction_hash = ?2 AND version = ?3 - 1`),
  takeInteraction: writes('DELETE FROM interactions WHERE issuer = ?1 AND interaction_hash = ?2'),
  sweepInteractions: writes(`
    DELETE FROM interactions WHERE (issuer, interaction_hash) IN (
      SELECT issuer, interaction_hash FROM interactions WHERE keep_until < ?1 LIMIT ?2)`),

  pushedRequest: reads('SELECT body FROM pushed_requests WHERE issuer = ?1 AND request_hash = ?2'),
  putPushedRequest: writes(`
    INSERT INTO pushed_requests (issuer, request_hash, take_until, keep_until, body) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (issuer, request_hash) DO NOTHING`),
  takePushedRequest: writes('DELETE FROM pushed_requests WHERE issuer = ?1 AND request_hash = ?2 AND take_until >= ?3'),
  sweepPushedRequests: writes(`
    DELETE FROM pushed_requests WHERE (issuer, request_hash) IN (
      SELECT issuer, request_hash FROM pushed_requests WHERE keep_until < ?1 LIMIT ?2)`),

  ...deviceStatements,
  ...signingOutStatements,
  ...registrationStatements,

  client: reads('SELECT body FROM clients WHERE issuer = ?1 AND client_id = ?2'),
  clients: reads('SELECT body FROM clients WHERE issuer = ?1 ORDER BY client_id'),
  insertClient: writes(`
    INSERT INTO clients (issuer, client_id, version, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (issuer, client_id) DO NOTHING`),
  replaceClient: writes('UPDATE clients SET version = ?3, body = ?4 WHERE issuer = ?1 AND client_id = ?2 AND version = ?3 - 1'),

  user: reads('SELECT body FROM users WHERE issuer = ?1 AND subject = ?2'),
  userByName: reads('SELECT body FROM users WHERE issuer = ?1 AND username = ?2'),
  // Any conflict loses: the subject or the name is taken.
  insertUser: writes(`
    INSERT INTO users (issuer, subject, version, username, body) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING`),
  replaceUser: writes(`
    UPDATE users SET version = ?3, username = ?4, body = ?5
    WHERE issuer = ?1 AND subject = ?2 AND version = ?3 - 1
      AND NOT EXISTS (SELECT 1 FROM users AS other WHERE other.issuer = ?1 AND other.username = ?4 AND other.subject <> ?2)`),

  keys: reads('SELECT body FROM signing_keys WHERE issuer = ?1 ORDER BY created_at, kid'),
  insertKey: writes(`
    INSERT INTO signing_keys (issuer, kid, version, created_at, keep_until, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (issuer, kid) DO NOTHING`),
  replaceKey: writes(`
    UPDATE signing_keys SET version = ?3, created_at = ?4, keep_until = ?5, body = ?6
    WHERE issuer = ?1 AND kid = ?2 AND version = ?3 - 1`),
  sweepKeys: writes(`
    DELETE FROM signing_keys WHERE (issuer, kid) IN (SELECT issuer, kid FROM signing_keys WHERE keep_until < ?1 LIMIT ?2)`),

  resources: reads('SELECT body FROM resources WHERE issuer = ?1 ORDER BY resource'),
  putResource: writes(`
    INSERT INTO resources (issuer, resource, body) VALUES (?1, ?2, ?3) ON CONFLICT (issuer, resource) DO UPDATE SET body = excluded.body`),
  scopes: reads('SELECT body FROM scopes WHERE issuer = ?1 ORDER BY scope'),
  putScope: writes(`
    INSERT INTO scopes (issuer, scope, body) VALUES (?1, ?2, ?3) ON CONFLICT (issuer, scope) DO UPDATE SET body = excluded.body`),

  appendAudit: writes('INSERT INTO audit (issuer, at, event, subject, body) VALUES (?1, ?2, ?3, ?4, ?5)'),
  auditNewest: reads(`
    SELECT body FROM audit WHERE issuer = ?1 AND (CAST(?3 AS TEXT) IS NULL OR event = ?3) ORDER BY seq DESC LIMIT ?2`),
  auditOfSubject: reads(`
    SELECT body FROM audit WHERE issuer = ?1 AND subject = ?4 AND (CAST(?3 AS TEXT) IS NULL OR event = ?3) ORDER BY seq DESC LIMIT ?2`),
} as const satisfies Record<string, Statement>

export type StatementName = keyof typeof statements
