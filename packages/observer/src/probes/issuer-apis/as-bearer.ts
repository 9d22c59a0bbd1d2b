// AS9: an address of the issuer itself, asked with a bound ticket as Bearer, between requests that are right and one with a random ticket.
// Which addresses there are stands beside this file.

import type { Ticket } from '../../clients/tickets.ts'
import { proofPlan, writeApiCall } from '../../edits/plans.ts'
import type { IssuerPlace } from '../../probe.ts'
import { type Outcome, skipped } from '../../run/sandwich.ts'
import type { RawAnswer, RawRequest } from '../../wire/raw-client.ts'

export interface OwnAddress {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers?: RawRequest['headers']
  readonly body?: string
  /** Whether the answer is that of somebody who was let in. */
  readonly opened: (answer: RawAnswer) => boolean
  /** A right request; left out: the ticket with all that it names. */
  readonly control?: (() => RawRequest) | undefined
  /** What takes back what an answer says was done against all expectation. */
  readonly undo?: (answer: RawAnswer) => RawRequest | undefined
}

interface Told {
  readonly answer: RawAnswer
  readonly evidence: readonly string[]
}

/**
 * Violated where the bound ticket opens as Bearer what a random one does not. Holds only where a right request opens it, before and
 * after: what nothing of this client opens shuts out everybody.
 */
export async function askAsBearer(place: IssuerPlace, ticket: Ticket, address: OwnAddress, role: string): Promise<Outcome> {
  const random = await asBearer(place, address, place.line.random(), `${role}, random ticket as Bearer`)
  if (address.opened(random.answer))
    return { ...skipped(`it answers a random ticket alike (${random.answer.status})`), evidence: random.evidence }
  const before = await control(place, ticket, address, `${role}, control before`)
  const bearer = await asBearer(place, address, ticket.accessToken, `${role}, bound ticket as Bearer`)
  const opens = address.opened(before.answer)
  const evidence = [...random.evidence, ...before.evidence, ...bearer.evidence]
  if (address.opened(bearer.answer)) {
    const again = await asBearer(place, address, place.line.random(), `${role}, another random ticket as Bearer`)
    const told = { answered: 'accepted', evidence: [...evidence, ...again.evidence] }
    return address.opened(again.answer)
      ? { ...told, verdict: 'inconclusive', reason: 'a random ticket was refused once, and taken once' }
      : { ...told, verdict: 'violated' }
  }
  const { status } = bearer.answer
  if (!opens) return { ...skipped(`nothing of this client opens it (${before.answer.status})`), evidence }
  const after = await control(place, ticket, address, `${role}, control after`)
  const all = [...evidence, ...after.evidence]
  if (!address.opened(after.answer))
    return { verdict: 'inconclusive', reason: `control after failed: ${after.answer.status}`, answered: '', evidence: all }
  if ([400, 401, 403, 404].includes(status)) return { verdict: 'holds', answered: `refused (${status})`, evidence: all }
  return { verdict: 'inconclusive', reason: `${status} is neither acceptance nor refusal`, answered: String(status), evidence: all }
}

/** A nonce challenge is a step. */
async function control(place: IssuerPlace, ticket: Ticket, address: OwnAddress, role: string): Promise<Told> {
  if (address.control) return send(place, address, address.control(), role)
  const nonce = place.line.nonce(address.url)
  const first = await send(place, address, named(place, ticket, address), role)
  if (address.opened(first.answer) || place.line.nonce(address.url) === nonce) return first
  const second = await send(place, address, named(place, ticket, address), `${role}, with nonce`)
  return { answer: second.answer, evidence: [...first.evidence, ...second.evidence] }
}

/** The ticket with its proof (RFC 9449 §7.1), or over a connection with its certificate (RFC 8705 §3). */
function named({ line, office: { client } }: IssuerPlace, { accessToken, key, type, x5t }: Ticket, address: OwnAddress): RawRequest {
  const { url, method } = address
  const proof = proofPlan({ key, method, url, now: line.now(url), jti: line.random(), nonce: line.nonce(url), accessToken })
  const shown = (type === 'mtls' || x5t !== undefined) && url.startsWith('https:') && client.certificate
  return writeApiCall({
    ...bare(address),
    credentials: [{ scheme: type === 'mtls' ? 'Bearer' : 'DPoP', token: accessToken }],
    proofs: type === 'mtls' ? [] : [proof],
    ...(shown && { tls: { identity: shown } }),
  })
}

function asBearer(place: IssuerPlace, address: OwnAddress, token: string, role: string): Promise<Told> {
  return send(place, address, writeApiCall({ ...bare(address), credentials: [{ scheme: 'Bearer', token }] }), role)
}

function bare({ url, method, headers = [], body }: OwnAddress) {
  return { url, method, credentials: [], proofs: [], joinProofs: false, headers, ...(body !== undefined && { body }) }
}

async function send({ line, target }: IssuerPlace, { undo }: OwnAddress, request: RawRequest, role: string): Promise<Told> {
  const { answer, evidence } = await line.send(target, role, request)
  const back = undo?.(answer)
  const undone = back && (await line.send(target, `${role}, taken back`, back))
  return { answer, evidence: [evidence, ...(undone ? [undone.evidence] : [])] }
}
