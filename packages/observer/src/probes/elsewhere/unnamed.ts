// A call with its ticket, and without what the ticket names: a thief's request. Probes of side doors begin with it.
import type { ApiCall } from '../../edits/plans.ts'
import type { EditKit, NotApplicable } from '../../probe.ts'

export const noOtherOne = 'the connection itself demands a certificate, and the inventory has no other one'

/**
 * Without the proof. Where there is none, the ticket names the certificate of the connection: then without that one, or with another
 * one where nobody is heard without any.
 */
export function withoutWhatItNames(call: ApiCall, kit: EditKit): ApiCall | NotApplicable {
  if (call.proofs.length > 0 || call.tls?.identity === undefined) return { ...call, proofs: [] }
  if (kit.facts['certificateDemand'] !== 'required-in-tls') return { ...call, tls: {} }
  const other = kit.certificates?.other
  return other ? { ...call, tls: { ...call.tls, identity: other } } : { notApplicable: noOtherOne }
}
