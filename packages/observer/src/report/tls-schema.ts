// The published shape of what the handshakes of a place showed. The rest of the report stands in `schema.ts`.
import { z } from 'zod'

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly()
const texts = list(z.string())

export const tls = z.strictObject({
  at: z.string(),
  mode: z.enum(['not-requested', 'optional', 'required-in-http', 'required-in-tls', 'not-observable']),
  versions: list(
    z.strictObject({
      version: z.enum(['TLSv1.2', 'TLSv1.3']),
      asked: z.enum(['requested', 'not-requested', 'not-spoken', 'not-observable']),
      mode: z.enum(['not-requested', 'optional', 'required-in-http', 'required-in-tls', 'not-observable', 'not-spoken']),
      reason: z.string().optional(),
      authorities: texts,
      furtherAuthorities: z.number().int(),
      signatureAlgorithms: texts,
      withoutCertificate: z.string(),
      renegotiates: z.boolean(),
    }),
  ),
  evidence: texts,
})
