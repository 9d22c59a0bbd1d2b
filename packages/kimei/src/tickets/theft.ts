// What somebody would do who found the owner's token in a log: each attempt once, with a clean call of the owner before and after.
// Whether it may be tried at a place at all stands in theft-permission.ts.
import { type Fetch, readChallenges, type TicketHolder } from '@kimei/client'
import { catalogue, type RuleId, wireSentence } from '@kimei/protocol'
import { keyAttempts } from './key-theft.ts'

export interface TheftAttempt {
  readonly id: string
  /** What the thief sends, in words. */
  readonly says: string
  /** 0: there was no answer. */
  readonly status: number
  readonly verdict: 'refused' | 'accepted' | 'unclear'
  readonly error: string | null
  /** What the API says about it, where it says anything. */
  readonly because: string | null
  /** The rule of ours whose sentence that is; `null` at other people's APIs. */
  readonly rule: RuleId | null
}

export interface Theft {
  readonly before: number
  readonly attempts: readonly TheftAttempt[]
  readonly after: number
}

export interface TheftPlace {
  readonly url: string
  readonly method: 'GET' | 'HEAD'
  readonly holder: TicketHolder
  /** The owner's requests as they went over the wire, oldest first. */
  readonly sent: readonly Request[]
  /** Shows nothing, and trusts whom the owner trusts. */
  readonly plainFetch: Fetch
  /** What is tried with a token of a certificate. */
  readonly certified: () => Promise<readonly Attempt[]>
}

/** What the thief holds. */
export interface Loot {
  readonly url: string
  readonly method: 'GET' | 'HEAD'
  readonly token: string
  /** The owner's proof, as used a moment ago; a token of a certificate alone comes with none. */
  readonly proof: string | undefined
}

export interface Attempt {
  readonly id: string
  /** What the thief sends, in words. */
  readonly says: string
  readonly dress: (loot: Loot, nonce?: string) => Promise<RequestInit>
  /** Where the connection is not a plain one. */
  readonly fetch?: Fetch
}

export async function tryTheft(place: TheftPlace): Promise<Theft> {
  const { holder, url, method, plainFetch } = place
  const before = await ownersCall(place)
  const used = place.sent.findLast((request) => request.headers.has('authorization') && request.url === url)
  const [ticket, token] = [await holder.ticket(), await holder.dangerouslyRevealAccessToken()]
  const proof = used?.headers.get('dpop') ?? undefined
  if (!ticket || !token || (ticket.jkt !== undefined && !proof)) throw new Error('the owner has no ticket to steal')
  const attempts = [...(ticket.jkt === undefined ? [] : keyAttempts), ...(ticket.x5t === undefined ? [] : await place.certified())]
  const tried: TheftAttempt[] = []
  for (const attempt of attempts) {
    const { id, says } = attempt
    tried.push({ id, says, ...(await make(attempt, { url, method, token, proof }, plainFetch, before)) })
  }
  return { before, attempts: tried, after: await ownersCall(place) }
}

async function ownersCall({ holder, url, method }: TheftPlace): Promise<number> {
  const response = await holder.fetch(url, { method, redirect: 'manual' })
  await response.body?.cancel()
  return response.status
}

type Outcome = Omit<TheftAttempt, 'id' | 'says'>

async function make(attempt: Attempt, loot: Loot, plainFetch: Fetch, ownersStatus: number): Promise<Outcome> {
  try {
    const response = await send(attempt, loot, plainFetch)
    await response.body?.cancel()
    return judge(response, ownersStatus)
  } catch {
    // The owner is answered before and after: who gets no answer was turned away in the handshake.
    return { status: 0, verdict: 'refused', error: null, because: 'the connection was refused', rule: null }
  }
}

/** A thief too can read the nonce that a server asks for. */
async function send({ dress, fetch: own }: Attempt, loot: Loot, plainFetch: Fetch): Promise<Response> {
  const line = own ?? plainFetch
  const once = async (nonce?: string) => line(loot.url, { method: loot.method, ...(await dress(loot, nonce)), redirect: 'manual' })
  const first = await once()
  const nonce = first.headers.get('dpop-nonce')
  if (errorOf(first).error !== 'use_dpop_nonce' || !nonce) return first
  await first.body?.cancel()
  return once(nonce)
}

function judge(response: Response, ownersStatus: number): Outcome {
  const { status } = response
  const refused = status === 400 || status === 401 || status === 403
  return { status, verdict: refused ? 'refused' : status === ownersStatus ? 'accepted' : 'unclear', ...errorOf(response) }
}

function errorOf(response: Response): Pick<TheftAttempt, 'error' | 'because' | 'rule'> {
  const challenges = readChallenges(response.headers.get('www-authenticate'))
  const told = challenges.find(({ parameters }) => parameters['error'] !== undefined) ?? challenges[0]
  const because = told?.parameters['error_description'] ?? null
  const rule = [...catalogue.values()].find(({ says }) => wireSentence(says) === because)
  return { error: told?.parameters['error'] ?? null, because, rule: rule?.id ?? null }
}
