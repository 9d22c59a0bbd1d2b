// What the issuer may fetch from elsewhere. Only re-exports.
export * from './outbound-rules.ts'
