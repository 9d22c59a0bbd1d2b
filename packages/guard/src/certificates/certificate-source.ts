// The certificate of a caller as evidence, from the one place that is configured: its own connection, or what the terminator tells.
import {
  type Awaitable,
  type Broken,
  broke,
  forwardingRules,
  type Law,
  makeForwardedReader,
  must,
  type PresentedCertificate,
  presentCertificate,
  wholeLaw,
} from '@kimei/protocol'
import type { CertificatesConfig, ForwardedCertificates } from '../config/certificates-schema.ts'
import type { RequestFacts } from '../facts.ts'
import { linesOf } from '../header-lines.ts'
import { makeHopJudge } from './trusted-hop.ts'

export interface CertificateSource {
  /** `undefined`: there is none. Broken: there is something where one should be that cannot be one. */
  (facts: RequestFacts): Awaitable<PresentedCertificate | undefined | Broken>
  /** Lower-case names of the headers that tell of certificates, or prove who may tell. */
  readonly headers?: readonly string[]
  /**
   * What of those headers must not reach whoever stands behind: all that a stranger says, and the secret of the terminator.
   * `ignored`: somebody who is not the terminator told of a certificate.
   */
  withhold?(facts: RequestFacts): Withheld
}

export interface Withheld {
  /** Lower-case names of lines that are there. */
  readonly names: readonly string[]
  readonly ignored?: Broken
}

export function makeCertificateSource(config: CertificatesConfig, law: Law = wholeLaw): CertificateSource {
  if (config.from === 'header') return toldByTerminator(config, law)
  return ({ connection }) => (connection.peerCertificate ? presentedOnce(connection.peerCertificate, connection.peerChain) : undefined)
}

const nothing: Withheld = { names: [] }

function toldByTerminator(config: ForwardedCertificates, law: Law): CertificateSource {
  const reader = makeForwardedReader(config)
  const hop = makeHopJudge(config.hop)
  const { secretHeader } = hop
  const headers = secretHeader === undefined ? reader.headers : [...reader.headers, secretHeader]
  const ignores = (facts: RequestFacts): Broken | undefined => {
    const seen = hop.stranger(facts)
    if (seen === undefined) return undefined
    const broken = must(forwardingRules, 'certificate-header.comes-from-the-terminator', false, law)
    return broken && broke(forwardingRules, 'certificate-header.comes-from-the-terminator', seen)
  }
  const source = (facts: RequestFacts) => (ignores(facts) ? undefined : reader.read((name) => linesOf(facts, name), law))
  const withhold = (facts: RequestFacts): Withheld => {
    const names = headers.filter((name) => linesOf(facts, name).length > 0)
    if (names.length === 0) return nothing
    const ignored = ignores(facts)
    if (!ignored) return { names: names.filter((name) => name === secretHeader) }
    return names.some((name) => name !== secretHeader) ? { names, ignored } : { names }
  }
  return Object.assign(source, { headers, withhold })
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
