// An issuer whose clients have certificates that name who tells of their revocation: a real responder on loopback that says what the test wants.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type OutsideServer, startOutside, wireKey, wireProof } from 'testkit'
import { type Crafted, type CraftedParts, craftCertificate } from 'testkit/crafted'
import { kitApi } from 'testkit/issuer'
import { type MtlsKit, postWithCertificate, startMtlsKit } from 'testkit/mtls'

export const named = (value: string): CraftedParts => ({ subject: [[{ type: '2.5.4.3', value }]] })
export const root = craftCertificate({ ...named('root'), ca: true, usages: 0x06 })

/** Bytes with the type that belongs to the path; anything else by hand. `hang`: never. */
export type Says = (question: Buffer) => Buffer | 'hang' | ((response: ServerResponse) => unknown)

export interface RevocationTest {
  readonly kit: MtlsKit
  readonly responder: OutsideServer
  /** The clock of the issuer; moves on where told. */
  now(): number
  pass(seconds: number): void
  /** From now on this is what stands at a path of its own; answers its URL. */
  place(kind: 'ocsp' | 'crl', says: Says): string
  /** How often that URL was asked. */
  asked(url: string): number
  /** 200, or status and rule of the refusal. */
  ask(certificate: Crafted, along?: readonly Crafted[], clientId?: string): Promise<unknown>
  told(): Record<string, unknown>
  close(): Promise<void>
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const types = { ocsp: 'application/ocsp-response', crl: 'application/pkix-crl' }

export interface Surroundings {
  /** The responder may be reached. */
  readonly listed?: boolean
  readonly start?: number
}

export async function startRevocationTest(
  revocation: object = {},
  { listed = true, start = 1_790_000_000 }: Surroundings = {},
): Promise<RevocationTest> {
  let now = start
  const places = new Map<string, Says>()
  const responder = await startOutside(async (request, response) => {
    const path = request.url ?? ''
    const says = places.get(path)?.(await bodyOf(request)) ?? ((one: ServerResponse) => one.writeHead(404).end())
    if (says === 'hang') return
    if (typeof says === 'function') return void says(response)
    response.writeHead(200, { 'content-type': types[path.startsWith('/ocsp') ? 'ocsp' : 'crl'] }).end(says)
  })
  const client = { kind: 'server' as const, authentication: 'tls_client_auth' as const, scopes: ['notes:read'], apis: [kitApi] }
  const kit = await startMtlsKit({
    clock: () => now,
    mtls: { trustAnchors: [root.cert], revocation },
    config: {
      outbound: { allow: listed ? [{ origin: responder.origin }] : [], mostPerMinute: 10_000 },
      clients: [
        { clientId: 'job', name: 'Job', tlsClientAuth: { subjectDn: 'CN=job' }, ...client },
        { clientId: 'other', name: 'Other', tlsClientAuth: { subjectDn: 'CN=other' }, ...client },
      ],
    },
  })
  const key = wireKey()
  return {
    kit,
    responder,
    now: () => now,
    pass: (seconds) => {
      now += seconds
    },
    place(kind, says) {
      const path = `/${kind}-${places.size}`
      places.set(path, says)
      return `${responder.origin}${path}`
    },
    asked: (url) => responder.asked.filter((path) => url.endsWith(path)).length,
    async ask(certificate, along = [], clientId = 'job') {
      const headers = { dpop: wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}/token`, now }) }
      const form = { grant_type: 'client_credentials', client_id: clientId, resource: kitApi, scope: 'notes:read' }
      const cert = [certificate, ...along].map((one) => one.cert).join('\n')
      const answer = await postWithCertificate(kit, '/token', form, { headers, certificate: { key: certificate.key, cert } })
      if (answer.status === 503 && answer.headers.get('retry-after') !== '10') throw new Error('nobody is told when to come again')
      return answer.status === 200 ? 200 : [answer.status, answer.json['error'], kit.audit.at(-1)?.rule]
    },
    told: () => kit.audit.at(-1) as unknown as Record<string, unknown>,
    close: async () => {
      await kit.close()
      await responder.close()
    },
  }
}

export const revoked = [401, 'invalid_client', 'client-certificate.is-not-revoked']
export const silent = [503, 'temporarily_unavailable', 'client-certificate.status-is-told']
export const job = (more: Partial<CraftedParts>): Crafted => craftCertificate({ ...named('job'), by: root, ...more })
