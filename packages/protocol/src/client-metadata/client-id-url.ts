// Client ids that are URLs of a document (Client ID Metadata Document §3): how one is written, and who may be asked by it.
// Compared as written, never normalized: a default port or a capital makes another client.
import { rulesFor } from '../rule.ts'

const unseen = 'a refused id, an unknown one and a document that cannot be fetched look the same from outside'
const head = { level: 'MUST', unseen } as const

export interface ClientIdUrlFacts {
  readonly clientId: string
  /** Origins, or `https://*.example.com`; absent: every public one. */
  readonly allow: readonly string[] | undefined
}

/** Whether an id asks for a document at all. Any other is a name that somebody declared or registered. */
export function isClientIdUrl(clientId: string): boolean {
  return /^https?:/i.test(clientId)
}

const pathOf = (clientId: string): string => /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(clientId)?.[1] ?? ''
const dots = /^(\.|%2e){1,2}$/i

export const clientIdUrlRules = rulesFor<ClientIdUrlFacts>()('client', {
  'client-id.is-an-https-url': {
    ...head,
    cite: 'CIMD-02§3',
    says: 'a client id that names a document is an https URL of at most 500 printable ASCII characters',
    rows: ['CIMD-3-01'],
    holds: ({ clientId }) => /^https:\/\/[\x21\x23-\x5B\x5D-\x7E]{1,492}$/.test(clientId) && URL.canParse(clientId),
  },
  'client-id.has-a-path': {
    ...head,
    cite: 'CIMD-02§3',
    says: 'it has a path',
    rows: ['CIMD-3-01'],
    holds: ({ clientId }) => pathOf(clientId) !== '',
  },
  'client-id.path-has-no-dots': {
    ...head,
    cite: 'CIMD-02§3',
    says: 'no segment of its path is a single or double dot, however it is written',
    rows: ['CIMD-3-01'],
    holds: ({ clientId }) =>
      pathOf(clientId)
        .split('/')
        .every((segment) => !dots.test(segment)),
  },
  'client-id.has-no-user-information': {
    ...head,
    cite: 'CIMD-02§3',
    says: 'it carries no user information',
    rows: ['CIMD-3-01'],
    holds: ({ clientId }) => !/^[a-z]+:\/\/[^/?#]*@/i.test(clientId),
  },
  'client-id.has-no-fragment': {
    ...head,
    cite: 'CIMD-02§3',
    says: 'it has no fragment',
    rows: ['CIMD-3-01'],
    holds: ({ clientId }) => !clientId.includes('#'),
  },
  'client-id.origin-is-allowed': {
    ...head,
    cite: 'CIMD-02§8.9',
    level: 'MAY',
    says: 'its origin is one that the operator allows clients to come from',
    holds: ({ clientId, allow }) => allow === undefined || allow.some((pattern) => fitsPattern(new URL(clientId), pattern)),
  },
})

/** `https://*.example.com` means every name below example.com, and not that name itself. */
function fitsPattern(url: URL, pattern: string): boolean {
  const below = /^https:\/\/\*(\.[^/:]+)(:\d+)?$/.exec(pattern)
  if (!below) return url.origin === pattern
  return url.hostname.endsWith(below[1] as string) && (url.port === '' ? undefined : `:${url.port}`) === below[2]
}
