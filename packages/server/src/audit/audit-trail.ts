// Audit events: made here, remembered by the plan they belong to or by themselves, then told to the sink.
import type { AuditEvent, Issuer } from '@kimei/protocol'
import type { Storage } from '@kimei/storage'
import type { AuditTrail } from '../context.ts'
import { byCertificate, ignoredCertificate } from './by-certificate.ts'

export interface AuditParts {
  readonly issuer: Issuer
  readonly storage: Storage
  /** Told after the storage: an event that was not remembered did not happen. */
  readonly onAudit: ((event: AuditEvent) => void) | undefined
}

export function makeAuditTrail({ issuer, storage, onAudit }: AuditParts): AuditTrail {
  const emitted = (events: readonly AuditEvent[]) => {
    if (onAudit) for (const event of events) onAudit(event)
  }
  return {
    event: (exchange, name, fields) => ({
      at: exchange.now,
      event: name,
      issuer,
      requestId: exchange.requestId,
      ...byCertificate(exchange),
      ...ignoredCertificate(exchange),
      ...fields,
    }),
    async append(...events) {
      await storage.appendAudit(events)
      emitted(events)
    },
    emitted,
  }
}
