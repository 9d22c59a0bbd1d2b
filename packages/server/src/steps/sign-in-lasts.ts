// Whether the sign-in that a grant came from has not been ended by its person.
import type { GrantRecord } from '@kimei/protocol'
import type { ServerContext } from '../context.ts'

/**
 * Without offline access tokens end when their person signs out (OIDC Core §11), or at their absolute end, which is judged by
 * itself. A session that merely lost its browser, expired or was forgotten ends nothing: signing out ends the family, too.
 */
export async function signInLasts(
  { issuer, storage }: ServerContext,
  grant: GrantRecord | undefined,
  scopes: readonly string[],
): Promise<boolean> {
  if (grant?.sessionHash === undefined || scopes.includes('offline_access')) return true
  const session = await storage.records.session(issuer, grant.sessionHash)
  return session === undefined || session.endedAt === null
}
