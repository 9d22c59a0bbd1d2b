// How a message that a proxy passes on must be framed, so that both sides see the same message (RFC 9112 §6, §11.2).
import { rulesFor } from '../rule.ts'

export interface FramingFacts {
  readonly httpVersion: string
  readonly hosts: number
  readonly contentLengths: readonly string[]
  readonly transferEncodings: readonly string[]
  readonly upgrade: boolean
}

const unseen = 'a parser in front of the guard usually refuses it first'

export const framingRules = rulesFor<FramingFacts>()('request', {
  'framing.has-one-host': {
    cite: 'RFC9112§3.2',
    level: 'MUST',
    says: 'the request has exactly one Host header',
    unseen,
    holds: (f) => f.hosts === 1,
  },
  'framing.has-one-length': {
    cite: 'RFC9112§6.3',
    level: 'MUST',
    says: 'the length of the body is said once and in one way',
    unseen,
    holds: (f) =>
      f.contentLengths.length + f.transferEncodings.length <= 1 && f.contentLengths.every((length) => /^\d{1,15}$/.test(length)),
  },
  'framing.transfer-is-chunked': {
    cite: 'RFC9112§6.1',
    level: 'MUST',
    says: 'the only transfer coding is chunked, in HTTP/1.1',
    unseen,
    holds: (f) =>
      f.transferEncodings.every((coding) => coding.trim().toLowerCase() === 'chunked') &&
      (f.transferEncodings.length === 0 || f.httpVersion === '1.1'),
  },
  'framing.upgrade-has-no-body': {
    cite: 'RFC9110§7.8',
    level: 'PRODUCT',
    says: 'a request to change the protocol carries no body',
    unseen,
    holds: (f) => !f.upgrade || f.contentLengths.length + f.transferEncodings.length === 0,
  },
})

/** Judged where the route, or the bytes of the body, are known. */
export const passageRules = rulesFor<{
  readonly upgrade: boolean
  readonly upgradeAllowed: boolean
  readonly bodyBytes: number
  readonly bodyLimit: number
}>()('request', {
  'passage.upgrade-is-allowed': {
    cite: 'RFC9110§7.8',
    level: 'PRODUCT',
    says: 'the route allows a change of protocol',
    unseen: 'an outsider cannot tell a refused upgrade from one that the API does not offer',
    holds: (f) => !f.upgrade || f.upgradeAllowed,
  },
  'passage.body-is-bounded': {
    cite: 'RFC9110§15.5.14',
    level: 'PRODUCT',
    says: 'the body is no larger than the proxy passes on',
    family: 'too-large',
    unseen: 'the limit is the choice of the operator',
    holds: (f) => f.bodyBytes <= f.bodyLimit,
  },
})
