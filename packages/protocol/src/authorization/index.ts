// The authorization request and what it asks for. Only re-exports.
export * from './ask-rules.ts'
export * from './authorization-rules.ts'
export * from './claims-request.ts'
export * from './default-scope.ts'
export * from './next-step.ts'
export * from './page-rules.ts'
export * from './pushed-request.ts'
export * from './read-request.ts'
