// Mutual TLS (RFC 8705): where clients with certificates call, and where their certificates come from.
import { certificatesKey } from '@kimei/guard'
import { z } from 'zod'

export const mtlsSchema = z
  .strictObject({
    url: z.string().describe('Where clients with certificates call, as they see it: https, another origin than the issuer, same path.'),
    certificates: certificatesKey,
  })
  .describe('Clients may show certificates, at an origin of its own: nobody else is asked for one (RFC 8705 §5).')
