// What clients must be like, and their redirect URIs. Only re-exports.
export * from './client-of-metadata.ts'
export * from './client-rules.ts'
export * from './logout-uri-rules.ts'
export * from './metadata-members.ts'
export * from './metadata-rules.ts'
export * from './read-metadata.ts'
export * from './redirect-uri.ts'
