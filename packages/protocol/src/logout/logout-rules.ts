// What a request to sign out must be like before anything happens (OpenID Connect RP-Initiated Logout 1.0).
// Whether a person has to be asked is decided here, too; what then ends stands in end-sign-ins.ts.
import type { ClientRecord } from '../records.ts'
import { type Broken, type Law, must, namedRules } from '../rule.ts'

export const logoutRules = namedRules('request', {
  'logout.hint-is-ours': {
    cite: 'OIDC-RPInitiated§2',
    level: 'MUST',
    says: 'id_token_hint is an ID token that this issuer made for a client it knows; it may have expired',
    rows: ['RPLO-2-01'],
  },
  'logout.client-agrees': {
    cite: 'OIDC-RPInitiated§2',
    level: 'MUST',
    says: 'client_id, where sent beside id_token_hint, is the client the hint was made for',
    rows: ['RPLO-2-01'],
  },
  'logout.client-is-known': {
    cite: 'OIDC-RPInitiated§2',
    level: 'MUST',
    says: 'client_id names an enabled client of this issuer',
    rows: ['RPLO-2-01'],
    fixed: 'an unknown client has no address to be sent to',
  },
  'logout.redirect-is-registered': {
    cite: 'OIDC-RPInitiated§3',
    level: 'MUST',
    says: 'post_logout_redirect_uri is, character by character, one that the client registered for it',
    rows: ['RPLO-3-01'],
  },
  'logout.person-is-asked': {
    cite: 'OIDC-RPInitiated§2',
    level: 'MUST',
    says: 'a sign-in ends only after its person confirmed it, or where the hint names this very sign-in',
    rows: ['RPLO-2-02', 'ASVS-10.6.2'],
    unseen: 'a probe has no browser in which a person is signed in',
  },
})

/** What id_token_hint said, after its signature held. */
export interface LogoutHint {
  readonly clientId: string
  /** The sign-in, as that client knows it. */
  readonly sid: string | undefined
}

export interface LogoutFacts {
  /** `undefined`: none was sent; broken: it is not ours. */
  readonly hint: LogoutHint | Broken | undefined
  readonly clientId: string | undefined
  /** By the hint, or by client_id. */
  readonly client: ClientRecord | undefined
  readonly postLogoutRedirectUri: string | undefined
  readonly state: string | undefined
  /** `logout_hint` names somebody else than the person who is signed in. */
  readonly otherPerson: boolean
  /** The sign-in of this browser, as the client knows it; `undefined`: there is none. */
  readonly currentSid: string | undefined
}

export interface LogoutRequest {
  readonly client: ClientRecord | undefined
  /** Where the person goes afterwards; `null`: stays here. */
  readonly returnTo: string | null
  /** Without asking, the sign-in is ended. */
  readonly certain: boolean
  /** The hint proves the client's part in this; otherwise only the person's own word may send anybody on. */
  readonly proven: boolean
}

/** Broken: an error page, and nobody is sent anywhere. */
export function decideLogout(facts: LogoutFacts, law: Law): LogoutRequest | Broken {
  const { hint, client, clientId, postLogoutRedirectUri: uri } = facts
  const foreign = hint !== undefined && 'broken' in hint
  const claimed = hint !== undefined && !foreign ? hint : undefined
  const enabled = client !== undefined && !client.disabled
  const broken =
    must(logoutRules, 'logout.hint-is-ours', !foreign && (hint === undefined || enabled), law) ??
    must(logoutRules, 'logout.client-agrees', claimed === undefined || clientId === undefined || clientId === claimed.clientId, law) ??
    must(logoutRules, 'logout.client-is-known', clientId === undefined || enabled, law) ??
    must(logoutRules, 'logout.redirect-is-registered', uri === undefined || client === undefined || isRegistered(client, uri), law)
  if (broken) return broken
  const named = claimed?.sid !== undefined && claimed.sid === facts.currentSid && !facts.otherPerson
  return {
    client,
    returnTo: uri === undefined || client === undefined ? null : withState(uri, facts.state),
    certain: must(logoutRules, 'logout.person-is-asked', named, law) === undefined,
    proven: claimed !== undefined,
  }
}

/** Simple string comparison, ports of loopback addresses included. */
export function isRegistered(client: Pick<ClientRecord, 'postLogoutRedirectUris'>, uri: string): boolean {
  return client.postLogoutRedirectUris?.includes(uri) === true
}

function withState(uri: string, state: string | undefined): string {
  return state === undefined ? uri : `${uri}${uri.includes('?') ? '&' : '?'}state=${encodeURIComponent(state)}`
}
