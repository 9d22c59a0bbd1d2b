// The story that Kimei tells of itself: a named ticket is issued, used, stolen in vain four ways, and observed; one of a certificate
// in between (certificate-story.ts).
// Requests go over real HTTP; nothing is reached behind the servers' backs.
import { randomBytes } from 'node:crypto'
import { createClientCredentials, createMemoryDevice, type Fetch, type HolderKey, type TicketHolder } from '@kimei/client'
import { observe, parseInventory } from '@kimei/observer'
import { buildProof, fromB64u, jwkThumbprint, proofKeyFrom } from '@kimei/protocol'
import { demoInventory } from '../demo/demo-config.ts'
import type { Demo } from '../demo/start-demo.ts'
import { certificateChapters } from './certificate-story.ts'

export interface Chapter {
  readonly id: string
  readonly ms: number
  /** Absent: as it should be. */
  readonly found?: string
  /** Nothing that follows would mean anything. */
  readonly last?: boolean
  readonly posture?: string
}

interface Stage {
  readonly demo: Demo
  readonly url: string
  readonly holder: TicketHolder
  /** The owner's requests as they went over the wire. */
  readonly sent: Request[]
}

export type Outcome = { readonly found?: string; readonly posture?: string }

/** Told in order; a chapter that fails and is `last` ends it. */
export async function* tellStory(demo: Demo): AsyncGenerator<Chapter> {
  const stage = await setStage(demo)
  const chapters: readonly (readonly [id: string, tell: (stage: Stage) => Promise<Outcome>, last?: boolean])[] = [
    ['ticket-issued', ticketIsIssued, true],
    ['api-accepts', apiAccepts, true],
    ['bearer-refused', (at) => refused(at, ({ token }) => ({ authorization: `Bearer ${token}` }))],
    ['missing-proof-refused', (at) => refused(at, ({ token }) => ({ authorization: `DPoP ${token}` }))],
    ['other-key-refused', otherKeyRefused],
    ['replayed-proof-refused', replayRefused],
    ['api-still-accepts', apiAccepts],
    ...certificateChapters(demo),
    ['observed', observed],
  ]
  for (const [id, tell, last] of chapters) {
    const started = performance.now()
    const outcome = await tell(stage).catch((error: unknown): Outcome => ({ found: (error as Error).message }))
    yield { id, ms: Math.round(performance.now() - started), ...outcome, ...(last && { last }) }
  }
}

async function setStage(demo: Demo): Promise<Stage> {
  const sent: Request[] = []
  const recording: Fetch = (input, init) => {
    const request = new Request(input, init)
    sent.push(request.clone())
    return fetch(request)
  }
  const holder = createClientCredentials({
    issuer: demo.places.issuer,
    clientId: 'demo-server',
    authentication: { method: 'private_key_jwt', key: await clientKey(demo), kid: 'demo-server-1' },
    scopes: ['notes:read'],
    resources: [demo.resource],
    device: createMemoryDevice(),
    fetch: recording,
  })
  return { demo, url: `${demo.places.api}/notes`, holder, sent }
}

async function clientKey(demo: Demo) {
  return proofKeyFrom(demo.secrets.serverKey, 'ES256')
}

async function ticketIsIssued({ holder }: Stage): Promise<Outcome> {
  const ticket = await holder.ticket()
  if (!ticket) return { found: 'no ticket' }
  const { jkt } = await holder.key()
  const named = claimsOf(await tokenOf(holder))['cnf'] as { jkt?: string } | undefined
  if (named?.jkt !== jkt) return { found: `cnf.jkt is ${named?.jkt ?? 'absent'}, the key is ${jkt}` }
  return ticket.jkt === jkt ? {} : { found: 'the ticket names another key' }
}

async function apiAccepts({ holder, url }: Stage): Promise<Outcome> {
  const response = await holder.fetch(url)
  await response.body?.cancel()
  return response.status === 200 ? {} : { found: `status ${response.status}` }
}

interface Loot {
  readonly token: string
  readonly key: HolderKey
}

/** The token in the hands of somebody else: every answer but 401 is a theft. */
async function refused(
  { holder, url }: Stage,
  dress: (loot: Loot) => Record<string, string> | Promise<Record<string, string>>,
): Promise<Outcome> {
  const headers = await dress({ token: await tokenOf(holder), key: await holder.key() })
  const response = await fetch(url, { headers })
  await response.body?.cancel()
  return response.status === 401 ? {} : { found: `status ${response.status}, expected 401` }
}

function otherKeyRefused(stage: Stage): Promise<Outcome> {
  return refused(stage, async ({ token, key }) => {
    const thief = await createMemoryDevice().keys.keyFor({ issuer: stage.demo.places.issuer, clientId: 'thief' })
    if ((await jwkThumbprint(thief.publicJwk)) === key.jkt) throw new Error('the thief has the same key')
    const proof = await buildProof({
      key: thief as Parameters<typeof buildProof>[0]['key'],
      method: 'GET',
      url: stage.url,
      accessToken: token,
      now: Math.floor(Date.now() / 1000),
      jti: randomBytes(16).toString('base64url'),
    })
    return { authorization: `DPoP ${token}`, dpop: proof }
  })
}

/** The owner's last request, sent once more exactly as it was. */
async function replayRefused(stage: Stage): Promise<Outcome> {
  const accepted = await apiAccepts(stage)
  if (accepted.found !== undefined) return accepted
  const captured = stage.sent.findLast((request) => request.url === stage.url)
  const [authorization, dpop] = [captured?.headers.get('authorization'), captured?.headers.get('dpop')]
  if (!authorization || !dpop) return { found: 'the request was not captured' }
  return refused(stage, () => ({ authorization, dpop }))
}

/** From outside, as anybody's API would be observed: its own client, its own requests. */
async function observed({ demo }: Stage): Promise<Outcome> {
  const inventory = parseInventory(demoInventory(demo.places, 'demo-server'))
  const observation = await observe(inventory, {
    pace: { requestsPerSecond: 1000 },
    readSecret: () => JSON.stringify(demo.secrets.serverKey),
  })
  const posture = observation.bindingKeyPosture
  const named = observation.overall === 'named' && observation.findings.length === 0
  return named ? { posture } : { posture, found: `posture ${posture}, ${observation.findings.length} findings` }
}

export async function tokenOf(holder: TicketHolder): Promise<string> {
  const token = await holder.dangerouslyRevealAccessToken()
  if (token === undefined) throw new Error('there is no ticket')
  return token
}

export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const bytes = fromB64u(token.split('.')[1] ?? '')
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>) : {}
}
