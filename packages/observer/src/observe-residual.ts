// Which endings of access are watched where (SEED-TB-73): the most privileged APIs, and the clients that they are used with.
// How access is ended stands in `end-access.ts`, how it is watched in `after-revocation.ts`.
import { setTimeout } from 'node:timers/promises'
import { watchAfterRevocation } from './after-revocation.ts'
import type { Desk } from './desk.ts'
import type { EndingPlace } from './end-access.ts'
import type { ApiEntry } from './inventory.ts'
import { partsOf, rank } from './observe-apis.ts'
import type { TlsDesk } from './observe-tls.ts'
import type { Ending, Residual } from './residual.ts'
import { quietly, type Run } from './run.ts'

/** Each with its first client. */
const watchedApis = 5

export async function watchResidual(run: Run, desks: ReadonlyMap<string, Desk>, tls: TlsDesk): Promise<Residual[] | undefined> {
  const wished = run.inventory.afterRevocation
  if (wished === undefined) return undefined
  const ordered = [...run.inventory.apis].sort((a, b) => rank[a.privilege] - rank[b.privilege])
  const place = (api: ApiEntry, client: string, after: Ending): EndingPlace => {
    const task = {
      api,
      desk: desks.get(client)!,
      desks,
      ground: undefined,
      declared: { members: {}, evidence: [] },
      scope: 'all',
      tls,
    } as const
    return { parts: partsOf(run, task), after, hands: run.options }
  }
  const signsIn = (id: string) => desks.get(id)?.client.entry.ticket.from === 'sign-in'
  const [first] = ordered.filter(({ clients }) => clients.some(signsIn))
  const places = [
    ...ordered.slice(0, watchedApis).map((api) => place(api, api.clients[0]!, 'access-token')),
    ...(first ? (['refresh-token', 'sign-out'] as const).map((after) => place(first, first.clients.find(signsIn)!, after)) : []),
  ].filter(({ after }) => wished.endings.includes(after))
  const wait =
    run.options.wait ??
    ((seconds: number) => setTimeout(seconds * 1000, undefined, { ...(run.options.signal && { signal: run.options.signal }) }))
  return quietly(() => watchAfterRevocation(places, { wait, mostSeconds: wished.watchSeconds }), [])
}
