// A certificate told by a TLS terminator in front (RFC 9440 and the formats beside it). Only re-exports.
export { type ForwardedFormatName, forwardedFormatNames, forwardedFormats } from './formats.ts'
export * from './forwarding-rules.ts'
export * from './read-forwarded.ts'
export * from './write-forwarded.ts'
