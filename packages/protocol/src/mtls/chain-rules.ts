// What must hold of a chain of certificates that leads to an authority for clients (RFC 5280 §6.1). Finding the chain, and its signatures, are the server's.
import type { Seconds } from '../ids.ts'
import { rulesFor } from '../rule.ts'

/** One certificate of the chain. */
export interface ChainCertificate {
  /** First and last second of its validity. */
  readonly notBefore: Seconds
  readonly notAfter: Seconds
  /** Its key: `rsa`, `ec`, `ed25519`, …; the bits of the modulus or of the curve. */
  readonly key: { readonly kind: string; readonly bits: number }
  /** Digest of the signature on it: `sha256`, …; `unknown` where nobody here knows it. Of the authority at the end: not asked. */
  readonly digest: string
  readonly authority: boolean
  /** How many authorities may stand below it. Absent: any number. */
  readonly mostBelow?: number
  /** Absent: for everything. */
  readonly usages?: readonly string[]
  /** Dotted. Absent: for every purpose. */
  readonly purposes?: readonly string[]
  /** Critical extensions that nobody here understands, dotted. */
  readonly strange: readonly string[]
}

export interface ChainFacts {
  /** The client's first, the trusted authority last. */
  readonly path: readonly ChainCertificate[]
  readonly now: Seconds
}

const head = { level: 'MUST', unseen: 'a probe would need a certificate of an authority that the operator trusts for clients' } as const
const clientPurposes = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']
const strongDigests = ['sha256', 'sha384', 'sha512', 'none']

const leastBits: Readonly<Record<string, number>> = { rsa: 2048, 'rsa-pss': 2048, ec: 256, ed25519: 1, ed448: 1 }

/** Whether a key is long enough, of a kind that is still used (NIST SP 800-131A). */
export function isStrongKey({ kind, bits }: ChainCertificate['key']): boolean {
  return bits >= (leastBits[kind] ?? Number.POSITIVE_INFINITY)
}

const inForce = ({ now }: ChainFacts, { notBefore, notAfter }: ChainCertificate): boolean => notBefore <= now && now <= notAfter
const maySign = ({ authority, usages, mostBelow }: ChainCertificate, below: number): boolean =>
  authority && (usages?.includes('keyCertSign') ?? true) && below <= (mostBelow ?? below)

export const chainRules = rulesFor<ChainFacts>()('client', {
  'client-certificate.chain-is-in-force': {
    ...head,
    cite: 'RFC5280§6.1.3',
    says: 'the certificate and every authority above it are used within the validity that they state, its first and last second included',
    rows: ['MTLS-2.1-01'],
    holds: (f) => f.path.every((one) => inForce(f, one)),
    seen: (f) => {
      const outside = f.path.find((one) => !inForce(f, one))
      return { expected: `${outside?.notBefore} to ${outside?.notAfter}`, received: f.now }
    },
  },
  'client-certificate.is-for-clients': {
    ...head,
    cite: 'RFC5280§4.2.1.12',
    says: 'the certificate is for clients, where it says what it is for: digital signatures, and client authentication or any purpose',
    rows: ['MTLS-2.1-01'],
    holds: ({ path: [own] }) =>
      (own?.usages?.includes('digitalSignature') ?? true) && (own?.purposes?.some((one) => clientPurposes.includes(one)) ?? true),
    seen: ({ path: [own] }) => ({ expected: 'client authentication', received: { usages: own?.usages, purposes: own?.purposes } }),
  },
  'client-certificate.authorities-may-sign': {
    ...head,
    cite: 'RFC5280§6.1.4',
    says: 'whoever signed a certificate of the chain is an authority, may sign certificates, and has no more authorities below than it allows',
    rows: ['MTLS-2.1-01'],
    holds: ({ path }) => path.every((one, at) => at === 0 || maySign(one, at - 1)),
  },
  'client-certificate.extensions-are-understood': {
    ...head,
    cite: 'RFC5280§4.2',
    says: 'no certificate of the chain has a critical extension that is not understood here: what it forbids would be allowed',
    rows: ['MTLS-2.1-01'],
    holds: ({ path }) => path.every(({ strange }) => strange.length === 0),
    seen: ({ path }) => ({ expected: 'none', received: path.flatMap(({ strange }) => strange).slice(0, 8) }),
  },
  'client-certificate.keys-are-strong': {
    ...head,
    level: 'PRODUCT',
    cite: 'RFC9325§4.5',
    says: 'every key of the chain is RSA of 2048 bits or more, a curve of 256 or more, or Ed25519 or Ed448',
    rows: ['MTLS-2.1-01'],
    holds: ({ path }) => path.every(({ key }) => isStrongKey(key)),
    seen: ({ path }) => ({ expected: 'at least RSA 2048 or a curve of 256', received: path.map(({ key }) => `${key.kind} ${key.bits}`) }),
  },
  'client-certificate.signatures-are-strong': {
    ...head,
    level: 'PRODUCT',
    cite: 'RFC9325§4.5',
    says: 'no certificate of the chain is signed over MD5 or SHA-1',
    rows: ['MTLS-2.1-01'],
    holds: ({ path }) => path.slice(0, -1).every(({ digest }) => strongDigests.includes(digest)),
    seen: ({ path }) => ({ expected: strongDigests.slice(0, 3), received: path.slice(0, -1).map(({ digest }) => digest) }),
  },
})
