// Rules of sender-constrained tokens at use and at issue.
import { namedRules } from '../rule.ts'

export const bindingRules = namedRules('binding', {})
