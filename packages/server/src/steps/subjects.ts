// By which name a client knows a person, and which person stands behind a token of ours. Everybody who tells a subject asks here.
import {
  type AccessTokenRecord,
  type ClientRecord,
  Fault,
  type GrantRecord,
  pairwiseSubject,
  type UserRecord,
  type VerifiedAccessToken,
} from '@kimei/protocol'
import type { ServerContext } from '../context.ts'

/** `sub` of ID tokens, UserInfo, access and logout tokens of this client (OIDC Core §8). */
export async function subjectFor(
  { issuer, secrets }: Pick<ServerContext, 'issuer' | 'secrets'>,
  { clientId, subjectType, sector }: Pick<ClientRecord, 'clientId' | 'subjectType' | 'sector'>,
  subject: string,
): Promise<string> {
  if (subjectType !== 'pairwise') return subject
  if (sector === undefined) throw new Fault(`pairwise client ${clientId.slice(0, 200)} has no sector`)
  return pairwiseSubject(secrets.pairwise, { issuer, sector, subject })
}

/** Whom a token is about, and what they granted: its own `sub` may be a name that its client alone knows. */
export async function personBehind(
  { issuer, storage: { records } }: ServerContext,
  { subject }: Pick<VerifiedAccessToken, 'subject'>,
  remembered: AccessTokenRecord | undefined,
): Promise<{ readonly grant: GrantRecord | undefined; readonly user: UserRecord | undefined }> {
  const grant = remembered?.grantId == null ? undefined : await records.grant(issuer, remembered.grantId)
  return { grant, user: await records.user(issuer, grant?.subject ?? subject) }
}
