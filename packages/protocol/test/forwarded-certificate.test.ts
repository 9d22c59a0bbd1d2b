// Certificates that a terminator tells in headers: every format read as it is written, every rule as the only thing broken,
// and whatever else stands there refused by name. Who may tell is judged in the guard.
import fc from 'fast-check'
import { selfSigned } from 'testkit'
import { describe, expect, it } from 'vitest'
import {
  type Broken,
  type ForwardedFormatName,
  type ForwardedReading,
  forwardedFormatNames,
  forwardedFormats,
  forwardingRules,
  isBroken,
  makeForwardedReader,
  type PresentedCertificate,
  renderClientCert,
  renderClientCertChain,
  wholeLaw,
} from '../src/index.ts'
import { type Lines, type Told, tellings } from './terminator-headers.ts'

const [leaf, other] = [selfSigned('one'), selfSigned('two')]
const authority = selfSigned('authority')
const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))
const told: Told = { leaf: bytes(leaf.der), chain: [bytes(authority.der)] }

function read(how: ForwardedReading, lines: Lines) {
  const of = (name: string) => lines.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
  return makeForwardedReader(how).read(of, wholeLaw)
}

async function evidence(how: ForwardedReading, lines: Lines): Promise<PresentedCertificate> {
  const answer = await read(how, lines)
  if (answer === undefined || isBroken(answer)) throw new Error(`no certificate: ${JSON.stringify(answer)}`)
  return answer
}

async function rule(how: ForwardedReading, lines: Lines): Promise<Broken['broken'] | undefined> {
  const answer = await read(how, lines)
  return answer !== undefined && isBroken(answer) ? answer.broken : undefined
}

const format = 'certificate-header.is-in-the-configured-format'
const once = 'certificate-header.is-sent-once'
const one = 'certificate-header.holds-one-certificate'
const bounded = 'certificate-header.is-bounded'
const beside = 'certificate-header.chain-comes-with-its-certificate'
const agrees = 'certificate-header.agrees-with-itself'

describe.each(tellings)('$name', ({ how, write, carries }) => {
  const header = how.header ?? forwardedFormats[how.format].header

  it('CERT-2.1-01: the certificate is read, and the chain where it is told', async () => {
    const shown = await evidence(how, write(told))
    expect(shown.x5t).toBe(leaf.x5t)
    expect(shown.der === undefined ? undefined : Buffer.from(shown.der).toString('base64')).toBe(
      carries === 'digest' ? undefined : leaf.der,
    )
    expect(shown.chain.map((der) => Buffer.from(der).toString('base64'))).toEqual(carries === 'chain' ? [authority.der] : [])
  })

  it('names of headers are read in any case', async () => {
    const shouted = write(told).map(([name, value]) => [name.toUpperCase(), value] as const)
    expect((await evidence(how, shouted)).x5t).toBe(leaf.x5t)
  })

  it('an absent or empty header is no certificate', async () => {
    expect(await read(how, [])).toBeUndefined()
    expect(await read(how, [[header, '']])).toBeUndefined()
  })

  it('CERT-2.1-01: two lines are refused, equal or not, and two values in one line', async () => {
    const [[name, value]] = write(told) as [readonly [string, string]]
    const [[, second]] = write({ leaf: bytes(other.der), chain: [] }) as [readonly [string, string]]
    for (const more of [value, second]) {
      expect(
        await rule(how, [
          [name, value],
          [name, more],
        ]),
      ).toBe(once)
      expect([once, format]).toContain(await rule(how, [[name, `${value}, ${more}`]]))
    }
  })

  it('CERT-2.1-01: every other format is refused, and so is junk', async () => {
    for (const foreign of tellings) {
      const [[, value]] = foreign.write({ ...told, chain: [] }) as [readonly [string, string]]
      const own = write({ ...told, chain: [] }).some(([, mine]) => mine === value)
      const alike = foreign.how.format === how.format || own
      // Percent-encoded PEM is written by several, with other characters left as they are.
      const escaped = ['nginx', 'alb-passthrough', 'alb-verify']
      if (alike || (escaped.includes(foreign.how.format) && escaped.includes(how.format))) continue
      if (how.format === 'traefik' && foreign.how.format === 'haproxy') continue
      // Hex is base64, too, of something that is no certificate.
      expect([format, ...(foreign.how.format === 'cloudfront' ? [one] : [])], foreign.name).toContain(await rule(how, [[header, value]]))
    }
    const folded = `${write(told)[0]![1].slice(0, 40)}\r\n ${write(told)[0]![1].slice(40)}`
    for (const junk of [
      'x',
      ':x:',
      '::',
      '::::',
      '-----BEGIN CERTIFICATE-----',
      '%',
      '%zz',
      '=',
      ',',
      ';',
      '"',
      'Hash=',
      'Hash="',
      'Ã©',
      '\u00ff',
      '\t',
      folded,
    ]) {
      expect(await rule(how, [[header, junk]]), junk).toBe(format)
    }
  })

  it('CERT-3.2-01: 20 kB are refused before they are read', async () => {
    expect(await rule(how, [[header, 'A'.repeat(20_000)]])).toBe(bounded)
  })

  it('a certificate counts only as verified, where that is demanded', async () => {
    const demanding = { ...how, verified: { header: 'X-Verify', value: 'SUCCESS' } }
    expect((await evidence(demanding, [...write(told), ['x-verify', 'SUCCESS']])).x5t).toBe(leaf.x5t)
    for (const said of ['FAILED:self-signed certificate', 'NONE', 'success', '']) {
      expect(await rule(demanding, [...write(told), ['x-verify', said]]), said).toBe('certificate-header.was-verified')
    }
    expect(await rule(demanding, write(told))).toBe('certificate-header.was-verified')
    expect(await rule(demanding, [...write(told), ['x-verify', 'SUCCESS'], ['x-verify', 'SUCCESS']])).toBe(once)
    expect(await read(demanding, [['x-verify', 'NONE']])).toBeUndefined()
  })

  it('what is written is read back, whatever the certificate', async () => {
    await fc.assert(
      fc.asyncProperty(anyCertificate, fc.array(anyCertificate, { maxLength: 3 }), async (der, chain) => {
        const shown = await evidence(how, write({ leaf: der, chain }))
        const digest = Buffer.from(await crypto.subtle.digest('SHA-256', der)).toString('base64url')
        expect(shown.x5t).toBe(digest)
        if (carries === 'chain') expect(shown.chain).toEqual(chain)
      }),
      { numRuns: 60 },
    )
  })

  it('whatever else is there is refused by the name of a rule, and nothing throws', async () => {
    const known = new Set(Object.keys(forwardingRules.rules))
    const value = write(told)[0]![1]
    const edited = fc.tuple(fc.nat(value.length), fc.nat(3), fc.string({ unit: 'binary', maxLength: 3 }))
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), edited), async (change) => {
        const line = typeof change === 'string' ? change : value.slice(0, change[0]) + change[2] + value.slice(change[0] + change[1])
        const answer = await read(how, [[header, line]])
        if (answer !== undefined && isBroken(answer)) expect(known).toContain(answer.broken)
        else expect(answer === undefined ? line : answer.x5t).toBeDefined()
      }),
      { numRuns: 150 },
    )
  })
})

/** DER with the outline of a certificate: that is as far as anything here reads. */
const anyCertificate = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 72 }))
  .map(([body, algorithm, signature]) => der(0x30, der(0x30, body), der(0x30, algorithm), der(0x03, signature)))

function der(tag: number, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const body = Buffer.concat(parts)
  const size = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255]
  return new Uint8Array(Buffer.concat([Buffer.from([tag, ...size]), body]))
}

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

  it('HAProxy: a chain with something between its certificates is refused', async () => {
    const how: ForwardedReading = { format: 'haproxy', chainHeader: 'X-SSL-Client-Chain' }
    const own = ['x-ssl-client-cert', leaf.der] as const
    const joined = (...parts: Uint8Array[]) => Buffer.concat(parts).toString('base64')
    expect(await rule(how, [own, ['x-ssl-client-chain', joined(told.leaf, new Uint8Array([0]), told.chain[0]!)]])).toBe(format)
    expect(await rule(how, [own, ['x-ssl-client-chain', joined(told.chain[0]!)]])).toBe(agrees)
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
