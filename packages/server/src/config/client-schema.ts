// How a client is declared.
import { type ClientAuthMethod, clientAuthMethods, type GrantType, grantTypes } from '@kimei/protocol'
import { z } from 'zod'
import { clientCertificateShape } from './certificate-methods.ts'
import { clientLogoutShape, clientWordsShape } from './client-logout-schema.ts'
import { clientOutsideShape } from './client-outside-schema.ts'
import { exchangeSchema } from './grants-schema.ts'
import { clientRequestObjectsShape } from './request-object-schema.ts'
import { responseKeys } from './response-keys.ts'
import { identifier, jwk, scopeName, text } from './shapes.ts'

export const binding = z
  .union([
    z.literal('required'),
    z.strictObject({
      kind: z.literal('required'),
      by: z
        .enum(['key', 'certificate', 'both'])
        .default('key')
        .describe('key: of a DPoP proof. certificate: of the connection (mutual TLS). both: each of them, in one token.'),
    }),
    z.strictObject({ kind: z.literal('optional'), reason: z.string().min(1).describe('Why tokens of this client may stay unbound.') }),
    z.strictObject({
      kind: z.literal('bearer'),
      reason: z.string().min(1).describe('Why tokens of this client are bearer tokens; whoever signs for it writes it here.'),
      until: z.iso.datetime({ offset: true }).optional().describe('After this instant the permission is gone.'),
    }),
  ])
  .describe('What access tokens of this client are bound to. Bearer needs a reason.')

export const clientSchema = z
  .strictObject({
    clientId: identifier,
    kind: z.enum(['spa', 'mobile', 'server']).describe('spa and mobile are public clients; server is confidential.'),
    name: text,
    redirectUris: z.array(z.string()).default([]).describe('Exact; loopback (127.0.0.1, [::1], localhost) may differ in port.'),
    authentication: z.enum(Object.keys(clientAuthMethods) as [ClientAuthMethod, ...ClientAuthMethod[]]).optional(),
    authenticationAlg: z.string().optional().describe('The one algorithm of its assertions. Absent: any; of client_secret_jwt HS256.'),
    secrets: z
      .array(z.string().min(1))
      .default([])
      .describe('Of client_secret_jwt alone: shared secrets of at least 32 random octets, stored sealed under the first server key.'),
    secretHashes: z
      .array(z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'base64url SHA-256 of the generated secret, 43 characters'))
      .default([])
      .describe('SHA-256 of generated 256-bit secrets; several while one replaces another.'),
    jwks: z
      .strictObject({ keys: z.array(jwk) })
      .optional()
      .describe('Public keys of private_key_jwt; of self_signed_tls_client_auth each with its certificate as x5c.'),
    ...clientCertificateShape,
    grants: z.array(z.enum(grantTypes as [GrantType, ...GrantType[]])).optional(),
    scopes: z.array(scopeName).default([]),
    apis: z.array(z.string()).default([]).describe('Identifiers of the APIs it may ask tokens for; the first is the default audience.'),
    authorizationDetailsTypes: z.array(z.string()).default([]).describe('Types of authorization details it may ask for (RFC 9396).'),
    introspects: z
      .array(z.string())
      .default([])
      .describe('Identifiers of the APIs this client is the server of: it may ask the issuer about their tokens (introspection).'),
    introspectionAlg: z.enum(['RS256', 'ES256']).default('RS256').describe('Signs the answers it asks for in signed form.'),
    binding: binding.default('required'),
    idTokenAlg: z.enum(['RS256', 'ES256']).default('RS256'),
    ...responseKeys,
    requirePushedAuthorizationRequests: z
      .boolean()
      .default(false)
      .describe('Refuse authorization requests of this client that were not pushed (RFC 9126).'),
    ...clientRequestObjectsShape,
    ...clientLogoutShape,
    ...clientWordsShape,
    ...clientOutsideShape,
    exchange: exchangeSchema.optional(),
    disabled: z.boolean().default(false),
    dangerouslyAcceptTokenEndpointAudience: z
      .boolean()
      .default(false)
      .describe('Accept client assertions whose audience is the token endpoint, for clients that cannot be changed.'),
    dangerouslyAllowWithoutPkce: z
      .boolean()
      .default(false)
      .describe('Take authorization requests of this confidential client without code_challenge; one that is sent counts as always.'),
  })
  .describe('An application that may ask this issuer for tickets.')

export type ClientConfig = z.output<typeof clientSchema>
