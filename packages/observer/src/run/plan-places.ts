// What the plan says of grants that a client may use, of access that is ended on purpose, and of other credentials. Nothing is sent.
import type { Text } from '@kimei/protocol'
import type { OtherCredential } from '../clients/other-credentials.ts'
import type { ApiEntry, ClientEntry, Inventory } from '../inventory/inventory.ts'
import { carrierOf } from '../inventory/other-credentials.ts'
import type { AnyProbe, ProbeHead } from '../probe.ts'
import { listedAs, probesWith } from '../probes/others/other-credentials.ts'
import type { Ending } from '../residual.ts'

/** Whether the client has what the probe asks about, as the inventory has it. */
export function hasPlaceFor({ station, id }: AnyProbe, client: ClientEntry): boolean {
  switch (station) {
    case 'exchange':
      return client.exchanges !== undefined
    case 'vouched':
      return client.vouched !== undefined
    case 'device':
      return client.devices || client.ticket.from === 'device'
    case 'backchannel':
      return client.backchannel !== undefined
    case 'introspection':
      return client.introspects
    case 'refresh':
      return (
        client.ticket.from === 'sign-in' &&
        client.refreshTokens !== 'none' &&
        (id !== 'RF-unbound' || client.authentication.method !== 'none')
      )
    case 'authorization':
    case 'pushed':
    case 'pushed-code':
    case 'signed-request':
    case 'redemption':
    case 'revocation':
    case 'sign-out':
      return client.ticket.from === 'sign-in'
    default:
      return true
  }
}

const endingWords: Readonly<Record<Ending, Text>> = {
  'access-token': { ja: '予備の切符を取り消し、断られるまで出す', en: 'a spare ticket is revoked, and shown until it is refused' },
  'refresh-token': {
    ja: '更新用の切符を取り消し、切符を断られるまで出す',
    en: 'a refresh token is revoked, and its ticket shown until it is refused',
  },
  'sign-out': {
    ja: 'テスト用の人がサインアウトし、切符を断られるまで出す',
    en: 'the test account signs out, and its ticket is shown until it is refused',
  },
}
/** Before and after the ending, alone and with its proof; then at seven moments. */
const endingRequests = 12
const rank = { high: 0, mid: 1, low: 2 } as const

export interface PlannedPlace {
  readonly target: string
  readonly client: string
  readonly probe: string
  readonly says: Text
  readonly requests: number
}

/** At how many APIs a ticket is revoked: the most privileged ones. */
const watchedApis = 5

export interface EndingWish {
  readonly api: ApiEntry
  readonly client: string
  readonly after: Ending
}

/** Which endings of access are watched where: each API with its first client; sign-ins are ended at one API alone. */
export function endingsOf({ afterRevocation, apis, clients }: Inventory): EndingWish[] {
  if (afterRevocation === undefined) return []
  const ordered = [...apis].sort((a, b) => rank[a.privilege] - rank[b.privilege])
  const signsIn = (id: string) => clients.find((client) => client.id === id)?.ticket.from === 'sign-in'
  const first = ordered.find((api) => api.clients.some(signsIn))
  const client = first?.clients.find(signsIn)
  const wishes = [
    ...ordered.slice(0, watchedApis).map((api): EndingWish => ({ api, client: api.clients[0]!, after: 'access-token' })),
    ...(first && client ? (['refresh-token', 'sign-out'] as const).map((after): EndingWish => ({ api: first, client, after })) : []),
  ]
  return wishes.filter(({ after }) => afterRevocation.endings.includes(after))
}

export function plannedEndings(inventory: Inventory): PlannedPlace[] {
  return endingsOf(inventory).map(({ api, client, after }) => ({
    target: `after:${api.id}`,
    client,
    probe: `after ${after}`,
    says: endingWords[after],
    requests: endingRequests,
  }))
}

const works: Text = { ja: '切符でない鍵や Cookie が生きているか', en: 'whether the other credential is good: with it, and without' }

/** Where each is good, and what is asked with it at its APIs. */
export function plannedCredentials({ otherCredentials, apis }: Inventory, wants: (probe: ProbeHead) => boolean): PlannedPlace[] {
  // What is planned depends on whether there is a secret, not on what it is.
  const held = otherCredentials.map((entry): OtherCredential => {
    const { id, kind, apis: own, secret, worksAt } = entry
    return { id, kind, carrier: carrierOf(entry), apis: own, secret: secret === undefined ? undefined : '', worksAt }
  })
  const proofs = held.flatMap(({ id, worksAt }) =>
    worksAt === undefined ? [] : [{ target: `otherCredentials.${id}`, client: id, probe: 'works', says: works, requests: 2 }],
  )
  const asked = apis.flatMap((api) => {
    const here = held.filter(({ apis: own }) => own === undefined || own.includes(api.id))
    return (['first', 'afterwards'] as const).flatMap((when) =>
      probesWith(here, when)
        .filter((probe) => wants({ ...probe, id: listedAs(probe) }))
        .map(({ id, says, credential = '' }) => ({
          target: api.id,
          client: credential,
          probe: id,
          says,
          requests: when === 'first' ? 1 : 2,
        })),
    )
  })
  return [...proofs, ...asked]
}
