// What the issuer may fetch beside public https: origins of a private network, certificates of its own authority.
import { isPeerRange } from '@kimei/guard'
import { z } from 'zod'

const allowed = z.strictObject({
  origin: z
    .string()
    .describe(
      'Exactly this scheme, host and port, like https://keys.internal:8443. http is for 127.0.0.1, [::1] and localhost, and elsewhere for answers about revocation alone: they are signed.',
    ),
  addresses: z
    .array(z.string().refine(isPeerRange, 'an IP address or a range like 10.0.0.0/8'))
    .min(1)
    .optional()
    .describe('Where its name may resolve to. Absent: any private, loopback or public address, but no link-local one.'),
})

export const outboundSchema = z
  .strictObject({
    allow: z.array(allowed).default([]).describe('Origins that are reached although they are private, or use another port than 443.'),
    ca: z
      .array(z.string().regex(/^-----BEGIN CERTIFICATE-----/, 'a certificate in PEM'))
      .default([])
      .describe('Certificates (PEM) of authorities of your own, trusted beside those of the machine.'),
    mostPerMinute: z.int().min(1).max(100_000).default(120).describe('Most requests to one origin in a minute.'),
  })
  .describe('What is fetched because a client named its URL: keys, documents. Public https on port 443 needs nothing here.')

export type OutboundConfig = z.output<typeof outboundSchema>

const loopbackHttp = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?$/

/** Whether an origin that is not public https was listed for whatever is fetched. */
export function isListed(config: OutboundConfig, uri: string): boolean {
  return config.allow.some(({ origin }) => isForDocuments(origin) && URL.canParse(uri) && new URL(uri).origin === origin)
}

/** Over plain http to another machine anybody on the way could answer: good for what is signed, and nothing else. */
export const isForDocuments = (origin: string): boolean => origin.startsWith('https://') || loopbackHttp.test(origin)

/** Sentences about what is wrong; empty when nothing is. */
export function checkOutbound({ allow }: OutboundConfig, asksAboutRevocation: boolean): readonly string[] {
  return allow.flatMap(({ origin }) => {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin || origin.includes('*'))
      return [`outbound.allow: "${origin}" is not an origin: scheme, host and port as browsers write them, without path and slash`]
    const sound = isForDocuments(origin) || (asksAboutRevocation && origin.startsWith('http://'))
    return sound ? [] : [`outbound.allow: "${origin}" must be https (http on a loopback host, or for answers about revocation)`]
  })
}
