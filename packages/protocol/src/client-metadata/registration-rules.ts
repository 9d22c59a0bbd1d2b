// Dynamic client registration and its management (RFC 7591, RFC 7592): who may register, read, change and end a client.
// What the metadata itself may say stands in metadata-rules.ts.
import { namedRules } from '../rule.ts'
import { registrationWhy } from './metadata-members.ts'

const head = { level: 'MUST', unseen: registrationWhy } as const

export const registrationRules = namedRules('client-metadata', {
  'registration.attempts-are-few': {
    ...head,
    cite: 'RFC7591§5',
    level: 'SHOULD',
    says: 'one address does not register clients without end',
    rows: ['DCR-5-01'],
    family: 'throttled',
  },
  'registration.there-is-room': {
    ...head,
    cite: 'RFC7591§5',
    level: 'PRODUCT',
    says: 'the issuer holds fewer registered clients than its operator allows',
    rows: ['DCR-5-01'],
    family: 'throttled',
    fixed: 'storage counts inside the one commit',
  },
  'registration.initial-token-is-presented': {
    ...head,
    cite: 'RFC7591§3',
    says: 'an initial access token is sent as a Bearer token, where registration is not open',
    rows: ['DCR-3.2.2-01'],
    family: 'no-credentials',
  },
  'registration.initial-token-is-good': {
    ...head,
    cite: 'RFC7591§3',
    says: 'an initial access token that is sent is one that the operator gave out, and has not expired',
    rows: ['DCR-3.2.2-01'],
    family: 'access-token',
  },
  'registration.token-is-presented': {
    ...head,
    cite: 'RFC7592§2',
    says: 'the registration access token is sent, once, as a Bearer token',
    rows: ['DCRM-2-01'],
    family: 'no-credentials',
    fixed: 'without a token nobody knows who asks',
  },
  'registration.token-is-of-this-client': {
    ...head,
    cite: 'RFC7592§2.1',
    says: 'the registration access token is the one of the client that the URI names, and the client is there',
    rows: ['DCRM-2-01'],
    family: 'access-token',
  },
  'registration.body-is-json': {
    ...head,
    cite: 'RFC7591§3.1',
    says: 'the body is a JSON object of type application/json, without repeated members and not too deep',
    rows: ['DCR-3-01'],
    fixed: 'what cannot be read cannot be registered',
  },
  'registration.redirect-hosts-are-allowed': {
    ...head,
    cite: 'RFC7591§5',
    level: 'PRODUCT',
    says: 'every redirect URI stands on a host that the operator allows registered clients',
    rows: ['DCR-5-01'],
    family: 'redirect-uri',
  },
  'registration.sector-is-readable': {
    ...head,
    cite: 'OIDC-Registration§5',
    says: 'sector_identifier_uri leads to a JSON array of redirect URIs',
    rows: ['OIDC-8.1-01'],
    fixed: 'a list that cannot be read holds nothing',
  },
  'registration.sector-lists-redirects': {
    ...head,
    cite: 'OIDC-Registration§5',
    says: 'every redirect URI stands in the list at sector_identifier_uri',
    rows: ['OIDC-8.1-01'],
  },
  'registration.client-id-stays': {
    ...head,
    cite: 'RFC7592§2.2',
    says: 'a change names the client_id that the URI names',
    rows: ['DCRM-2.2-01'],
  },
  'registration.server-members-are-left-out': {
    ...head,
    cite: 'RFC7592§2.2',
    says: 'a change does not send registration_access_token, registration_client_uri, client_secret_expires_at or client_id_issued_at',
    rows: ['DCRM-2.2-01'],
  },
  'registration.secret-is-the-issued-one': {
    ...head,
    cite: 'RFC7592§2.2',
    says: 'a client_secret that a change sends is one that the issuer gave: nobody chooses their own',
    rows: ['DCRM-2.2-01'],
  },
})
