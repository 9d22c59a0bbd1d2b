// Metadata of the issuer. Only re-exports.
export * from './server-metadata.ts'
export * from './signed-metadata.ts'
