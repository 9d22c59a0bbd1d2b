// The holder in one import. Only re-exports.

export { openDevice } from '#device'
export * from './challenges.ts'
export { createClientCredentials } from './client-credentials.ts'
export type * from './contract.ts'
export { createMemoryDevice } from './device/memory.ts'
export { asksForAnotherTry, createDpopFetch } from './dpop-fetch.ts'
export * from './holder-error.ts'
export * from './nonce-jar.ts'
export { createOriginClock } from './origin-clock.ts'
export { accountName } from './profile.ts'
export { type ResourceMetadata, readChallengedMetadata, readResourceMetadata } from './resource-metadata.ts'
export { createSession } from './session.ts'
