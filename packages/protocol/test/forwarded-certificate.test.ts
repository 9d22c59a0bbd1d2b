// Certificates that a terminator tells in headers: every format read as it is written, every rule as the only thing broken,
// and whatever else stands there refused by name. Who may tell is judged in the guard.
import fc from 'fast-check'
import { selfSigned } from 'testkit'
import { describe, expect, it } from 'vitest'
import { forwardedFormats, forwardingRules, isBroken } from '../src/index.ts'
import { evidence, read, rule, ruleNames, type Told, tellings } from './terminator-headers.ts'

const [leaf, other] = [selfSigned('one'), selfSigned('two')]
const authority = selfSigned('authority')
const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))
const told: Told = { leaf: bytes(leaf.der), chain: [bytes(authority.der)] }

const { format, once, one, bounded } = ruleNames

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
