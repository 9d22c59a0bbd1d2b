// Every token request, whatever its grant (OAuth 2.1 §3.2): message, method, grant type. What tokens are bound to: sender-constraint/.
import { namedRules } from '../rule.ts'

/** Judged before the body is read; also at the other endpoints that clients call directly. */
export const directRequestRules = namedRules('request', {
  'request.path-is-served': {
    cite: 'RFC9110§15.5.5',
    level: 'MUST',
    says: 'the path is one of this issuer',
    family: 'route',
    fixed: 'other paths have no handler',
  },
  'request.method-is-served': {
    cite: 'OAuth2.1§3.2',
    level: 'MUST',
    says: 'the request uses a method this endpoint serves',
    rows: ['O21-3.2-01'],
    family: 'method',
    fixed: 'other methods have no handler',
  },
  'request.is-not-early-data': {
    cite: 'RFC8470§5.2',
    level: 'PRODUCT',
    says: 'the request was not sent in TLS early data, which a stranger could send once more',
    family: 'early-data',
  },
  'request.body-is-a-form': {
    cite: 'OAuth2.1§3.2',
    level: 'MUST',
    says: 'the content type is application/x-www-form-urlencoded',
    rows: ['O21-3.2-01'],
  },
  'request.body-is-bounded': {
    cite: 'OAuth2.1§3.2',
    level: 'PRODUCT',
    says: 'the body is no larger than the stated bound',
    family: 'too-large',
    fixed: 'without a bound a stranger fills the memory',
  },
})

export const tokenRequestRules = namedRules('request', {
  'token.grant-type-is-present': {
    cite: 'OAuth2.1§3.2.2',
    level: 'MUST',
    says: 'grant_type is sent',
    fixed: 'its absence has no meaning to go on with',
  },
  'token.grant-type-is-served': {
    cite: 'OAuth2.1§3.2.4',
    level: 'MUST',
    says: 'grant_type is one of those this issuer serves',
    rows: ['ASVS-10.4.4'],
    family: 'grant-type',
    fixed: 'other grants have no decision',
  },
  'token.client-may-use-grant': {
    cite: 'OAuth2.1§3.2.4',
    level: 'MUST',
    says: 'the client is registered for this grant',
    rows: ['ASVS-10.4.4'],
    family: 'unauthorized-client',
  },
  'token.details-go-with-grant': {
    cite: 'RFC9396§6',
    level: 'PRODUCT',
    says: 'authorization_details is sent only with grants that carry them: never silently left out',
    rows: ['RAR-5-01'],
    family: 'authorization-details',
  },
})
