// One press of a button, one answer. On a slow line people press twice, and a browser shows only the answer to the last
// press: an identical form from the same browser gets the answer that the first one got, instead of an error.
import { type Form, hmacSha256, type Seconds } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { readBrowser } from './browser-cookie.ts'

/** After the answer was ready. Short: it holds a code, and perhaps a session cookie. */
const repeatSeconds = 10
const most = 5000

interface Answered {
  readonly answer: Promise<Response>
  until: Seconds
}

/** Memory of one process: behind several, a second press that lands elsewhere is told that the request was answered. */
const memories = new WeakMap<object, Map<string, Answered>>()

export async function answerOnce(context: ServerContext, exchange: Exchange, form: Form, work: () => Promise<Response>): Promise<Response> {
  const browser = await readBrowser(context, exchange)
  if (browser === undefined) return work()
  const memory = memories.get(context.lasting) ?? new Map<string, Answered>()
  memories.set(context.lasting, memory)
  // Keyed, because the text may hold a password.
  const key = await hmacSha256(context.secrets.derive('form').current, JSON.stringify([exchange.path, browser, form.text]))
  const known = memory.get(key)
  if (known && exchange.now < known.until) return (await known.answer).clone()
  const entry: Answered = { answer: work(), until: Number.POSITIVE_INFINITY }
  forgetOld(memory, exchange.now)
  memory.delete(key)
  memory.set(key, entry)
  try {
    const answer = await entry.answer
    // Pages of ours are shown anew; only the way to the client can be taken once.
    if (leavesUs(context, answer)) entry.until = context.clock() + repeatSeconds
    else memory.delete(key)
    return answer.clone()
  } catch (fault) {
    memory.delete(key)
    throw fault
  }
}

const leaving = new WeakSet<Response>()

/** Marks an answer that takes the person to the client, where it is a page of ours that does. */
export function leaves(answer: Response): Response {
  leaving.add(answer)
  return answer
}

function leavesUs({ urls }: ServerContext, answer: Response): boolean {
  const location = answer.headers.get('location')
  const ours = [urls.signIn, urls.secondFactor, urls.consent]
  return leaving.has(answer) || (location !== null && !ours.some((page) => location.startsWith(page)))
}

/** Oldest first; what is still being answered stays, unless there is too much of it. */
function forgetOld(memory: Map<string, Answered>, now: Seconds): void {
  for (const [key, { until }] of memory) {
    if (until > now && memory.size < most) return
    memory.delete(key)
  }
}
