// From the probes of one client at its issuer to its record: what is bound, what is required, what is only unknown.

import type { PreparedClient } from '../clients/prepare.ts'
import type { SignInWay } from '../clients/sign-in-way.ts'
import type { NoTicket, Ticket } from '../clients/tickets.ts'
import type { GrantCell, IssuerRecord, ProbeResult, Verdict, Yes } from '../observation.ts'
import type { ReadinessLine } from '../readiness/checks.ts'
import type { TlsSeen } from '../tls/tls-mode.ts'
import { codeBindingOf } from './code-binding.ts'
import { decide } from './decision-table.ts'
import { cellsAsFact, grantCells, type IssuanceFacts, issuanceTable } from './grant-table.ts'

export interface IssuerSeen {
  readonly client: PreparedClient
  readonly ticket: Ticket | NoTicket
  readonly declared: Readonly<Record<string, unknown>>
  readonly probes: readonly ProbeResult[]
  /** Asked beside the probes, and no verdicts: `code-binding.ts`. */
  readonly aboutCodes: readonly ProbeResult[]
  readonly way?: SignInWay | undefined
  readonly evidence: readonly string[]
  readonly tls?: TlsSeen | undefined
  readonly readiness?: readonly ReadinessLine[]
}

type Verdicts = (id: string) => Verdict | undefined

export function issuerRecord(seen: IssuerSeen): IssuerRecord {
  const { client, ticket, declared, probes, evidence } = seen
  const verdict: Verdicts = (id) => probes.find(({ probe }) => probe === id)?.verdict
  const got = 'none' in ticket ? undefined : ticket
  const bound = got !== undefined && got.type !== 'bearer'
  const codes = bound ? codeBindingOf(probes, seen.aboutCodes, seen.way?.pushesAlone()) : undefined
  const grants = grantCells({ entry: client.entry, bound }, probes)
  return {
    issuer: client.issuer.url,
    tokenEndpoint: client.issuer.tokenEndpoint,
    client: client.entry.id,
    clientKind: client.entry.kind ?? 'unknown',
    mode: got === undefined ? 'unknown' : got.type,
    asRequired: requiredOf(verdict, grants),
    asEnforced: decide(issuanceTable, { cells: cellsAsFact(grants), ticket: ticketFact(verdict, got) }).so,
    grants,
    token: got?.format ?? 'none',
    ...(codes && { codes }),
    ...(seen.way?.takenDirectly() && { takesDirectRequests: true as const }),
    ...(seen.tls && { tls: seen.tls }),
    ...(seen.readiness && { readiness: seen.readiness }),
    declared,
    probes,
    evidence,
  }
}

/** AS2 asks the client's own grant without a proof, L2 without the certificate; AS3 asks without any grant. */
function requiredOf(verdict: Verdicts, grants: readonly GrantCell[]): Yes {
  if (['AS1', 'L12'].some((id) => verdict(id) === 'violated') || grants.some(({ outcome }) => outcome === 'unbound')) return 'no'
  return ['AS2', 'AS3', 'L2'].some((id) => verdict(id) === 'holds') ? 'yes' : 'unknown'
}

/** SEED-TB-22, 23: a ticket that cannot be read proves no binding. */
function ticketFact(verdict: Verdicts, ticket: Ticket | undefined): IssuanceFacts['ticket'] {
  if (['AS1', 'L12'].some((id) => verdict(id) === 'violated')) return 'unbound'
  if (ticket === undefined) return 'none'
  const byKey = ticket.format === 'jwt' && ticket.jkt === ticket.key.thumbprint
  return (verdict('L12') === undefined ? byKey : verdict('L12') === 'holds') ? 'bound' : 'unreadable'
}
