// How clients may register themselves (RFC 7591): closed unless the operator opens it, and never beyond the operator's policy.
import { type ClientAuthMethod, clientAuthMethods, type GrantType, grantTypes, profiles } from '@kimei/protocol'
import { z } from 'zod'
import { builtInScopes } from './built-in-scopes.ts'
import { pairwiseClaims } from './client-outside-schema.ts'
import { binding } from './client-schema.ts'
import { servedGrants } from './grant-checks.ts'
import type { IssuerConfig } from './schema.ts'
import { identifier, jwk, scopeName } from './shapes.ts'

const methods = Object.keys(clientAuthMethods) as [ClientAuthMethod, ...ClientAuthMethod[]]

const policySchema = z
  .strictObject({
    scopes: z
      .array(scopeName)
      .default(['openid', 'profile', 'email', 'offline_access'])
      .describe('Every scope a registered client may have.'),
    apis: z.array(z.string()).default([]).describe('APIs it may ask tokens for; the first is the default audience.'),
    grants: z
      .array(z.enum(grantTypes as [GrantType, ...GrantType[]]))
      .min(1)
      .default(['authorization_code', 'refresh_token']),
    authentication: z.array(z.enum(methods)).min(1).default(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']),
    binding: binding.default('required'),
    pairwiseClaims,
    redirectHosts: z
      .array(z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$|^loopback$|^private-use$/, 'a host, *.host, loopback or private-use'))
      .min(1)
      .optional()
      .describe('Where redirect URIs may stand: app.example, *.app.example (any name below it), loopback, private-use. Absent: anywhere.'),
    dangerouslyAllowWithoutPkce: z
      .boolean()
      .default(false)
      .describe('Take authorization requests of registered confidential clients without code_challenge.'),
    dangerouslyAcceptTokenEndpointAudience: z
      .boolean()
      .default(false)
      .describe('Accept assertions of registered clients whose audience is the token endpoint.'),
  })
  .describe('What every registered client gets at most.')

const limitsSchema = z.strictObject({
  perAddressAndHour: z.int().min(1).max(100_000).default(60).describe('Attempts of one address in an hour.'),
  clients: z.int().min(1).max(1_000_000).default(1000).describe('Registered clients in all.'),
})

const days = (most: number, says: string) => z.int().min(1).max(most).describe(`${says} Days.`)

export const registrationSchema = z
  .strictObject({
    mode: z
      .enum(['closed', 'token', 'open'])
      .default('closed')
      .describe('closed: no endpoint. token: whoever has an initial access token. open: everybody, watched and limited.'),
    initialAccessTokens: z
      .array(
        z.strictObject({
          id: identifier.describe('What the audit log calls it.'),
          hash: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'base64url SHA-256 of the token, 43 characters'),
          expiresAt: z.iso.datetime({ offset: true }).optional(),
        }),
      )
      .default([])
      .describe('Tokens that let somebody register, by their SHA-256.'),
    policy: policySchema.prefault({}),
    limits: limitsSchema.prefault({}),
    firstUseDays: days(365, 'A client that is never used is forgotten after so many.').default(7),
    unusedDays: days(3650, 'A client that was used is forgotten so long after its last use.').default(90),
    secretDays: days(3650, 'How long a client secret lives; a change in its second half brings a new one. Absent: for ever.').optional(),
    softwareStatements: z
      .strictObject({
        required: z.boolean().default(false).describe('Refuse registrations without a software statement.'),
        issuers: z
          .array(
            z.strictObject({
              issuer: z.string().min(1),
              jwks: z.strictObject({ keys: z.array(jwk).min(1) }),
              softwareIds: z.array(z.string().min(1)).min(1).optional().describe('Approved software_id values. Absent: any.'),
            }),
          )
          .min(1)
          .describe('Who may say what a client is, and the keys they sign with.'),
      })
      .optional(),
  })
  .describe('Registration of clients by themselves (RFC 7591) and its management (RFC 7592).')

export type RegistrationConfig = z.output<typeof registrationSchema>

/** Sentences about what is wrong; empty when nothing is. */
export function checkRegistration(config: IssuerConfig): readonly string[] {
  const { mode, policy, initialAccessTokens, unusedDays } = config.registration
  if (mode === 'closed') return []
  const scopes = new Set([...config.scopes, ...builtInScopes].map(({ scope }) => scope))
  const apis = new Set(config.apis.map(({ identifier: id }) => id))
  const bound = policy.binding === 'required' || policy.binding.kind === 'required'
  const strict = config.profile !== 'oauth21' && config.profile !== 'mcp'
  const strong: readonly ClientAuthMethod[] = (profiles[config.profile].clientAuthentication ?? []).filter((method) => method !== 'none')
  const demands: readonly (readonly [holds: boolean, says: string])[] = [
    [mode !== 'token' || initialAccessTokens.length > 0, 'registration.mode is token, but there is no initialAccessTokens entry'],
    [
      unusedDays * 86_400 >= config.lifetimes.refreshIdleSeconds,
      'registration.unusedDays is shorter than lifetimes.refreshIdleSeconds: clients would go before their refresh tokens',
    ],
    [
      !strict || (bound && policy.authentication.every((method) => strong.includes(method))),
      `profile ${config.profile}: registration.policy must have binding "required" and authentication ${strong.join(', ')} alone`,
    ],
    [
      !strict || !(policy.dangerouslyAllowWithoutPkce || policy.dangerouslyAcceptTokenEndpointAudience),
      `profile ${config.profile}: registration.policy has a key that begins with dangerously, which is not allowed`,
    ],
    [
      !policy.dangerouslyAllowWithoutPkce || policy.authentication.some((method) => method !== 'none'),
      'registration.policy.dangerouslyAllowWithoutPkce is for clients that authenticate, and the policy allows none',
    ],
  ]
  const served = servedGrants(config)
  return [
    ...policy.grants
      .filter((grant) => !served.includes(grant))
      .map((grant) => `registration.policy has grant ${grant}, which is not configured`),
    ...demands.filter(([holds]) => !holds).map(([, says]) => says),
    ...policy.scopes
      .filter((scope) => !scopes.has(scope))
      .map((scope) => `registration.policy has scope "${scope}", which is not declared`),
    ...policy.apis.filter((api) => !apis.has(api)).map((api) => `registration.policy has API "${api}", which is not declared`),
  ]
}
