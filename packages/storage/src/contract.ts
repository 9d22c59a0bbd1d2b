// What every storage engine promises. Verbs, not CRUD: each commit is one atomic step with its conditions inside.
import type {
  AccessTokenRecord,
  AuditEvent,
  ClaimReadRecord,
  ClientRecord,
  CodeRecord,
  DeviceCodeRecord,
  GrantRecord,
  InteractionRecord,
  Issuer,
  KeyRecord,
  LogoutNoticeRecord,
  OpaqueTokenRecord,
  PushedRequestRecord,
  RefreshFamilyRecord,
  RefreshTokenRecord,
  RegistrationRecord,
  ReplaySpace,
  ResourceRecord,
  ScopeRecord,
  Seconds,
  SecretHash,
  SessionRecord,
  UserRecord,
  WriteName,
  WritePlan,
} from '@kimei/protocol'

export type Awaitable<T> = T | Promise<T>

/** Reads answer the last committed state. `undefined`: there is none. */
export interface RecordReader {
  client(issuer: Issuer, clientId: string): Awaitable<ClientRecord | undefined>
  clients(issuer: Issuer): Awaitable<readonly ClientRecord[]>
  registration(issuer: Issuer, clientId: string): Awaitable<RegistrationRecord | undefined>
  registrationCount(issuer: Issuer): Awaitable<number>
  resources(issuer: Issuer): Awaitable<readonly ResourceRecord[]>
  scopes(issuer: Issuer): Awaitable<readonly ScopeRecord[]>
  code(issuer: Issuer, codeHash: SecretHash): Awaitable<CodeRecord | undefined>
  refreshToken(issuer: Issuer, tokenHash: SecretHash): Awaitable<RefreshTokenRecord | undefined>
  refreshFamily(issuer: Issuer, familyId: string): Awaitable<RefreshFamilyRecord | undefined>
  grant(issuer: Issuer, grantId: string): Awaitable<GrantRecord | undefined>
  /** Unrevoked, unexpired grants of one user, newest first; with `clientId`, those to one client. */
  grantsOf(issuer: Issuer, subject: string, now: Seconds, clientId?: string): Awaitable<readonly GrantRecord[]>
  accessToken(issuer: Issuer, jti: string): Awaitable<AccessTokenRecord | undefined>
  opaqueToken(issuer: Issuer, tokenHash: SecretHash): Awaitable<OpaqueTokenRecord | undefined>
  user(issuer: Issuer, subject: string): Awaitable<UserRecord | undefined>
  userByName(issuer: Issuer, username: string): Awaitable<UserRecord | undefined>
  session(issuer: Issuer, sessionHash: SecretHash): Awaitable<SessionRecord | undefined>
  /** Whether an id is claimed and live. Only to refuse early: the claim itself decides. */
  claimed(space: ReplaySpace, id: string, now: Seconds): Awaitable<boolean>
  interaction(issuer: Issuer, interactionHash: SecretHash): Awaitable<InteractionRecord | undefined>
  pushedRequest(issuer: Issuer, requestHash: SecretHash): Awaitable<PushedRequestRecord | undefined>
  deviceCode(issuer: Issuer, deviceHash: SecretHash): Awaitable<DeviceCodeRecord | undefined>
  /** By the hash of its user code, whatever became of it. */
  deviceCodeByUser(issuer: Issuer, userHash: SecretHash): Awaitable<DeviceCodeRecord | undefined>
  /** Open, unexpired sign-ins of one person. */
  sessionsOf(issuer: Issuer, subject: string, now: Seconds): Awaitable<readonly SessionRecord[]>
  /** Notices whose time has come, the most overdue first. */
  logoutNotices(issuer: Issuer, now: Seconds, limit: number): Awaitable<readonly LogoutNoticeRecord[]>
  /** Which app read what of one person, newest first. */
  claimReads(issuer: Issuer, subject: string, now: Seconds, limit: number): Awaitable<readonly ClaimReadRecord[]>
  keys(issuer: Issuer): Awaitable<readonly KeyRecord[]>
  /** Newest first. */
  audit(
    issuer: Issuer,
    options: { readonly limit: number; readonly event?: string; readonly subject?: string },
  ): Awaitable<readonly AuditEvent[]>
}

/** Insert-if-absent in one atomic step. Fails closed: throws `StorageUnavailable` rather than guess. */
export interface ReplayGuard {
  /**
   * `seen` while an earlier claim of the same id has `until >= now`. Live entries are never evicted.
   * `seen` also for a live id that ends no later than one already forgotten: it may have been claimed before the clock stepped back.
   */
  claim(space: ReplaySpace, id: string, until: Seconds, now: Seconds): Awaitable<'first' | 'seen'>
  /** Whether other processes share the memory: a local one is refused where siblings are known. */
  readonly reach: 'process' | 'shared'
}

export type CommitAnswer =
  | { readonly done: 'committed' }
  /** A condition failed; nothing was written. Reload, decide once more. */
  | { readonly done: 'lost'; readonly lost: WriteName; readonly index: number }
  /** An honest duplicate refresh: nothing was written; here is what the winner sealed. */
  | { readonly done: 'repeat'; readonly sealedSuccessor: string; readonly successorHash: SecretHash }

export interface Storage {
  readonly records: RecordReader
  readonly replay: ReplayGuard
  commit(plan: WritePlan): Promise<CommitAnswer>
  /** Audit rows that belong to no plan (guards, refusals). Best effort is not enough: resolves after they are durable. */
  appendAudit(events: readonly AuditEvent[]): Promise<void>
  /** Deletes what has expired (`retention.ts` says when), at most `limit` rows (1,000); answers how many went. Never a live replay entry. */
  sweep(now: Seconds, limit?: number): Promise<number>
  close(): Promise<void>
}

/** Full, locked or unreachable: answered 503, nothing was written. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable'
}
