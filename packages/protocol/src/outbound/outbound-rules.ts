// What the issuer fetches or sends because somebody else named a URL: where it may go, and what it takes back.
// The family is the caller's: a failed fetch is `client` for keys, `untrusted-redirect` for a client document.
import { namedRules, rulesFor } from '../rule.ts'

const unseen = 'it happens between the issuer and a third party, which a probe would have to be'
const head = { level: 'MUST', unseen } as const

/** A URL as the WHATWG parser read it: odd spellings of addresses are gone. */
export interface OutboundTarget {
  readonly scheme: string
  readonly userInformation: boolean
  /** Empty for the scheme's own port. */
  readonly port: string
  /** The operator listed this very origin. */
  readonly listed: boolean
  /** What is fetched carries a signature of its own that is checked: who carries it does not count. */
  readonly signed: boolean
}

/** Judged before anything is resolved. */
export const outboundTargetRules = rulesFor<OutboundTarget>()('request', {
  'outbound.scheme-is-https': {
    ...head,
    cite: 'CIMD-02§8.6',
    says: 'the URL is https; http only at a loopback origin that the operator listed, and for what carries a signature of its own',
    rows: ['CIMD-8.6-01', 'JAR-5.2-01'],
    holds: (f) => f.scheme === 'https:' || (f.scheme === 'http:' && (f.listed || f.signed)),
    seen: (f) => ({ expected: 'https:', received: f.scheme.slice(0, 40) }),
  },
  'outbound.url-has-no-user-information': {
    ...head,
    cite: 'RFC3986§3.2.1',
    says: 'the URL carries no user name and no password',
    holds: (f) => !f.userInformation,
  },
  'outbound.port-is-usual': {
    ...head,
    level: 'PRODUCT',
    cite: 'RFC9700§2',
    says: 'the port is the usual one of the scheme; another only at an origin that the operator listed',
    holds: (f) => f.port === '' || f.listed,
    seen: (f) => ({ expected: 443, received: f.port }),
  },
})

/** Judged on the way: name, connection, answer. */
export const outboundRules = namedRules('request', {
  'outbound.url-is-absolute': {
    ...head,
    cite: 'RFC3986§4.3',
    says: 'the URL is absolute',
    fixed: 'nothing else names a place to go',
  },
  'outbound.target-is-not-busy': {
    ...head,
    level: 'PRODUCT',
    cite: 'DCR-5',
    says: 'few requests are under way at once, and few a minute go to one origin: nobody is flooded through the issuer',
  },
  'outbound.host-resolves': {
    ...head,
    cite: 'RFC9110§4.3.3',
    says: 'the host has an address',
    fixed: 'without an address there is nowhere to connect to',
  },
  'outbound.addresses-are-public': {
    ...head,
    cite: 'CIMD-02§8.6',
    says: 'every address of the host is public, or one that the operator listed for this origin; the connection goes to an address judged here',
    rows: ['CIMD-8.6-01', 'JAR-5.2-01'],
  },
  'outbound.connection-holds': {
    ...head,
    cite: 'RFC9325§3',
    says: 'the host answers over TLS with a certificate for its name, in sound HTTP',
    fixed: 'without a connection nothing was fetched',
  },
  'outbound.answers-in-time': {
    ...head,
    cite: 'CIMD-02§8.7',
    says: 'name, connection and the whole answer arrive before the deadline, however slowly bytes drip',
    fixed: 'what never ends cannot be waited for',
  },
  'outbound.is-not-redirected': {
    ...head,
    cite: 'CIMD-02§4',
    says: 'the answer is no redirect: none is followed',
    rows: ['CIMD-4-01'],
    fixed: 'what stands behind a redirect is never fetched',
  },
  'outbound.status-is-success': {
    ...head,
    cite: 'CIMD-02§5',
    says: 'the status is 200; for what was sent, any 2xx',
    rows: ['CIMD-4-01'],
  },
  'outbound.content-is-plain': {
    ...head,
    level: 'PRODUCT',
    cite: 'RFC9110§8.4',
    says: 'the answer has no content coding: none was offered, and nothing small grows large',
    fixed: 'no coding is ever undone',
  },
  'outbound.content-type-is-asked-for': {
    ...head,
    cite: 'CIMD-02§4',
    says: 'the media type is one that was asked for',
  },
  'outbound.body-is-bounded': {
    ...head,
    cite: 'CIMD-02§8.6',
    says: 'the body is no longer than the stated bound',
    rows: ['CIMD-8.6-01', 'JAR-5.2-01'],
    fixed: 'what does not fit is not read',
  },
  'outbound.picture-is-what-it-says': {
    ...head,
    level: 'PRODUCT',
    cite: 'RFC9110§8.3',
    says: 'a picture is PNG, JPEG, WebP or GIF by its first bytes, and says that it is; never one that could hold script',
    fixed: 'what is no picture cannot be shown as one',
  },
  'outbound.body-is-utf8': {
    ...head,
    cite: 'RFC8259§8.1',
    says: 'the body is UTF-8',
    fixed: 'what cannot be read cannot be judged',
  },
})
