// Grants that are off until configured, and what each of them is allowed.
import { z } from 'zod'
import { identifier, jwk, scopeName, seconds } from './shapes.ts'

export const deviceSchema = z
  .strictObject({
    assessment: z
      .string()
      .min(1)
      .describe(
        'Where the risk assessment of cross-device phishing is written down, and who decided (BCP 247): nothing starts without it.',
      ),
    codeSeconds: seconds(60, 1800, 'How long a person has to allow a device.').default(600),
    intervalSeconds: seconds(5, 60, 'Least time between two polls of a device.').default(5),
    scopes: z.array(scopeName).optional().describe('The only scopes that devices may be given; absent: all that their client has.'),
    proximity: z
      .enum(['shown', 'same-network'])
      .default('shown')
      .describe('Whether a person is only told where the device asked from, or must be on the same network (the same public address).'),
    wrongCodes: z
      .int()
      .min(10)
      .max(10_000)
      .default(100)
      .describe('Wrong user codes of all people together in the life of one code, before nobody may type one for a while.'),
  })
  .describe('Device authorization (RFC 8628): devices without a browser. Absent: off.')

export type DeviceConfig = z.output<typeof deviceSchema>

export const exchangeSchema = z
  .strictObject({
    from: z.array(z.string()).min(1).describe('APIs whose tickets it may present: its own, or those it is the server of.'),
    to: z.array(z.string()).min(1).describe('APIs it may get tickets for; with one alone that is the default.'),
    kind: z
      .enum(['delegation', 'impersonation'])
      .default('delegation')
      .describe('delegation: the new ticket says who acts (act). impersonation: it says only whom for; the audit log says the rest.'),
  })
  .describe('Token exchange (RFC 8693) of this client.')

export const assertionIssuerSchema = z
  .strictObject({
    issuer: z.string().min(1).max(500).describe('`iss` of its assertions, compared byte by byte.'),
    jwks: z
      .strictObject({ keys: z.array(jwk).min(1) })
      .optional()
      .describe('Its public keys, by value.'),
    jwksUri: z.url().optional().describe('Where its public keys are fetched from, instead of `jwks`.'),
    algorithms: z
      .array(z.enum(['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519']))
      .min(1)
      .default(['ES256', 'RS256', 'PS256']),
    subjects: z.enum(['username', 'subject']).describe('Whether `sub` of its assertions is a username here, or a subject.'),
    scopes: z.array(scopeName).min(1).describe('The only scopes it may speak for.'),
    apis: z.array(z.string()).min(1).describe('The only APIs it may speak for.'),
    clients: z
      .array(identifier)
      .optional()
      .describe('Clients that may come with its assertions; absent: all that are registered for the grant.'),
    maxLifetimeSeconds: seconds(10, 3600, 'The furthest that `exp` of its assertions may be away.').default(300),
  })
  .describe('An issuer elsewhere whose signed word is taken for who a person is (RFC 7523 §2.1).')

export type AssertionIssuerConfig = z.output<typeof assertionIssuerSchema>
