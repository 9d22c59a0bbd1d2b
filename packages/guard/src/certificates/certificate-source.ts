// The certificate of a caller as evidence, from the one place that is configured.
import { type Awaitable, type Broken, type PresentedCertificate, presentCertificate } from '@kimei/protocol'
import type { CertificatesConfig } from '../config/certificates-schema.ts'
import type { RequestFacts } from '../facts.ts'

/** `undefined`: there is none. Broken: there is something where one should be that cannot be one. */
export type CertificateSource = (facts: RequestFacts) => Awaitable<PresentedCertificate | undefined | Broken>

export function makeCertificateSource(config: CertificatesConfig): CertificateSource {
  switch (config.from) {
    case 'connection':
      return ({ connection }) => (connection.peerCertificate ? presentedOnce(connection.peerCertificate, connection.peerChain) : undefined)
  }
}

const known = new WeakMap<Uint8Array, PresentedCertificate>()

/** One connection shows one certificate on many requests. */
async function presentedOnce(der: Uint8Array, chain: readonly Uint8Array[] | undefined): Promise<PresentedCertificate> {
  const before = known.get(der)
  if (before) return before
  const made = await presentCertificate(der, chain)
  known.set(der, made)
  return made
}
