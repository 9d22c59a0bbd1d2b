// Access tokens and ID tokens. Only re-exports.

export * from './access-token.ts'
export * from './authorization-response.ts'
export * from './id-token.ts'
export * from './introspection-answer.ts'
export * from './opaque-token.ts'
export * from './pairwise.ts'
export type { AccessTokenMemory, KeyQuestion, SignatureExpectation } from './signed-token.ts'
export { checkSignature, makeAccessTokenMemory } from './signed-token.ts'
export * from './token-hash.ts'
export * from './token-rules.ts'
export * from './told-token-rules.ts'
export * from './userinfo-answer.ts'
