// Devices between their request and a person's decision: remembered under two hashed codes, found by the one a person types.
import {
  type AuthenticatedClient,
  type Broken,
  b64u,
  type DeviceCodeRecord,
  type DeviceRequest,
  Fault,
  hmacSha256,
  makeUserCode,
  type PresentedCertificate,
  type SecretHash,
  sha256,
  showUserCode,
  type VerifiedProof,
  type Write,
} from '@kimei/protocol'
import type { DeviceConfig } from '../config/grants-schema.ts'
import type { Exchange, ServerContext } from '../context.ts'
import { lostClaim, proofClaims } from './issue-tokens.ts'

/** RFC 8628 §3.2. */
export interface DeviceResponse {
  readonly device_code: string
  readonly user_code: string
  readonly verification_uri: string
  readonly verification_uri_complete: string
  readonly expires_in: number
  readonly interval: number
}

interface DeviceAsk {
  readonly client: AuthenticatedClient
  /** Its key has to collect the tokens. */
  readonly proof: VerifiedProof | undefined
  /** So has its certificate. */
  readonly certificate: PresentedCertificate | undefined
  readonly asked: DeviceRequest
}

/** The section that turns devices on: their routes exist only with it. */
export function deviceConfig({ config }: ServerContext): DeviceConfig {
  if (!config.deviceAuthorization) throw new Fault('devices are not served here')
  return config.deviceAuthorization
}

/** A user code that is live already is drawn again: whoever has it keeps it. */
export async function rememberDevice(context: ServerContext, exchange: Exchange, ask: DeviceAsk): Promise<DeviceResponse | Broken> {
  const { client, proof, certificate, asked } = ask
  const { codeSeconds, intervalSeconds } = deviceConfig(context)
  const event = context.audit.event(exchange, 'device_requested', {
    clientId: client.client.clientId,
    scope: asked.scopes.join(' '),
    resource: asked.resources.join(' '),
    ...(proof && { jkt: proof.jkt }),
    ...(certificate && { x5t: certificate.x5t }),
  })
  for (let draw = 0; draw < 8; draw += 1) {
    const deviceCode = b64u(context.random(32))
    const userCode = makeUserCode(context.random)
    const record = await recordOf(context, exchange, ask, { deviceCode, userCode })
    const writes: readonly Write[] = [...client.claims, ...proofClaims(proof), { write: 'put-device-code', record }]
    const answer = await context.commit(exchange, writes, [event])
    if (answer.done === 'committed') {
      const shown = showUserCode(userCode)
      return {
        device_code: deviceCode,
        user_code: shown,
        verification_uri: context.urls.device,
        verification_uri_complete: `${context.urls.device}?user_code=${shown}`,
        expires_in: codeSeconds,
        interval: intervalSeconds,
      }
    }
    const copied = answer.done === 'lost' ? lostClaim(writes[answer.index]) : undefined
    if (copied) return copied
  }
  throw new Fault('no free user code was drawn')
}

async function recordOf(
  context: ServerContext,
  { now, connection }: Exchange,
  { client, proof, certificate, asked }: DeviceAsk,
  codes: { readonly deviceCode: string; readonly userCode: string },
): Promise<DeviceCodeRecord> {
  const { codeSeconds, intervalSeconds } = deviceConfig(context)
  return {
    issuer: context.issuer,
    deviceHash: await sha256(codes.deviceCode),
    userHash: await userHash(context, context.secrets.derive('user-code').current, codes.userCode),
    clientId: client.client.clientId,
    scopes: asked.scopes,
    resources: asked.resources,
    dpopJkt: proof?.jkt ?? null,
    ...(certificate && { x5t: certificate.x5t }),
    requestedFrom: connection.remoteAddress ?? null,
    createdAt: now,
    expiresAt: now + codeSeconds,
    intervalSeconds,
    lastPolledAt: null,
    decision: null,
    grantId: null,
    collectedAt: null,
  }
}

/** The device that waits under this user code; decided and expired ones are as unknown as those that never were. */
export async function findDevice(context: ServerContext, { now }: Exchange, userCode: string): Promise<DeviceCodeRecord | undefined> {
  const { current, previous } = context.secrets.derive('user-code')
  for (const key of previous ? [current, previous] : [current]) {
    const found = await context.storage.records.deviceCodeByUser(context.issuer, await userHash(context, key, userCode))
    if (found && found.decision === null && now < found.expiresAt) return found
  }
  return undefined
}

function userHash({ issuer }: ServerContext, key: Uint8Array, userCode: string): Promise<SecretHash> {
  return Promise.resolve(hmacSha256(key, JSON.stringify([issuer, userCode])))
}
