// A person's decision about a device: the grant and the decision in one plan, once.
import { type Broken, b64u, broke, type DeviceCodeRecord, deviceUseRules, type Write } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { authenticationOf } from './authentication-of.ts'
import type { SignIn } from './contract.ts'

export interface DeviceVerdict {
  readonly device: DeviceCodeRecord
  readonly signIn: SignIn
  /** What the person left ticked; `undefined`: denied. */
  readonly allowed: readonly string[] | undefined
}

/** Broken only when the device was decided, or expired, meanwhile. */
export async function decideDeviceRequest(context: ServerContext, exchange: Exchange, verdict: DeviceVerdict): Promise<Broken | undefined> {
  const { device, signIn, allowed } = verdict
  const { deviceHash, clientId } = device
  const event = context.audit.event(exchange, 'consent', {
    clientId,
    subject: signIn.subject,
    decision: allowed ? 'allowed' : 'denied',
    scope: (allowed ?? device.scopes).join(' '),
    resource: device.resources.join(' '),
    route: 'device',
    ...(device.dpopJkt !== null && { jkt: device.dpopJkt }),
  })
  const writes: readonly Write[] = allowed
    ? await grantWrites(context, exchange, verdict, allowed)
    : [{ write: 'deny-device-code', deviceHash }]
  const answer = await context.commit(exchange, writes, [event])
  return answer.done === 'committed' ? undefined : broke(deviceUseRules, 'device.is-undecided')
}

/** The grant lives as long as anything that may descend from it, and as long as the consent is remembered. */
async function grantWrites(
  context: ServerContext,
  { now }: Exchange,
  { device, signIn }: DeviceVerdict,
  scopes: readonly string[],
): Promise<readonly Write[]> {
  const {
    issuer,
    config: { lifetimes },
    random,
  } = context
  const leftOut = device.scopes.filter((scope) => !scopes.includes(scope))
  const grantId = b64u(random(16))
  const record = {
    issuer,
    grantId,
    clientId: device.clientId,
    subject: signIn.subject,
    scopes,
    resources: device.resources,
    ...(leftOut.length > 0 && { leftOut }),
    sessionId: signIn.sessionId,
    sessionHash: signIn.sessionHash,
    authTime: signIn.authTime,
    authentication: await authenticationOf(context, {}, signIn),
    createdAt: now,
    expiresAt: now + Math.max(lifetimes.refreshAbsoluteSeconds, lifetimes.consentSeconds),
    revokedAt: null,
    version: 1,
  }
  return [
    { write: 'put-grant', record },
    { write: 'approve-device-code', deviceHash: device.deviceHash, grantId },
  ]
}
