// The product minus a rule, on loopback, with keys and data it made itself. Only re-exports.
export { type LabLaw, lawWithout } from './law-without.ts'
export { onceOnlyRules } from './once-only.ts'
export { type Lab, type LabOptions, startLab } from './start-lab.ts'
