// What the inventory says about certificates (RFC 8705): those of test clients, where they are shown, and other ways to an API.
// The files themselves are read in `clients/prepare.ts`.
import { z } from 'zod'
import { secret, url } from './values.ts'

/** PEM texts, in place or where to read them. The key belongs to a test client, and never leaves this process. */
export const certificateSchema = z.strictObject({ cert: secret, key: secret })

/** What the tickets of a client name. */
export const boundBySchema = z.enum(['key', 'certificate', 'both'])

/** With the client's `certificate` (RFC 8705 §2). */
export const certificateMethods = [
  z.strictObject({ method: z.literal('tls_client_auth') }),
  z.strictObject({ method: z.literal('self_signed_tls_client_auth') }),
] as const

/** Other ways to the same API. None of them is tried unless it is named. */
export const apiTlsSchema = z.strictObject({
  /** Another name that the same address serves: said in the handshake, while the request is for this API. */
  otherName: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'a host name in lower case')
    .optional(),
  /** Another address of this API. */
  otherAddress: url.optional(),
  /** A place whose TLS sessions must not count here. */
  sessionsApart: url.optional(),
})

interface WithCertificates {
  readonly issuers: readonly { readonly id: string; readonly tokenEndpoint: string; readonly mtlsTokenEndpoint?: string | undefined }[]
  readonly clients: readonly {
    readonly id: string
    readonly issuer?: string | undefined
    readonly authentication: { readonly method: string }
    readonly certificate?: object | undefined
    readonly otherCertificate?: object | undefined
    readonly boundBy?: 'key' | 'certificate' | 'both' | undefined
    readonly ticket: { readonly from: string }
  }[]
  readonly apis: readonly { readonly id: string; readonly url: string; readonly tls: z.output<typeof apiTlsSchema> }[]
}

/** What cannot be meant, in sentences. */
export function certificateMistakes({ issuers, clients, apis }: WithCertificates): string[] {
  return [
    ...clients.flatMap((entry) => {
      const where = `clients.${entry.id}`
      const issuer = issuers.find(({ id }) => id === (entry.issuer ?? issuers[0]?.id))
      const byCertificate = entry.authentication.method.endsWith('tls_client_auth')
      const shows = byCertificate || (entry.certificate !== undefined && entry.boundBy !== 'key' && entry.ticket.from !== 'pasted')
      const nowhere = issuer !== undefined && issuer.mtlsTokenEndpoint === undefined && !issuer.tokenEndpoint.startsWith('https:')
      return [
        ...(byCertificate && !entry.certificate ? [`${where}: ${entry.authentication.method} needs its certificate and key`] : []),
        ...(entry.boundBy !== undefined && entry.boundBy !== 'key' && !entry.certificate
          ? [`${where}: boundBy ${entry.boundBy} needs its certificate and key`]
          : []),
        ...(entry.otherCertificate && !entry.certificate
          ? [`${where}: otherCertificate is another than certificate, which is not there`]
          : []),
        ...(shows && entry.certificate && nowhere
          ? [`${where}: certificates are shown over https: name issuers.${issuer.id}.mtlsTokenEndpoint`]
          : []),
      ]
    }),
    ...issuers.flatMap(({ id, mtlsTokenEndpoint }) =>
      mtlsTokenEndpoint === undefined || mtlsTokenEndpoint.startsWith('https:')
        ? []
        : [`issuers.${id}.mtlsTokenEndpoint: certificates are shown over https`],
    ),
    ...apis.flatMap(({ id, url: own, tls }) => {
      const named = Object.values(tls).some((value) => value !== undefined)
      const plain = [own, tls.otherAddress, tls.sessionsApart].some((one) => one !== undefined && !one.startsWith('https:'))
      return named && plain ? [`apis.${id}.tls: all of it is https, and so must the API be`] : []
    }),
  ]
}

/** Further places that may be touched. */
export function touchedOverTls({ issuers, apis }: WithCertificates): [where: string, target: URL][] {
  return [
    ...issuers.flatMap(({ id, mtlsTokenEndpoint }): [string, URL][] =>
      mtlsTokenEndpoint === undefined ? [] : [[`issuers.${id}.mtlsTokenEndpoint`, new URL(mtlsTokenEndpoint)]],
    ),
    ...apis.flatMap(({ id, tls }) =>
      [tls.otherAddress, tls.sessionsApart].flatMap((one): [string, URL][] =>
        one === undefined ? [] : [[`apis.${id}.tls`, new URL(one)]],
      ),
    ),
  ]
}
