// How a client is declared whose keys stand at a URL of its own.
import type { ClientOutside } from '@kimei/protocol'
import { z } from 'zod'

/** Keys of a client. */
export const clientOutsideShape = {
  subjectType: z
    .enum(['public', 'pairwise'])
    .default('public')
    .describe('pairwise: this client knows people by names that no client of another sector knows.'),
  sectorIdentifierUri: z
    .string()
    .optional()
    .describe(
      'Names the sector of a pairwise client, and leads to a JSON array of all its redirect URIs. Absent: the host of its redirect URIs.',
    ),
  dangerouslyChangeSubjects: z
    .boolean()
    .default(false)
    .describe('Let the sector of a pairwise client become another one: its people become strangers to it.'),
  jwksUri: z
    .string()
    .optional()
    .describe('Where its public keys are published, instead of `jwks`: fetched, kept for minutes, fetched again when a new key shows up.'),
}

type Declared = z.output<z.ZodObject<typeof clientOutsideShape>>

/** Only what differs from saying nothing is recorded. */
export function declareOutside(client: Declared): ClientOutside {
  const { jwksUri, subjectType, sectorIdentifierUri } = client
  return {
    ...(jwksUri !== undefined && { jwksUri }),
    ...(subjectType === 'pairwise' && { subjectType, ...(sectorIdentifierUri !== undefined && { sectorIdentifierUri }) }),
  }
}
