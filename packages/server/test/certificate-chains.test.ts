// Certificates that lead to a trusted authority and may not be used all the same: refused over real TLS, by the name of the rule.
import { generateKeyPairSync } from 'node:crypto'
import { wireKey, wireProof } from 'testkit'
import { type Crafted, type CraftedParts, craftCertificate } from 'testkit/crafted'
import { der, extension, sequence } from 'testkit/der'
import { kitApi } from 'testkit/issuer'
import { type MtlsKit, postWithCertificate, startMtlsKit } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const now = 1_790_000_000
const named = (value: string): CraftedParts => ({ subject: [[{ type: '2.5.4.3', value }]] })
const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const root = craftCertificate({ ...named('root'), ca: true, usages: 0x06 })
const narrow = craftCertificate({ ...named('narrow'), ca: true, mostBelow: 0, by: root })
const below = craftCertificate({ ...named('below'), ca: true, by: narrow })
const job = (more: Partial<CraftedParts> = {}) => craftCertificate({ ...named('job'), by: root, ...more })
const self = (more: Partial<CraftedParts> = {}) => craftCertificate({ ...named('own'), ...more })
const signer = job()
const weak = self({ key: rsa(1024) })
const strong = self({ key: rsa(2048) })
const jwkOf = ({ der: text }: Crafted) => ({ kty: 'EC' as const, crv: 'P-256', x: 'unused', y: 'unused', x5c: [text] })
const key = wireKey()
let kit: MtlsKit

beforeAll(async () => {
  const base = { kind: 'server' as const, scopes: ['notes:read'], apis: [kitApi] }
  const jwks = { keys: [jwkOf(weak), jwkOf(strong)] }
  kit = await startMtlsKit({
    clock: () => now,
    mtls: { trustAnchors: [root.cert] },
    config: {
      clients: [
        { clientId: 'job', name: 'Job', authentication: 'tls_client_auth', tlsClientAuth: { subjectDn: 'CN=job' }, ...base },
        { clientId: 'own', name: 'Own', authentication: 'self_signed_tls_client_auth', jwks, ...base },
      ],
    },
  })
})
afterAll(() => kit.close())

/** 200, or the rule that refused it with 401. */
async function ask(client_id: string, certificate: Crafted, along: readonly Crafted[] = []): Promise<unknown> {
  const headers = { dpop: wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}/token`, now }) }
  const form = { grant_type: 'client_credentials', client_id, resource: kitApi, scope: 'notes:read' }
  const cert = [certificate, ...along].map((one) => one.cert).join('\n')
  const answer = await postWithCertificate(kit, '/token', form, { headers, careless: true, certificate: { key: certificate.key, cert } })
  if (answer.status !== 200) expect([answer.status, answer.text]).toEqual([401, '{"error":"invalid_client"}'])
  return answer.status === 200 ? 200 : kit.audit.at(-1)?.rule
}
const client = '1.3.6.1.5.5.7.3.2'
const server = '1.3.6.1.5.5.7.3.1'

describe('tls_client_auth', () => {
  it.each<[string, Crafted, readonly Crafted[]]>([
    ['in its last second', job({ notAfter: now }), []],
    ['for clients', job({ purposes: [server, client], usages: 0x80 }), []],
    ['with an RSA key of 2048 bits', job({ key: rsa(2048) }), []],
    ['by an authority whose bound is kept', job({ by: narrow }), [narrow]],
  ])('MTLS-2.1-01: a certificate %s is taken', async (_what, certificate, along) => {
    expect(await ask('job', certificate, along)).toBe(200)
  })

  const critical = extension('1.3.6.1.4.1.99999.1', sequence(), true)
  const constraints = extension('2.5.29.30', sequence(der(0xa0, sequence(der(0x82, Buffer.from('example'))))), true)
  it.each<[string, string, Crafted, readonly Crafted[]]>([
    ['that expired a second ago', 'chain-is-in-force', job({ notAfter: now - 1 }), []],
    ['that begins in a second', 'chain-is-in-force', job({ notBefore: now + 1 }), []],
    [
      'below an authority that expired a second ago',
      'chain-is-in-force',
      ...(() => {
        const old = craftCertificate({ ...named('old'), ca: true, by: root, notAfter: now - 1 })
        return [job({ by: old }), [old]] as const
      })(),
    ],
    ['for servers alone', 'is-for-clients', job({ purposes: [server] }), []],
    ['for the encipherment of keys alone', 'is-for-clients', job({ usages: 0x20 }), []],
    ['that a client signed, who is no authority', 'authorities-may-sign', job({ by: signer }), [signer]],
    ['deeper than its authority allows', 'authorities-may-sign', job({ by: below }), [below, narrow]],
    ['with a critical extension that nobody knows', 'extensions-are-understood', job({ more: [critical] }), []],
    [
      'below an authority with limits of names',
      'extensions-are-understood',
      ...(() => {
        const limited = craftCertificate({ ...named('limited'), ca: true, by: root, more: [constraints] })
        return [job({ by: limited }), [limited]] as const
      })(),
    ],
    ['with an RSA key of 1024 bits', 'keys-are-strong', job({ key: rsa(1024) }), []],
    ['signed over SHA-1', 'signatures-are-strong', job({ digest: 'sha1' }), []],
  ])('MTLS-2.1-01: a certificate %s is refused: %s', async (_what, rule, certificate, along) => {
    expect(await ask('job', certificate, along)).toBe(`client-certificate.${rule}`)
  })

  it('MTLS-2.1-01: of two ways up one that may be gone is enough', async () => {
    const name = named('twice')
    const old = craftCertificate({ ...name, ca: true, by: root, notAfter: now - 1 })
    const fresh = craftCertificate({ ...name, ca: true, by: root, key: old.key })
    expect(await ask('job', job({ by: old }), [old, fresh])).toBe(200)
    expect(await ask('job', job({ by: old }), [old])).toBe('client-certificate.chain-is-in-force')
  })

  it('MTLS-2.1-01: certificates that all sign each other lead nowhere, and soon', async () => {
    const ring = ['a', 'b', 'c', 'd', 'e'].map(() => undefined)
    const first = craftCertificate({ ...named('ring'), ca: true })
    const all = ring.map(() => craftCertificate({ ...named('ring'), ca: true, by: first, key: first.key }))
    expect(await ask('job', job({ by: first }), all)).toBe('client-certificate.chain-is-trusted')
  })
})

describe('self_signed_tls_client_auth', () => {
  it('MTLS-2.2-01: a registered certificate with a short key is refused, one with a long one is taken', async () => {
    expect(await ask('own', weak)).toBe('client-certificate.key-is-strong')
    expect(await ask('own', strong)).toBe(200)
  })
})
