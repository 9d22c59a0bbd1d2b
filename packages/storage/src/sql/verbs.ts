// Every verb of a plan as a sequence of statements: what each promises is told in `writes.ts` of the protocol.
// Generators, so that one text serves drivers that answer at once (SQLite) and drivers that must be awaited (PostgreSQL).
import type { RefreshFamilyRecord, RefreshTokenRecord, WriteName } from '@kimei/protocol'
import { keepUntil, leewaySeconds } from '../retention.ts'
import { judgeRotation } from '../rotation.ts'
import { deviceSqlVerbs } from './device-sql-verbs.ts'
import { registrationSqlVerbs } from './registration-sql-verbs.ts'
import { toRecord } from './rows.ts'
import { signingOutSqlVerbs } from './signing-out-sql-verbs.ts'
import { type Ask, any, ask, one, type Ran, type Verb } from './verb-steps.ts'

export type { Ask, Ran, VerbSteps } from './verb-steps.ts'

/** All but `claim-once`: how a claim is judged at once and remembered for good is each engine's own. */
export const sqlVerbs: { readonly [Name in Exclude<WriteName, 'claim-once'>]: Verb<Name> } = {
  'put-code': ({ record }, { issuer }) => {
    const { codeHash, grantId, redeemedAt } = record
    return one('putCode', [issuer, codeHash, grantId, redeemedAt, keepUntil.code(record), JSON.stringify(record)])
  },
  'redeem-code': ({ codeHash, at }, { issuer }) => one('redeemCode', [issuer, codeHash, at]),
  'put-refresh-family': function* ({ record, token }, { issuer }) {
    const { familyId, grantId, idleExpiresAt, absoluteExpiresAt, revokedAt } = record
    const { changes } = yield ask('putRefreshFamily', [
      issuer,
      familyId,
      grantId,
      idleExpiresAt,
      absoluteExpiresAt,
      revokedAt,
      keepUntil.refreshFamily(record),
      JSON.stringify(record),
    ])
    return changes === 1 && (yield putRefreshToken(issuer, token)).changes === 1
  },
  'rotate-refresh-token': function* (write, { issuer, now }) {
    const { familyId, presentedHash, successor } = write
    const touched = yield ask('touchRefreshFamily', [issuer, familyId, write.idleExpiresAt, leewaySeconds])
    const values = [issuer, presentedHash, familyId, write.at, successor.tokenHash, write.sealedSuccessor, write.sealedUntil]
    if (touched.changes === 1 && (yield ask('rotateRefreshToken', values)).changes === 1) {
      return (yield putRefreshToken(issuer, successor)).changes === 1
    }
    // Not the family's current token: an honest duplicate, or not. Whatever was touched above goes back with the plan.
    const presented = tokenOf(yield ask('refreshToken', [issuer, presentedHash]))
    const next = presented?.successorHash ? tokenOf(yield ask('refreshToken', [issuer, presented.successorHash])) : undefined
    const rotation = judgeRotation(touched.changes === 0, presented, next, familyId, now)
    return rotation.go ? false : (rotation.repeat ?? false)
  },
  'bind-refresh-family': function* ({ familyId, confirmation }, { issuer }) {
    const [row] = (yield ask('refreshFamily', [issuer, familyId])).rows
    const body = row?.['body']
    if (typeof body !== 'string') return false
    const family = JSON.parse(body) as RefreshFamilyRecord
    if (family.confirmation !== null) return false
    return (yield ask('bindRefreshFamily', [issuer, familyId, JSON.stringify({ ...family, confirmation }), body])).changes === 1
  },
  'touch-refresh-family': ({ familyId, idleExpiresAt }, { issuer }) =>
    one('touchRefreshFamily', [issuer, familyId, idleExpiresAt, leewaySeconds]),
  'put-access-token': ({ record }, { issuer }) => {
    const { jti, grantId, revokedAt } = record
    return one('putAccessToken', [issuer, jti, grantId, revokedAt, keepUntil.accessToken(record), JSON.stringify(record)])
  },
  'put-opaque-token': ({ record }, { issuer }) =>
    one('putOpaqueToken', [issuer, record.tokenHash, keepUntil.opaqueToken(record), JSON.stringify(record)]),
  'revoke-access-token': ({ jti, at }, { issuer }) => any(ask('revokeAccessToken', [issuer, jti, at])),
  'revoke-grant': ({ grantId, at }, { issuer }) =>
    any(
      ask('revokeGrant', [issuer, grantId, at]),
      ask('dropCodesOfGrant', [issuer, grantId]),
      ask('revokeFamiliesOfGrant', [issuer, grantId, at]),
      ask('revokeAccessTokensOfGrant', [issuer, grantId, at]),
    ),
  'revoke-refresh-family': ({ familyId, at }, { issuer }) =>
    any(ask('revokeRefreshFamily', [issuer, familyId, at]), ask('revokeAccessTokensOfFamily', [issuer, familyId, at])),
  'put-grant': ({ record }, { issuer }) => {
    const { grantId, version, clientId, subject, createdAt, expiresAt, revokedAt } = record
    const values = [issuer, grantId, version, clientId, subject, createdAt, expiresAt, revokedAt, keepUntil.grant(record)]
    return one(version === 1 ? 'insertGrant' : 'replaceGrant', [...values, JSON.stringify(record)])
  },
  'put-session': ({ record }, { issuer }) =>
    one(record.version === 1 ? 'insertSession' : 'replaceSession', [
      issuer,
      record.sessionHash,
      record.version,
      record.endedAt,
      keepUntil.session(record),
      JSON.stringify(record),
    ]),
  'end-session': ({ sessionHash, at }, { issuer }) => any(ask('endSession', [issuer, sessionHash, at])),
  'put-interaction': ({ record }, { issuer }) => {
    const { interactionHash, version } = record
    const values = [issuer, interactionHash, version, keepUntil.interaction(record), JSON.stringify(record)]
    return one(version === 1 ? 'insertInteraction' : 'replaceInteraction', values)
  },
  'take-interaction': ({ interactionHash }, { issuer }) => one('takeInteraction', [issuer, interactionHash]),
  'put-pushed-request': ({ record }, { issuer }) => {
    const { requestHash, takeUntil } = record
    return one('putPushedRequest', [issuer, requestHash, takeUntil, keepUntil.pushedRequest(record), JSON.stringify(record)])
  },
  'take-pushed-request': ({ requestHash }, { issuer, now }) => one('takePushedRequest', [issuer, requestHash, now]),
  ...deviceSqlVerbs,
  ...signingOutSqlVerbs,
  ...registrationSqlVerbs,
  'put-client': ({ record }, { issuer }) =>
    one(record.version === 1 ? 'insertClient' : 'replaceClient', [issuer, record.clientId, record.version, JSON.stringify(record)]),
  'put-user': ({ record }, { issuer }) => {
    const { subject, version, username } = record
    return one(version === 1 ? 'insertUser' : 'replaceUser', [issuer, subject, version, username, JSON.stringify(record)])
  },
  'put-key': ({ record }, { issuer }) => {
    const { kid, version, createdAt } = record
    const values = [issuer, kid, version, createdAt, keepUntil.key(record), JSON.stringify(record)]
    return one(version === 1 ? 'insertKey' : 'replaceKey', values)
  },
  'put-resource': ({ record }, { issuer }) => any(ask('putResource', [issuer, record.resource, JSON.stringify(record)])),
  'put-scope': ({ record }, { issuer }) => any(ask('putScope', [issuer, record.scope, JSON.stringify(record)])),
}

function putRefreshToken(issuer: string, token: RefreshTokenRecord): Ask {
  const { tokenHash, familyId, rotatedAt, successorHash, sealedSuccessor, sealedUntil } = token
  const body = JSON.stringify({ ...token, sealedSuccessor: null })
  return ask('putRefreshToken', [issuer, tokenHash, familyId, rotatedAt, successorHash, sealedSuccessor, sealedUntil, body])
}

function tokenOf({ rows }: Ran): RefreshTokenRecord | undefined {
  return rows[0] && toRecord.refreshToken(rows[0])
}
