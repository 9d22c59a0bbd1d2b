// Places of the grants that need no browser: a device that asks and polls, an exchange, an assertion of another issuer.
import { fingerprint } from '../baseline.ts'
import type { DeviceView } from '../clients/by-hand.ts'
import { formCall, type PreparedClient } from '../clients/prepare.ts'
import type { TicketOffice, TicketWish } from '../clients/tickets.ts'
import { type JwsPlan, writeJws } from '../edits/keys.ts'
import { type FormCall, writeFormCall } from '../edits/plans.ts'
import type { ObserveOptions } from '../observation.ts'
import type { BackchannelCall, DeviceCall, EditKit, VouchedCall } from '../probe.ts'
import { readJsonObject } from '../read-json.ts'
import type { Performed, Station } from '../run/sandwich.ts'
import type { Line } from '../wire/line.ts'
import { headerValues, type RawAnswer } from '../wire/raw-client.ts'
import { readTokenEndpoint, StationClosed } from './token-endpoint.ts'

export interface OtherGrantParts {
  readonly office: TicketOffice
  readonly line: Line
  /** Whose budget pays. */
  readonly target: string
  readonly wish: Omit<TicketWish, 'proof'>
  /** That of the introspection station: the same tickets are asked for. */
  readonly kit: EditKit
  readonly wait: ((seconds: number) => Promise<void>) | undefined
  /** Between two polls. */
  readonly pause: (seconds: number) => Promise<void>
  /** Allows the device of the test account; `undefined` where only a person could. */
  readonly allowDevice: ObserveOptions['allowDevice']
}

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'

/** The control of a device is a poll that is told to wait: nobody has to decide. */
export function deviceStation(parts: OtherGrantParts, endpoint: string): Station<'device'> {
  const { office, line, wish, kit, wait } = parts
  const { client } = office
  return {
    name: 'device',
    async build() {
      const form = [...(wish.scope === undefined ? [] : [['scope', wish.scope] as const]), ...resourceOf(wish.resource)]
      return { ask: formCall(client, { url: endpoint, form, proof: true }, line), change: (poll) => poll }
    },
    perform: (call, role) => askAndPoll(parts, call, role),
    nonceDemanded() {},
    kit: { ...kit, wait },
  }
}

async function askAndPoll(parts: OtherGrantParts, call: DeviceCall, role: string): Promise<Performed> {
  const { line, target, office } = parts
  const asked = await line.send(target, role, writeFormCall(call.ask))
  const repeat = () => askAndPoll(parts, call, `${role}, again`)
  const device = readDevice(asked.answer)
  if (device === undefined) return { answered: readTokenEndpoint(asked.answer), evidence: [asked.evidence], repeat }
  if (call.late) await parts.wait?.(device.expiresInSeconds + 1)
  const evidence = [asked.evidence]
  const poll = async () => {
    const form = [['grant_type', 'urn:ietf:params:oauth:grant-type:device_code'] as const, ['device_code', device.code] as const]
    const fresh = formCall(office.client, { url: office.client.issuer.tokenEndpoint, form, proof: true }, line)
    const sent = await line.send(target, `${role}, poll`, writeFormCall(call.change(fresh)))
    evidence.push(sent.evidence)
    return sent.answer
  }
  if (call.hurried) await poll()
  const first = await poll()
  if (!call.collect || !isPending(first)) return { answered: readPoll(first), evidence, repeat }
  if (parts.allowDevice === undefined) return { answered: { kind: 'unclear', because: onlyAPerson }, evidence, repeat }
  await parts.allowDevice(device)
  await parts.pause(device.intervalSeconds)
  return { answered: readTokenEndpoint(await poll()), evidence, repeat }
}

const onlyAPerson = 'whether a proof is demanded would show only once a person has allowed it'

interface Device extends DeviceView {
  readonly code: string
  readonly expiresInSeconds: number
  readonly intervalSeconds: number
}

function readDevice({ status, body }: RawAnswer): Device | undefined {
  const members = status === 200 ? readJsonObject(body) : undefined
  const { device_code: code, expires_in: expiresInSeconds, user_code: userCode, verification_uri: verificationUri } = members ?? {}
  if (typeof code !== 'string' || typeof expiresInSeconds !== 'number') return undefined
  const complete = members?.['verification_uri_complete']
  return {
    code,
    expiresInSeconds,
    intervalSeconds: intervalOf(members),
    userCode: String(userCode ?? ''),
    verificationUri: String(verificationUri ?? ''),
    verificationUriComplete: typeof complete === 'string' ? complete : undefined,
  }
}

/** RFC 8628 §3.2, CIBA §7.3: five seconds where nothing is said. An issuer cannot make anybody wait for hours. */
function intervalOf(members: Readonly<Record<string, unknown>> | undefined): number {
  const interval = members?.['interval']
  return typeof interval === 'number' && interval > 0 ? Math.min(interval, 30) : 5
}

const isPending = (answer: RawAnswer): boolean => ['authorization_pending', 'slow_down'].includes(fingerprint(answer).error ?? '')

/** How often the observer looks whether somebody allowed it on a device of their own. */
const mostLooks = 4

/** The control is an answer that tells the client to wait, or a ticket at once. */
export function backchannelStation(parts: OtherGrantParts, endpoint: string, loginHint: string): Station<'backchannel'> {
  const { office, line, wish, kit } = parts
  return {
    name: 'backchannel',
    async build() {
      const scope = [...new Set(['openid', ...(wish.scope ?? '').split(' ')])].join(' ').trim()
      const form = [['scope', scope] as const, ['login_hint', loginHint] as const, ...resourceOf(wish.resource)]
      return { ask: formCall(office.client, { url: endpoint, form, proof: true }, line), change: (poll) => poll }
    },
    perform: (call, role) => askAndLook(parts, call, role),
    nonceDemanded() {},
    kit,
  }
}

async function askAndLook(parts: OtherGrantParts, call: BackchannelCall, role: string): Promise<Performed> {
  const { line, target, office } = parts
  const asked = await line.send(target, role, writeFormCall(call.ask))
  const repeat = () => askAndLook(parts, call, `${role}, again`)
  const members = asked.answer.status === 200 ? readJsonObject(asked.answer.body) : undefined
  const request = members?.['auth_req_id']
  if (typeof request !== 'string') return { answered: readTokenEndpoint(asked.answer), evidence: [asked.evidence], repeat }
  const evidence = [asked.evidence]
  const look = async () => {
    const form = [['grant_type', 'urn:openid:params:grant-type:ciba'] as const, ['auth_req_id', request] as const]
    const fresh = formCall(office.client, { url: office.client.issuer.tokenEndpoint, form, proof: true }, line)
    const sent = await line.send(target, `${role}, poll`, writeFormCall(call.change(fresh)))
    evidence.push(sent.evidence)
    return sent.answer
  }
  let answer = await look()
  for (let looks = 1; call.collect && isPending(answer) && looks < mostLooks; looks += 1) {
    await parts.pause(intervalOf(members))
    answer = await look()
  }
  if (call.collect && isPending(answer)) return { answered: { kind: 'unclear', because: onlyAPerson }, evidence, repeat }
  return { answered: readPoll(answer), evidence, repeat }
}

function readPoll(answer: RawAnswer): Performed['answered'] {
  const nonce = headerValues(answer.headers, 'dpop-nonce')[0]
  const { error } = fingerprint(answer)
  if (error === 'authorization_pending') return { kind: 'accepted' }
  if (error === 'use_dpop_nonce' && nonce !== undefined) return { kind: 'nonce-challenge', nonce }
  return readTokenEndpoint(answer)
}

/** The client trades a ticket of its own. */
export function exchangeStation(parts: OtherGrantParts, to: string): Station<'exchange'> {
  const { office, line, wish, kit } = parts
  const { client } = office
  return {
    name: 'exchange',
    async build() {
      const ticket = await office.ticket({ ...wish, proof: true })
      if ('none' in ticket) throw new StationClosed(ticket.none)
      const form = [
        ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
        ['subject_token', ticket.accessToken],
        ['subject_token_type', accessTokenType],
        ['resource', to],
      ] as const
      return formCall(client, { url: client.issuer.tokenEndpoint, form, proof: true }, line)
    },
    perform: (call, role) => post(parts, call, role),
    nonceDemanded() {},
    kit,
  }
}

/** The client comes with an assertion of the other issuer, whose key the inventory has. */
export function vouchedStation(parts: OtherGrantParts, vouched: NonNullable<PreparedClient['vouched']>): Station<'vouched'> {
  const { office, line, wish, kit } = parts
  const { client } = office
  return {
    name: 'vouched',
    async build() {
      const form = [
        ['grant_type', 'urn:ietf:params:oauth:grant-type:jwt-bearer'] as const,
        ...(wish.scope === undefined ? [] : [['scope', wish.scope] as const]),
        ...resourceOf(wish.resource),
      ]
      const url = client.issuer.tokenEndpoint
      return { call: formCall(client, { url, form, proof: true }, line), assertion: assertionOf(client, vouched, line) }
    },
    perform: (call, role) => post(parts, written(call), role),
    nonceDemanded() {},
    kit,
  }
}

function assertionOf(
  { issuer }: PreparedClient,
  { key, kid, issuer: iss, subject: sub }: NonNullable<PreparedClient['vouched']>,
  line: Line,
): JwsPlan {
  const now = line.now(issuer.tokenEndpoint)
  return {
    header: { typ: 'authorization-grant+jwt', alg: key.alg, ...(kid !== undefined && { kid }) },
    claims: { iss, sub, aud: issuer.url, jti: line.random(), iat: now, exp: now + 60 },
    key,
    signature: 'good',
  }
}

function written({ call, assertion }: VouchedCall): FormCall {
  return { ...call, form: [...call.form, ['assertion', writeJws(assertion)]] }
}

function resourceOf(resource: string | undefined): readonly (readonly [string, string])[] {
  return resource === undefined ? [] : [['resource', resource]]
}

async function post(parts: OtherGrantParts, call: FormCall, role: string): Promise<Performed> {
  const sent = await parts.line.send(parts.target, role, writeFormCall(call))
  return { answered: readTokenEndpoint(sent.answer), evidence: [sent.evidence], repeat: () => post(parts, call, `${role}, again`) }
}
