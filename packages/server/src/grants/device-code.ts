// device_code: load, decide, and either collect in one commit or note the poll. A lost poll means another came at the same moment.
import { type DeviceDecision, decideDevice, Fault, type Form, isBroken, type Refusal, sha256 } from '@kimei/protocol'
import { claimsOf, lostClaim, signTokens, type TokenOrder, type TokenResponse } from '../steps/issue-tokens.ts'
import { presentedCertificate } from '../steps/present-certificate.ts'
import { startFamily } from '../steps/refresh-family.ts'
import { signInLasts } from '../steps/sign-in-lasts.ts'

export async function grantDeviceCode(order: TokenOrder, form: Form): Promise<TokenResponse | Refusal> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const decision = await decide(order, form)
    if ('broken' in decision) return decision
    const answer = 'wait' in decision ? await notePoll(order, decision) : await collect(order, decision)
    if (answer !== 'lost') return answer
  }
  throw new Fault('the device code changed under three decisions')
}

async function decide({ context, exchange, client, constraint }: TokenOrder, form: Form): Promise<DeviceDecision | Refusal> {
  const { records } = context.storage
  const presented = form.get('device_code')
  const device = presented === undefined ? undefined : await records.deviceCode(context.issuer, await sha256(presented))
  const grant = device?.grantId ? await records.grant(context.issuer, device.grantId) : undefined
  const jkt = 'proof' in constraint ? constraint.proof.jkt : undefined
  const certificate = await presentedCertificate(context, exchange)
  if (isBroken(certificate)) return certificate
  const lasts = await signInLasts(context, grant, grant?.scopes ?? [])
  const proven = { jkt, x5t: certificate?.x5t }
  return decideDevice(
    { client, device, grant, ...proven, signInLasts: lasts, resources: form.all('resource'), now: exchange.now },
    context.law,
  )
}

async function notePoll(order: TokenOrder, { wait, poll }: Extract<DeviceDecision, { wait: unknown }>): Promise<Refusal | 'lost'> {
  const plan = [...claimsOf(order), poll]
  const answer = await order.context.commit(order.exchange, plan, [])
  if (answer.done === 'committed') return wait
  return (answer.done === 'lost' && lostClaim(plan[answer.index])) || 'lost'
}

async function collect(order: TokenOrder, { issue, writes }: Extract<DeviceDecision, { issue: unknown }>) {
  const { context, exchange } = order
  const signed = await signTokens(order, issue)
  const refresh = await startFamily(order, issue)
  const plan = [...claimsOf(order), ...writes, ...(refresh?.writes ?? []), ...signed.writes]
  const answer = await context.commit(exchange, plan, [context.audit.event(exchange, 'token_issued', signed.audit)])
  if (answer.done === 'committed') return { ...signed.response, ...(refresh && { refresh_token: refresh.token }) }
  return (answer.done === 'lost' && lostClaim(plan[answer.index])) || ('lost' as const)
}
