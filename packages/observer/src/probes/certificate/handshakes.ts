// L0, L1, L4: whether the handshake asks for a certificate, in each version, and whether it asks at once. Read from one survey.
import type { HandshakeProbe } from '../../probe.ts'
import type { Outcome } from '../../run/sandwich.ts'
import type { TlsSeen, TlsVersion } from '../../tls/tls-mode.ts'

const head = {
  station: 'handshake',
  topic: 'certificate',
  // Which certificates a listener asks for is its configuration: no rule of the catalogue.
  attacks: [],
  level: 'PRODUCT',
  depth: 'core',
  owner: 'RS',
  binds: 'certificate',
  sources: ['mtls-handshake'],
} as const

export const handshakeProbes: readonly HandshakeProbe[] = [
  {
    ...head,
    id: 'L0',
    cite: 'RFC5246§7.4.4',
    says: { ja: 'TLS 1.2 のハンドシェイクで証明書を求める', en: 'the TLS 1.2 handshake asks for a certificate' },
    proves: { ja: 'TLS 1.2 で証明書を見せられる', en: 'a certificate can be shown in TLS 1.2' },
    doesNotProve: { ja: '証明書を必ず求めるか', en: 'that one is demanded' },
    priority: 'P1',
    read: (seen) => asked(seen, 'TLSv1.2'),
  },
  {
    ...head,
    id: 'L1',
    cite: 'RFC8446§4.3.2',
    says: { ja: 'TLS 1.3 のハンドシェイクで証明書を求める', en: 'the TLS 1.3 handshake asks for a certificate' },
    proves: { ja: 'TLS 1.3 で証明書を見せられる', en: 'a certificate can be shown in TLS 1.3' },
    doesNotProve: {
      ja: '証明書を必ず求めるか。ハンドシェイクのあとの要求のこと',
      en: 'that one is demanded, and nothing about requests after the handshake',
    },
    priority: 'P1',
    read: (seen) => asked(seen, 'TLSv1.3'),
  },
  {
    ...head,
    id: 'L4',
    cite: 'RFC9113§9.2.1',
    says: {
      ja: '証明書は最初のハンドシェイクで求める',
      en: 'the certificate is asked for in the first handshake, not later for some paths',
    },
    proves: { ja: '証明書を求めるのに、二度目のハンドシェイクを待っていない', en: 'the demand does not depend on a second handshake' },
    doesNotProve: { ja: 'どのパスでも証明書を求めているか', en: 'that the certificate is demanded on every path' },
    priority: 'P2',
    read: atOnce,
  },
]

function asked({ versions, evidence }: TlsSeen, version: TlsVersion): Outcome {
  const seen = versions.find((one) => one.version === version)
  const answered = seen?.withoutCertificate ?? ''
  switch (seen?.asked) {
    case 'requested':
      return { verdict: 'holds', answered: `requested; without one: ${answered}`, evidence }
    case 'not-requested':
      return seen.mode === 'not-observable'
        ? { verdict: 'inconclusive', reason: seen.reason ?? '', answered, evidence }
        : { verdict: 'violated', answered: `not requested; without one: ${answered}`, evidence }
    case 'not-spoken':
      return { verdict: 'not-applicable', reason: `${version.replace('v', ' ')} is not spoken here`, answered: '', evidence: [] }
    default:
      return { verdict: 'inconclusive', reason: seen?.reason ?? 'not seen', answered, evidence }
  }
}

function atOnce({ versions, evidence }: TlsSeen): Outcome {
  const spoken = versions.filter((one) => one.asked !== 'not-spoken')
  if (spoken.some(({ renegotiates }) => renegotiates))
    return { verdict: 'violated', answered: 'a second handshake is begun for this path', evidence }
  if (spoken.length > 0 && spoken.every((one) => one.asked === 'requested'))
    return { verdict: 'holds', answered: 'requested at once', evidence }
  const later = 'whether it is asked for later cannot be seen: this client does not offer post-handshake authentication'
  return { verdict: 'inconclusive', reason: later, answered: '', evidence }
}
