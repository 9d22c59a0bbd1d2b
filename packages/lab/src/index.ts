// The product minus a rule, on loopback, with keys and data it made itself. Only re-exports.
export * from './law-without.ts'
