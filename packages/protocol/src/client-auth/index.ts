// Client authentication. Only re-exports.
export * from './assertion-rules.ts'
export type * from './authenticated-client.ts'
export * from './certificate-rules.ts'
export * from './check-client.ts'
export * from './client-auth-rules.ts'
export * from './mac-algorithms.ts'
export * from './methods/index.ts'
