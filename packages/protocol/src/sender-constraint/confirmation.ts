// Reads `cnf` (RFC 7800 §3.1) of a token: what it is bound to, or that it is not bound at all.
import type { Confirmation } from '../ids.ts'
import type { Broken, Law } from '../rule.ts'

/** `undefined` only where the token has no `cnf`: a token whose `cnf` says nothing we know is refused, never unbound. */
export function readConfirmation(cnf: unknown, law: Law): Confirmation | undefined | Broken {
  throw new Error('pending')
}
