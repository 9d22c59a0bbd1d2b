// Rules that only a protected resource enforces. Only re-exports.
export * from './access-rules.ts'
export * from './path-rules.ts'
