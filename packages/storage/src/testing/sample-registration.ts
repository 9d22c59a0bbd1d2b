// A registration of the imagined issuer, for the cases.
import type { RegistrationRecord } from '@kimei/protocol'
import { issuer, now } from './sample-records.ts'

export function sampleRegistration(change: Partial<RegistrationRecord> = {}): RegistrationRecord {
  return {
    issuer,
    clientId: 'client-1',
    tokenHash: 'registration-token-hash-1',
    metadata: { redirect_uris: ['https://app.example/callback'], client_name: 'メモ "帳"' },
    createdAt: now,
    lastUsedAt: now,
    keepUntil: now + 7 * 86_400,
    version: 1,
    ...change,
  }
}
