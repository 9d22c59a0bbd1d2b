// Rules of self-contained tokens.
import { namedRules } from '../rule.ts'

export const tokenShapeRules = namedRules('access-token', {})
