// What UserInfo knows beyond any other API (OpenID Connect Core §5.3): the grant and the person behind a valid token.
import { namedRules } from '../rule.ts'

export const userinfoRules = namedRules('access-token', {
  'userinfo.token-is-not-revoked': {
    cite: 'RFC7009§2.1',
    level: 'MUST',
    says: 'the access token has not been revoked, neither itself nor with its grant',
    rows: ['REV-2.1-01', 'OIDC-16.18-4', 'FAPI2-5.3.4-01'],
  },
  'userinfo.person-is-known': {
    cite: 'OIDC-Core§5.3.2',
    level: 'MUST',
    says: 'the token was granted by a person who still has an account here',
    rows: ['OIDC-5.3-01'],
    fixed: 'without a person there is nothing to tell',
    unseen: 'tokens for UserInfo are only issued to people, and nobody outside can disable one',
  },
})
