// Everything the law says, in one import. Only re-exports.
export * from './ids.ts'
export * from './records.ts'
export * from './refusal.ts'
export * from './rule.ts'
export * from './wire-errors.ts'
export * from './writes.ts'
