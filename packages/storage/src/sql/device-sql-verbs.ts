// The verbs of device codes as statements.
import { keepUntil } from '../retention.ts'
import { any, ask, one, type Verb } from './verb-steps.ts'

type DeviceWrite =
  | 'put-device-code'
  | 'approve-device-code'
  | 'deny-device-code'
  | 'poll-device-code'
  | 'slow-device-code'
  | 'collect-device-code'

export const deviceSqlVerbs: { readonly [Name in DeviceWrite]: Verb<Name> } = {
  'put-device-code': ({ record }, { issuer }) => {
    const { deviceHash, userHash, expiresAt, intervalSeconds, lastPolledAt, decision, grantId, collectedAt } = record
    const changing = [expiresAt, intervalSeconds, lastPolledAt, decision, grantId, collectedAt]
    return one('putDeviceCode', [issuer, deviceHash, userHash, ...changing, keepUntil.deviceCode(record), JSON.stringify(record)])
  },
  'approve-device-code': ({ deviceHash, grantId }, { issuer, now }) => one('approveDeviceCode', [issuer, deviceHash, now, grantId]),
  'deny-device-code': ({ deviceHash }, { issuer, now }) => one('denyDeviceCode', [issuer, deviceHash, now]),
  'poll-device-code': ({ deviceHash, seenPolledAt, at }, { issuer }) => one('pollDeviceCode', [issuer, deviceHash, at, seenPolledAt ?? -1]),
  'slow-device-code': ({ deviceHash, bySeconds, at }, { issuer }) => any(ask('slowDeviceCode', [issuer, deviceHash, at, bySeconds])),
  'collect-device-code': ({ deviceHash, at }, { issuer, now }) => one('collectDeviceCode', [issuer, deviceHash, at, now]),
}
