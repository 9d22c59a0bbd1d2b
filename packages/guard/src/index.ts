// The guard's public face. Only re-exports.
export { admittedOf } from './adapters/admitted.ts'
export * from './config/schema.ts'
export type * from './contract.ts'
export type * from './facts.ts'
export { type KeyChoice, type KeySource, KeysUnavailable } from './keys/key-source.ts'
export type { ResourceMetadata, ResourceMetadataDocument } from './resource-metadata.ts'
