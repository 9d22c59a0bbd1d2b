// Reads `cnf` (RFC 7800 §3.1) of a token: what it is bound to, or that it is not bound at all.
import { type Confirmation, isThumbprint } from '../ids.ts'
import { isJsonObject } from '../jose/index.ts'
import { type Broken, broke, type Law, must } from '../rule.ts'
import { confirmationRules } from './binding-rules.ts'

/** `undefined` only where the token has no `cnf`: a token whose `cnf` says nothing we know is refused, never unbound. */
export function readConfirmation(cnf: unknown, law: Law): Confirmation | undefined | Broken {
  if (cnf === undefined) return undefined
  const jkt = isJsonObject(cnf) ? cnf['jkt'] : undefined
  const x5t = isJsonObject(cnf) ? cnf['x5t#S256'] : undefined
  const known = jkt !== undefined || x5t !== undefined
  const unknown = must(confirmationRules, 'binding.cnf-is-known', known, law, () => ({
    expected: 'jkt or x5t#S256',
    received: isJsonObject(cnf) ? Object.keys(cnf).slice(0, 8) : typeof cnf,
  }))
  if (unknown !== undefined) return unknown
  if (!known) return undefined
  if ((jkt !== undefined && !isThumbprint(jkt)) || (x5t !== undefined && !isThumbprint(x5t))) {
    return broke(confirmationRules, 'binding.thumbprint-is-sha256')
  }
  return { ...(jkt !== undefined && { jkt }), ...(x5t !== undefined && { 'x5t#S256': x5t }) }
}
