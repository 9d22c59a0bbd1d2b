// What came from outside into a record: without anything that could be used again, without control characters, of bounded length.

import type { Withheld } from '../ledger/withheld.ts'
import type { ApiRecord, GrantCell, IssuerRecord, ProbeResult } from '../observation.ts'

const longest = 300

/** One line of words; U+FFFD where a control character stood. */
export function shortPlain(text: string): string {
  const plain = text.replace(/[\p{Cc}\u2028\u2029]/gu, '\uFFFD')
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain
}

export function cleanIssuer(record: IssuerRecord, withheld: Withheld): IssuerRecord {
  const { readiness } = record
  return {
    ...record,
    declared: withheld.scrub(record.declared),
    probes: record.probes.map((probe) => cleanProbe(probe, withheld)),
    grants: record.grants.map((cell) => cleanCell(cell, withheld)),
    ...(readiness && { readiness: readiness.map((line) => ({ ...line, seen: shortPlain(withheld.scrub(line.seen)) })) }),
  }
}

export function cleanApi(record: ApiRecord, withheld: Withheld): ApiRecord {
  const { columns, baselineReason } = record
  return {
    ...record,
    declared: withheld.scrub(record.declared),
    ...(baselineReason !== undefined && { baselineReason: shortPlain(withheld.scrub(baselineReason)) }),
    columns: { ...columns, errorBehaviour: shortPlain(withheld.scrub(columns.errorBehaviour)) },
    probes: record.probes.map((probe) => cleanProbe(probe, withheld)),
  }
}

function cleanCell(cell: GrantCell, withheld: Withheld): GrantCell {
  return cell.reason === undefined ? cell : { ...cell, reason: shortPlain(withheld.scrub(cell.reason)) }
}

function cleanProbe(probe: ProbeResult, withheld: Withheld): ProbeResult {
  const { answered, reason } = probe
  return {
    ...probe,
    answered: shortPlain(withheld.scrub(answered)),
    ...(reason !== undefined && { reason: shortPlain(withheld.scrub(reason)) }),
  }
}
