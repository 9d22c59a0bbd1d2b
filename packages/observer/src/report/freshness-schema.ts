// The published shape of what says that proofs are new at an API, and how new. The rest of the report stands in `schema.ts`.
import { z } from 'zod'
import type { Freshness } from '../freshness.ts'

const edge = z.strictObject({ accepted: z.number().int(), refused: z.number().int() })

export const freshness = z.strictObject({
  by: z.enum(['iat', 'nonce', 'nothing', 'unknown']),
  window: z.strictObject({ past: edge, future: edge }).optional(),
}) satisfies z.ZodType<Freshness>
