// How the guard asks the issuer about tokens it cannot read, or must not trust to be unrevoked.
import { tokenAlgorithms } from '@kimei/protocol'
import { z } from 'zod'

const privateJwk = z
  .looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']), kid: z.string().min(1), alg: z.enum(tokenAlgorithms), d: z.string().min(1) })
  .describe('a private JWK with kid and alg, as `kimei config make-key` prints it')

export const introspectionSchema = z
  .strictObject({
    endpoint: z.string().optional().describe('default: introspection_endpoint of the issuer’s metadata'),
    clientId: z.string().min(1).describe('this API as a client of the issuer'),
    authentication: z.discriminatedUnion('method', [
      z.strictObject({ method: z.literal('private_key_jwt'), key: privateJwk }),
      z.strictObject({ method: z.literal('client_secret_basic'), secret: z.string().min(1) }),
    ]),
    signed: z
      .enum(['preferred', 'required', 'off'])
      .default('preferred')
      .describe('answers signed by the issuer (RFC 9701): asked for, insisted on, or not asked for'),
    cacheSeconds: z
      .int()
      .min(0)
      .max(300)
      .default(10)
      .describe('how long an answer is believed, and so how long a revocation may go unseen; 0 asks on every request'),
    cache: z.int().min(1).max(1_000_000).default(10_000).describe('answers remembered, by hash of the token'),
    mostAtOnce: z.int().min(1).max(10_000).default(64).describe('questions at the issuer at once; beyond them callers get 503'),
    timeoutSeconds: z.int().min(1).max(30).default(5),
  })
  .describe('whom to ask about opaque tokens; without it only JWTs are taken')

export type IntrospectionConfig = z.output<typeof introspectionSchema>
