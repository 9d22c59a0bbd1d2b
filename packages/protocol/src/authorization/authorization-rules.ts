// The authorization request (OAuth 2.1 §4.1.1, OpenID Connect Core §3.1.2.1): what must hold before anybody is asked anything.
// The first table decides whether the client may be answered at all; the others are answered at its redirect URI.
import { isThumbprint } from '../ids.ts'
import { namedRules, rulesFor } from '../rule.ts'

/** Broken: an error page, never a redirect. */
export const redirectTrustRules = namedRules('untrusted-redirect', {
  'authorize.target-does-not-repeat': {
    cite: 'OAuth2.1§3.1',
    level: 'MUST',
    says: 'client_id and redirect_uri are sent at most once',
    rows: ['O21-3.1-01'],
  },
  'authorize.client-is-known': {
    cite: 'OAuth2.1§4.1.2.1',
    level: 'MUST',
    says: 'client_id names an enabled client of this issuer',
    rows: ['O21-4.1.2.1-01'],
    fixed: 'without a client there is no registered redirect URI',
  },
  'authorize.redirect-uri-is-given': {
    cite: 'OAuth2.1§2.3.2',
    level: 'MUST',
    says: 'redirect_uri is sent unless exactly one is registered',
    rows: ['O21-2.3.2-01'],
    fixed: 'without one nobody knows where to answer',
  },
  'authorize.redirect-uri-is-registered': {
    cite: 'OAuth2.1§2.3.1',
    level: 'MUST',
    says: 'redirect_uri equals a registered one by simple string comparison; a loopback one may differ in its port',
    rows: ['O21-2.3.1-01', 'NATIVE-7.3-01', 'ASVS-10.4.1', 'O21-4.1.2.1-01'],
  },
  'authorize.openid-sends-redirect-uri': {
    cite: 'OIDC-Core§3.1.2.1',
    level: 'MUST',
    says: 'with scope openid redirect_uri is sent, even where only one is registered',
    rows: ['O21-2.3.2-01'],
  },
  'authorize.stranger-waits-for-a-person': {
    cite: 'OAuth2.1§7.13.2',
    level: 'MUST',
    says: 'a refusal travels to an app that registered itself only where the operator named its host, somebody is signed in, prompt=none is asked, or the person goes on',
    rows: ['O21-7.13-01'],
    unseen: 'a probe is given clients that the operator knows',
  },
  'authorize.interaction-is-open': {
    cite: 'OAuth2.1§7.13.2',
    level: 'PRODUCT',
    says: 'a sign-in or consent belongs to an open request of this browser, and is answered once',
    fixed: 'an interaction that is gone has nothing to answer',
  },
})

/** Broken: told to the client by redirect, with `iss` and `state`. */
export const authorizationRules = namedRules('request', {
  'authorize.request-is-pushed': {
    cite: 'RFC9126§5',
    level: 'MUST',
    says: 'the request was pushed, where the issuer or the client demands it',
    rows: ['PAR-6-01', 'ASVS-10.4.13'],
    unseen:
      'probes edit a request that works; where one by the browser works although pushes are published as demanded, that is told as a contradiction',
  },
  'authorize.response-mode-is-served': {
    cite: 'OIDC-Core§3.1.2.6',
    level: 'MUST',
    says: 'response_mode is absent, or query, fragment, form_post, or a signed form of one of these',
    rows: ['OIDC-3.1.2.6-01', 'ASVS-10.4.12', 'SEED-O21-17'],
    family: 'response-mode',
  },
  'authorize.response-type-is-present': {
    cite: 'OAuth2.1§4.1.1',
    level: 'MUST',
    says: 'response_type is sent',
    fixed: 'its absence has no meaning to go on with',
  },
  'authorize.response-type-is-served': {
    cite: 'OAuth2.1§4.1.1',
    level: 'MUST',
    says: 'response_type is code, or code id_token: no access token ever travels through the browser',
    rows: ['OIDC-16.11-1', 'ASVS-10.6.1'],
    family: 'response-type',
  },
  'authorize.client-may-use-code': {
    cite: 'OAuth2.1§4.1.2.1',
    level: 'MUST',
    says: 'the client is registered for authorization_code',
    rows: ['ASVS-10.4.4'],
    family: 'unauthorized-client',
    unseen: 'a client without this grant has no redirect URI to ask with',
  },
  'authorize.no-registration': {
    cite: 'OIDC-Core§7.2.1',
    level: 'MUST',
    says: 'registration is not sent: self-issued requests are not supported here',
    rows: ['OIDC-3.1.2.6-01'],
    family: 'registration',
  },
  'authorize.prompt-none-stands-alone': {
    cite: 'OIDC-Core§3.1.2.1',
    level: 'MUST',
    says: 'prompt=none is combined with no other value',
    rows: ['OIDC-3.1.2.1-01'],
  },
  'authorize.max-age-is-a-number': {
    cite: 'OIDC-Core§3.1.2.1',
    level: 'MUST',
    says: 'max_age is a whole number of seconds',
    fixed: 'what is not a number cannot be compared with a time',
  },
  'authorize.id-token-hint-is-ours': {
    cite: 'OIDC-Core§3.1.2.2',
    level: 'MUST',
    says: 'id_token_hint is an ID token this issuer made for this client',
    rows: ['OIDC-3.1.2.2-01'],
  },
})

export interface PkceFacts {
  readonly challenge: string | undefined
  readonly method: string | undefined
  /** The client may ask without a challenge: the operator vouches for it. What it sends is judged all the same. */
  readonly exempt?: boolean | undefined
}
const isPlain = ({ challenge, method, exempt = false }: PkceFacts): boolean => exempt && challenge === undefined && method === undefined

/** RFC 7636 as OAuth 2.1 narrowed it: for every client, S256 only. */
export const pkceRequestRules = rulesFor<PkceFacts>()('request', {
  'pkce.challenge-is-present': {
    cite: 'OAuth2.1§4.1.1',
    level: 'MUST',
    says: 'code_challenge is sent',
    rows: ['O21-4.1.1-02', 'ASVS-10.4.6'],
    holds: (f) => f.challenge !== undefined || isPlain(f),
  },
  'pkce.method-is-s256': {
    cite: 'OAuth2.1§4.1.1',
    level: 'MUST',
    says: 'code_challenge_method is S256',
    rows: ['O21-4.1.1-01', 'ASVS-10.4.6'],
    holds: (f) => f.method === 'S256' || isPlain(f),
    seen: (f) => ({ expected: 'S256', received: f.method }),
  },
  'pkce.challenge-is-a-digest': {
    cite: 'RFC7636§4.2',
    level: 'MUST',
    says: 'code_challenge is a base64url SHA-256 of 43 characters',
    holds: (f) => f.challenge === undefined || isThumbprint(f.challenge),
  },
})

/** Judged with what storage knows, after the tables above. */
export const challengeRules = namedRules('request', {
  'pkce.challenge-is-fresh': {
    cite: 'RFC9700§2.1.1',
    level: 'SHOULD',
    says: 'a code_challenge whose code was redeemed does not come again',
    rows: ['BCP-2.1.1-02'],
  },
  'dpop.jkt-parameter-is-a-thumbprint': {
    cite: 'RFC9449§10',
    level: 'MUST',
    says: 'dpop_jkt is a base64url SHA-256 thumbprint of 43 characters',
    rows: ['DPOP-11.8-01'],
    fixed: 'nothing else can ever equal a thumbprint',
  },
})
