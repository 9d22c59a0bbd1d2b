// Statements about devices that wait for a person.
import { reads, writes } from './statement.ts'

const columns = 'body, interval_seconds, last_polled_at, decision, grant_id, collected_at'
const undecided = 'decision IS NULL AND expires_at > ?3'

export const deviceStatements = {
  deviceCode: reads(`SELECT ${columns} FROM device_codes WHERE issuer = ?1 AND device_hash = ?2`),
  deviceCodeByUser: reads(`SELECT ${columns} FROM device_codes WHERE issuer = ?1 AND user_hash = ?2`),
  // Any conflict loses: the device code or the user code is taken.
  putDeviceCode: writes(`
    INSERT INTO device_codes
      (issuer, device_hash, user_hash, expires_at, interval_seconds, last_polled_at, decision, grant_id, collected_at, keep_until, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING`),
  approveDeviceCode: writes(`
    UPDATE device_codes SET decision = 'allowed', grant_id = ?4 WHERE issuer = ?1 AND device_hash = ?2 AND ${undecided}`),
  denyDeviceCode: writes(`UPDATE device_codes SET decision = 'denied' WHERE issuer = ?1 AND device_hash = ?2 AND ${undecided}`),
  pollDeviceCode: writes(`
    UPDATE device_codes SET last_polled_at = ?3
    WHERE issuer = ?1 AND device_hash = ?2 AND COALESCE(last_polled_at, -1) = CAST(?4 AS BIGINT)`),
  slowDeviceCode: writes(`
    UPDATE device_codes SET last_polled_at = ?3, interval_seconds = interval_seconds + ?4 WHERE issuer = ?1 AND device_hash = ?2`),
  collectDeviceCode: writes(`
    UPDATE device_codes SET collected_at = ?3
    WHERE issuer = ?1 AND device_hash = ?2 AND decision = 'allowed' AND collected_at IS NULL AND expires_at > ?4`),
  sweepDeviceCodes: writes(`
    DELETE FROM device_codes WHERE (issuer, device_hash) IN (SELECT issuer, device_hash FROM device_codes WHERE keep_until < ?1 LIMIT ?2)`),
} as const
