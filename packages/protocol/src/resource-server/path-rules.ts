// Which request targets can be read in one way only, so that the guard and the API behind it mean the same route.
// Which policy covers a path is no rule of a specification: that stands in the guard.
import { namedRules, rulesFor } from '../rule.ts'

export interface PathFacts {
  /** Request target as on the wire. */
  readonly target: string
  /** Its part before the first `?`. */
  readonly path: string
}

const unseen = 'from outside, a refused spelling cannot be told from a path that the API does not have'

/** In the order from the coarsest to the finest reading. */
export const pathRules = rulesFor<PathFacts>()('ambiguous-path', {
  'path.is-origin-form': {
    cite: 'RFC9112§3.2.1',
    level: 'PRODUCT',
    says: 'the request target begins with a slash',
    unseen,
    holds: (f) => f.path.charCodeAt(0) === 0x2f,
  },
  'path.is-printable-ascii': {
    cite: 'RFC3986§2',
    level: 'PRODUCT',
    says: 'the request target has no control, space, non-ASCII or fragment character',
    unseen,
    holds: (f) => /^[\x21\x22\x24-\x7e]*$/.test(f.target),
  },
  'path.has-no-backslash': {
    cite: 'RFC3986§3.3',
    level: 'PRODUCT',
    says: 'the path has no backslash, which some servers read as a slash',
    unseen,
    holds: (f) => !f.path.includes('\\') && !/%5c/i.test(f.path),
  },
  'path.is-made-of-path-characters': {
    cite: 'RFC3986§3.3',
    level: 'PRODUCT',
    says: 'the path has only characters that a path may have',
    unseen,
    holds: (f) => /^[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*$/.test(f.path),
  },
  'path.has-whole-escapes': {
    cite: 'RFC3986§2.1',
    level: 'PRODUCT',
    says: 'every percent sign in the path is followed by two hexadecimal digits',
    unseen,
    holds: (f) => !/%(?![0-9A-Fa-f]{2})/.test(f.path),
  },
  'path.is-escaped-once': {
    cite: 'RFC3986§2.4',
    level: 'PRODUCT',
    says: 'the path is percent-encoded once, not twice',
    unseen,
    holds: (f) => !/%25[0-9A-Fa-f]{2}/.test(f.path),
  },
  'path.has-no-escaped-separator': {
    cite: 'RFC3986§2.2',
    level: 'PRODUCT',
    says: 'the path has no encoded slash, semicolon or control character',
    unseen,
    holds: (f) => !/%(?:2f|3b|[01][0-9a-f]|7f)/i.test(f.path),
  },
  'path.has-no-empty-segment': {
    cite: 'RFC3986§3.3',
    level: 'PRODUCT',
    says: 'the path has no two slashes in a row',
    unseen,
    holds: (f) => !f.path.includes('//'),
  },
  'path.has-no-dot-segment': {
    cite: 'RFC3986§5.2.4',
    level: 'PRODUCT',
    says: 'the path has no segment of one or two dots, plain or encoded',
    unseen,
    holds: (f) => !/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(f.path),
  },
  'path.has-no-parameter': {
    cite: 'RFC3986§3.3',
    level: 'PRODUCT',
    says: 'the path has no semicolon, behind which some servers stop reading',
    unseen,
    holds: (f) => !f.path.includes(';'),
  },
})

/** Judged by the route table itself, which alone knows the routes. */
export const routeRules = namedRules('route', {
  'route.is-the-only-one': {
    cite: 'Kimei guard',
    level: 'PRODUCT',
    says: 'the path means the same route however an API decodes it, folds its case or drops a last slash',
    family: 'ambiguous-path',
    unseen,
    fixed: 'without one route there is no policy to apply',
  },
  'route.has-policy': {
    cite: 'Kimei guard',
    level: 'PRODUCT',
    says: 'a policy covers the method and the path',
    rows: ['SEED-TB-55'],
    unseen: 'an outsider cannot tell a path without policy from one that the API does not have',
    fixed: 'without a route there is no policy to apply',
  },
})
