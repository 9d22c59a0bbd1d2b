// The doors of the lab at which certificates are shown: the issuer's second origin, and an API that takes named tickets alone,
// once straight from the connection and once from a terminator that tells of it.
// They listen on loopback, over TLS, with the lab's own certificate.
import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { GuardConfigInput, GuardDeps } from '@kimei/guard'
import { type FetchApp, listen } from '@kimei/server'
import { guardedNotes } from './guarded-notes.ts'
import type { SealedParts } from './houses/house.ts'
import { openGuard, unnamed } from './houses/open-house.ts'
import { asksLater, tlsServersOf } from './houses/tls-servers.ts'
import type { LabCertificates } from './lab-certificates.ts'
import { telling } from './world/fronts.ts'

export interface SealedDoors {
  readonly issuerUrl: string
  readonly apiUrl: string
  /** Another place, where there is one. */
  readonly elsewhereUrl: string | undefined
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

export async function openSealedDoors(
  issuer: FetchApp,
  { serving }: LabCertificates,
  { host, house = {} }: { readonly host: string; readonly house?: SealedParts | undefined },
): Promise<SealedDoors> {
  const pem = { cert: serving.cert, key: serving.key }
  const door = await listen(issuer, { host, port: 0, tls: pem, clientCertificates: 'requested' })
  const { server, elsewhere } = tlsServersOf(pem, house)
  const opened = [await openOn(server, host), ...(elsewhere ? [await openOn(elsewhere, host)] : [])]
  const apiUrl = opened[0]!
  return {
    issuerUrl: door.url,
    apiUrl,
    elsewhereUrl: opened[1],
    guard(issuerUrl, label, parts) {
      const resource = `${apiUrl}/`
      const doorAt = (path: string, more: Partial<GuardConfigInput> = {}): RequestListener => {
        const config = { issuer: issuerUrl, resource, routes: [routeAt(path)], ...more }
        const strict = guardedNotes(label, config, parts)
        return house.front?.({ strict, open: guardedNotes(label, openGuard(config), unnamed(parts)) }) ?? strict
      }
      const seen = house.asks === 'later' ? asksLater(doorAt('/sealed')) : doorAt('/sealed')
      const told = telling(doorAt('/told', believing), proven)
      server.on('request', (request, response) => (request.url?.startsWith('/told') ? told : seen)(request, response))
    },
    async close() {
      await Promise.all([door.close(), closed(server), elsewhere && closed(elsewhere)])
    },
  }
}

async function openOn(server: Server, host: string): Promise<string> {
  await new Promise<void>((ready, failed) => server.once('error', failed).listen(0, host, ready))
  return `https://localhost:${(server.address() as AddressInfo).port}`
}

function closed(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done())
    server.closeAllConnections()
  })
}
