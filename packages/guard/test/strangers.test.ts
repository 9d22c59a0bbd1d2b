// Whoever is not the terminator, whatever it writes into whatever header: no certificate comes of it, and none of it is passed on.
import { forwardedFormatNames, forwardedFormats, isBroken } from '@kimei/protocol'
import fc from 'fast-check'
import { selfSigned } from 'testkit'
import { describe, expect, it } from 'vitest'
import { makeCertificateSource } from '../src/index.ts'

const one = selfSigned('one')
const secret = 'correct-horse-battery-staple-0123456789'
const hex = Buffer.from(one.x5t, 'base64url').toString('hex')
/** Each is right for some format. */
const sound = [
  `:${one.der}:`,
  one.der,
  encodeURIComponent(one.cert),
  one.cert.trim().replaceAll('\n', ' '),
  hex,
  `Hash=${hex};Cert="${encodeURIComponent(one.cert)}"`,
]
const names = [
  ...Object.values(forwardedFormats).map(({ header }) => header),
  'client-cert-chain',
  'kimei-hop-secret',
  'x-real-ip',
  'x-forwarded-for',
  'forwarded',
]
const spelled = fc.constantFrom(...names).chain((name) => fc.constantFrom(name, name.toUpperCase(), name.replaceAll('-', '_')))
const value = fc.oneof(
  fc.constantFrom(...sound, '127.0.0.1', 'for=127.0.0.1', `${secret}x`, secret.slice(1), ''),
  fc.string({ maxLength: 40 }),
)
const lines = fc.array(fc.tuple(spelled, value), { maxLength: 12 })
const elsewhere = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('', '::ffff:192.0.2.1', '127.0.0.1.evil', '10.0.0.8'),
  fc.constant(undefined),
)
const format = fc.constantFrom(...forwardedFormatNames)

const peers = ['10.0.0.7', '2001:db8:7::/64']
const hops = [
  { by: 'shared-secret', peers, header: 'Kimei-Hop-Secret', secret },
  { by: 'mutual-tls', peers, certificates: [selfSigned('hop').cert] },
  { by: 'address', peers, dangerouslyTrustTheAddressAlone: 'a test of strangers' },
  { by: 'unix-socket' },
] as const

describe.each(hops)('a stranger, where the terminator is known $by', (hop) => {
  it('CERT-4-01 CERT-2.4-01: is never heard, and nothing of what it wrote is passed on', async () => {
    await fc.assert(
      fc.asyncProperty(format, lines, elsewhere, async (name, headers, remoteAddress) => {
        fc.pre(remoteAddress === undefined || !/^(10\.0\.0\.7|2001:0?db8:0*7:)/i.test(remoteAddress))
        const source = makeCertificateSource({ from: 'header', format: name, hop } as Parameters<typeof makeCertificateSource>[0])
        const connection = {
          encrypted: true,
          ...(remoteAddress !== undefined && { remoteAddress }),
          peerCertificate: Buffer.from(one.der, 'base64'),
        }
        const facts = { method: 'GET', target: '/', headers, connection }
        expect(await source(facts)).toBeUndefined()
        const told = new Set(headers.map(([each]) => each.toLowerCase()).filter((each) => source.headers!.includes(each)))
        expect(new Set(source.withhold!(facts).names)).toEqual(told)
      }),
      { numRuns: 150 },
    )
  })
})

describe('a stranger at the address of the terminator', () => {
  it.each(hops.slice(0, 2))('CERT-4-01: is not heard without its proof ($by)', async (hop) => {
    await fc.assert(
      fc.asyncProperty(format, lines, async (name, headers) => {
        const source = makeCertificateSource({ from: 'header', format: name, hop } as Parameters<typeof makeCertificateSource>[0])
        const facts = { method: 'GET', target: '/', headers, connection: { encrypted: true, remoteAddress: '10.0.0.7' } }
        expect(await source(facts)).toBeUndefined()
      }),
      { numRuns: 150 },
    )
  })

  it('CERT-4-01: with its proof it is heard: the test above can fail', async () => {
    const source = makeCertificateSource({ from: 'header', format: 'rfc9440', hop: hops[0] } as unknown as Parameters<
      typeof makeCertificateSource
    >[0])
    const headers = [
      ['Client-Cert', sound[0]!],
      ['Kimei-Hop-Secret', secret],
    ] as const
    const shown = await source({ method: 'GET', target: '/', headers, connection: { encrypted: true, remoteAddress: '10.0.0.7' } })
    expect(shown === undefined || isBroken(shown) ? undefined : shown.x5t).toBe(one.x5t)
  })
})
