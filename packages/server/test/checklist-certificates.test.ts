// The checklist rows of clients with certificates, heard by a Law that listens.
import type { Law, RuleId } from '@kimei/protocol'
import { wireKey, wireProof } from 'testkit'
import { type Crafted, craftCertificate } from 'testkit/crafted'
import { kitApi } from 'testkit/issuer'
import { type MtlsKit, postWithCertificate, startMtlsKit } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checklist } from '../src/checklist.ts'

const named = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })
const authority = craftCertificate({ ...named('authority'), ca: true })
const job = craftCertificate({ ...named('job'), by: authority })
const batch = craftCertificate(named('batch'))
const jwks = { keys: [{ kty: 'EC' as const, crv: 'P-256', x: 'unused', y: 'unused', x5c: [batch.der] }] }
const key = wireKey()

let heard: RuleId[] = []
const law: Law = { waives: () => false, judged: (id) => void heard.push(id) }
let kit: MtlsKit
beforeAll(async () => {
  const base = { kind: 'server' as const, scopes: ['notes:read'], apis: [kitApi] }
  kit = await startMtlsKit({
    law,
    mtls: { trustAnchors: [authority.cert] },
    config: {
      clients: [
        { clientId: 'job', name: 'Job', authentication: 'tls_client_auth', tlsClientAuth: { subjectDn: 'CN=job' }, ...base },
        {
          clientId: 'both',
          name: 'Both',
          authentication: 'tls_client_auth',
          tlsClientAuth: { subjectDn: 'CN=job' },
          ...base,
          binding: { kind: 'required', by: 'both' },
        },
        { clientId: 'batch', name: 'Batch', authentication: 'self_signed_tls_client_auth', jwks, ...base },
      ],
    },
  })
})
afterAll(() => kit.close())

describe('the checklist is what happens, by certificate', () => {
  it.each<[string, string, Crafted]>([
    ['tls_client_auth', 'job', job],
    ['self_signed_tls_client_auth', 'batch', batch],
    ['tokens that name key and certificate', 'both', job],
  ])('MTLS-2-01 MTLS-3-01: %s', async (method, client_id, certificate) => {
    const dpop = wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}/token`, now: kit.now() })
    const form = { grant_type: 'client_credentials', client_id, scope: 'notes:read', resource: kitApi }
    heard = []
    const answer = await postWithCertificate(kit, '/token', form, { certificate, headers: { dpop } })
    const row = checklist.find(({ endpoint }) => endpoint === `token: client_credentials, ${method}`)
    expect({ status: answer.status, heard }).toEqual({ status: 200, heard: row?.judged.flatMap(({ rules }) => rules) })
  })
})
