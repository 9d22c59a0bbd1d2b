// The doors of the lab at which certificates are shown: the issuer's second origin, and an API that takes named tickets alone,
// once straight from the connection and once from a terminator that tells of it.
// They listen on loopback, over TLS, with the lab's own certificate.
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { GuardConfigInput, GuardDeps } from '@kimei/guard'
import { createTlsServer } from '@kimei/guard/listen'
import { type FetchApp, listen } from '@kimei/server'
import { guardedNotes } from './guarded-notes.ts'
import type { LabCertificates } from './lab-certificates.ts'
import { telling } from './world/fronts.ts'

export interface SealedDoors {
  readonly issuerUrl: string
  readonly apiUrl: string
  /** Puts the guard in front of the API, once the issuer's keys are known. */
  guard(issuer: string, label: string, parts: GuardDeps): void
  close(): Promise<void>
}

const routeAt = (path: string): GuardConfigInput['routes'][number] => ({
  path,
  methods: ['GET'],
  scopes: ['notes:read'],
  nonce: 'off',
  policy: 'required',
  constraint: 'either',
})

/** What the terminator proves itself with: only where it saw a certificate. What a stranger writes there goes through without it. */
const secret = randomBytes(32).toString('base64url')
const proven = [['Kimei-Hop-Secret', secret]] as const
const believing = {
  certificates: { from: 'header', format: 'rfc9440', hop: { by: 'shared-secret', peers: ['127.0.0.1'], secret } },
} satisfies Partial<GuardConfigInput>

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
      const resource = `${apiUrl}/`
      const seen = guardedNotes(label, { issuer: issuerUrl, resource, routes: [routeAt('/sealed')] }, parts)
      const told = telling(guardedNotes(label, { issuer: issuerUrl, resource, routes: [routeAt('/told')], ...believing }, parts), proven)
      server.on('request', (request, response) => (request.url?.startsWith('/told') ? told : seen)(request, response))
    },
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()))
      server.closeAllConnections()
      await Promise.all([door.close(), closed])
    },
  }
}
