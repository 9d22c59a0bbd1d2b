// From the probes of certificates to the record of one API and one client whose tickets name a certificate alone (RFC 8705).
// Tickets that name a key are judged in `api-record.ts`.
import type { ApiRecord, ProbeResult, Verdict } from '../observation.ts'
import { hasOpenSide } from './open-side.ts'
import { othersAsFact } from './other-credentials.ts'

type Judged = Pick<ApiRecord, 'mode' | 'rsRequired' | 'rsEnforced' | 'strength' | 'replay'>

interface CertificateSeen {
  readonly probes: readonly ProbeResult[]
  readonly scope: 'all' | 'comparison'
  /** Of an API behind the same guard. */
  readonly carried?: Pick<ApiRecord, 'probes'>
  /** What other credentials were answered, asked once for all clients. */
  readonly others?: readonly ProbeResult[] | undefined
}

/** L7: none; L6: another one; L9, L10, L11, L13: none, by another door. */
export function judgeByCertificate(seen: CertificateSeen, named: 'certificate' | 'beside'): Judged {
  // SEED-TB-37: a certificate is demanded, and the ticket is anybody's who has one.
  if (named === 'beside') return { mode: 'mtls', rsRequired: 'no', rsEnforced: 'no', strength: 'none', replay: 'unknown' }
  const probes = [...seen.probes, ...(seen.others ?? []), ...(seen.carried?.probes ?? [])]
  const scope = seen.carried ? 'all' : seen.scope
  const verdict = (id: string): Verdict | undefined => probes.find(({ probe }) => probe === id)?.verdict
  const doors = probes.filter(({ probe }) => /^L(9|10|11|13)/.test(probe))
  // Replay is a matter of proofs: a certificate has none.
  const known = { replay: 'unknown' } as const
  // SEED-TB-60: asked for and not demanded is optional, whatever the handshake says.
  if (verdict('L7') === 'violated') return { ...known, mode: 'bearer', rsRequired: 'no', rsEnforced: 'no', strength: 'none' }
  const required = verdict('L7') === 'holds' ? 'yes' : 'unknown'
  if (verdict('L6') === 'violated') return { ...known, mode: 'mtls', rsRequired: required, rsEnforced: 'no', strength: 'nominal' }
  if (doors.some((one) => one.verdict === 'violated'))
    return { ...known, mode: 'mtls', rsRequired: required, rsEnforced: 'no', strength: 'lax' }
  if (verdict('L8') === 'violated') return { ...known, mode: 'mixed', rsRequired: 'no', rsEnforced: 'partial', strength: 'unknown' }
  const others = othersAsFact(probes)
  if (hasOpenSide(probes) || others === 'accepted')
    return { ...known, mode: 'mixed', rsRequired: 'no', rsEnforced: 'partial', strength: 'lax' }
  const compared = verdict('L6') === 'holds'
  const open = doors.some((one) => one.verdict === 'inconclusive') || verdict('L8') === 'inconclusive' || others === 'unknown'
  return {
    ...known,
    mode: verdict('L7') === 'holds' ? 'mtls' : 'unknown',
    rsRequired: required,
    rsEnforced: required === 'yes' && compared && !open ? 'yes' : 'unknown',
    strength: scope === 'all' && compared && !open ? 'strict' : 'unknown',
  }
}
