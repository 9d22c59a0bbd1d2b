// From the probes of one client at its issuer to its record: what is bound, what is required, what is only unknown.

import type { PreparedClient } from '../clients.ts'
import type { IssuerRecord, ProbeResult, Verdict, Yes } from '../observation.ts'
import type { ReadinessLine } from '../readiness/checks.ts'
import type { NoTicket, Ticket } from '../tickets.ts'
import type { TlsSeen } from '../tls/tls-mode.ts'

export interface IssuerSeen {
  readonly client: PreparedClient
  readonly ticket: Ticket | NoTicket
  readonly declared: Readonly<Record<string, unknown>>
  readonly probes: readonly ProbeResult[]
  readonly evidence: readonly string[]
  readonly tls?: TlsSeen | undefined
  readonly readiness?: readonly ReadinessLine[]
}

export function issuerRecord(seen: IssuerSeen): IssuerRecord {
  const { client, ticket, declared, probes, evidence } = seen
  const verdict = (id: string): Verdict | undefined => probes.find(({ probe }) => probe === id)?.verdict
  const required = requiredOf(verdict)
  const got = 'none' in ticket ? undefined : ticket
  return {
    issuer: client.issuer.url,
    tokenEndpoint: client.issuer.tokenEndpoint,
    client: client.entry.id,
    clientKind: client.entry.kind ?? 'unknown',
    mode: got === undefined ? 'unknown' : got.type,
    asRequired: required,
    asEnforced: enforcedOf(verdict, required, got),
    token: got?.format ?? 'none',
    ...(seen.tls && { tls: seen.tls }),
    ...(seen.readiness && { readiness: seen.readiness }),
    declared,
    probes,
    evidence,
  }
}

/** AS2 asks the client's own grant without a proof, L2 without the certificate; AS3 asks without any grant. */
function requiredOf(verdict: (id: string) => Verdict | undefined): Yes {
  if (['AS1', 'AS2', 'L12', 'L2'].some((id) => verdict(id) === 'violated')) return 'no'
  return ['AS2', 'AS3', 'L2'].some((id) => verdict(id) === 'holds') ? 'yes' : 'unknown'
}

/** SEED-TB-22, 23: a ticket that cannot be read proves no binding. */
function enforcedOf(verdict: (id: string) => Verdict | undefined, required: Yes, ticket: Ticket | undefined): Yes {
  if (required === 'no') return 'no'
  const byKey = ticket?.format === 'jwt' && ticket.jkt === ticket.key.thumbprint && verdict('AS1') !== 'violated'
  const bound = verdict('L12') === undefined ? byKey : verdict('L12') === 'holds'
  return bound && required === 'yes' ? 'yes' : 'unknown'
}
