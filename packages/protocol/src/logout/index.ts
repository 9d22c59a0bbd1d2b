// Signing out: at the request of a client, and telling the others. Only re-exports.
export * from './end-sign-ins.ts'
export * from './logout-rules.ts'
export * from './logout-token.ts'
export * from './logout-token-rules.ts'
