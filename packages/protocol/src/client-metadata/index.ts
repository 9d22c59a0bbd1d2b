// What clients must be like, and their redirect URIs. Only re-exports.
export * from './client-rules.ts'
export * from './logout-uri-rules.ts'
export * from './redirect-uri.ts'
