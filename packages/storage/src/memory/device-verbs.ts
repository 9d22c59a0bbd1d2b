// The verbs of device codes on the memory tables.
import type { DeviceCodeRecord, Issuer, Seconds } from '@kimei/protocol'
import { keyOf, type MemoryTables } from './memory-tables.ts'
import type { Verb } from './memory-verbs.ts'

type DeviceWrite =
  | 'put-device-code'
  | 'approve-device-code'
  | 'deny-device-code'
  | 'poll-device-code'
  | 'slow-device-code'
  | 'collect-device-code'

export const deviceVerbs: { readonly [Name in DeviceWrite]: Verb<Name> } = {
  'put-device-code': ({ deviceCodes, userCodes }, { record }, { issuer }) => {
    const key = keyOf(issuer, record.deviceHash)
    const userKey = keyOf(issuer, record.userHash)
    if (deviceCodes.get(key) || userCodes.get(userKey) !== undefined) return false
    deviceCodes.set(key, record)
    userCodes.set(userKey, record.deviceHash)
    return true
  },
  'approve-device-code': (tables, { deviceHash, grantId }, { issuer, now }) =>
    change(tables, issuer, deviceHash, (code) => isOpen(code, now) && { decision: 'allowed', grantId }),
  'deny-device-code': (tables, { deviceHash }, { issuer, now }) =>
    change(tables, issuer, deviceHash, (code) => isOpen(code, now) && { decision: 'denied' }),
  'poll-device-code': (tables, { deviceHash, seenPolledAt, at }, { issuer }) =>
    change(tables, issuer, deviceHash, (code) => code.lastPolledAt === seenPolledAt && { lastPolledAt: at }),
  'slow-device-code': (tables, { deviceHash, bySeconds, at }, { issuer }) => {
    change(tables, issuer, deviceHash, (code) => ({ lastPolledAt: at, intervalSeconds: code.intervalSeconds + bySeconds }))
    return true
  },
  'collect-device-code': (tables, { deviceHash, at }, { issuer, now }) =>
    change(tables, issuer, deviceHash, (code) => isCollectable(code, now) && { collectedAt: at }),
}

/** `false`: nothing of the kind is there. */
function change(
  { deviceCodes }: MemoryTables,
  issuer: Issuer,
  deviceHash: string,
  to: (code: DeviceCodeRecord) => Partial<DeviceCodeRecord> | false,
): boolean {
  const key = keyOf(issuer, deviceHash)
  const code = deviceCodes.get(key)
  const changed = code !== undefined && to(code)
  if (!changed) return false
  deviceCodes.set(key, { ...code, ...changed })
  return true
}

function isOpen({ decision, expiresAt }: DeviceCodeRecord, now: Seconds): boolean {
  return decision === null && now < expiresAt
}

function isCollectable({ decision, collectedAt, expiresAt }: DeviceCodeRecord, now: Seconds): boolean {
  return decision === 'allowed' && collectedAt === null && now < expiresAt
}
