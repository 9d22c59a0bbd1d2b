// The shape of an issuer's configuration: one schema makes the types, the checks and the JSON Schema. Unknown keys are refused.
// Checks that compare several keys stand in checks.ts.
import { isPeerRange } from '@kimei/guard'
import type { Issuer, PublicJwk, Seconds } from '@kimei/protocol'
import { z } from 'zod'
import { authenticationSchema, totpSecret } from './authentication-schema.ts'
import { clientDocumentsSchema } from './client-documents-schema.ts'
import { clientSchema } from './client-schema.ts'
import { detailTypeSchema } from './detail-types.ts'
import { assertionIssuerSchema, deviceSchema } from './grants-schema.ts'
import { mtlsSchema } from './mtls-schema.ts'
import { outboundSchema } from './outbound-schema.ts'
import { registrationSchema } from './registration-schema.ts'
import { requestObjectsShape } from './request-object-schema.ts'
import { identifier, profileName, scopeName, seconds, text } from './shapes.ts'

const proofAlgorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'EdDSA', 'Ed25519'] as const

const accessTokenFormat = z.enum(['jwt', 'opaque'])

export const apiSchema = z.strictObject({
  identifier: z.string().describe('Absolute URI without fragment: the `aud` of its tokens.'),
  name: text,
  scopes: z.array(scopeName).default([]),
  accessTokenLifetimeSeconds: seconds(30, 3600, 'How long its access tokens live.').optional(),
  accessTokenFormat: accessTokenFormat
    .optional()
    .describe('jwt: the API reads the token itself. opaque: it asks the issuer about each, so that a revocation is seen.'),
})

export const scopeSchema = z.strictObject({
  scope: scopeName,
  description: text,
  claims: z.array(z.string()).default([]).describe('UserInfo claims it releases.'),
})

export const userSchema = z.strictObject({
  username: z.string().min(1).max(200),
  subject: z
    .string()
    .regex(/^[\x21-\x7E]{1,255}$/, 'at most 255 ASCII characters')
    .optional()
    .describe('`sub`, never reassigned. Made at random when absent.'),
  passwordHash: z.string().regex(/^\$argon2id\$/, 'an argon2id PHC string'),
  totpSecret,
  claims: z.record(z.string(), z.unknown()).default({}),
  disabled: z.boolean().default(false),
})

export const lifetimesSchema = z.strictObject({
  codeSeconds: seconds(10, 600, 'Authorization codes.').default(60),
  accessTokenSeconds: seconds(30, 3600, 'Access tokens.').default(300),
  idTokenSeconds: seconds(30, 86_400, 'ID tokens.').default(300),
  refreshIdleSeconds: seconds(60, 365 * 86_400, 'A refresh token that is not used.').default(14 * 86_400),
  refreshAbsoluteSeconds: seconds(60, 2 * 365 * 86_400, 'All refresh tokens of one sign-in.').default(90 * 86_400),
  pushedRequestSeconds: seconds(5, 599, 'A pushed authorization request, until somebody begins with it.').default(60),
  interactionSeconds: seconds(60, 3600, 'A request waiting for its person.').default(900),
  sessionIdleSeconds: seconds(60, 30 * 86_400, 'A browser sign-in that is not used.').default(8 * 3600),
  sessionAbsoluteSeconds: seconds(60, 90 * 86_400, 'A browser sign-in.').default(24 * 3600),
  accessHistorySeconds: seconds(3600, 2 * 365 * 86_400, 'How long people can see which app read what of them.').default(90 * 86_400),
  consentSeconds: seconds(60, 2 * 365 * 86_400, 'How long a consent is remembered.').default(90 * 86_400),
})

export const dpopSchema = z.strictObject({
  algorithms: z
    .array(z.enum(proofAlgorithms))
    .min(1)
    .default([...proofAlgorithms]),
  proofPastSeconds: seconds(10, 600, 'How old a proof may be.').default(60),
  proofFutureSeconds: seconds(10, 60, 'How far ahead a proof may be dated.').default(15),
  nonce: z
    .strictObject({
      token: z.enum(['off', 'required']).default('off'),
      userinfo: z.enum(['off', 'required']).default('off'),
    })
    .default({ token: 'off', userinfo: 'off' })
    .describe('Whether a proof must carry a nonce of this server, for each endpoint.'),
  nonceLifetimeSeconds: seconds(30, 3600, 'How long one nonce is accepted.').default(300),
})

export const refreshSchema = z.strictObject({
  repeatWindowSeconds: seconds(0, 60, 'How long an honest duplicate of a bound refresh gets the same successor.').default(60),
  unboundRepeatWindowSeconds: seconds(0, 10, 'The same for a family bound to no key.').default(10),
})

export const keysSchema = z.strictObject({
  publishSeconds: seconds(0, 7 * 86_400, 'How long a new key is published before it signs.').default(600),
  jwksMaxAgeSeconds: seconds(0, 86_400, 'How long verifiers may cache the key set.').default(300),
})

export const limitsSchema = z.strictObject({
  bodyBytes: z.int().min(4096).max(1_048_576).default(65_536),
  headerBytes: z.int().min(8192).max(131_072).default(32_768),
  requestSeconds: seconds(5, 120, 'A request must have arrived by then.').default(20),
})

export const forwardedSchema = z
  .strictObject({
    peers: z
      .array(z.string().refine(isPeerRange, 'an IP address or a range like 10.0.0.0/8'))
      .min(1)
      .describe('Addresses or ranges of your own proxies.'),
    header: z.enum(['x-forwarded-for', 'forwarded']).default('x-forwarded-for'),
  })
  .describe("Whose forwarded header tells the address of the caller. Anybody else's is ignored.")

export const issuerSchema = z.strictObject({
  issuer: z.string().describe('The issuer identifier: https, without query and fragment; http on loopback only.'),
  profile: profileName,
  name: text.default({ ja: 'Kimei', en: 'Kimei' }),
  lifetimes: lifetimesSchema.prefault({}),
  dpop: dpopSchema.prefault({}),
  refresh: refreshSchema.prefault({}),
  keys: keysSchema.prefault({}),
  limits: limitsSchema.prefault({}),
  forwarded: forwardedSchema.optional(),
  outbound: outboundSchema.prefault({}),
  clientIdMetadataDocuments: clientDocumentsSchema.prefault({}),
  registration: registrationSchema.prefault({}),
  mtls: mtlsSchema.optional(),
  apis: z.array(apiSchema).default([]),
  scopes: z.array(scopeSchema).default([]),
  accessTokenFormat: accessTokenFormat.default('jwt').describe('Of tokens for APIs that say nothing else, and for UserInfo.'),
  clients: z.array(clientSchema).default([]),
  users: z.array(userSchema).default([]),
  authorizationDetailsTypes: z.array(detailTypeSchema).default([]),
  authentication: authenticationSchema.prefault({}),
  serverKeys: z
    .array(z.strictObject({ id: identifier, key: z.string().regex(/^[A-Za-z0-9_-]{43}$/, '32 bytes in base64url, 43 characters') }))
    .default([])
    .describe('Keys that seal private keys at rest; the first seals, the others only open.'),
  requirePushedAuthorizationRequests: z
    .boolean()
    .default(false)
    .describe('Refuse every authorization request that was not pushed (RFC 9126).'),
  ...requestObjectsShape,
  deviceAuthorization: deviceSchema.optional(),
  assertionIssuers: z.array(assertionIssuerSchema).default([]),
  dangerouslyAllowLongAccessTokens: z.boolean().default(false).describe('Allow access tokens that live longer than 600 seconds.'),
})

/** What a person may write. */
export type IssuerConfigInput = z.input<typeof issuerSchema>
/** Checked, with every default in place. */
export type IssuerConfig = Readonly<z.output<typeof issuerSchema>> & { readonly issuer: Issuer }
export type { ClientConfig } from './client-schema.ts'
export type ApiConfig = z.output<typeof apiSchema>
export type ScopeConfig = z.output<typeof scopeSchema>
export type UserConfig = z.output<typeof userSchema>
export type { PublicJwk, Seconds }
