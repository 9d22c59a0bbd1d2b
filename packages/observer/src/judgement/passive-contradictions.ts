// Passive evidence beside what was seen: configuration, logs and statements of guards that say another thing.
// Traffic (HAR) tells what clients did, which contradicts nothing an API refuses.
import type { Text } from '@kimei/protocol'
import { byStrength, type PassiveKind, type PassiveReading, type PassiveStatement } from '../evidence/reading.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { ApiRecord, Contradiction, IssuerRecord } from '../observation.ts'

interface Beside {
  readonly inventory: Inventory
  readonly issuers: readonly IssuerRecord[]
  readonly apis: readonly ApiRecord[]
}

export function passiveContradictions(readings: readonly PassiveReading[], beside: Beside): readonly Contradiction[] {
  const said = byStrength(readings).flatMap((reading) => reading.statements.map((statement) => ({ ...reading, statement })))
  return said.flatMap(({ kind, statement }) => [
    ...beside.apis.filter(({ api }) => api === statement.at).flatMap((record) => atApi(kind, statement, record)),
    ...beside.issuers
      .filter((record) => speaksOf(statement, record, beside.inventory))
      .flatMap((record) => atIssuer(kind, statement, record)),
  ])
}

const open = ({ rsEnforced }: ApiRecord) => rsEnforced === 'no' || rsEnforced === 'partial'

function atApi(by: PassiveKind, { about, says, place, at }: PassiveStatement, record: ApiRecord): Contradiction[] {
  if (about !== 'binding' || at === undefined) return []
  const observed = `rs_enforced=${record.rsEnforced}`
  const evidence = record.probes.filter(({ verdict }) => verdict === 'violated').flatMap(({ evidence: own }) => own)
  const told = (text: Text): Contradiction[] => [{ at, client: record.client, by, declared: `${says}: ${place}`, observed, text, evidence }]
  if (says === 'demanded' && open(record)) {
    return told({
      ja: '必須とされていますが、鍵のない切符も通りました。',
      en: 'Said to be demanded; a ticket passed without its key.',
    })
  }
  const loose = (says === 'optional' || says === 'absent') && (by === 'config' || by === 'guard-statement' || by === 'audit')
  if (loose && record.rsEnforced === 'yes') {
    return told({
      ja: '縛られない切符も通るとされていますが、試したものは断られました。別の入口か、別の設定かもしれません。',
      en: 'Unbound tickets are said to pass; those that were tried were refused. Another door or another configuration may be meant.',
    })
  }
  return []
}

/** A statement about one client speaks of no other. */
function speaksOf({ at, about, place }: PassiveStatement, record: IssuerRecord, inventory: Inventory): boolean {
  const issuer = inventory.issuers.find(({ url }) => url === record.issuer)
  if (about !== 'issuance' || at === undefined || at !== issuer?.id) return false
  const named = / client (.+)$/.exec(place)?.[1]
  return named === undefined || named === inventory.clients.find(({ id }) => id === record.client)?.clientId
}

function atIssuer(by: PassiveKind, { says, place, at }: PassiveStatement, record: IssuerRecord): Contradiction[] {
  if (says !== 'demanded' || (record.asRequired !== 'no' && record.asEnforced !== 'no')) return []
  return [
    {
      at: at!,
      client: record.client,
      by,
      declared: `${says}: ${place}`,
      observed: record.asEnforced === 'no' ? 'as_enforced=no' : 'as_required=no',
      text: {
        ja: '縛られた切符だけを出すとされていますが、縛られない切符が出ました。',
        en: 'Bound tickets alone are said to be issued; an unbound one was.',
      },
      evidence: record.probes.filter(({ verdict }) => verdict === 'violated').flatMap(({ evidence }) => evidence),
    },
  ]
}
