// Client authentication (OAuth 2.1 §2.4, §3.2.4): the rules every method shares, and those of secrets.
// Rules of client assertions stand in assertion-rules.ts.
import { namedRules } from '../rule.ts'

export const clientAuthRules = namedRules('client', {
  'client-auth.one-method': {
    cite: 'OAuth2.1§2.4',
    level: 'MUST',
    says: 'a request uses exactly one client authentication method',
    rows: ['O21-2.4-01'],
    family: 'request',
  },
  'client-auth.one-authorization-header': {
    cite: 'RFC9110§11.6.2',
    level: 'MUST',
    says: 'a request has at most one Authorization header',
    family: 'request',
  },
  'client-auth.not-in-query': {
    cite: 'OAuth2.1§2.4.1',
    level: 'MUST',
    says: 'credentials are never sent in the request URI',
    rows: ['O21-2.4.1-01'],
    family: 'request',
  },
  'client-auth.is-presented': {
    cite: 'OAuth2.1§3.2.4',
    level: 'MUST',
    says: 'the request says which client sends it',
    rows: ['ASVS-10.4.10'],
    fixed: 'without a client id there is nobody to answer',
  },
  'client-auth.scheme-is-basic': {
    cite: 'OAuth2.1§2.4.1',
    level: 'MUST',
    says: 'an Authorization header at this endpoint uses the Basic scheme',
    fixed: 'credentials of another scheme cannot be read here',
  },
  'client-auth.basic-is-well-formed': {
    cite: 'OAuth2.1§2.4.1',
    level: 'MUST',
    says: 'Basic credentials are base64 of the form-encoded client id, a colon and the form-encoded secret',
    rows: ['O21-2.4.1-02'],
    fixed: 'what cannot be decoded cannot be compared',
  },
  'client-auth.client-is-known': {
    cite: 'OAuth2.1§3.2.4',
    level: 'MUST',
    says: 'the client is registered with this issuer',
    fixed: 'an unknown client has no record to go on with',
  },
  'client-auth.client-is-enabled': {
    cite: 'OAuth2.1§3.2.4',
    level: 'PRODUCT',
    says: 'the client is not disabled',
    unseen: 'an outsider has no disabled client',
  },
  'client-auth.client-id-agrees': {
    cite: 'RFC7521§4.2',
    level: 'MUST',
    says: 'a client_id in the body is the client that authenticates',
    rows: ['PKJWT-2.2-01'],
  },
  'client-auth.method-is-registered': {
    cite: 'OIDC-Core§9',
    level: 'MUST',
    says: 'the client uses the one authentication method it is registered with',
    rows: ['OIDC-9-01', 'O21-2.1-01'],
  },
  'client-auth.method-is-of-the-profile': {
    cite: 'FAPI2-SP§5.3.2.1-6',
    level: 'MUST',
    says: 'the profile takes clients of this authentication method, whenever they were registered',
    rows: ['FAPI2-5.3.2.1-01'],
    unseen: 'demanded under a profile only, and clients of another method cannot be declared there',
  },
  'client-auth.secret-matches': {
    cite: 'OAuth2.1§2.4.1',
    level: 'MUST',
    says: 'the client secret is one of the registered ones, compared in constant time',
    rows: ['O21-3.2.4-01', 'OIDC-16.12-1'],
  },
  'client-auth.attempts-are-few': {
    cite: 'OAuth2.1§2.4.1',
    level: 'MUST',
    says: 'one address does not try secrets of one client without end',
    rows: ['O21-2.4.1-01'],
    family: 'throttled',
    unseen: 'showing it would be a guessing attack',
  },
})
