// A note to ourselves that travels through a browser: sealed, for one purpose, and only for minutes.
import { open, type Seconds, seal } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'

const noteSeconds = 900

interface Sealed {
  readonly until: Seconds
  readonly note: unknown
}

/** `topic` keeps notes of different pages apart. */
export async function sealNote(context: ServerContext, { now }: Exchange, topic: string, note: object): Promise<string> {
  const text = JSON.stringify({ until: now + noteSeconds, note } satisfies Sealed)
  return seal(context.secrets.derive('sign-out').current, text, `${context.issuer} ${topic}`, context.random(12))
}

/** `undefined`: absent, foreign, or too old. The shape is what {@link sealNote} was given. */
export async function openNote<T>(
  context: ServerContext,
  { now }: Exchange,
  topic: string,
  text: string | undefined,
): Promise<T | undefined> {
  if (text === undefined || text.length > 20_000) return undefined
  const { current, previous } = context.secrets.derive('sign-out')
  for (const key of previous ? [current, previous] : [current]) {
    const opened = await open(key, text, `${context.issuer} ${topic}`)
    if (opened === undefined) continue
    const sealed = JSON.parse(opened) as Sealed
    return now < sealed.until ? (sealed.note as T) : undefined
  }
  return undefined
}
