// Where the certificate of a caller comes from. One way is configured; none is ever guessed.
import { z } from 'zod'

export const certificatesSchema = z
  .discriminatedUnion('from', [z.strictObject({ from: z.literal('connection') }).describe('the TLS layer of this process saw it')])
  .describe("where the caller's certificate comes from")

export type CertificatesConfig = z.output<typeof certificatesSchema>
export const certificatesKey = certificatesSchema.prefault({ from: 'connection' })
