// Clients that authenticate by a name that a trusted authority certified: the authority, the name and its kind all count.
import { wireKey, wireProof } from 'testkit'
import { type Crafted, type CraftedParts, craftCertificate } from 'testkit/crafted'
import { kitApi } from 'testkit/issuer'
import { type MtlsKit, postWithCertificate, startMtlsKit } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const now = 1_790_000_000
const [cn, o, c] = ['2.5.4.3', '2.5.4.10', '2.5.4.6']
const named = (value: string, organization = 'Example'): CraftedParts => ({
  subject: [[{ type: c, value: 'JP', tag: 0x13 }], [{ type: o, value: organization }], [{ type: cn, value }]],
})
const root = craftCertificate({ ...named('root'), ca: true })
const middle = craftCertificate({ ...named('middle'), ca: true, by: root })
const below = craftCertificate({ ...named('below'), ca: true, by: middle })
const elsewhere = craftCertificate({ ...named('root'), ca: true })
const job = craftCertificate({ ...named('job'), by: root })

const expected = {
  job: { subjectDn: 'CN=job,O=Example,C=JP' },
  host: { sanDns: 'job.example' },
  uri: { sanUri: 'spiffe://example/job' },
  address: { sanIp: '2001:db8::1' },
  mail: { sanEmail: 'job@example.test' },
} as const
type Client = keyof typeof expected
const key = wireKey()
let kit: MtlsKit

beforeAll(async () => {
  kit = await startMtlsKit({
    clock: () => now,
    mtls: { trustAnchors: [root.cert] },
    extend: (config) => ({
      ...config,
      clients: [
        ...(config.clients ?? []),
        ...Object.entries(expected).map(([clientId, tlsClientAuth]) => ({
          clientId,
          kind: 'server' as const,
          name: clientId,
          authentication: 'tls_client_auth' as const,
          tlsClientAuth,
          scopes: ['notes:read'],
          apis: [kitApi],
        })),
      ],
    }),
  })
})
afterAll(() => kit.close())

/** What became of it: the status, and the rule that was broken. */
async function ask(certificate: Pick<Crafted, 'key' | 'cert'> | undefined, client: Client | undefined, along: readonly Crafted[] = []) {
  const dpop = wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}/token`, now: kit.now() })
  const form = { grant_type: 'client_credentials', resource: kitApi, ...(client && { client_id: client }) }
  const shown = certificate && { key: certificate.key, cert: [certificate.cert, ...along.map(({ cert }) => cert)].join('\n') }
  const answer = await postWithCertificate(kit, '/token', form, { headers: { dpop }, ...(shown && { certificate: shown }) })
  return [answer.status, answer.json['error'] ?? kit.audit.at(-1)?.rule, ...(answer.status === 200 ? [] : [kit.audit.at(-1)?.rule])]
}
const issued = [200, undefined]
const untrusted = [401, 'invalid_client', 'client-certificate.chain-is-trusted']
const misnamed = [401, 'invalid_client', 'client-certificate.subject-is-the-registered-one']

describe('tls_client_auth', () => {
  it('MTLS-2.1-01: the registered name from the trusted authority authenticates; the log says by which certificate', async () => {
    expect(await ask(job, 'job')).toEqual(issued)
    expect(kit.audit.at(-1)).toMatchObject({ event: 'token_issued', clientId: 'job', authentication: 'tls_client_auth', x5t: job.x5t })
  })

  it('MTLS-2.1-01: a renewed certificate of the same name works beside the old one', async () => {
    const renewed = craftCertificate({ ...named('job'), by: root })
    expect([await ask(renewed, 'job'), await ask(job, 'job')]).toEqual([issued, issued])
  })

  it('MTLS-2.1-01: intermediates that are sent along lead to the authority; left out, or of somebody else, they do not', async () => {
    const deep = craftCertificate({ ...named('job'), by: below })
    expect(await ask(deep, 'job', [below, middle])).toEqual(issued)
    expect(await ask(deep, 'job', [middle, below])).toEqual(issued)
    expect(await ask(deep, 'job', [below])).toEqual(untrusted)
    expect(await ask(deep, 'job')).toEqual(untrusted)
    expect(await ask(deep, 'job', [elsewhere])).toEqual(untrusted)
  })

  it.each<[string, Crafted, readonly Crafted[]]>([
    ['the right name from another authority of the same name', craftCertificate({ ...named('job'), by: elsewhere }), []],
    ['the same with its authority sent along', craftCertificate({ ...named('job'), by: elsewhere }), [elsewhere]],
    ['the same with the trusted authority sent along', craftCertificate({ ...named('job'), by: elsewhere }), [root]],
    ['a self-signed certificate of the right name', craftCertificate(named('job')), []],
  ])('MTLS-2.1-01: %s is refused', async (_what, certificate, along) => {
    expect(await ask(certificate, 'job', along)).toEqual(untrusted)
  })

  it('MTLS-2.1-01: it serves in its last second', async () => {
    expect(await ask(craftCertificate({ ...named('job'), by: root, notAfter: now }), 'job')).toEqual(issued)
  })

  it.each<[string, CraftedParts['subject']]>([
    ['another name', named('other').subject],
    ['a name below', [...named('job').subject, [{ type: cn, value: 'more' }]]],
    ['a part of it', named('job').subject.slice(1)],
    ['the entries in another order', [...named('job').subject].reverse()],
    ['all in one entry', [named('job').subject.flat()]],
    ['a value that spells the rest', [[{ type: cn, value: 'job,O=Example,C=JP' }]]],
    ['a value with an escape', [...named('job').subject.slice(0, 2), [{ type: cn, value: 'job\\00' }]]],
    ['a NUL behind it', [...named('job').subject.slice(0, 2), [{ type: cn, value: 'job\0' }]]],
    ['a character that is not shown', [...named('job').subject.slice(0, 2), [{ type: cn, value: 'jo\u200Bb' }]]],
  ])('MTLS-2.1.2-02: %s is not the name', async (_what, subject) => {
    expect(await ask(craftCertificate({ subject, by: root }), 'job')).toEqual(misnamed)
  })

  it('MTLS-2.1.2-02: case, spaces and string types do not count', async () => {
    const subject = [
      [{ type: c, value: 'jp', tag: 0x13 }],
      [{ type: o, value: 'EXAMPLE ', tag: 0x0c }],
      [{ type: cn, value: Uint8Array.from([0, 0x4a, 0, 0x4f, 0, 0x42]), tag: 0x1e }],
    ]
    expect(await ask(craftCertificate({ subject, by: root }), 'job')).toEqual(issued)
  })

  it('MTLS-2.1-01: each kind of alternative name authenticates its own client, and no other', async () => {
    const v6 = Uint8Array.from([0x20, 1, 0x0d, 0xb8, ...Array(11).fill(0), 1])
    const holders: Record<Exclude<Client, 'job'>, Crafted> = {
      host: craftCertificate({ ...named('x'), dns: ['other.example', 'JOB.example'], by: root }),
      uri: craftCertificate({ ...named('x'), uris: ['spiffe://example/job'], by: root }),
      address: craftCertificate({ ...named('x'), ips: [v6], by: root }),
      mail: craftCertificate({ ...named('x'), emails: ['job@EXAMPLE.test'], by: root }),
    }
    for (const [holder, certificate] of Object.entries(holders))
      for (const client of Object.keys(expected) as Client[])
        expect(await ask(certificate, client), `${holder} as ${client}`).toEqual(holder === client ? issued : misnamed)
  })

  it('MTLS-2.1-01: the common name is no host, a wildcard covers nothing, and a text in another kind means nothing', async () => {
    const odd = [
      craftCertificate({ ...named('job.example'), by: root }),
      craftCertificate({ ...named('x'), dns: ['*.example'], by: root }),
      craftCertificate({ ...named('x'), uris: ['https://job.example'], emails: ['job@job.example'], by: root }),
      craftCertificate({ ...named('x'), dns: ['job.example.'], by: root }),
    ]
    for (const certificate of odd) expect(await ask(certificate, 'host')).toEqual(misnamed)
  })

  it('MTLS-2-02: without client_id, or as another client, the name authenticates nobody', async () => {
    expect(await ask(job, undefined)).toEqual([401, 'invalid_client', 'client-auth.is-presented'])
    expect(await ask(job, 'host')).toEqual(misnamed)
  })

  it('MTLS-2-01: no certificate, no token', async () => {
    expect(await ask(undefined, 'job')).toEqual([401, 'invalid_client', 'client-certificate.is-presented'])
  })

  it('MTLS-2-01: a certificate whose alternative names contradict each other is not read, and nothing breaks', async () => {
    const twice = craftCertificate({ ...named('job'), dns: ['job.example'], alternatives: 2, by: root })
    const [status] = await ask(twice, 'job')
    expect(status).toBe(401)
    expect(await ask(job, 'job')).toEqual(issued)
  })
})
