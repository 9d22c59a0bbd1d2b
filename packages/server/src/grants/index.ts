// Every grant the token endpoint serves, one line each.
import type { Form, GrantType, Refusal } from '@kimei/protocol'
import type { TokenOrder, TokenResponse } from '../steps/issue-tokens.ts'
import { grantAuthorizationCode } from './authorization-code.ts'
import { grantClientCredentials } from './client-credentials.ts'
import { grantDeviceCode } from './device-code.ts'
import { grantJwtBearer } from './jwt-bearer.ts'
import { grantRefreshToken } from './refresh-token.ts'
import { grantTokenExchange } from './token-exchange.ts'

export type GrantHandler = (order: TokenOrder, form: Form) => Promise<TokenResponse | Refusal>

export const grantHandlers: Readonly<Record<GrantType, GrantHandler>> = {
  authorization_code: grantAuthorizationCode,
  refresh_token: grantRefreshToken,
  client_credentials: grantClientCredentials,
  'urn:ietf:params:oauth:grant-type:device_code': grantDeviceCode,
  'urn:ietf:params:oauth:grant-type:token-exchange': grantTokenExchange,
  'urn:ietf:params:oauth:grant-type:jwt-bearer': grantJwtBearer,
}
