// What only some profiles demand of a request. Under the others each of these holds.
import { namedRules, rulesFor } from '../rule.ts'
import type { Profile } from './profile.ts'

export interface ProfileRequestFacts {
  readonly profile: Profile
  readonly redirectUri: string | undefined
  readonly state: string | undefined
  readonly responseMode: string | undefined
}

const unseen = 'demanded under a profile only: an issuer of another profile is free to accept it'

export const profileRequestRules = rulesFor<ProfileRequestFacts>()('request', {
  'profile.redirect-uri-is-sent': {
    cite: 'FAPI2-SP§5.3.2.2-6',
    level: 'MUST',
    says: 'under fapi2 the request says its redirect_uri, even where only one is registered',
    rows: ['FAPI2-5.3.2.2-01'],
    unseen,
    holds: (f) => !f.profile.redirectUriSent || f.redirectUri !== undefined,
  },
  'profile.response-is-signed': {
    cite: 'FAPI2-MS§5.4.1',
    level: 'MUST',
    says: 'under fapi2-message-signing the request asks for a signed response (JARM)',
    rows: ['FAPIMS-5.4-01'],
    unseen,
    holds: (f) => !f.profile.responseSigned || f.responseMode === 'jwt' || f.responseMode?.endsWith('.jwt') === true,
  },
  'profile.state-is-sent': {
    cite: 'atproto-OAuth§Authorization-Requests',
    level: 'MUST',
    says: 'under atproto the request carries a state',
    rows: ['ATP-PAR-01'],
    unseen,
    holds: (f) => !f.profile.stateSent || f.state !== undefined,
  },
})

/** Of the push itself. */
export const profilePushRules = namedRules('proof', {
  'profile.push-is-proven': {
    cite: 'atproto-OAuth§DPoP',
    level: 'MUST',
    says: 'under atproto a request is pushed with a proof of the key that its tokens will name',
    rows: ['ATP-DPOP-01'],
    unseen: 'demanded under a profile only: the observer says of every issuer from when its codes are bound, and blames none',
  },
})
