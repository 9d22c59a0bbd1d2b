// Revocation (RFC 7009): of whose token, and what goes with it.
import type { AuthenticatedClient } from '../client-auth/index.ts'
import type { Seconds } from '../ids.ts'
import type { Refusal } from '../refusal.ts'
import { type Law, must, namedRules } from '../rule.ts'
import type { Write } from '../writes.ts'

export const revocationRules = namedRules('request', {
  'revocation.token-is-present': {
    cite: 'RFC7009§2.1',
    level: 'MUST',
    says: 'token is sent',
    fixed: 'without a token there is nothing to revoke',
  },
  'revocation.token-is-of-this-client': {
    cite: 'RFC7009§2.1',
    level: 'MUST',
    says: 'a client revokes only its own tokens',
    rows: ['REV-2-01'],
    family: 'unauthorized-client',
  },
})

/** What the presented token turned out to be; `undefined`: unknown, expired, or not ours. */
export type FoundToken =
  | { readonly kind: 'refresh'; readonly clientId: string; readonly grantId: string }
  | {
      readonly kind: 'access'
      readonly clientId: string
      readonly jti: string
      readonly expiresAt: Seconds
      /** Remembered since it was issued; otherwise it has to be remembered now. */
      readonly remembered: boolean
    }

/** An unknown token is success (RFC 7009 §2.2). A refresh token takes its grant along, an access token only itself. */
export function decideRevocation(
  client: AuthenticatedClient,
  found: FoundToken | undefined,
  at: { readonly issuer: string; readonly now: Seconds },
  law: Law,
): { readonly writes: readonly Write[] } | Refusal {
  if (!found) return { writes: [] }
  const foreign = must(revocationRules, 'revocation.token-is-of-this-client', found.clientId === client.client.clientId, law)
  if (foreign) return foreign
  if (found.kind === 'refresh') return { writes: [{ write: 'revoke-grant', grantId: found.grantId, at: at.now }] }
  const { jti, clientId, expiresAt } = found
  const record = { issuer: at.issuer, jti, grantId: null, clientId, expiresAt, revokedAt: null }
  const remember: readonly Write[] = found.remembered ? [] : [{ write: 'put-access-token', record }]
  return { writes: [...remember, { write: 'revoke-access-token', jti, at: at.now }] }
}
