// What is peculiar to one format of a terminator, and to RFC 9440 above all.
import { selfSigned } from 'testkit'
import { describe, expect, it } from 'vitest'
import {
  type ForwardedFormatName,
  type ForwardedReading,
  forwardedFormatNames,
  forwardedFormats,
  makeForwardedReader,
  renderClientCert,
  renderClientCertChain,
} from '../src/index.ts'
import { evidence, read, rule, ruleNames, type Told, tellings } from './terminator-headers.ts'

const [leaf, other] = [selfSigned('one'), selfSigned('two')]
const authority = selfSigned('authority')
const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))
const told: Told = { leaf: bytes(leaf.der), chain: [bytes(authority.der)] }

const { format, once, one, bounded, beside, agrees } = ruleNames

describe('RFC 9440', () => {
  const how: ForwardedReading = { format: 'rfc9440' }
  const cert = renderClientCert(told.leaf)

  it('is written as it is read', async () => {
    expect(cert).toBe(`:${leaf.der}:`)
    expect(
      (
        await evidence(how, [
          ['Client-Cert', cert],
          ['Client-Cert-Chain', renderClientCertChain(told.chain)],
        ])
      ).chain,
    ).toHaveLength(1)
  })

  it('CERT-2.1-01: neither PEM, nor escaped PEM, nor bare base64, nor line breaks, nor parameters', async () => {
    const wrapped = leaf.der.replace(/.{64}/g, '$& ')
    for (const value of [
      leaf.cert,
      encodeURIComponent(leaf.cert),
      leaf.der,
      `:${wrapped}:`,
      `${cert};a=1`,
      `"${leaf.der}"`,
      `${cert}:`,
      cert.slice(0, -1),
      `:${leaf.der}=:`,
    ]) {
      expect(await rule(how, [['client-cert', value]]), value.slice(0, 40)).toBe(format)
    }
  })

  it('CERT-2.1-01: one certificate, with nothing after it', async () => {
    const long = Buffer.from(leaf.der, 'base64')
    const cases = [
      Buffer.concat([long, Buffer.from([0])]),
      Buffer.concat([long, long]),
      long.subarray(0, -1),
      Buffer.from('not DER at all'),
      Buffer.from([0x30, 0x80, 0, 0]),
      Buffer.from([0x30, 0x84, 0, 0, 0, 1, 0]),
    ]
    for (const der of cases) expect(await rule(how, [['client-cert', `:${der.toString('base64')}:`]])).toBe(one)
    const key = Buffer.from('MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE', 'base64')
    expect(await rule(how, [['client-cert', `:${key.toString('base64')}:`]])).toBe(one)
  })

  it('the chain may take several lines, and each must be a list of certificates', async () => {
    const lines = [authority.der, other.der].map((text) => ['client-cert-chain', `:${text}:`] as const)
    expect((await evidence(how, [['client-cert', cert], ...lines])).chain).toHaveLength(2)
    for (const value of [`:${authority.der}:,`, authority.der, `:${authority.der}: :${other.der}:`])
      expect(
        await rule(how, [
          ['client-cert', cert],
          ['client-cert-chain', value],
        ]),
      ).toBe(format)
    expect(
      await rule(how, [
        ['client-cert', cert],
        ['client-cert-chain', ':AAAA:'],
      ]),
    ).toBe(one)
  })

  it('the chain comes beside its certificate and does not hold it', async () => {
    expect(await rule(how, [['client-cert-chain', `:${authority.der}:`]])).toBe(beside)
    expect(
      await rule(how, [
        ['client-cert', ''],
        ['client-cert-chain', `:${authority.der}:`],
      ]),
    ).toBe(beside)
    expect(
      await rule(how, [
        ['client-cert', cert],
        ['client-cert-chain', `:${leaf.der}:`],
      ]),
    ).toBe(beside)
  })

  it('CERT-3.2-01: chains are bounded in length and number', async () => {
    const chain = (count: number, der: string) => Array.from({ length: count }, () => `:${der}:`).join(', ')
    expect(
      await rule(how, [
        ['client-cert', cert],
        ['client-cert-chain', chain(60, authority.der)],
      ]),
    ).toBe(bounded)
    expect(
      await rule(how, [
        ['client-cert', cert],
        ['client-cert-chain', chain(11, authority.der)],
      ]),
    ).toBe(bounded)
  })
})

describe('Envoy', () => {
  const how: ForwardedReading = { format: 'envoy' }
  const escaped = encodeURIComponent(leaf.cert)
  const hex = (x5t: string) => Buffer.from(x5t, 'base64url').toString('hex')
  const xfcc = (value: string) => [['X-Forwarded-Client-Cert', value]] as const
  const quotedSubject = 'Subject="CN=\\"a, b\\";O=x=y,C=JP"'

  it('a digest alone binds, and names nobody', async () => {
    const shown = await evidence(how, xfcc(`By=spiffe://mesh/api;Hash=${hex(leaf.x5t)};${quotedSubject};URI=spiffe://mesh/one;DNS=a;DNS=b`))
    expect([shown.x5t, shown.der]).toEqual([leaf.x5t, undefined])
  })

  it('digest, certificate and chain are of one certificate', async () => {
    expect((await evidence(how, xfcc(`hash=${hex(leaf.x5t)};cert="${escaped}";chain="${escaped}"`))).x5t).toBe(leaf.x5t)
    expect(await rule(how, xfcc(`Hash=${hex(other.x5t)};Cert="${escaped}"`))).toBe(agrees)
    expect(await rule(how, xfcc(`Cert="${escaped}";Chain="${encodeURIComponent(other.cert + leaf.cert)}"`))).toBe(agrees)
  })

  it('of several elements none counts, or the last, as configured', async () => {
    const both = `Hash=${hex(other.x5t)};${quotedSubject},Hash=${hex(leaf.x5t)}`
    expect(await rule(how, xfcc(both))).toBe(once)
    expect(await rule({ ...how, element: 'only' }, xfcc(both))).toBe(once)
    expect((await evidence({ ...how, element: 'last' }, xfcc(both))).x5t).toBe(leaf.x5t)
  })

  it('a comma or a semicolon inside quotes separates nothing', async () => {
    expect((await evidence(how, xfcc(`Hash=${hex(leaf.x5t)};Subject=",Hash=${hex(other.x5t)};"`))).x5t).toBe(leaf.x5t)
  })

  it('is refused where it does not read', async () => {
    for (const value of [
      `Hash=${hex(leaf.x5t)};Hash=${hex(other.x5t)}`,
      `Hash=${hex(leaf.x5t).slice(1)}`,
      'By=a',
      `Hash=${hex(leaf.x5t)};`,
      `Hash=${hex(leaf.x5t)},`,
      `Cert="${escaped}`,
      `Cert=${leaf.der}`,
      `Hash ${hex(leaf.x5t)}`,
      `Hash=${hex(leaf.x5t)} x`,
    ])
      expect(await rule(how, xfcc(value)), value.slice(0, 60)).toBe(format)
  })
})

describe('others', () => {
  it('CloudFront: a PEM beside the digest must be of that digest', async () => {
    const how: ForwardedReading = { format: 'cloudfront' }
    const digest = ['CloudFront-Viewer-Cert-Sha256', Buffer.from(leaf.x5t, 'base64url').toString('hex')] as const
    const shown = await evidence(how, [digest, ['CloudFront-Viewer-Cert-Pem', encodeURIComponent(leaf.cert)]])
    expect(Buffer.from(shown.der!).toString('base64')).toBe(leaf.der)
    expect(await rule(how, [digest, ['cloudfront-viewer-cert-pem', encodeURIComponent(other.cert)]])).toBe(agrees)
    expect(await rule(how, [digest, ['cloudfront-viewer-cert-pem', 'x']])).toBe(format)
    expect(await rule(how, [['cloudfront-viewer-cert-pem', encodeURIComponent(leaf.cert)]])).toBe(beside)
  })

  it('Apache: "(null)" is what it writes for nothing', async () => {
    expect(await read({ format: 'apache' }, [['x-ssl-client-cert', '(null)']])).toBeUndefined()
    for (const name of forwardedFormatNames.filter((each: ForwardedFormatName) => each !== 'apache'))
      expect(await rule({ format: name }, [[forwardedFormats[name].header, '(null)']]), name).toBe(format)
  })

  it('Traefik: the percent-encoded spelling of its older versions reads the same', async () => {
    const value = encodeURIComponent(`${leaf.der},${authority.der}`)
    const shown = await evidence({ format: 'traefik' }, [['x-forwarded-tls-client-cert', value]])
    expect([shown.x5t, shown.chain.length]).toEqual([leaf.x5t, 1])
  })

  it('HAProxy: a chain of certificates one after the other, with nothing between them and without the certificate itself', async () => {
    const how: ForwardedReading = { format: 'haproxy', chainHeader: 'X-SSL-Client-Chain' }
    const own = ['x-ssl-client-cert', leaf.der] as const
    const chain = (...parts: Uint8Array[]) => ['x-ssl-client-chain', Buffer.concat(parts).toString('base64')] as const
    const [above] = told.chain as [Uint8Array]
    expect((await evidence(how, [own, chain(above, bytes(other.der))])).chain).toHaveLength(2)
    expect(await rule(how, [own, chain(above, new Uint8Array([0]), bytes(other.der))])).toBe(format)
    expect(await rule(how, [own, chain(told.leaf, above)])).toBe(beside)
    expect(await rule(how, [own, chain(above), chain(above)])).toBe(once)
  })

  it('one header alone is read: what stands in those of other formats is nothing', async () => {
    const everything = tellings.flatMap(({ write }) => write(told))
    for (const { how } of tellings) {
      const own = new Set(makeForwardedReader(how).headers)
      expect(
        await read(
          how,
          everything.filter(([name]) => !own.has(name.toLowerCase())),
        ),
        how.format,
      ).toBeUndefined()
    }
  })
})
