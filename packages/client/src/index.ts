// The holder in one import. Only re-exports.
export * from './challenges.ts'
export type * from './contract.ts'
export { asksForAnotherTry, createDpopFetch } from './dpop-fetch.ts'
export * from './holder-error.ts'
export * from './nonce-jar.ts'
export { createOriginClock } from './origin-clock.ts'
