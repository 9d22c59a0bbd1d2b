// An API asks for a stronger or a fresher sign-in (RFC 9470): what it asks, and how often the same is asked for in vain.
import type { Seconds } from '@kimei/protocol'
import { readChallenges } from './challenges.ts'
import type { Device, KeyOwner, StepUp } from './contract.ts'
import { HolderError } from './holder-error.ts'
import { ownerName } from './key-store/memory.ts'

/** A challenge that comes again within this time was not answered by the sign-in before it. */
const sameSeconds = 600
export const defaultStepUpTries = 2

/** RFC 9470 §3: what a refused call asks for; `undefined` where it was refused for another reason. Values nobody could send on are left out. */
export function readStepUp(response: Response): StepUp | undefined {
  if (response.status !== 401) return undefined
  const challenges = readChallenges(response.headers.get('www-authenticate'))
  const found = challenges.find(({ parameters }) => parameters['error'] === 'insufficient_user_authentication')
  if (found === undefined) return undefined
  const { acr_values: acr, max_age: age } = found.parameters
  const acrValues = (acr ?? '').split(' ').filter((value) => /^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/.test(value))
  return {
    ...(acrValues.length > 0 && { acrValues: acrValues.slice(0, 20) }),
    ...(age !== undefined && /^\d{1,10}$/.test(age) && { maxAgeSeconds: Number(age) }),
  }
}

interface Asked {
  readonly challenge: string
  readonly count: number
  readonly since: Seconds
}

function readAsked(value: unknown): Asked | undefined {
  const found = value as Partial<Asked> | null | undefined
  const sound = typeof found?.challenge === 'string' && Number.isSafeInteger(found.count) && Number.isSafeInteger(found.since)
  return sound ? (found as Asked) : undefined
}

/** Counts on the device, so that a page that is loaded anew after each sign-in still comes to an end (RFC 9470 §4). */
export async function countStepUp(
  { shelf, lock }: Device,
  owner: KeyOwner,
  { url, stepUp, now, tries }: { readonly url: string; readonly stepUp: StepUp; readonly now: Seconds; readonly tries: number },
): Promise<void> {
  const slot = `step-up:${ownerName(owner)}`
  const challenge = JSON.stringify([originAndPath(url), stepUp.acrValues ?? [], stepUp.maxAgeSeconds ?? null])
  await lock(slot, async () => {
    const before = readAsked(await shelf.read(slot))
    const again = before?.challenge === challenge && now - before.since < sameSeconds
    const count = again ? before.count + 1 : 1
    await shelf.write(slot, { challenge, count, since: again ? before.since : now } satisfies Asked)
    if (count > tries) throw new HolderError('holder.step-ups-end', `the same sign-in was asked for ${count} times`)
  })
}

/** A query may differ from call to call. */
function originAndPath(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}${new URL(url).pathname}` : ''
}
