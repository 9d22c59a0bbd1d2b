// The write plan: what a decision wants remembered, as data. Storage interprets each verb atomically.
import type { Confirmation, Issuer, Seconds, SecretHash } from './ids.ts'
import type {
  AccessTokenRecord,
  AuditEvent,
  ClaimReadRecord,
  ClientRecord,
  CodeRecord,
  DeviceCodeRecord,
  GrantRecord,
  InteractionRecord,
  KeyRecord,
  LogoutNoticeRecord,
  OpaqueTokenRecord,
  PushedRequestRecord,
  RefreshFamilyRecord,
  RefreshTokenRecord,
  RegistrationRecord,
  ResourceRecord,
  ScopeRecord,
  SessionRecord,
  UserRecord,
} from './records.ts'

/** Once-only things: proofs' and assertions' `jti`, code challenges, one-time codes of people. */
export type ReplaySpace = 'proof' | 'assertion' | 'challenge' | 'grant-assertion' | 'otp'

export type Write =
  /** Lost when the id was claimed before and `until` has not passed. */
  | { readonly write: 'claim-once'; readonly space: ReplaySpace; readonly id: string; readonly until: Seconds }
  /** Lost unless its grant is there and unrevoked, and where the code exists already: nothing is born into a grant that is gone. */
  | { readonly write: 'put-code'; readonly record: CodeRecord }
  /** Lost unless still unredeemed (RFC 6749 §4.1.2). */
  | { readonly write: 'redeem-code'; readonly codeHash: SecretHash; readonly at: Seconds }
  /** Lost as `put-code` is. */
  | { readonly write: 'put-refresh-family'; readonly record: RefreshFamilyRecord; readonly token: RefreshTokenRecord }
  /**
   * Lost unless the family is unrevoked and `presentedHash` is its current token.
   * Answers `repeat` when it was rotated inside its window and its successor is still unredeemed (RFC 9700 §4.14).
   */
  | {
      readonly write: 'rotate-refresh-token'
      readonly familyId: string
      readonly presentedHash: SecretHash
      readonly successor: RefreshTokenRecord
      readonly sealedSuccessor: string
      readonly sealedUntil: Seconds
      readonly idleExpiresAt: Seconds
      readonly at: Seconds
    }
  /** From its first proof on, a family that was bound to nothing is bound to that key. Lost unless it is live and still bound to nothing. */
  | { readonly write: 'bind-refresh-family'; readonly familyId: string; readonly confirmation: Confirmation }
  /** A refresh without rotation: lost when the family is revoked. */
  | { readonly write: 'touch-refresh-family'; readonly familyId: string; readonly idleExpiresAt: Seconds; readonly at: Seconds }
  /** Lost unless its grant, where it has one, is there and unrevoked. Put again it is the same; a revocation stays. */
  | { readonly write: 'put-access-token'; readonly record: AccessTokenRecord }
  /** Lost where it exists already. Whether it may be issued is asked of `put-access-token`, in the same plan. */
  | { readonly write: 'put-opaque-token'; readonly record: OpaqueTokenRecord }
  /** Idempotent; an unknown token is no failure. */
  | { readonly write: 'revoke-access-token'; readonly jti: string; readonly at: Seconds }
  /**
   * Idempotent; takes unredeemed codes, refresh families and access tokens of the grant with it (RFC 7009 §2.1).
   * Redeemed codes stay, so that a replay is still recognized. The grant's version moves on: a change decided before is lost.
   */
  | { readonly write: 'revoke-grant'; readonly grantId: string; readonly at: Seconds }
  /** Idempotent; takes the access tokens of the family's grant with it. */
  | { readonly write: 'revoke-refresh-family'; readonly familyId: string; readonly at: Seconds }
  /** The put-* below are lost unless the stored version is `record.version - 1` (0: must not exist yet). */
  | { readonly write: 'put-grant'; readonly record: GrantRecord }
  | { readonly write: 'put-session'; readonly record: SessionRecord }
  /** Idempotent. The session's version moves on, so that a change decided before cannot revive it. */
  | { readonly write: 'end-session'; readonly sessionHash: SecretHash; readonly at: Seconds }
  | { readonly write: 'put-interaction'; readonly record: InteractionRecord }
  /** Lost when it is gone: an interaction answers once. */
  | { readonly write: 'take-interaction'; readonly interactionHash: SecretHash }
  /** Lost where it exists already. */
  | { readonly write: 'put-pushed-request'; readonly record: PushedRequestRecord }
  /** Lost when it is gone or past its `takeUntil`: a pushed request is completed once (RFC 9126 §4). */
  | { readonly write: 'take-pushed-request'; readonly requestHash: SecretHash }
  /** Lost where either code is remembered already: no two devices share a user code. */
  | { readonly write: 'put-device-code'; readonly record: DeviceCodeRecord }
  /** Lost unless undecided and unexpired: a person decides once. Its grant is put by the same plan. */
  | { readonly write: 'approve-device-code'; readonly deviceHash: SecretHash; readonly grantId: string }
  /** Lost as `approve-device-code` is. */
  | { readonly write: 'deny-device-code'; readonly deviceHash: SecretHash }
  /** Lost unless the last poll is still the one that was seen: of two polls at once, one came too early. */
  | { readonly write: 'poll-device-code'; readonly deviceHash: SecretHash; readonly seenPolledAt: Seconds | null; readonly at: Seconds }
  /** Lengthens the interval for all later polls (RFC 8628 §3.5). An unknown code is no failure. */
  | { readonly write: 'slow-device-code'; readonly deviceHash: SecretHash; readonly bySeconds: number; readonly at: Seconds }
  /** Lost unless allowed, unexpired and uncollected: tokens are collected once. */
  | { readonly write: 'collect-device-code'; readonly deviceHash: SecretHash; readonly at: Seconds }
  /** Idempotent; ends what lives by a grant as `revoke-grant` does, but the grant stays: what a person allowed outlives a sign-in. */
  | { readonly write: 'end-grant-tokens'; readonly grantId: string; readonly at: Seconds }
  /** Lost unless the stored version is `record.version - 1`: whoever takes a notice up moves it on before sending it. */
  | { readonly write: 'put-logout-notice'; readonly record: LogoutNoticeRecord }
  /** Lost when it is gone. */
  | { readonly write: 'drop-logout-notice'; readonly noticeId: string }
  /** Idempotent: the same app, claims and hour are one row. */
  | { readonly write: 'note-claim-read'; readonly record: ClaimReadRecord }
  | { readonly write: 'put-client'; readonly record: ClientRecord }
  /** A new one is lost also where the issuer has `most` of them already. A use that was noted stays noted. */
  | { readonly write: 'put-registration'; readonly record: RegistrationRecord; readonly most?: number }
  /** Notes that it is in use, never backwards. An unknown one is no failure. */
  | { readonly write: 'touch-registration'; readonly clientId: string; readonly at: Seconds; readonly keepUntil: Seconds }
  /** Lost when there is none. Takes its registration along, and its grants with all that lives by them. */
  | { readonly write: 'delete-client'; readonly clientId: string; readonly at: Seconds }
  /** Lost also where another subject has the username. */
  | { readonly write: 'put-user'; readonly record: UserRecord }
  | { readonly write: 'put-key'; readonly record: KeyRecord }
  /** Declared by configuration: replaced as a whole, no version. */
  | { readonly write: 'put-resource'; readonly record: ResourceRecord }
  | { readonly write: 'put-scope'; readonly record: ScopeRecord }

export type WriteName = Write['write']

/** All or nothing, the audit rows included. */
export interface WritePlan {
  readonly issuer: Issuer
  readonly writes: readonly Write[]
  readonly audit: readonly AuditEvent[]
  /** Current time, for every condition above. */
  readonly now: Seconds
}
