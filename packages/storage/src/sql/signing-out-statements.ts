// Statements about signing out and access histories.
import { reads, writes } from './statement.ts'

export const signingOutStatements = {
  sessionsOfSubject: reads(`
    SELECT body, ended_at, version FROM sessions WHERE issuer = ?1 AND subject = ?2 AND ended_at IS NULL AND keep_until >= ?3
    ORDER BY session_hash`),

  logoutNoticesDue: reads('SELECT body FROM logout_notices WHERE issuer = ?1 AND due_at <= ?2 ORDER BY due_at, notice_id LIMIT ?3'),
  insertLogoutNotice: writes(`
    INSERT INTO logout_notices (issuer, notice_id, version, due_at, keep_until, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (issuer, notice_id) DO NOTHING`),
  replaceLogoutNotice: writes(`
    UPDATE logout_notices SET version = ?3, due_at = ?4, keep_until = ?5, body = ?6
    WHERE issuer = ?1 AND notice_id = ?2 AND version = ?3 - 1`),
  dropLogoutNotice: writes('DELETE FROM logout_notices WHERE issuer = ?1 AND notice_id = ?2'),
  sweepLogoutNotices: writes(`
    DELETE FROM logout_notices WHERE (issuer, notice_id) IN (
      SELECT issuer, notice_id FROM logout_notices WHERE keep_until < ?1 LIMIT ?2)`),

  claimReadsOf: reads(`
    SELECT body FROM claim_reads WHERE issuer = ?1 AND subject = ?2 AND keep_until >= ?3
    ORDER BY hour DESC, client_id, claims LIMIT ?4`),
  noteClaimRead: writes(`
    INSERT INTO claim_reads (issuer, subject, client_id, hour, claims, keep_until, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT DO NOTHING`),
  sweepClaimReads: writes(`
    DELETE FROM claim_reads WHERE (issuer, subject, client_id, hour, claims) IN (
      SELECT issuer, subject, client_id, hour, claims FROM claim_reads WHERE keep_until < ?1 LIMIT ?2)`),
} as const
