// Whether a request comes from the terminator that is configured (RFC 9440 §4): a listed peer over an authenticated hop.
import { X509Certificate } from 'node:crypto'
import { equal, type Seen } from '@kimei/protocol'
import { peerMatcher } from '../config/addresses.ts'
import type { TrustedHop } from '../config/certificates-schema.ts'
import type { RequestFacts } from '../facts.ts'
import { linesOf } from '../header-lines.ts'

export interface HopJudge {
  /** `undefined`: it is the terminator. Else what is missing, for the log. */
  stranger(facts: RequestFacts): Seen | undefined
  /** Lower-case name of the header with the secret. */
  readonly secretHeader: string | undefined
}

/** The configuration is checked: its certificates can be read. */
export function makeHopJudge(hop: TrustedHop): HopJudge {
  if (hop.by === 'unix-socket') {
    const seen: Seen = { expected: 'the Unix socket', received: 'another listener' }
    return { secretHeader: undefined, stranger: ({ connection }) => (connection.unixSocket ? undefined : seen) }
  }
  const isListed = peerMatcher(hop.peers)
  const prove = proverOf(hop)
  return {
    secretHeader: hop.by === 'shared-secret' ? hop.header.toLowerCase() : undefined,
    stranger(facts) {
      const { remoteAddress } = facts.connection
      if (!isListed(remoteAddress)) return { expected: 'a listed peer', received: remoteAddress ?? 'no address' }
      return prove(facts) ? undefined : { expected: hop.by, received: 'nothing that proves it', peer: remoteAddress }
    },
  }
}

function proverOf(hop: Exclude<TrustedHop, { by: 'unix-socket' }>): (facts: RequestFacts) => boolean {
  switch (hop.by) {
    case 'address':
      return () => true
    case 'mutual-tls': {
      const pinned = hop.certificates.map((pem) => new X509Certificate(pem).raw)
      return ({ connection: { peerCertificate } }) => peerCertificate !== undefined && pinned.some((one) => one.equals(peerCertificate))
    }
    case 'shared-secret': {
      const name = hop.header.toLowerCase()
      const secrets = [hop.secret, ...(hop.previousSecret === undefined ? [] : [hop.previousSecret])]
      return (facts) => {
        const said = linesOf(facts, name)
        // Every one is compared, whichever matches.
        return said.length === 1 && secrets.map((secret) => equal(secret, said[0]!)).includes(true)
      }
    }
  }
}
