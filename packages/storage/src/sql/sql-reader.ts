// The reads of the contract over any SQL driver.
import type {
  AuditEvent,
  ClaimReadRecord,
  ClientRecord,
  InteractionRecord,
  KeyRecord,
  LogoutNoticeRecord,
  OpaqueTokenRecord,
  PushedRequestRecord,
  ResourceRecord,
  ScopeRecord,
  UserRecord,
} from '@kimei/protocol'
import type { Awaitable, RecordReader } from '../contract.ts'
import { fromBody, type Row, type SqlValue, toRecord } from './rows.ts'
import type { StatementName } from './statements.ts'

export type ReadRows = (name: StatementName, values: readonly SqlValue[]) => Awaitable<readonly Row[]>

/** All but the look at claims, which is each engine's own. */
export function sqlReader(read: ReadRows): Omit<RecordReader, 'claimed'> {
  const one = <T>(name: StatementName, values: readonly SqlValue[], record: (row: Row) => T) =>
    after(read(name, values), (rows) => (rows[0] === undefined ? undefined : record(rows[0])))
  const all = <T>(name: StatementName, values: readonly SqlValue[], record: (row: Row) => T) =>
    after(read(name, values), (rows) => rows.map(record))
  return {
    client: (issuer, clientId) => one('client', [issuer, clientId], fromBody<ClientRecord>),
    clients: (issuer) => all('clients', [issuer], fromBody<ClientRecord>),
    registration: (issuer, clientId) => one('registration', [issuer, clientId], toRecord.registration),
    registrationCount: (issuer) => after(read('registrationCount', [issuer]), (rows) => rows[0]?.['registrations'] as number),
    resources: (issuer) => all('resources', [issuer], fromBody<ResourceRecord>),
    scopes: (issuer) => all('scopes', [issuer], fromBody<ScopeRecord>),
    code: (issuer, codeHash) => one('code', [issuer, codeHash], toRecord.code),
    refreshToken: (issuer, tokenHash) => one('refreshToken', [issuer, tokenHash], toRecord.refreshToken),
    refreshFamily: (issuer, familyId) => one('refreshFamily', [issuer, familyId], toRecord.refreshFamily),
    grant: (issuer, grantId) => one('grant', [issuer, grantId], toRecord.grant),
    grantsOf: (issuer, subject, now, clientId) =>
      clientId === undefined
        ? all('grantsOfSubject', [issuer, subject, now], toRecord.grant)
        : all('grantsOfSubjectToClient', [issuer, subject, now, clientId], toRecord.grant),
    accessToken: (issuer, jti) => one('accessToken', [issuer, jti], toRecord.accessToken),
    opaqueToken: (issuer, tokenHash) => one('opaqueToken', [issuer, tokenHash], fromBody<OpaqueTokenRecord>),
    user: (issuer, subject) => one('user', [issuer, subject], fromBody<UserRecord>),
    userByName: (issuer, username) => one('userByName', [issuer, username], fromBody<UserRecord>),
    session: (issuer, sessionHash) => one('session', [issuer, sessionHash], toRecord.session),
    interaction: (issuer, interactionHash) => one('interaction', [issuer, interactionHash], fromBody<InteractionRecord>),
    pushedRequest: (issuer, requestHash) => one('pushedRequest', [issuer, requestHash], fromBody<PushedRequestRecord>),
    deviceCode: (issuer, deviceHash) => one('deviceCode', [issuer, deviceHash], toRecord.deviceCode),
    deviceCodeByUser: (issuer, userHash) => one('deviceCodeByUser', [issuer, userHash], toRecord.deviceCode),
    // A session is kept a while after it expired: `keep_until` only bounds what is read.
    sessionsOf: (issuer, subject, now) =>
      after(all('sessionsOfSubject', [issuer, subject, now], toRecord.session), (sessions) =>
        sessions.filter((session) => session.expiresAt > now),
      ),
    logoutNotices: (issuer, now, limit) => all('logoutNoticesDue', [issuer, now, limit], fromBody<LogoutNoticeRecord>),
    claimReads: (issuer, subject, now, limit) => all('claimReadsOf', [issuer, subject, now, limit], fromBody<ClaimReadRecord>),
    keys: (issuer) => all('keys', [issuer], fromBody<KeyRecord>),
    audit: (issuer, { limit, event, subject }) =>
      subject === undefined
        ? all('auditNewest', [issuer, limit, event ?? null], fromBody<AuditEvent>)
        : all('auditOfSubject', [issuer, limit, event ?? null, subject], fromBody<AuditEvent>),
  }
}

/** Keeps an answer that is here already synchronous. */
function after<A, B>(value: Awaitable<A>, then: (value: A) => B): Awaitable<B> {
  return value instanceof Promise ? value.then(then) : then(value)
}
