// Where the certificate of a caller comes from. One way is configured; none is ever guessed.
import { X509Certificate } from 'node:crypto'
import { type ForwardedFormatName, forwardedFormatNames, forwardedFormats } from '@kimei/protocol'
import { z } from 'zod'
import { isPeerRange } from './addresses.ts'

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'a header name')
  .refine((name) => !reserved.has(name.toLowerCase()), 'a header that means something else')
const reserved = new Set(['authorization', 'dpop', 'host', 'origin', 'cookie', 'content-length', 'content-type', 'transfer-encoding'])

const peers = z
  .array(
    z
      .string()
      .refine(isPeerRange, 'neither an address nor a CIDR range')
      .refine((range) => !range.endsWith('/0'), 'trusts the whole internet'),
  )
  .min(1)
  .describe('addresses or CIDR ranges of the terminator')

const secret = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{32,256}$/, '32 to 256 printable characters without space: openssl rand -base64 32')
const pem = z.string().refine(isReadable, 'a certificate in PEM that can be read')

function isReadable(text: string): boolean {
  try {
    return text.startsWith('-----BEGIN CERTIFICATE-----') && new X509Certificate(text).raw.length > 0
  } catch {
    return false
  }
}

const sentence = z.string().trim().min(8, 'say the reason in a sentence that a colleague will understand')

const hop = z
  .discriminatedUnion('by', [
    z
      .strictObject({
        by: z.literal('shared-secret'),
        peers,
        header: headerName.default('Kimei-Hop-Secret').describe('the header in which the terminator sends it'),
        secret,
        previousSecret: secret.optional().describe('taken as well, while a new one is brought in'),
      })
      .describe('the terminator sends a secret with every request'),
    z
      .strictObject({
        by: z.literal('mutual-tls'),
        peers,
        certificates: z.array(pem).min(1).describe('certificates (PEM) of the terminator, byte by byte; two while one is renewed'),
      })
      .describe('the terminator shows a certificate of its own on the connection to this process'),
    z.strictObject({ by: z.literal('unix-socket') }).describe('the terminator comes over a Unix socket that nobody else may open'),
    z
      .strictObject({
        by: z.literal('address'),
        peers,
        dangerouslyTrustTheAddressAlone: sentence.describe(
          'why nothing better can be had: whoever reaches this port from there is believed',
        ),
      })
      .describe('for a load balancer that can prove itself in no way'),
  ])
  .describe('how this process knows that it is the terminator who speaks')

const forwarded = z
  .strictObject({
    from: z.literal('header'),
    format: z
      .enum(forwardedFormatNames as [ForwardedFormatName, ...ForwardedFormatName[]])
      .default('rfc9440')
      .describe('how the terminator writes it; nothing else is read'),
    header: headerName.optional().describe('another name than the usual one of the format'),
    chainHeader: headerName.optional().describe('where the further certificates stand: rfc9440, haproxy, apache'),
    element: z
      .enum(['only', 'last'])
      .optional()
      .describe('envoy: the header must have one element (default), or the last counts, which the nearest hop added'),
    verified: z
      .strictObject({ header: headerName, value: z.string().min(1).default('SUCCESS') })
      .optional()
      .describe('a certificate counts only where this header says that the terminator has verified it'),
    hop,
  })
  .superRefine(({ format, header, chainHeader, element, verified, hop: { by, ...rest } }, context) => {
    const chain = 'chain' in forwardedFormats[format]
    const own = [
      header ?? forwardedFormats[format].header,
      chainHeader,
      verified?.header,
      by === 'shared-secret' && 'header' in rest && rest.header,
    ]
    const names = own.flatMap((name) => (name ? [String(name).toLowerCase()] : []))
    if (new Set(names).size < names.length) context.addIssue({ code: 'custom', message: 'two of its headers have the same name' })
    if (chainHeader && !chain) context.addIssue({ code: 'custom', path: ['chainHeader'], message: `${format} has no chain of its own` })
    if (element && format !== 'envoy') context.addIssue({ code: 'custom', path: ['element'], message: 'only envoy has several elements' })
  })
  .describe('a TLS terminator in front tells it in a header')

export const certificatesSchema = z
  .discriminatedUnion('from', [
    z.strictObject({ from: z.literal('connection') }).describe('the TLS layer of this process saw it'),
    forwarded,
  ])
  .describe("where the caller's certificate comes from")

export type CertificatesConfig = z.output<typeof certificatesSchema>
export type ForwardedCertificates = Extract<CertificatesConfig, { from: 'header' }>
export type TrustedHop = ForwardedCertificates['hop']
export const certificatesKey = certificatesSchema.prefault({ from: 'connection' })
