// Rules that only a protected resource enforces. Only re-exports.
export * from './access-rules.ts'
export * from './framing-rules.ts'
export * from './hop-rules.ts'
export * from './path-rules.ts'
export * from './tables.ts'
