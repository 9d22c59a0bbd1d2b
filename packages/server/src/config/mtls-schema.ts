// Mutual TLS (RFC 8705): where clients with certificates call, and where their certificates come from.
import { certificatesKey } from '@kimei/guard'
import { z } from 'zod'
import { revocationSchema } from './revocation-schema.ts'
import type { IssuerConfig } from './schema.ts'

export const mtlsSchema = z
  .strictObject({
    url: z.string().describe('Where clients with certificates call, as they see it: https, another origin than the issuer, same path.'),
    certificates: certificatesKey,
    trustAnchors: z
      .array(z.string().regex(/^-----BEGIN CERTIFICATE-----/, 'a certificate in PEM'))
      .default([])
      .describe(
        'Certificates (PEM) of the authorities whose certificates authenticate clients by tls_client_auth; nobody else is trusted.',
      ),
    revocation: revocationSchema.prefault({}),
    dangerouslyTrustPublicAuthorities: z
      .boolean()
      .default(false)
      .describe(
        'Let trustAnchors hold authorities of the web: everybody can get certificates of theirs, with names of their own choosing.',
      ),
    warnBeforeDays: z
      .int()
      .min(0)
      .max(365)
      .default(30)
      .describe('A certificate that expires within so many days is told of, once a day. Days.'),
  })
  .describe('Clients may show certificates, at an origin of its own: nobody else is asked for one (RFC 8705 §5).')

/** The same issuer under another origin: told apart by host and port, so that browsers never meet a request for certificates. */
export function checkMtls({ issuer, mtls }: Pick<IssuerConfig, 'issuer' | 'mtls'>): readonly string[] {
  if (!mtls || !URL.canParse(issuer)) return []
  const where = `mtls.url "${mtls.url}"`
  if (!URL.canParse(mtls.url)) return [`${where} is not an absolute URL`]
  const [url, own] = [new URL(mtls.url), new URL(issuer)]
  const said: string[] = []
  if (url.protocol !== 'https:') said.push(`${where} must be https, on a loopback host too: certificates are shown in TLS`)
  if (mtls.url.includes('?') || mtls.url.includes('#')) said.push(`${where} must have neither query nor fragment`)
  if (url.username || url.password || mtls.url.includes('@')) said.push(`${where} must not contain user information`)
  if (mtls.url.endsWith('/')) said.push(`${where} must not end in a slash: leave it out`)
  if (url.host === own.host) said.push(`${where} has host and port of the issuer: browsers would be asked for certificates there`)
  if (url.pathname.replace(/\/$/, '') !== own.pathname.replace(/\/$/, ''))
    said.push(`${where} must have the path of the issuer, "${own.pathname.replace(/\/$/, '') || '/'}"`)
  if (said.length === 0 && url.href !== mtls.url && url.href !== `${mtls.url}/`)
    said.push(`${where} must be written "${url.href.replace(/\/$/, '')}"`)
  return said
}
