// The verbs of signing out and of access histories as statements.
import { keepUntil } from '../retention.ts'
import { any, ask, one, type Verb } from './verb-steps.ts'

type SigningOutWrite = 'end-grant-tokens' | 'put-logout-notice' | 'drop-logout-notice' | 'note-claim-read'

export const signingOutSqlVerbs: { readonly [Name in SigningOutWrite]: Verb<Name> } = {
  'end-grant-tokens': ({ grantId, at }, { issuer }) =>
    any(
      ask('dropCodesOfGrant', [issuer, grantId]),
      ask('revokeFamiliesOfGrant', [issuer, grantId, at]),
      ask('revokeAccessTokensOfGrant', [issuer, grantId, at]),
    ),
  'put-logout-notice': ({ record }, { issuer }) => {
    const { noticeId, version, dueAt } = record
    const values = [issuer, noticeId, version, dueAt, keepUntil.logoutNotice(record), JSON.stringify(record)]
    return one(version === 1 ? 'insertLogoutNotice' : 'replaceLogoutNotice', values)
  },
  'drop-logout-notice': ({ noticeId }, { issuer }) => one('dropLogoutNotice', [issuer, noticeId]),
  'note-claim-read': ({ record }, { issuer }) => {
    const { subject, clientId, hour, claims } = record
    const values = [issuer, subject, clientId, hour, JSON.stringify(claims), keepUntil.claimRead(record), JSON.stringify(record)]
    return any(ask('noteClaimRead', values))
  },
}
