// Clients by their own documents (CIMD) that authenticate by certificate: nobody registered them, and they show one all the same.

import { authorizeUrl } from 'testkit/code'
import { type Crafted, craftCertificate } from 'testkit/crafted'
import { type DocumentKit, documentRedirect, soundDocument, startDocumentKit } from 'testkit/documents'
import { readResponse } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const now = 1_800_000_000
const mtlsUrl = 'https://mtls.example'
const named = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })
const authority = craftCertificate({ ...named('authority'), ca: true })
const job = craftCertificate({ ...named('job'), by: authority })
const own = craftCertificate(named('own'))
const jwkOf = ({ der }: Crafted) => ({ kty: 'EC', crv: 'P-256', x: 'unused', y: 'unused', x5c: [der] })

let made: DocumentKit
beforeAll(async () => {
  made = await startDocumentKit({
    clock: () => now,
    extend: (config) => ({ ...config, mtls: { url: mtlsUrl, trustAnchors: [authority.cert] } }),
  })
})
afterAll(() => made.close())

/** Pushes as this client, with what an embedder says of the connection. */
async function push(clientId: string, certificate?: Crafted): Promise<unknown[]> {
  const { url } = authorizeUrl(made.kit, { clientId, redirectUri: documentRedirect })
  const request = new Request(`${mtlsUrl}/par`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URL(url).search.slice(1),
  })
  const shown = certificate && { peerCertificate: Buffer.from(certificate.der, 'base64') }
  const answer = await readResponse(await made.kit.server.fetch(request, { encrypted: true, ...shown }))
  return [answer.status, answer.json['error'] ?? made.kit.audit.at(-1)?.event, made.kit.audit.at(-1)?.rule]
}
const pushed = [201, 'request_pushed', undefined]

describe('a document that names a method with certificates', () => {
  it('CIMD-4.1-01 MTLS-2.1-01: tls_client_auth, by the one name that it gives', async () => {
    const member = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=job' }
    const clientId = made.publish('/job.json', { ...soundDocument, ...member })
    expect(await push(clientId, job)).toEqual(pushed)
    expect(await push(clientId, own)).toEqual([401, 'invalid_client', 'client-certificate.chain-is-trusted'])
    expect(await push(clientId)).toEqual([401, 'invalid_client', 'client-certificate.is-presented'])
  })

  it('CIMD-4.1-01 MTLS-2.2-01: self_signed_tls_client_auth, by the x5c of its keys', async () => {
    const member = { token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: { keys: [jwkOf(own)] } }
    const clientId = made.publish('/own.json', { ...soundDocument, ...member })
    expect(await push(clientId, own)).toEqual(pushed)
    expect(await push(clientId, job)).toEqual([401, 'invalid_client', 'client-certificate.is-registered'])
  })

  it('MTLS-2.1.2-01: two names, none, or one that is no name make a document that is not served', async () => {
    const method = { token_endpoint_auth_method: 'tls_client_auth' }
    const broken = [
      [{}, 'registration.one-subject-is-sent'],
      [{ tls_client_auth_subject_dn: 'CN=job', tls_client_auth_san_dns: 'job.example' }, 'registration.one-subject-is-sent'],
      [{ tls_client_auth_subject_dn: '/CN=job' }, 'client-document.describes-a-sound-client'],
    ] as const
    for (const [at, [members, rule]] of broken.entries()) {
      const clientId = made.publish(`/broken-${at}.json`, { ...soundDocument, ...method, ...members })
      expect((await push(clientId, job)).at(-1), JSON.stringify(members)).toBe(rule)
    }
  })
})
