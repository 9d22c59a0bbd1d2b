// The server client that holds a certificate: it shows it at the issuer's door for certificates and at the APIs (RFC 8705).
import type { Send } from '../wire/send.ts'
import type { Holder, HolderParts } from './holder.ts'

export interface CertificateHolderParts extends Pick<HolderParts, 'client' | 'resource' | 'scopes'> {
  /** Where clients with certificates ask the issuer. */
  readonly issuerUrl: string
  /** base64url SHA-256 of the certificate: the name on its tickets. */
  readonly thumbprint: string
  /** Shows the certificate, on tape. */
  readonly send: Send
}

export function openCertificateHolder({ client, resource, scopes, issuerUrl, thumbprint, send }: CertificateHolderParts): Holder {
  let token: string | undefined
  const use: Holder['use'] = async ({ url, method, body }) => {
    const typed = body === undefined ? [] : [['Content-Type', 'application/json'] as const]
    const headers = [['Authorization', `Bearer ${token}`] as const, ...typed]
    const { status } = await send({ method, url, headers, ...(body !== undefined && { body }) })
    return { status }
  }
  return {
    client,
    async getTicket() {
      const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: client, scope: scopes.join(' '), resource })
      const headers = [['Content-Type', 'application/x-www-form-urlencoded']] as const
      const answer = await send({ method: 'POST', url: `${issuerUrl}/token`, headers, body: form.toString() })
      const read = JSON.parse(answer.body) as { access_token?: string; error?: string }
      if (read.access_token === undefined) throw new Error(`the issuer gave no ticket: ${read.error ?? answer.status}`)
      token = read.access_token
    },
    use,
    // A program has no sign-in to end.
    signOut: async () => undefined,
    useRevoked: use,
    ticket: async () => ({ kind: 'named', thumbprint }),
  }
}
