// Checks that need more than one step: where the code comes back, what a second use of it does, what a name alone opens.

import { authorizationRequest, writeAuthorization } from '../clients/grant-source.ts'
import { formCall, type PreparedClient } from '../clients/prepare.ts'
import { readTokenAnswer, type Ticket, type TicketOffice } from '../clients/tickets.ts'
import { type FormCall, proofPlan, writeApiCall, writeFormCall } from '../edits/plans.ts'
import type { ApiEntry } from '../inventory/inventory.ts'
import { type CodeFlowParts, redemptionForm, refreshForm } from '../stations/code-flow.ts'
import { StationClosed } from '../stations/token-endpoint.ts'
import type { Line } from '../wire/line.ts'
import { headerValues, type RawAnswer } from '../wire/raw-client.ts'
import { type CheckName, type ReadinessLine, line as verdictLine } from './checks.ts'

const open = (check: CheckName, why: string, evidence: readonly string[] = []) => verdictLine(check, 'not-observable', why, evidence)

/** `iss` of a redirect back to the client, query or fragment. */
export function issLine(check: CheckName, back: string, issuer: string, evidence: readonly string[]): ReadinessLine {
  if (!URL.canParse(back)) return open(check, 'no redirect came back', evidence)
  const { searchParams, hash } = new URL(back)
  const fragment = new URLSearchParams(hash.slice(1))
  if (searchParams.has('response') || fragment.has('response')) return open(check, 'the response is a JWT: iss stands inside', evidence)
  const iss = [...searchParams.getAll('iss'), ...fragment.getAll('iss')]
  if (iss.length === 1 && iss[0] === issuer) return verdictLine(check, 'ready', issuer, evidence)
  return verdictLine(check, 'not-ready', iss.length === 0 ? 'iss is missing' : `iss is not ${issuer} once`, evidence)
}

/** Signs the test account in twice: one sign-in is the control, the code of the other comes twice. */
export async function codeLines(parts: CodeFlowParts): Promise<ReadinessLine[]> {
  const control = await signedIn(parts, 'readiness, control')
  if (typeof control === 'string') return [open('iss-with-code', control), open('code-reuse-ends-tokens', control)]
  const iss = issLine('iss-with-code', control.back, parts.client.issuer.url, control.evidence)
  return [iss, await reuseLine(parts, control)]
}

async function reuseLine(parts: CodeFlowParts, control: SignedIn): Promise<ReadinessLine> {
  const check = 'code-reuse-ends-tokens'
  const spoilt = await signedIn(parts, 'readiness, reuse')
  if (typeof spoilt === 'string') return open(check, spoilt)
  const { refresh } = spoilt
  const evidence = [...control.evidence, ...spoilt.evidence]
  if (refresh === undefined || control.refresh === undefined) return open(check, 'this client gets no refresh token to look at', evidence)
  const again = await post(parts, 'second use of the code', () => redemptionForm(parts, spoilt.plan, spoilt.code), evidence)
  if (again !== undefined) return open(check, 'the code itself passes twice', evidence)
  const after = await post(parts, 'refresh after the second use', () => refreshCall(parts, refresh), evidence)
  const good = await post(parts, 'control after', () => refreshCall(parts, control.refresh!), evidence)
  if (good === undefined) return open(check, 'control after failed', evidence)
  return after === undefined
    ? verdictLine(check, 'ready', 'the refresh token of that code is refused', evidence)
    : verdictLine(check, 'not-ready', 'the refresh token of that code still works', evidence)
}

/** A public client that may come without a key: is its refresh token at least rotated? Says nothing where it is not so. */
export async function unboundRefreshLines(parts: CodeFlowParts): Promise<ReadinessLine[]> {
  if (parts.client.authentication.method !== 'none') return []
  const unproven = (call: FormCall): FormCall => ({ ...call, proofs: [] })
  const got = await signedIn(parts, 'readiness, no key', unproven)
  if (typeof got === 'string' || got.refresh === undefined) return []
  const { refresh } = got
  const evidence = [...got.evidence]
  const renewed = await post(parts, 'refresh without key', () => unproven(refreshCall(parts, refresh)), evidence)
  if (renewed === undefined) return []
  if (renewed.refreshToken !== undefined && renewed.refreshToken !== refresh) return []
  return [verdictLine('refresh-restricted', 'not-ready', 'a refresh token without key is not rotated', evidence)]
}

interface SignedIn {
  readonly plan: ReturnType<typeof authorizationRequest>
  readonly back: string
  readonly code: string
  readonly refresh: string | undefined
  readonly evidence: readonly string[]
}

async function signedIn(parts: CodeFlowParts, role: string, change = (call: FormCall) => call): Promise<SignedIn | string> {
  const { client, line, target, wish, authorizationEndpoint: endpoint, redirectUri } = parts
  const plan = authorizationRequest({ endpoint, clientId: client.entry.clientId, redirectUri, wish })
  const answer = await parts.signIn(writeAuthorization(plan))
  const evidence = [line.remember(target, role, plan.url)]
  const code = 'page' in answer ? null : new URL(answer.redirectedTo).searchParams.get('code')
  if ('page' in answer || code === null) return 'the test account could not be signed in'
  const issued = await post(parts, `${role}, redemption`, () => change(redemptionForm(parts, plan, code)), evidence)
  if (issued === undefined) return 'the code could not be redeemed'
  return { plan, back: answer.redirectedTo, code, refresh: issued.refreshToken, evidence }
}

const refreshCall = ({ client, line }: CodeFlowParts, token: string): FormCall =>
  formCall(client, { url: client.issuer.tokenEndpoint, form: refreshForm(token), proof: true }, line)

/** A nonce challenge is a step. */
async function post({ line, target }: CodeFlowParts, role: string, call: () => FormCall, evidence: string[]) {
  for (const turn of [role, `${role}, with nonce`]) {
    const sent = await line.send(target, turn, writeFormCall(call()))
    evidence.push(sent.evidence)
    refuseTrouble(sent.answer)
    const challenged = sent.answer.status === 400 && sent.answer.body.includes('use_dpop_nonce')
    if (!challenged || headerValues(sent.answer.headers, 'dpop-nonce').length === 0) return readTokenAnswer(sent.answer)
  }
  return undefined
}

/** An issuer in trouble refuses nothing. */
function refuseTrouble({ status }: RawAnswer): void {
  if (status >= 500 || status === 429) throw new StationClosed(`the token endpoint answered ${status}`)
}

export interface TokenPlace {
  readonly client: PreparedClient
  readonly office: TicketOffice
  readonly line: Line
  readonly target: string
}

/** A made-up person: no account is tried. */
export async function passwordLine({ client, line, target }: TokenPlace): Promise<ReadinessLine> {
  const form = [
    ['grant_type', 'password'],
    ['username', `nobody-${line.random()}`],
    ['password', line.random()],
  ] as const
  const sent = await line.send(
    target,
    'password grant',
    writeFormCall(formCall(client, { url: client.issuer.tokenEndpoint, form, proof: true }, line)),
  )
  const error = /"error"\s*:\s*"([a-z_]+)"/.exec(sent.answer.body)?.[1] ?? ''
  const seen = `${sent.answer.status} ${error}`.trim()
  if (['unsupported_grant_type', 'unauthorized_client'].includes(error))
    return verdictLine('password-refused', 'ready', seen, [sent.evidence])
  const served = error === 'invalid_grant' || readTokenAnswer(sent.answer) !== undefined
  return verdictLine('password-refused', served ? 'not-ready' : 'not-observable', seen, [sent.evidence])
}

/** The ticket in the header works, no ticket does not, and then the ticket stands in the URL. */
export async function queryLine(
  place: TokenPlace,
  apis: readonly ApiEntry[],
  ticketFor: (api: ApiEntry) => Promise<Ticket | undefined>,
): Promise<ReadinessLine> {
  const { line, target } = place
  const check = 'query-token-ignored'
  const evidence: string[] = []
  const taken: string[] = []
  const kept: string[] = []
  for (const api of apis.filter(({ method }) => method === 'GET')) {
    const ticket = await ticketFor(api)
    if (ticket === undefined) continue
    const get = async (role: string, url: string, header: boolean) => {
      const facts = {
        key: ticket.key,
        method: 'GET',
        url,
        now: line.now(url),
        jti: line.random(),
        nonce: line.nonce(url),
        accessToken: ticket.accessToken,
      }
      const proofs = ticket.type === 'dpop' ? [proofPlan(facts)] : []
      const credentials = header ? [{ scheme: ticket.type === 'dpop' ? 'DPoP' : 'Bearer', token: ticket.accessToken }] : []
      const sent = await line.send(target, role, writeApiCall({ method: 'GET', url, credentials, proofs, joinProofs: false, headers: [] }))
      evidence.push(sent.evidence)
      return sent.answer.status
    }
    const good = async () =>
      (await get('ticket in the header', api.url, true)) < 300 || (await get('ticket in the header, with nonce', api.url, true)) < 300
    const inUrl = new URL(api.url)
    inUrl.searchParams.set('access_token', ticket.accessToken)
    if (!(await good()) || (await get('no ticket', api.url, false)) < 300) continue
    const status = await get('ticket in the URL', inUrl.href, false)
    if (!(await good()) || status >= 500 || status === 429) continue
    ;(status < 300 ? taken : kept).push(api.id)
  }
  if (taken.length > 0) return verdictLine(check, 'not-ready', `taken at ${taken.join(', ')}`, evidence)
  return kept.length > 0
    ? verdictLine(check, 'ready', `refused at ${kept.join(', ')}`, evidence)
    : open(check, 'no API could be asked', evidence)
}
