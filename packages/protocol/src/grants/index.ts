// Every grant, one line each, and what is issued for it. Metadata and the token endpoint read `grantTypes`.
import type { GrantType } from '../records.ts'

export * from './authorization-code.ts'
export * from './client-credentials.ts'
export * from './device-code.ts'
export * from './exchange-rules.ts'
export * from './front-id-token.ts'
export * from './introspection.ts'
export * from './issue-tokens.ts'
export * from './jwt-bearer.ts'
export type { MatchedGrant, PersonGrant } from './matched-grant.ts'
export * from './refresh-token.ts'
export * from './revocation.ts'
export * from './token-exchange.ts'
export * from './token-request-rules.ts'
export * from './userinfo-rules.ts'

export const grantTypes: readonly GrantType[] = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
]

/** Whether `grant_type` names a grant that has a decision here. */
export function isGrantType(value: string | undefined): value is GrantType {
  return grantTypes.includes(value as GrantType)
}
