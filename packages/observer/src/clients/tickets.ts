// How a test client gets a ticket, and what can be read from it. Only tickets of declared subjects are ever used.
// Keys and authentication of the client stand in `clients/prepare.ts`.
import type { Seconds } from '@kimei/protocol'
import type { Issued } from '../baseline.ts'
import type { HeldKey } from '../edits/keys.ts'
import { type FormCall, writeFormCall } from '../edits/plans.ts'
import { describeEnd } from '../tls/tls-alerts.ts'
import type { Line } from '../wire/line.ts'
import { PolicyRefusal } from '../wire/pacer.ts'
import type { RawAnswer } from '../wire/raw-client.ts'
import type { GrantSource } from './grant-source.ts'
import { formCall, type PreparedClient, showsCertificate } from './prepare.ts'

export interface Ticket {
  readonly accessToken: string
  /** What it names: a key (perhaps a certificate beside it), a certificate alone, or nothing. */
  readonly type: 'dpop' | 'mtls' | 'bearer'
  /** The key that proofs for it are made with. */
  readonly key: HeldKey
  readonly format: 'jwt' | 'opaque'
  readonly claims: Readonly<Record<string, unknown>>
  /** `cnf.jkt` of a JWT. */
  readonly jkt: string | undefined
  /** `cnf.x5t#S256` of a JWT. */
  readonly x5t?: string | undefined
  readonly expiresAt: Seconds
  /** What came with it. */
  readonly refreshToken?: string
  readonly idToken?: string
  readonly evidence: readonly string[]
}

/** Why there is no ticket. */
export interface NoTicket {
  readonly none: string
  readonly evidence: readonly string[]
}

export interface TicketWish {
  readonly scope?: string | undefined
  readonly resource?: string | undefined
  readonly proof: boolean
}

export interface TokenAnswer {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly idToken?: string | undefined
  readonly type: 'dpop' | 'bearer'
  readonly expiresIn: number
}

/** `undefined` unless the answer is a 200 with an access token. */
export function readTokenAnswer(answer: RawAnswer): TokenAnswer | undefined {
  if (answer.status !== 200) return undefined
  try {
    const body = JSON.parse(answer.body) as Record<string, unknown>
    const token = body['access_token']
    if (typeof token !== 'string' || token === '') return undefined
    const refresh = body['refresh_token']
    const idToken = body['id_token']
    return {
      accessToken: token,
      refreshToken: typeof refresh === 'string' ? refresh : undefined,
      idToken: typeof idToken === 'string' ? idToken : undefined,
      type: String(body['token_type']).toLowerCase() === 'dpop' ? 'dpop' : 'bearer',
      expiresIn: typeof body['expires_in'] === 'number' ? body['expires_in'] : 60,
    }
  } catch {
    return undefined
  }
}

/** Claims of a JWT without any check; `undefined` for what cannot be read. */
export function readClaims(token: string): Record<string, unknown> | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? (claims as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** By the ticket itself where it can be read; what calls itself Bearer and cannot is bound to nothing that anybody could look up in it. */
export function issuedAs({ accessToken, type }: TokenAnswer): Issued {
  const claims = readClaims(accessToken)
  if (claims === undefined) return type === 'dpop' ? 'unreadable' : 'unbound'
  return (confirmed(claims, 'jkt') ?? confirmed(claims, 'x5t#S256')) ? 'bound' : 'unbound'
}

export function describeTicket(answer: TokenAnswer, key: HeldKey, now: Seconds, evidence: readonly string[]): Ticket {
  const claims = readClaims(answer.accessToken)
  const jkt = confirmed(claims, 'jkt')
  const x5t = confirmed(claims, 'x5t#S256')
  return {
    accessToken: answer.accessToken,
    type: jkt !== undefined ? 'dpop' : x5t !== undefined ? 'mtls' : answer.type,
    key,
    format: claims === undefined ? 'opaque' : 'jwt',
    claims: claims ?? {},
    jkt,
    x5t,
    expiresAt: now + answer.expiresIn,
    ...(answer.refreshToken !== undefined && { refreshToken: answer.refreshToken }),
    ...(answer.idToken !== undefined && { idToken: answer.idToken }),
    evidence,
  }
}

function confirmed(claims: Record<string, unknown> | undefined, member: string): string | undefined {
  const cnf = claims?.['cnf']
  const value = typeof cnf === 'object' && cnf !== null ? (cnf as Record<string, unknown>)[member] : undefined
  return typeof value === 'string' ? value : undefined
}

/** SEED-TB-16: a token of an undeclared subject ends the run before it is sent anywhere. */
export function refuseForeignSubject(ticket: Ticket, client: PreparedClient, subjects: readonly string[]): void {
  const { entry } = client
  const declared = entry.ticket.from === 'pasted' ? entry.ticket.subject : undefined
  const subject = typeof ticket.claims['sub'] === 'string' ? ticket.claims['sub'] : declared
  if (entry.ticket.from === 'client-credentials' && (subject === undefined || belongsToClient(ticket, entry.clientId))) return
  if (subject === undefined) {
    if (entry.ticket.from === 'pasted')
      throw new PolicyRefusal(`clients.${entry.id}: state the subject of the pasted token; it cannot be read`)
    return
  }
  if (!subjects.includes(subject))
    throw new PolicyRefusal(`clients.${entry.id}: its ticket belongs to ${subject}, which is not among subjects; is it your test account?`)
}

/** RFC 9068 §2.2 says who a client-credentials ticket is for by `client_id`; some issuers by `azp`, with a service account as subject. */
function belongsToClient({ claims }: Ticket, clientId: string): boolean {
  return ['sub', 'client_id', 'azp'].some((claim) => claims[claim] === clientId)
}

export interface TicketOffice {
  readonly client: PreparedClient
  /** A ticket for this wish, kept until it is about to expire. */
  ticket(wish: TicketWish): Promise<Ticket | NoTicket>
  /** The same, but always a new one that nobody keeps. */
  spare(wish: TicketWish): Promise<Ticket | NoTicket>
  /** A right token request, or why there is none. */
  request(wish: TicketWish): Promise<FormCall | NoTicket>
  readonly source: GrantSource
}

const renewBeforeSeconds = 20

export function openTicketOffice(client: PreparedClient, line: Line, source: GrantSource, subjects: readonly string[]): TicketOffice {
  const kept = new Map<string, Ticket>()
  const refused = new Map<string, NoTicket>()
  const endpoint = client.issuer.tokenEndpoint

  const request = async (wish: TicketWish): Promise<FormCall | NoTicket> => {
    const form = await source.next(wish)
    return 'none' in form ? form : formCall(client, { url: endpoint, form, proof: wish.proof }, line)
  }

  const ask = async (wish: TicketWish): Promise<Ticket | NoTicket> => {
    const call = await request(wish)
    if ('none' in call) return call
    const sent = await line.send(client.issuer.id, `ticket for ${client.entry.id}`, writeFormCall(call))
    const answer = readTokenAnswer(sent.answer)
    if (answer) {
      source.learn(answer)
      const ticket = describeTicket(answer, client.key, line.now(call.url), [sent.evidence])
      // What cannot be read is taken to name the certificate that was shown for it; only what APIs refuse will tell.
      const taken = ticket.format === 'opaque' && ticket.type === 'bearer' && wish.proof && showsCertificate(client, true)
      return taken && client.boundBy !== 'key' ? { ...ticket, type: 'mtls' } : ticket
    }
    return { none: `the token endpoint answered ${answerWords(sent.answer)}`, evidence: [sent.evidence] }
  }

  const spare = async (wish: TicketWish): Promise<Ticket | NoTicket> => {
    if (client.entry.ticket.from === 'pasted') return pasted(client, subjects, line.now(endpoint))
    const first = await ask(wish)
    const challenged = 'none' in first && first.none.endsWith('use_dpop_nonce') && line.nonce(endpoint) !== undefined
    const settled = challenged ? await ask(wish) : first
    if (!('none' in settled)) refuseForeignSubject(settled, client, subjects)
    return settled
  }

  const ticket = async (wish: TicketWish): Promise<Ticket | NoTicket> => {
    const name = JSON.stringify([wish.scope, wish.resource, wish.proof])
    const held = kept.get(name)
    if (held && held.expiresAt - renewBeforeSeconds > line.now(endpoint)) return held
    const answered = refused.get(name)
    if (answered) return answered
    const settled = await spare(wish)
    if (!('none' in settled)) kept.set(name, settled)
    // A person signs in for each try: what an issuer does not give without a proof, it is asked for once.
    else if (!wish.proof && / answered 4\d\d /.test(settled.none)) refused.set(name, settled)
    return settled
  }
  return { client, ticket, spare, request, source }
}

function answerWords(answer: RawAnswer): string {
  const { ended, status } = answer
  return ended === undefined ? `${status}${errorOf(answer)}` : describeEnd(ended)
}

function errorOf(answer: RawAnswer): string {
  const error = /"error"\s*:\s*"([A-Za-z0-9_]+)"/.exec(answer.body)?.[1]
  return error === undefined ? '' : ` ${error}`
}

function pasted(client: PreparedClient, subjects: readonly string[], now: Seconds): Ticket | NoTicket {
  const token = client.start ?? ''
  const exp = readClaims(token)?.['exp']
  const ticket = describeTicket({ accessToken: token, refreshToken: undefined, type: 'bearer', expiresIn: 3600 }, client.key, now, [])
  refuseForeignSubject(ticket, client, subjects)
  if (typeof exp === 'number' && exp <= now) return { none: 'the pasted token has expired', evidence: [] }
  const named = ticket.x5t !== undefined
  if (named && ticket.x5t !== client.certificate?.thumbprint) {
    const whose = client.certificate ? 'names another certificate than the one given' : 'names a certificate, which is not given'
    return { none: `the pasted token ${whose}`, evidence: [] }
  }
  const hasKey = client.entry.ticket.from === 'pasted' && client.entry.ticket.key !== undefined
  if (ticket.jkt !== undefined && ticket.jkt !== client.key.thumbprint) {
    return {
      none: hasKey ? 'the pasted token is bound to another key than the one given' : 'the pasted token is bound; its key is not given',
      evidence: [],
    }
  }
  // An opaque token that comes with a key is taken to be bound to it.
  if (hasKey) return { ...ticket, type: 'dpop' }
  // And one of a client with a certificate, to name that.
  return ticket.format === 'opaque' && client.certificate && client.boundBy !== 'key' ? { ...ticket, type: 'mtls' } : ticket
}
