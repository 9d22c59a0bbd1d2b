// Which endings of access are watched where (SEED-TB-73): the most privileged APIs, and the clients that they are used with.
// How access is ended stands in `end-access.ts`, how it is watched in `after-revocation.ts`.
import { setTimeout } from 'node:timers/promises'
import type { Desk } from '../clients/desk.ts'
import type { Residual } from '../residual.ts'
import type { Line } from '../wire/line.ts'
import { watchAfterRevocation } from './after-revocation.ts'
import { partsOf } from './apis.ts'
import type { EndingPlace } from './end-access.ts'
import { quietly } from './end-of.ts'
import { endingsOf } from './plan-places.ts'
import type { Run } from './run.ts'

export async function watchResidual(run: Run, desks: ReadonlyMap<string, Desk>): Promise<Residual[] | undefined> {
  const wished = run.inventory.afterRevocation
  if (wished === undefined) return undefined
  const places = endingsOf(run.inventory).map(({ api, client, after }): EndingPlace => {
    const desk = desks.get(client)!
    const task = { api, desk, desks, ground: undefined }
    // With requests of its own: what is asked of the API itself must not be cut short, nor cut this short.
    const line: Line = { ...run.line, send: (target, ...rest) => run.line.send(`after:${target}`, ...rest) }
    return { parts: { ...partsOf(run, task), line }, after, hands: { ...run.options, signIn: desk.way?.signIn } }
  })
  const wait =
    run.options.wait ??
    ((seconds: number) => setTimeout(seconds * 1000, undefined, { ...(run.options.signal && { signal: run.options.signal }) }))
  return watchAfterRevocation(places, { wait, mostSeconds: wished.watchSeconds, quietly })
}
