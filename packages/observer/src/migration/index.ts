// What people have of OAuth 2.0, read without touching a server: which of it OAuth 2.1 no longer allows. Only re-exports.

export * from './checked.ts'
export type { Finding as MigrationFinding, FindingId as MigrationFindingId, FindingKind, Severity } from './finding.ts'
export { findingKinds } from './finding.ts'
export type { SourceKind } from './old-setup.ts'
export { sourceKinds } from './old-setup.ts'
export { largestOldSetup } from './recognize.ts'
export * from './render.ts'
export * from './write-clients.ts'
