// DPoP, RFC 9449. Only re-exports.
export * from './build-proof.ts'
export * from './check-proof.ts'
export * from './htu.ts'
export * from './nonce.ts'
export * from './parse-proof.ts'
export * from './proof-rules.ts'
export type * from './verified-proof.ts'
