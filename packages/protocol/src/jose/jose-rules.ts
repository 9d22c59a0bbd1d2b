// Rules of every signed message: compact form, header, key. RFC 7515, 7517, 7518, 8725.
import { namedRules } from '../rule.ts'

export const joseRules = namedRules('request', {})
