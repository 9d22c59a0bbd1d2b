// Issuers in the inventory: where they are, what their owner says of them, and which of their own addresses may be asked.
// Clients and APIs stand in `inventory.ts`.
import { z } from 'zod'
import { id, secret, url } from './values.ts'

const seconds = z.number().int().positive()

/** One issuer of the inventory. */
export const issuerSchema = z.strictObject({
  id,
  url,
  tokenEndpoint: url,
  /** Where clients with certificates ask. Left out: the alias that the issuer publishes, where the inventory allows its host. */
  mtlsTokenEndpoint: url.optional(),
  /** What its owner says it does; compared with what is seen. */
  claims: z.enum(['dpop', 'mtls', 'bearer', 'unknown']).default('unknown'),
  /** Another API of this issuer: a ticket for it must not pass at those of the inventory. */
  elsewhere: z.strictObject({ resource: z.string().min(1), scope: z.string().min(1) }).optional(),
  /** What its owner says about lifetimes, for probes of expiry. */
  lifetimes: z.strictObject({ codeSeconds: seconds.optional(), refreshIdleSeconds: seconds.optional() }).default({}),
  /** Whether its owner says that proofs need a nonce at the token endpoint. */
  nonce: z.enum(['off', 'required', 'unknown']).default('unknown'),
  /** Account, administration or SCIM addresses of the issuer itself that a GET with a ticket of a test client opens. */
  ownApis: z
    .array(
      z.strictObject({
        id,
        url,
        scope: z.string().min(1).optional(),
        resource: z.string().min(1).optional(),
        /** Whose ticket opens it. Left out: every client asks. */
        client: id.optional(),
      }),
    )
    .default([]),
  /** A test client may be registered here; it is deleted in the same breath. Left out: nothing is ever registered. */
  registration: z
    .strictObject({
      initialAccessToken: secret.optional(),
      /** Members that this issuer wants in a registration. */
      metadata: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
})

type IssuerEntries = readonly Pick<z.output<typeof issuerSchema>, 'id' | 'url' | 'tokenEndpoint' | 'ownApis'>[]

/** Everything of the issuers that requests go to. */
export function touchedAtIssuers(issuers: IssuerEntries): [where: string, target: URL][] {
  return issuers.flatMap((entry): [string, URL][] => [
    [`issuers.${entry.id}.url`, new URL(entry.url)],
    [`issuers.${entry.id}.tokenEndpoint`, new URL(entry.tokenEndpoint)],
    ...entry.ownApis.map((one): [string, URL] => [`issuers.${entry.id}.ownApis.${one.id}`, new URL(one.url)]),
  ])
}
