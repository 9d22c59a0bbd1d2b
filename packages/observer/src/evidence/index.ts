// Passive evidence: what is read without asking anybody. Only re-exports.
export { type AuditFields, auditFieldNames } from './audit.ts'
export { knownPlaces } from './place-of.ts'
export { type EvidenceOptions, readEvidence } from './read-evidence.ts'
export { type PassiveKind, type PassiveReading, type PassiveStatement, passiveKinds } from './reading.ts'
export type { Bytes } from './text-pieces.ts'
export { renderReadings } from './words.ts'
