// What somebody would do who found the owner's token in a log: each attempt once, with a clean call of the owner before and after.
// Whether it may be tried at a place at all stands in theft-permission.ts.
import { randomBytes } from 'node:crypto'
import { createMemoryDevice, readChallenges, type TicketHolder } from '@kimei/client'
import { buildProof, catalogue, type RuleId, wireSentence } from '@kimei/protocol'

export interface TheftAttempt {
  readonly id: string
  /** What the thief sends, in words. */
  readonly says: string
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
}

interface Loot {
  readonly token: string
  /** The owner's proof, as used a moment ago. */
  readonly proof: string
}

type Dress = (place: TheftPlace, loot: Loot, nonce?: string) => Promise<RequestInit>

const attempts: readonly (readonly [id: string, says: string, dress: Dress])[] = [
  ['bearer', 'the token as a bearer token', async ({ method }, { token }) => ({ method, headers: { authorization: `Bearer ${token}` } })],
  ['no-proof', 'the token without a proof', async ({ method }, { token }) => ({ method, headers: { authorization: `DPoP ${token}` } })],
  [
    'other-key',
    "a proof by the thief's own key",
    async (place, { token }, nonce) => ({
      method: place.method,
      headers: { authorization: `DPoP ${token}`, dpop: await thiefsProof(place, token, nonce) },
    }),
  ],
  [
    'replay',
    "the owner's last proof again",
    async ({ method }, { token, proof }) => ({ method, headers: { authorization: `DPoP ${token}`, dpop: proof } }),
  ],
  [
    'other-method',
    'that proof for another method',
    async ({ method }, { token, proof }) => ({
      method: method === 'GET' ? 'HEAD' : 'GET',
      headers: { authorization: `DPoP ${token}`, dpop: proof },
    }),
  ],
  [
    'bearer-and-proof',
    'a bearer token beside that proof',
    async ({ method }, { token, proof }) => ({ method, headers: { authorization: `Bearer ${token}`, dpop: proof } }),
  ],
]

async function thiefsProof({ url, method }: TheftPlace, token: string, nonce?: string): Promise<string> {
  const key = await createMemoryDevice().keys.keyFor({ issuer: 'nobody', clientId: 'thief' })
  const now = Math.floor(Date.now() / 1000)
  const jti = randomBytes(16).toString('base64url')
  return buildProof({
    key: key as Parameters<typeof buildProof>[0]['key'],
    method,
    url,
    accessToken: token,
    now,
    jti,
    ...(nonce && { nonce }),
  })
}

export async function tryTheft(place: TheftPlace): Promise<Theft> {
  const before = await ownersCall(place)
  const used = place.sent.findLast((request) => request.headers.has('dpop') && request.headers.has('authorization'))
  const token = await place.holder.dangerouslyRevealAccessToken()
  const proof = used?.headers.get('dpop')
  if (!token || !proof) throw new Error('the owner has no ticket to steal')
  const tried: TheftAttempt[] = []
  for (const [id, says, dress] of attempts) {
    const response = await send(place, { token, proof }, dress)
    tried.push({ id, says, ...judge(response, before) })
    await response.body?.cancel()
  }
  return { before, attempts: tried, after: await ownersCall(place) }
}

async function ownersCall({ holder, url, method }: TheftPlace): Promise<number> {
  const response = await holder.fetch(url, { method, redirect: 'manual' })
  await response.body?.cancel()
  return response.status
}

/** A thief too can read the nonce that a server asks for. */
async function send(place: TheftPlace, loot: Loot, dress: Dress): Promise<Response> {
  const first = await fetch(place.url, { ...(await dress(place, loot)), redirect: 'manual' })
  const nonce = first.headers.get('dpop-nonce')
  if (errorOf(first).error !== 'use_dpop_nonce' || !nonce) return first
  await first.body?.cancel()
  return fetch(place.url, { ...(await dress(place, loot, nonce)), redirect: 'manual' })
}

function judge(response: Response, ownersStatus: number): Omit<TheftAttempt, 'id' | 'says'> {
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
