// Until when each kind of record must stay: the one place both engines and every sweep ask.
// A record may live longer than this, never shorter.
import type {
  AccessTokenRecord,
  ClaimReadRecord,
  CodeRecord,
  DeviceCodeRecord,
  GrantRecord,
  InteractionRecord,
  KeyRecord,
  LogoutNoticeRecord,
  OpaqueTokenRecord,
  PushedRequestRecord,
  RefreshFamilyRecord,
  Seconds,
  SessionRecord,
} from '@kimei/protocol'

/** Nobody accepts anything this long after it expired, whatever leeway a guard grants. */
export const leewaySeconds = 300
/** A redeemed code stays known a while after it expired, so that its replay is still recognized as one (OAuth 2.1 §4.1.3). */
const codeMemorySeconds = 600
/** Never swept. */
export const forever: Seconds = Number.MAX_SAFE_INTEGER

export const keepUntil = {
  code: (record: CodeRecord): Seconds => record.expiresAt + codeMemorySeconds,
  /** Its rotated tokens stay with it: presenting one of them again must be recognized as reuse. */
  refreshFamily: (record: Pick<RefreshFamilyRecord, 'idleExpiresAt' | 'absoluteExpiresAt'>): Seconds =>
    Math.min(record.idleExpiresAt, record.absoluteExpiresAt) + leewaySeconds,
  /** A revocation outlives the last second at which a guard with leeway may still accept the token. */
  accessToken: (record: AccessTokenRecord): Seconds => record.expiresAt + leewaySeconds,
  /** With the record that knows of its revocation. */
  opaqueToken: (record: OpaqueTokenRecord): Seconds => record.expiresAt + leewaySeconds,
  grant: (record: GrantRecord): Seconds => record.expiresAt + leewaySeconds,
  session: (record: SessionRecord): Seconds => record.expiresAt + leewaySeconds,
  interaction: (record: InteractionRecord): Seconds => record.expiresAt + leewaySeconds,
  pushedRequest: (record: PushedRequestRecord): Seconds => record.takeUntil + leewaySeconds,
  /** A device that polls late is told that its code expired, and a copy of a collected code is recognized. */
  deviceCode: (record: DeviceCodeRecord): Seconds => record.expiresAt + codeMemorySeconds,
  logoutNotice: (record: LogoutNoticeRecord): Seconds => record.giveUpAt + leewaySeconds,
  /** Exactly as long as the person was told. */
  claimRead: (record: ClaimReadRecord): Seconds => record.keepUntil,
  key: (record: KeyRecord): Seconds => (record.removeAt === null ? forever : record.removeAt + leewaySeconds),
}
