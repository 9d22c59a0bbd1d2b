// The guard's public face. Only re-exports.
export { admittedOf } from './adapters/admitted.ts'
export { type AuditLines, type AuditLinesOptions, makeAuditLines } from './audit-lines.ts'
export { type CertificateSource, makeCertificateSource } from './certificates/certificate-source.ts'
export { isPeerRange, peerMatcher } from './config/addresses.ts'
export { type CertificatesConfig, certificatesKey } from './config/certificates-schema.ts'
export { parseGuardConfig } from './config/parse-config.ts'
export {
  type ConstraintDemand,
  type GuardConfig,
  type GuardConfigInput,
  guardSchema,
  type NonceDemand,
  type RouteConfig,
} from './config/schema.ts'
export type * from './contract.ts'
export type * from './facts.ts'
export { createGuard } from './guard.ts'
export { IntrospectionUnavailable, inactiveToken, type LookupOrder, type TokenLookup } from './introspection/token-lookup.ts'
export { fetchJwks } from './keys/fetch-jwks.ts'
export { type FetchedKeysOptions, fetchedKeys } from './keys/fetched-keys.ts'
export { makeKeyRing } from './keys/key-ring.ts'
export { type KeySource, KeysUnavailable } from './keys/key-source.ts'
export { staticKeys } from './keys/static-keys.ts'
export { metadataLocation, type ResourceMetadata, type ResourceMetadataDocument } from './resource-metadata.ts'
