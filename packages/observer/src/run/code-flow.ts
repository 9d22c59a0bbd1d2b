// What a signed-in test account lets the observer ask: codes, pushed and signed requests, refresh, sign-out, revocation.
import type { Desk } from '../clients/desk.ts'
import type { TicketWish } from '../clients/tickets.ts'
import type { ProbeResult } from '../observation.ts'
import type { EditKit } from '../probe.ts'
import { probesAt } from '../probes/index.ts'
import { type CodeFlowParts, codeFlow } from '../stations/code-flow.ts'
import type { Run } from './run.ts'

export interface SignInDesk extends Pick<Desk, 'client' | 'published' | 'way'> {
  readonly target: string
  readonly wish: Omit<TicketWish, 'proof'>
  readonly facts: EditKit['facts']
}

/** `undefined` for clients whose test account nobody signs in. */
export function codeFlowParts(run: Run, desk: SignInDesk): CodeFlowParts | undefined {
  const { client, published, target, wish, facts } = desk
  const { ticket } = client.entry
  const { signInBy, wait } = run.options
  const way = signInBy === 'person' ? undefined : desk.way
  const named = (member: string) => {
    const value = published.members[member]
    return typeof value === 'string' ? value : undefined
  }
  const authorizationEndpoint = named('authorization_endpoint')
  if (ticket.from !== 'sign-in' || way === undefined || authorizationEndpoint === undefined) return undefined
  return {
    client,
    line: run.line,
    target,
    wish,
    authorizationEndpoint,
    revocationEndpoint: named('revocation_endpoint'),
    pushedEndpoint: named('pushed_authorization_request_endpoint'),
    endSessionEndpoint: named('end_session_endpoint'),
    requestObjects: published.members['request_parameter_supported'] === true,
    redirectUri: ticket.redirectUri,
    ...way,
    wait,
    facts,
  }
}

/** Clients whose test account somebody signs in are also asked about codes, refresh and revocation. */
export async function probeCodeFlow(run: Run, parts: CodeFlowParts): Promise<ProbeResult[]> {
  const { target } = parts
  const flow = codeFlow(parts)
  return [
    ...(await run.runAll(target, probesAt('authorization').filter(run.wants), flow.authorization)),
    ...(flow.pushed ? await run.runAll(target, probesAt('pushed').filter(run.wants), flow.pushed) : []),
    ...(flow.pushedCode ? await run.runAll(target, probesAt('pushed-code').filter(run.wants), flow.pushedCode) : []),
    ...(flow.signedRequest ? await run.runAll(target, probesAt('signed-request').filter(run.wants), flow.signedRequest) : []),
    ...(await run.runAll(target, probesAt('redemption').filter(run.wants), flow.redemption)),
    ...(await run.runAll(target, probesAt('refresh').filter(run.wants), flow.refresh)),
    ...(flow.signOut ? await run.runAll(target, probesAt('sign-out').filter(run.wants), flow.signOut) : []),
    ...(flow.revocation ? await run.runAll(target, probesAt('revocation').filter(run.wants), flow.revocation) : []),
  ]
}
