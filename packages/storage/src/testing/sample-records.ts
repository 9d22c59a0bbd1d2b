// Records and plans of one imagined issuer, for the cases. Everything that matters to a case is given by the case.
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
  SessionRecord,
  UserRecord,
  Write,
  WritePlan,
} from '@kimei/protocol'
import type { CommitAnswer, Storage } from '../contract.ts'

export const issuer = 'https://issuer.example'
export const otherIssuer = 'https://other.example/tenant'
/** The cases' own present. */
export const now = 1_700_000_000

type Change<T> = Partial<T>

export const sample = {
  grant: (change: Change<GrantRecord> = {}): GrantRecord => ({
    issuer,
    grantId: 'grant-1',
    clientId: 'client-1',
    subject: 'subject-1',
    scopes: ['notes:read', 'openid'],
    resources: ['https://api.example/'],
    sessionId: 'sid-1',
    authTime: now - 5,
    createdAt: now,
    expiresAt: now + 86_400,
    revokedAt: null,
    version: 1,
    ...change,
  }),
  code: (change: Change<CodeRecord> = {}): CodeRecord => ({
    issuer,
    codeHash: 'code-hash-1',
    grantId: 'grant-1',
    clientId: 'client-1',
    redirectUri: 'https://app.example/callback',
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    dpopJkt: null,
    nonce: 'n-1',
    subject: 'subject-1',
    scopes: ['openid'],
    resources: [],
    authTime: now - 5,
    createdAt: now,
    expiresAt: now + 60,
    redeemedAt: null,
    ...change,
  }),
  family: (change: Change<RefreshFamilyRecord> = {}): RefreshFamilyRecord => ({
    issuer,
    familyId: 'family-1',
    grantId: 'grant-1',
    clientId: 'client-1',
    subject: 'subject-1',
    scopes: ['notes:read'],
    resources: ['https://api.example/'],
    confirmation: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
    rotates: true,
    idTokenNonce: null,
    authTime: now - 5,
    createdAt: now,
    idleExpiresAt: now + 3600,
    absoluteExpiresAt: now + 86_400,
    revokedAt: null,
    ...change,
  }),
  refreshToken: (tokenHash: string, change: Change<RefreshTokenRecord> = {}): RefreshTokenRecord => ({
    issuer,
    tokenHash,
    familyId: 'family-1',
    createdAt: now,
    rotatedAt: null,
    successorHash: null,
    sealedSuccessor: null,
    sealedUntil: null,
    ...change,
  }),
  accessToken: (jti: string, change: Change<AccessTokenRecord> = {}): AccessTokenRecord => ({
    issuer,
    jti,
    grantId: 'grant-1',
    clientId: 'client-1',
    expiresAt: now + 300,
    revokedAt: null,
    ...change,
  }),
  opaqueToken: (tokenHash: string, change: Change<OpaqueTokenRecord> = {}): OpaqueTokenRecord => ({
    issuer,
    tokenHash,
    claims: { iss: issuer, sub: 'subject-1', aud: 'https://api.example/', jti: 'at-1', cnf: { jkt: 'key' } },
    expiresAt: now + 300,
    ...change,
  }),
  session: (change: Change<SessionRecord> = {}): SessionRecord => ({
    issuer,
    sessionHash: 'session-hash-1',
    sessionId: 'sid-1',
    subject: 'subject-1',
    authTime: now,
    amr: ['pwd'],
    createdAt: now,
    expiresAt: now + 3600,
    endedAt: null,
    version: 1,
    ...change,
  }),
  interaction: (change: Change<InteractionRecord> = {}): InteractionRecord => ({
    issuer,
    interactionHash: 'interaction-hash-1',
    browserHash: 'browser-hash-1',
    request: { client_id: 'client-1', scope: 'openid', state: 'ひみつ "quoted"' },
    subject: null,
    authTime: null,
    createdAt: now,
    expiresAt: now + 600,
    version: 1,
    ...change,
  }),
  pushedRequest: (change: Change<PushedRequestRecord> = {}): PushedRequestRecord => ({
    issuer,
    requestHash: 'request-hash-1',
    clientId: 'client-1',
    parameters: 'client_id=client-1&scope=openid&state=%E3%81%B2',
    createdAt: now,
    expiresAt: now + 60,
    takeUntil: now + 960,
    ...change,
  }),
  logoutNotice: (change: Change<LogoutNoticeRecord> = {}): LogoutNoticeRecord => ({
    issuer,
    noticeId: 'notice-1',
    clientId: 'client-1',
    subject: 'subject-1',
    sessionId: 'sid-1',
    createdAt: now,
    dueAt: now,
    attempts: 0,
    giveUpAt: now + 900,
    version: 1,
    ...change,
  }),
  claimRead: (change: Change<ClaimReadRecord> = {}): ClaimReadRecord => ({
    issuer,
    subject: 'subject-1',
    clientId: 'client-1',
    hour: now,
    claims: ['name'],
    keepUntil: now + 7200,
    ...change,
  }),
  client: (change: Change<ClientRecord> = {}): ClientRecord => ({
    issuer,
    clientId: 'client-1',
    kind: 'spa',
    name: { ja: 'メモ帳', en: 'Notes' },
    redirectUris: ['https://app.example/callback'],
    authentication: 'none',
    secretHashes: [],
    jwks: [],
    grants: ['authorization_code', 'refresh_token'],
    scopes: ['openid', 'notes:read'],
    resources: ['https://api.example/'],
    binding: { kind: 'required' },
    idTokenAlg: 'ES256',
    dangerouslyAcceptTokenEndpointAudience: false,
    origins: ['https://app.example'],
    disabled: false,
    version: 1,
    ...change,
  }),
  user: (change: Change<UserRecord> = {}): UserRecord => ({
    issuer,
    subject: 'subject-1',
    username: 'hanako',
    passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
    claims: { name: '山田花子', email_verified: true },
    disabled: false,
    version: 1,
    ...change,
  }),
  deviceCode: (change: Change<DeviceCodeRecord> = {}): DeviceCodeRecord => ({
    issuer,
    deviceHash: 'device-hash-1',
    userHash: 'user-hash-1',
    clientId: 'client-1',
    scopes: ['notes:read'],
    resources: ['https://api.example/'],
    dpopJkt: null,
    requestedFrom: '192.0.2.60',
    createdAt: now,
    expiresAt: now + 600,
    intervalSeconds: 5,
    lastPolledAt: null,
    decision: null,
    grantId: null,
    collectedAt: null,
    ...change,
  }),
  key: (change: Change<KeyRecord> = {}): KeyRecord => ({
    issuer,
    kid: 'key-1',
    alg: 'ES256',
    state: 'signing',
    publicJwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
    sealedPrivateJwk: 'sealed',
    createdAt: now,
    signingSince: now,
    retiredAt: null,
    removeAt: null,
    version: 1,
    ...change,
  }),
  event: (requestId: string, change: Change<AuditEvent> = {}): AuditEvent => ({
    at: now,
    event: 'token_issued',
    issuer,
    requestId,
    ...change,
  }),
}

/** One plan of the sample issuer at the cases' present, or as `change` says. */
export function plan(writes: readonly Write[], change: Partial<WritePlan> = {}): WritePlan {
  return { issuer, writes, audit: [], now, ...change }
}

export const committed: CommitAnswer = { done: 'committed' }

export function lost(write: Write['write'], index = 0): CommitAnswer {
  return { done: 'lost', lost: write, index }
}

/** A grant with one code. */
export async function withCode(storage: Storage): Promise<void> {
  await storage.commit(
    plan([
      { write: 'put-grant', record: sample.grant() },
      { write: 'put-code', record: sample.code() },
    ]),
  )
}

/** A grant with a refresh family whose current token is `rt-1`, and one access token `at-1`. */
export async function withFamily(storage: Storage): Promise<void> {
  await storage.commit(
    plan([
      { write: 'put-grant', record: sample.grant() },
      { write: 'put-refresh-family', record: sample.family(), token: sample.refreshToken('rt-1') },
      { write: 'put-access-token', record: sample.accessToken('at-1') },
    ]),
  )
}

/** Rotates `presentedHash` into `next`; the successor is sealed as `sealed <next>` for 60 s. */
export function rotation(presentedHash: string, next: string, at = now): Extract<Write, { write: 'rotate-refresh-token' }> {
  return {
    write: 'rotate-refresh-token',
    familyId: 'family-1',
    presentedHash,
    successor: sample.refreshToken(next, { createdAt: at }),
    sealedSuccessor: `sealed ${next}`,
    sealedUntil: at + 60,
    idleExpiresAt: at + 3600,
    at,
  }
}

/** As many answers of each kind. */
export function tally(answers: readonly CommitAnswer[]): Record<CommitAnswer['done'], number> {
  const count = { committed: 0, lost: 0, repeat: 0 }
  for (const { done } of answers) count[done] += 1
  return count
}

/** The same attempt 64 times at once. */
export function parallel<T>(attempt: (index: number) => T | Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: 64 }, async (_, index) => attempt(index)))
}
