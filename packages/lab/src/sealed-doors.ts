// The two doors of the lab at which certificates are shown: the issuer's second origin, and an API that takes named tickets alone.
// They listen on loopback, over TLS, with the lab's own certificate.
import type { AddressInfo } from 'node:net'
import type { GuardDeps } from '@kimei/guard'
import { createTlsServer } from '@kimei/guard/listen'
import { type FetchApp, listen } from '@kimei/server'
import { guardNotes } from './guarded-notes.ts'
import type { LabCertificates } from './lab-certificates.ts'

export interface SealedDoors {
  readonly issuerUrl: string
  readonly apiUrl: string
  /** Puts the guard in front of the API, once the issuer's keys are known. */
  guard(issuer: string, label: string, parts: GuardDeps): void
  close(): Promise<void>
}

export async function openSealedDoors(issuer: FetchApp, { serving }: LabCertificates, host: string): Promise<SealedDoors> {
  const pem = { cert: serving.cert, key: serving.key }
  const door = await listen(issuer, { host, port: 0, tls: pem, clientCertificates: 'requested' })
  const { server } = createTlsServer(pem, 'requested', {})
  await new Promise<void>((ready, failed) => server.once('error', failed).listen(0, host, ready))
  const { port } = server.address() as AddressInfo
  const apiUrl = `https://localhost:${port}`
  return {
    issuerUrl: door.url,
    apiUrl,
    guard(issuerUrl, label, parts) {
      const routes: Parameters<typeof guardNotes>[2]['routes'] = [
        { path: '/sealed', methods: ['GET'], scopes: ['notes:read'], nonce: 'off', policy: 'required', constraint: 'either' },
      ]
      guardNotes(server, label, { issuer: issuerUrl, resource: `${apiUrl}/`, routes }, parts)
    },
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()))
      server.closeAllConnections()
      await Promise.all([door.close(), closed])
    },
  }
}
