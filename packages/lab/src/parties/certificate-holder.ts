// The server client that holds a certificate (RFC 8705): the real holder, its connections on tape.
import { createClientCredentials, type Fetch, type HolderCertificate } from '@kimei/client'
import { createCertificate } from '@kimei/client/node'
import type { Tape } from '../wire/tape.ts'
import type { WorldCertificates } from '../world/world-certificates.ts'
import { type Holder, type HolderParts, withBody } from './holder.ts'

export function openCertificateHolder(parts: HolderParts, { machine, serving }: WorldCertificates, tape: Tape): Holder {
  const { client, issuer, resource, scopes, clock } = parts
  const tapped = (send: Fetch) => tape.listening('holder', client, send)
  const shown = createCertificate({ cert: machine.cert, key: machine.key, ca: serving.cert }, clock)
  const certificate: HolderCertificate = {
    current() {
      const now = shown.current()
      return { ...now, fetch: tapped(now.fetch) }
    },
    plainFetch: tapped(shown.plainFetch),
  }
  const held = createClientCredentials({
    issuer,
    clientId: client,
    scopes,
    resources: [resource],
    clock,
    certificate,
    authentication: { method: 'tls_client_auth' },
  })
  const use: Holder['use'] = async ({ url, method, body }) => {
    const response = await held.fetch(url, { method, ...withBody(body) })
    await response.body?.cancel()
    return { status: response.status }
  }
  return {
    client,
    getTicket: async () => void (await held.ticket()),
    use,
    // A program has no sign-in to end.
    signOut: async () => undefined,
    useRevoked: use,
    async ticket() {
      const got = await held.ticket()
      return got?.x5t === undefined ? { kind: 'unknown' } : { kind: 'named', thumbprint: got.x5t }
    },
  }
}
