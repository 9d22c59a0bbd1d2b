// What the memory engine holds: one map a kind of record, every key beginning with the issuer.
import type {
  AccessTokenRecord,
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
  ResourceRecord,
  ScopeRecord,
  SessionRecord,
  UserRecord,
} from '@kimei/protocol'
import { type Journal, JournaledMap } from './journaled-map.ts'
import type { MemoryReplay } from './memory-replay.ts'

export interface MemoryTables {
  readonly clients: JournaledMap<ClientRecord>
  readonly registrations: JournaledMap<RegistrationRecord>
  readonly resources: JournaledMap<ResourceRecord>
  readonly scopes: JournaledMap<ScopeRecord>
  readonly users: JournaledMap<UserRecord>
  readonly codes: JournaledMap<CodeRecord>
  readonly families: JournaledMap<RefreshFamilyRecord>
  readonly refreshTokens: JournaledMap<RefreshTokenRecord>
  readonly accessTokens: JournaledMap<AccessTokenRecord>
  readonly opaqueTokens: JournaledMap<OpaqueTokenRecord>
  readonly grants: JournaledMap<GrantRecord>
  readonly sessions: JournaledMap<SessionRecord>
  readonly interactions: JournaledMap<InteractionRecord>
  readonly pushedRequests: JournaledMap<PushedRequestRecord>
  readonly deviceCodes: JournaledMap<DeviceCodeRecord>
  /** Device hashes by user hash. */
  readonly userCodes: JournaledMap<string>
  readonly logoutNotices: JournaledMap<LogoutNoticeRecord>
  readonly claimReads: JournaledMap<ClaimReadRecord>
  readonly keys: JournaledMap<KeyRecord>
  readonly replay: MemoryReplay
}

export function makeMemoryTables(journal: Journal, replay: MemoryReplay): MemoryTables {
  return {
    clients: new JournaledMap(journal),
    registrations: new JournaledMap(journal),
    resources: new JournaledMap(journal),
    scopes: new JournaledMap(journal),
    users: new JournaledMap(journal),
    codes: new JournaledMap(journal),
    families: new JournaledMap(journal),
    refreshTokens: new JournaledMap(journal),
    accessTokens: new JournaledMap(journal),
    opaqueTokens: new JournaledMap(journal),
    grants: new JournaledMap(journal),
    sessions: new JournaledMap(journal),
    interactions: new JournaledMap(journal),
    pushedRequests: new JournaledMap(journal),
    deviceCodes: new JournaledMap(journal),
    userCodes: new JournaledMap(journal),
    logoutNotices: new JournaledMap(journal),
    claimReads: new JournaledMap(journal),
    keys: new JournaledMap(journal),
    replay,
  }
}

/** An issuer holds no line break (it is a URL), so the first one ends it and keys cannot run into each other. */
export function keyOf(issuer: Issuer, id: string): string {
  return `${issuer}\n${id}`
}
