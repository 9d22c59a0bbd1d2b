// Certificate-bound tokens, RFC 8705. Only re-exports.
export * from './certificate.ts'
