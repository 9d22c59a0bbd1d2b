// How a client is declared whose keys stand at a URL of its own.
import type { ClientOutside } from '@kimei/protocol'
import { z } from 'zod'

/** Keys of a client. */
export const clientOutsideShape = {
  jwksUri: z
    .string()
    .optional()
    .describe('Where its public keys are published, instead of `jwks`: fetched, kept for minutes, fetched again when a new key shows up.'),
}

type Declared = z.output<z.ZodObject<typeof clientOutsideShape>>

/** Only what differs from saying nothing is recorded. */
export function declareOutside(client: Declared): ClientOutside {
  return { ...(client.jwksUri !== undefined && { jwksUri: client.jwksUri }) }
}
