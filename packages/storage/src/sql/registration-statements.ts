// Statements about clients that registered themselves.
import { reads, writes } from './statement.ts'

const later = (column: string, value: string) => `CASE WHEN ${column} < ${value} THEN ${value} ELSE ${column} END`
const grantsOfClient = 'SELECT grant_id FROM grants WHERE grants.issuer = ?1 AND grants.client_id = ?2'

export const registrationStatements = {
  registration: reads('SELECT body, last_used_at, keep_until FROM registrations WHERE issuer = ?1 AND client_id = ?2'),
  registrationCount: reads('SELECT COUNT(*) AS registrations FROM registrations WHERE issuer = ?1'),
  insertRegistration: writes(`
    INSERT INTO registrations (issuer, client_id, version, last_used_at, keep_until, body)
    SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS BIGINT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT), CAST(?6 AS TEXT)
    WHERE CAST(?7 AS BIGINT) IS NULL OR (SELECT COUNT(*) FROM registrations WHERE issuer = ?1) < CAST(?7 AS BIGINT)
    ON CONFLICT (issuer, client_id) DO NOTHING`),
  replaceRegistration: writes(`
    UPDATE registrations SET version = ?3, last_used_at = ${later('last_used_at', '?4')}, keep_until = ${later('keep_until', '?5')}, body = ?6
    WHERE issuer = ?1 AND client_id = ?2 AND version = ?3 - 1`),
  touchRegistration: writes(`
    UPDATE registrations SET last_used_at = ?3, keep_until = ${later('keep_until', '?4')}
    WHERE issuer = ?1 AND client_id = ?2 AND last_used_at <= ?3`),
  deleteClient: writes('DELETE FROM clients WHERE issuer = ?1 AND client_id = ?2'),
  deleteRegistration: writes('DELETE FROM registrations WHERE issuer = ?1 AND client_id = ?2'),
  // As `revokeGrant` and its company, for every grant of one client.
  revokeGrantsOfClient: writes(`
    UPDATE grants SET revoked_at = ?3, version = version + 1 WHERE issuer = ?1 AND client_id = ?2 AND revoked_at IS NULL`),
  dropCodesOfClient: writes(`DELETE FROM codes WHERE issuer = ?1 AND redeemed_at IS NULL AND grant_id IN (${grantsOfClient})`),
  revokeFamiliesOfClient: writes(`
    UPDATE refresh_families SET revoked_at = ?3 WHERE issuer = ?1 AND revoked_at IS NULL AND grant_id IN (${grantsOfClient})`),
  revokeAccessTokensOfClient: writes(`
    UPDATE access_tokens SET revoked_at = ?3 WHERE issuer = ?1 AND revoked_at IS NULL AND grant_id IN (${grantsOfClient})`),
  sweepRegisteredClients: writes(`
    DELETE FROM clients WHERE (issuer, client_id) IN (
      SELECT registrations.issuer, registrations.client_id FROM registrations
      JOIN clients AS known ON known.issuer = registrations.issuer AND known.client_id = registrations.client_id
      WHERE registrations.keep_until < ?1 LIMIT ?2)`),
  sweepRegistrations: writes(`
    DELETE FROM registrations WHERE (issuer, client_id) IN (
      SELECT issuer, client_id FROM registrations WHERE keep_until < ?1 AND NOT EXISTS (
        SELECT 1 FROM clients WHERE clients.issuer = registrations.issuer AND clients.client_id = registrations.client_id)
      LIMIT ?2)`),
} as const
