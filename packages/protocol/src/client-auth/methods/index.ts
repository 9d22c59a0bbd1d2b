// Every client authentication method, one line each: metadata, registration checks and endpoints read this list.
import type { ClientAuthMethod } from '../../records.ts'
import { clientSecretBasic, clientSecretPost } from './client-secret.ts'
import { clientSecretJwt } from './client-secret-jwt.ts'
import type { ClientAuthMethodRow } from './method.ts'
import { none } from './none.ts'
import { privateKeyJwt } from './private-key-jwt.ts'
import { selfSignedTlsClientAuth } from './self-signed-tls-client-auth.ts'
import { tlsClientAuth } from './tls-client-auth.ts'

export const clientAuthMethods: Readonly<Record<ClientAuthMethod, ClientAuthMethodRow>> = {
  private_key_jwt: privateKeyJwt,
  client_secret_basic: clientSecretBasic,
  client_secret_post: clientSecretPost,
  client_secret_jwt: clientSecretJwt,
  tls_client_auth: tlsClientAuth,
  self_signed_tls_client_auth: selfSignedTlsClientAuth,
  none,
}
export type * from './method.ts'
