// How it is asked whether the certificates of clients were revoked, and what follows where nobody answers.
import { z } from 'zod'

export const revocationSchema = z
  .strictObject({
    sources: z
      .array(z.enum(['ocsp', 'crl']))
      .min(1)
      .default(['ocsp', 'crl'])
      .describe('Who is asked of those whom a certificate names, in this order: the next one where the first is silent.'),
    unnamed: z.enum(['accept', 'refuse']).default('accept').describe('What becomes of a certificate that names nobody to ask.'),
    answerSeconds: z.int().min(1).max(15).default(5).describe('An answer must be there by then. Seconds.'),
    dangerouslyAcceptSilent: z
      .boolean()
      .default(false)
      .describe('Take a certificate although nobody whom it names gave an answer that counts. The audit log tells of each.'),
    dangerouslyNeverAsk: z.boolean().default(false).describe('Take revoked certificates: nobody is ever asked.'),
  })
  .describe('Revocation of certificates that authenticate by tls_client_auth. Silence refuses.')

export type RevocationConfig = z.output<typeof revocationSchema>
