// What every engine checks of a plan before it touches anything: a mix-up of issuers is our own mistake, never a lost race.
import type { Write, WritePlan } from '@kimei/protocol'

/** @throws TypeError where a record belongs to another issuer than its plan. */
export function mustBeOfOneIssuer(plan: WritePlan): void {
  for (const write of plan.writes) {
    for (const record of recordsOf(write)) {
      if (record.issuer !== plan.issuer) throw new TypeError(`${write.write}: a record of ${record.issuer} in a plan of ${plan.issuer}`)
    }
  }
}

function recordsOf(write: Write): readonly { readonly issuer: string }[] {
  if (write.write === 'put-refresh-family') return [write.record, write.token]
  if (write.write === 'rotate-refresh-token') return [write.successor]
  return 'record' in write ? [write.record] : []
}
