// A token request without anything that its ticket could be bound to: no proof, and no certificate where tickets are bound to one.
import type { EditKit } from '../probe.ts'
import type { FormCall } from './plans.ts'

/** A certificate that the client only authenticates by stays: without it nobody would get as far as the question. */
export function unproven({ tls, ...call }: FormCall, { facts }: Pick<EditKit, 'facts'>): FormCall {
  const bare = { ...call, proofs: [] }
  if (tls === undefined) return bare
  return { ...bare, tls: facts['boundBy'] === 'key' ? tls : {} }
}
