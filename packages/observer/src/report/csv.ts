// The observation as CSV (RFC 4180): one row for each API or issuer, client and control. For spreadsheets and databases.
import type { ApiRecord, IssuerRecord, Observation, ProbeResult, ReportOptions } from '../observation.ts'
import { findingOf, placeOf } from './places.ts'
import { csvCell } from './written-safely.ts'

const columns = [
  'place',
  'at',
  'method',
  'url',
  'client',
  'privilege',
  'control',
  'says',
  'level',
  'cite',
  'verdict',
  'state',
  'answered',
  'reason',
  'finding',
  'priority',
  'owner',
  'accepted_until',
  'evidence',
  'other_credential',
] as const

type Row = Readonly<Record<(typeof columns)[number], string>>

export function renderCsv(observation: Observation, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const rows = [...observation.issuers, ...observation.apis].flatMap((record) =>
    record.probes.map((probe) => rowOf(observation, record, probe, probe.says[language])),
  )
  const lines = [columns.map(csvCell), ...rows.map((row) => columns.map((name) => csvCell(row[name])))]
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('')
}

function rowOf(observation: Observation, record: ApiRecord | IssuerRecord, probe: ProbeResult, says: string): Row {
  const place = placeOf(record)
  const finding = findingOf(observation, place, probe)
  return {
    place: place.kind,
    at: place.at,
    method: place.method,
    url: place.url,
    client: record.client,
    privilege: 'privilege' in record ? record.privilege : '',
    control: probe.probe,
    says,
    level: probe.level,
    cite: probe.cite,
    verdict: probe.verdict,
    state: probe.state,
    answered: probe.answered,
    reason: probe.reason ?? '',
    finding: finding?.kind ?? '',
    priority: finding?.priority ?? '',
    owner: finding?.owner ?? '',
    accepted_until: finding?.acceptance?.until ?? '',
    evidence: probe.evidence.join(' '),
    other_credential: probe.credential ?? '',
  }
}
