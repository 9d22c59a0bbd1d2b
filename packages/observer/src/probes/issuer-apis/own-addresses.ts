// AS9: the issuer's own APIs, one probe each. A bound ticket does not open them as Bearer: the issuer keeps the rule that it hands out
// (RFC 9449 §7.2). Introspection by the server of an API is no use of the ticket, and excepted. Registering stands in `registered-client.ts`.
import { formCall } from '../../clients/prepare.ts'
import type { Ticket } from '../../clients/tickets.ts'
import { writeFormCall } from '../../edits/plans.ts'
import type { IssuerPlace, ProcedureProbe } from '../../probe.ts'
import { readJsonObject } from '../../read-json.ts'
import { type Outcome, skipped } from '../../run/sandwich.ts'
import type { RawAnswer } from '../../wire/raw-client.ts'
import { sameOrigin } from '../../wire/same-origin.ts'
import { askAsBearer, type OwnAddress } from './as-bearer.ts'

interface OwnApi {
  readonly id: string
  readonly attacks?: ProcedureProbe['attacks']
  readonly ja: string
  readonly en: string
  readonly priority: ProcedureProbe['priority']
  readonly address: (place: IssuerPlace, ticket: Ticket) => OwnAddress | string
}

const form = [['Content-Type', 'application/x-www-form-urlencoded']] as const
const ok = ({ status }: RawAnswer) => status === 200

/** The address, where it is one of the issuer's own. */
function ownUrl({ kit: { facts } }: IssuerPlace, fact: string): string | undefined {
  const url = facts[fact]
  return url !== undefined && sameOrigin(url, facts['tokenEndpoint']) ? url : undefined
}

const apis: readonly OwnApi[] = [
  {
    id: 'AS9',
    attacks: ['binding.named-token-is-not-bearer'],
    ja: '発行者自身の UserInfo でも、記名式の切符は Bearer としては通らない',
    en: 'a bound ticket does not pass as Bearer at the UserInfo endpoint of the issuer',
    priority: 'P0',
    address(place) {
      const url = ownUrl(place, 'userinfoEndpoint')
      return url === undefined ? 'the issuer names no UserInfo endpoint of its own' : { url, method: 'GET', opened: ok }
    },
  },
  {
    id: 'AS9-introspection',
    ja: '記名式の切符を Bearer として出しても、切符の照会はできない',
    en: 'a bound ticket sent as Bearer does not open introspection',
    priority: 'P1',
    address(place, { accessToken }) {
      const url = ownUrl(place, 'introspectionEndpoint')
      if (url === undefined) return 'the issuer names no introspection endpoint of its own'
      const { client } = place.office
      const asked = () => writeFormCall(formCall(client, { url, form: [['token', accessToken]], proof: false }, place.line))
      return {
        url,
        method: 'POST',
        headers: form,
        body: new URLSearchParams({ token: accessToken }).toString(),
        opened: (answer) => ok(answer) && readJsonObject(answer.body)?.['active'] === true,
        ...(client.entry.introspects && { control: asked }),
      }
    },
  },
  {
    id: 'AS9-revocation',
    ja: '記名式の切符を Bearer として出しても、取り消しはできない',
    en: 'a bound ticket sent as Bearer does not open revocation',
    priority: 'P1',
    address(place) {
      const url = ownUrl(place, 'revocationEndpoint')
      if (url === undefined) return 'the issuer names no revocation endpoint of its own'
      // A token that never was: nothing ends (RFC 7009 §2.2).
      const token = place.line.random()
      const asked = () => writeFormCall(formCall(place.office.client, { url, form: [['token', token]], proof: false }, place.line))
      return { url, method: 'POST', headers: form, body: new URLSearchParams({ token }).toString(), opened: ok, control: asked }
    },
  },
]

const head = {
  station: 'procedure',
  topic: 'issuer-apis',
  level: 'MUST',
  cite: 'RFC9449§7.2',
  doesNotProve: { ja: '発行者のほかの API でも同じか', en: 'that other APIs of the issuer do the same' },
  depth: 'full',
  owner: 'AS',
  sources: ['authorization-header'],
} as const

function probeOf({ id, attacks = [], ja, en, priority, address }: OwnApi): ProcedureProbe {
  return {
    ...head,
    id,
    attacks,
    says: { ja, en },
    proves: { ja, en },
    priority,
    async run(place): Promise<Outcome> {
      const { ticket } = place
      if ('none' in ticket || ticket.type === 'bearer') return skipped('there is no bound ticket to send')
      const found = address(place, ticket)
      return typeof found === 'string' ? skipped(found) : askAsBearer(place, ticket, found, id)
    },
  }
}

const listed: ProcedureProbe = {
  ...head,
  id: 'AS9-own',
  attacks: [],
  says: {
    ja: '発行者自身の管理・アカウント・SCIM の入口でも、記名式の切符は Bearer としては通らない',
    en: 'a bound ticket does not pass as Bearer at the account, administration or SCIM addresses of the issuer',
  },
  proves: {
    ja: '一覧にある発行者のアドレスは、持ち主からしか切符を受け取らない',
    en: 'the addresses of the issuer that the inventory lists take the ticket only from its holder',
  },
  priority: 'P0',
  async run(place): Promise<Outcome> {
    const addresses = place.office.client.issuer.ownApis.filter(
      ({ client }) => client === undefined || client === place.office.client.entry.id,
    )
    if (addresses.length === 0) return skipped('the inventory lists no further addresses of the issuer')
    const outcomes: Outcome[] = []
    for (const { id, url, scope, resource } of addresses) {
      const ticket = await place.office.ticket({ scope, resource, proof: true })
      if ('none' in ticket || ticket.type === 'bearer')
        outcomes.push({ ...skipped(`${id}: no bound ticket for it`), evidence: ticket.evidence })
      else outcomes.push(named(id, await askAsBearer(place, ticket, { url, method: 'GET', opened: ok }, `AS9-own ${id}`)))
    }
    return worst(outcomes)
  },
}

function named(id: string, outcome: Outcome): Outcome {
  const { answered, reason } = outcome
  return {
    ...outcome,
    ...(answered !== '' && { answered: `${id}: ${answered}` }),
    ...(reason !== undefined && { reason: `${id}: ${reason}` }),
  }
}

/** One that is open decides; one that could not be told leaves all open. */
function worst(outcomes: readonly Outcome[]): Outcome {
  const order = ['violated', 'inconclusive', 'holds', 'not-applicable'] as const
  const verdict = order.find((one) => outcomes.some((outcome) => outcome.verdict === one))!
  const own = outcomes.filter((outcome) => outcome.verdict === verdict)
  const reason = own.flatMap((outcome) => outcome.reason ?? []).join('; ')
  return {
    verdict,
    answered: own.flatMap(({ answered }) => (answered === '' ? [] : [answered])).join('; '),
    ...(reason !== '' && { reason }),
    evidence: outcomes.flatMap(({ evidence }) => evidence),
  }
}

export const ownAddressProbes: readonly ProcedureProbe[] = [...apis.map(probeOf), listed]
