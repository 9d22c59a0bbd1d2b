// Certificate-bound tokens, RFC 8705. Only re-exports.
export * from './certificate.ts'
export type * from './certificate-facts.ts'
export * from './expected-subject.ts'
export * from './forwarded/index.ts'
export * from './ip-address.ts'
export * from './name-attributes.ts'
export * from './registered-certificate.ts'
export * from './subject-name.ts'
