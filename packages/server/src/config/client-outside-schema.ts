// How a client is declared whose keys stand at a URL of its own.
import { type ClientOutside, sharedByMany } from '@kimei/protocol'
import { z } from 'zod'

/** What pairwise clients are told of people beyond their name for them. */
export const pairwiseClaims = z
  .union([
    z.enum(['all', 'private']),
    z.strictObject({ kind: z.literal('private'), except: z.array(z.string().min(1)).describe('Claims that are told all the same.') }),
  ])
  .default('all')
  .describe(
    `private, for pairwise clients: they are told ${sharedByMany.join(' and ')} and what \`except\` lists, and nothing else. A name, an address or a picture that other clients know too would undo names of their own.`,
  )

/** `undefined`: everything that scopes tell. */
export function declarePrivate(claims: z.output<typeof pairwiseClaims>): readonly string[] | undefined {
  if (claims === 'all') return undefined
  return claims === 'private' ? sharedByMany : [...new Set([...sharedByMany, ...claims.except])]
}

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
  pairwiseClaims,
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
  const privateClaims = declarePrivate(client.pairwiseClaims)
  return {
    ...(jwksUri !== undefined && { jwksUri }),
    ...(subjectType === 'pairwise' && { subjectType, ...(sectorIdentifierUri !== undefined && { sectorIdentifierUri }) }),
    ...(privateClaims && { privateClaims }),
  }
}
