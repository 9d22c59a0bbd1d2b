// RFC 9449 §4.3 as values, in the order in which they are judged.
import { namedRules } from '../rule.ts'

export const proofShapeRules = namedRules('proof', {})
