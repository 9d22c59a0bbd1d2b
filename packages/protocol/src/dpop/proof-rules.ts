// RFC 9449 §4.3 as values, in the order in which they are judged. Once-only use is named here and claimed in storage.
// A rule judges only what no rule before it has judged: each can be removed alone.
import { isSignatureAlg, isTypOf, type SignatureAlg, shown } from '../jose/index.ts'
import { namedRules, rulesFor } from '../rule.ts'
import { isProtectedTransport } from './htu.ts'
import type { NonceVerdict } from './nonce.ts'

/** Judged by `parseProof`, before anything is decoded, and by the caller at the very end. */
export const proofShapeRules = namedRules('proof', {
  'dpop.proof-is-present': {
    cite: 'RFC9449§7.1',
    level: 'MUST',
    says: 'the request carries a DPoP proof',
    rows: ['DPOP-7.1-01', 'SEED-DPOP-02'],
    fixed: 'without a proof there is nothing to judge',
  },
  'dpop.proof-is-sent-once': {
    cite: 'RFC9449§4.3-1',
    level: 'MUST',
    says: 'the request has one DPoP header, without a comma',
    rows: ['DPOP-4.3-01'],
  },
  'dpop.proof-is-bounded': {
    cite: 'RFC9449§11.1',
    level: 'SHOULD',
    says: 'the DPoP header is no longer than 8192 characters',
    rows: ['DPOP-11.1-02'],
    unseen: 'most servers already refuse so long a header',
  },
  'dpop.has-jwk': {
    cite: 'RFC9449§4.2',
    level: 'MUST',
    says: 'the header carries the public key as jwk',
    rows: ['DPOP-4.2-01', 'SEED-DPOP-04'],
    fixed: 'without the key there is nothing to verify with',
  },
  'dpop.signature-verifies': {
    cite: 'RFC9449§4.3-6',
    level: 'MUST',
    says: 'the signature verifies with the key in the jwk header, and with no other',
    rows: ['DPOP-4.3-06', 'SEED-DPOP-03', 'SEED-DPOP-06', 'SEED-DPOP-09'],
  },
  'dpop.jti-is-first-use': {
    cite: 'RFC9449§11.1',
    level: 'PRODUCT',
    says: 'this proof was not used before at this address',
    rows: ['DPOP-11.1-01', 'SEED-TB-26', 'ATP-DPOP-02'],
    fixed: 'once-only: storage claims it, and the lab wraps storage',
  },
})

export interface ProofHeaderFacts {
  readonly typ: unknown
  readonly alg: unknown
  readonly algorithms: readonly SignatureAlg[]
}

export const proofHeaderRules = rulesFor<ProofHeaderFacts>()('proof', {
  'dpop.typ-is-dpop-jwt': {
    cite: 'RFC9449§4.3-4',
    level: 'MUST',
    says: 'typ is dpop+jwt',
    rows: ['DPOP-4.3-04', 'DPOP-4.2-01', 'SEED-DPOP-04', 'JWTBCP-3.12-01'],
    holds: (f) => isTypOf('dpop-proof', f.typ),
    seen: (f) => ({ expected: 'dpop+jwt', received: shown(f.typ) }),
  },
  'dpop.alg-is-asymmetric': {
    cite: 'RFC9449§4.3-5',
    level: 'MUST',
    says: 'alg is a digital signature algorithm: neither none nor a MAC',
    rows: ['DPOP-4.3-05', 'DPOP-4.2-01', 'ASVS-9.1.2'],
    holds: (f) => isSignatureAlg(f.alg),
    seen: (f) => ({ expected: f.algorithms.join(' '), received: shown(f.alg) }),
  },
  'dpop.alg-is-allowed': {
    cite: 'RFC9449§4.3-5',
    level: 'MUST',
    says: 'alg is on the list of this server',
    rows: ['DPOP-4.3-05', 'FAPI2-5.4.1-01', 'ASVS-9.1.2'],
    holds: (f) => !isSignatureAlg(f.alg) || f.algorithms.includes(f.alg),
    seen: (f) => ({ expected: f.algorithms.join(' '), received: shown(f.alg) }),
  },
})

export interface ProofClaimFacts {
  readonly jti: unknown
  readonly jtiBytes: number
  readonly jtiBytesAllowed: number
  readonly htm: unknown
  readonly htu: unknown
  readonly iat: unknown
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

export const proofClaimRules = rulesFor<ProofClaimFacts>()('proof', {
  'dpop.jti-is-text': {
    cite: 'RFC9449§4.3-3',
    level: 'MUST',
    says: 'jti is a text, and not empty',
    rows: ['DPOP-4.3-03', 'SEED-DPOP-05'],
    holds: (f) => isText(f.jti),
    seen: (f) => ({ expected: 'text', received: typeof f.jti }),
  },
  'dpop.jti-is-bounded': {
    cite: 'RFC9449§11.1',
    level: 'SHOULD',
    says: 'jti is at most 256 bytes long',
    rows: ['DPOP-11.1-02'],
    holds: (f) => f.jtiBytes <= f.jtiBytesAllowed,
    seen: (f) => ({ expected: f.jtiBytesAllowed, received: f.jtiBytes }),
  },
  'dpop.htm-is-text': {
    cite: 'RFC9449§4.3-3',
    level: 'MUST',
    says: 'htm is a text',
    rows: ['DPOP-4.3-03', 'SEED-DPOP-05'],
    holds: (f) => typeof f.htm === 'string',
    seen: (f) => ({ expected: 'text', received: typeof f.htm }),
  },
  'dpop.htu-is-text': {
    cite: 'RFC9449§4.3-3',
    level: 'MUST',
    says: 'htu is a text',
    rows: ['DPOP-4.3-03', 'SEED-DPOP-05'],
    holds: (f) => typeof f.htu === 'string',
    seen: (f) => ({ expected: 'text', received: typeof f.htu }),
  },
  'dpop.iat-is-number': {
    cite: 'RFC9449§4.3-3',
    level: 'MUST',
    says: 'iat is a number of seconds',
    rows: ['DPOP-4.3-03', 'SEED-DPOP-05'],
    holds: (f) => Number.isFinite(f.iat),
    seen: (f) => ({ expected: 'number', received: typeof f.iat }),
  },
})

export interface ProofTargetFacts {
  readonly htm: string | undefined
  readonly method: string
  /** The claim, and its normalized spelling where it has one. */
  readonly htu: string | undefined
  readonly normalizedHtu: string | undefined
  readonly targets: readonly string[]
}

export const proofTargetRules = rulesFor<ProofTargetFacts>()('proof', {
  'dpop.htm-is-request-method': {
    cite: 'RFC9449§4.3-8',
    level: 'MUST',
    says: 'htm equals the HTTP method',
    rows: ['DPOP-4.3-08', 'SEED-DPOP-05', 'SEED-TB-26'],
    holds: (f) => f.htm === undefined || f.htm === f.method,
    seen: (f) => ({ expected: f.method, received: shown(f.htm) }),
  },
  'dpop.htu-is-request-target': {
    cite: 'RFC9449§4.3-9',
    level: 'MUST',
    says: 'htu equals the target URI without query and fragment',
    rows: ['DPOP-4.3-09', 'DPOP-4.3-10', 'DPOP-4.2-03', 'SEED-DPOP-08', 'SEED-TB-26'],
    holds: (f) => f.htu === undefined || (f.normalizedHtu !== undefined && f.targets.includes(f.normalizedHtu)),
    // Never the raw claim: its query may carry secrets.
    seen: (f) => ({ expected: f.targets, received: shown(f.normalizedHtu) ?? 'not an absolute http(s) URI' }),
  },
  'dpop.target-is-protected': {
    cite: 'RFC9449§2',
    level: 'MUST',
    says: 'the target URI is https, or plain http on a loopback address',
    rows: ['DPOP-2-01'],
    unseen: 'only a server set up for plain http beyond loopback could show it',
    holds: (f) => f.normalizedHtu === undefined || !f.targets.includes(f.normalizedHtu) || isProtectedTransport(f.normalizedHtu),
    seen: (f) => ({ expected: 'https', received: shown(f.normalizedHtu) }),
  },
})

export interface ProofNonceFacts {
  readonly verdict: NonceVerdict
}

/** Judged only where a nonce is required: there is no silent way back (RFC 9449 §11.3). */
export const proofNonceRules = rulesFor<ProofNonceFacts>()('proof-nonce', {
  'dpop.nonce-is-given': {
    cite: 'RFC9449§8',
    level: 'MUST',
    says: 'the proof carries a nonce',
    rows: ['DPOP-11.3-01', 'DPOP-4.2-05', 'DPOP-4.3-11', 'DPOP-8-01', 'DPOP-9-01', 'ATP-DPOP-01'],
    holds: (f) => f.verdict.nonce !== 'missing',
  },
  'dpop.nonce-is-current': {
    cite: 'RFC9449§4.3-10',
    level: 'MUST',
    says: 'the nonce is one that this server gave recently',
    rows: ['DPOP-4.3-11', 'DPOP-8-03', 'ATP-DPOP-01'],
    holds: (f) => f.verdict.nonce !== 'unknown',
  },
})

export interface ProofTimeFacts {
  readonly now: number
  readonly pastSeconds: number
  readonly futureSeconds: number
  readonly iat: number | undefined
  /** A current nonce tells when the proof was made: the holder's own clock is not asked. */
  readonly nonceIsClock: boolean
  readonly nbf: unknown
  readonly exp: unknown
}

const seenTime = (f: ProofTimeFacts) => ({
  expected: { from: f.now - f.pastSeconds, to: f.now + f.futureSeconds },
  received: f.iat,
  serverTime: f.now,
})

export const proofTimeRules = rulesFor<ProofTimeFacts>()('proof', {
  'dpop.iat-is-recent': {
    cite: 'RFC9449§4.3-11',
    level: 'MUST',
    says: 'the proof was made within the window before now',
    byClock: true,
    rows: ['DPOP-4.3-12', 'SEED-TB-26'],
    holds: (f) => f.nonceIsClock || f.iat === undefined || f.iat >= f.now - f.pastSeconds,
    seen: seenTime,
  },
  'dpop.iat-is-not-ahead': {
    cite: 'RFC9449§4.3-11',
    level: 'MUST',
    says: 'the proof was not made later than now, but for a small skew',
    byClock: true,
    rows: ['DPOP-4.3-12', 'SEED-TB-32'],
    holds: (f) => f.nonceIsClock || f.iat === undefined || f.iat <= f.now + f.futureSeconds,
    seen: seenTime,
  },
  'dpop.nbf-has-come': {
    cite: 'RFC7519§4.1.5',
    level: 'MUST',
    says: 'nbf, where the proof has one, has come',
    byClock: true,
    rows: ['DPOP-4.2-06'],
    holds: (f) => f.nbf === undefined || (typeof f.nbf === 'number' && f.nbf <= f.now + f.futureSeconds),
    seen: (f) => ({ expected: f.now + f.futureSeconds, received: shown(f.nbf), serverTime: f.now }),
  },
  'dpop.exp-has-not-passed': {
    cite: 'RFC7519§4.1.4',
    level: 'MUST',
    says: 'exp, where the proof has one, has not passed',
    byClock: true,
    rows: ['DPOP-4.2-06'],
    holds: (f) => f.exp === undefined || (typeof f.exp === 'number' && f.exp > f.now - f.futureSeconds),
    seen: (f) => ({ expected: f.now - f.futureSeconds, received: shown(f.exp), serverTime: f.now }),
  },
})

export interface AthFacts {
  readonly ath: string | undefined
  readonly matches: boolean
}

export const athRules = rulesFor<AthFacts>()('proof', {
  'dpop.has-ath': {
    cite: 'RFC9449§4.3-12a',
    level: 'MUST',
    says: 'a proof beside an access token carries ath',
    rows: ['DPOP-4.3-13', 'SEED-TB-33'],
    holds: (f) => f.ath !== undefined,
  },
  'dpop.ath-is-token-hash': {
    cite: 'RFC9449§4.3-12a',
    level: 'MUST',
    says: 'ath is the SHA-256 of exactly the access token presented',
    rows: ['DPOP-4.3-13', 'DPOP-4.2-04', 'DPOP-11.8-01', 'SEED-DPOP-08'],
    holds: (f) => f.ath === undefined || f.matches,
  },
})
