// Certificates whose authority publishes lists of revoked ones (RFC 5280 §5), what an operator may choose, and OCSP before lists.
import { craftCertificate } from 'testkit/crafted'
import { der, extension, octets, sequence } from 'testkit/der'
import { craftList, craftOcsp, type ListParts } from 'testkit/revocation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { job, named, type RevocationTest, revoked, root, silent, startRevocationTest } from './revocation-parts.ts'

let test: RevocationTest
beforeAll(async () => {
  test = await startRevocationTest()
})
afterAll(() => test.close())

const elsewhere = craftCertificate({ ...named('root'), ca: true })
type Change = Partial<ListParts> | ((url: string) => Partial<ListParts>)

/** Where a list stands that is sound but for what is changed. */
function listed(change: Change = {}, on = test): string {
  const url: string = on.place('crl', () =>
    craftList({ issuer: root, now: on.now(), ...(typeof change === 'function' ? change(url) : change) }),
  )
  return url
}
const why = (at = 0) => (test.told()['received'] as { source: string; rule: string }[])[at]
const scope = (...members: Buffer[]) => extension('2.5.29.28', sequence(...members), true)
const flag = (tag: number) => der(tag, Buffer.from([255]))
const place = (url: string) => der(0xa0, der(0xa0, der(0x86, Buffer.from(url))))

describe('a list that counts', () => {
  it('MTLS-2.1-01: one that does not hold the certificate lets it in, for all certificates of the authority, until the next list', async () => {
    const url = listed({ filler: 500 })
    expect([await test.ask(job({ crl: [url] })), await test.ask(job({ crl: [url] })), test.asked(url)]).toEqual([200, 200, 1])
    test.pass(3601)
    expect([await test.ask(job({ crl: [url] })), test.asked(url)]).toEqual([200, 2])
  })

  it('MTLS-2.1-01: one that holds it refuses it, among thousands, and no other', async () => {
    const revokedOnes: Parameters<typeof craftList>[0]['revoked'] & object[] = []
    const url = test.place('crl', () => craftList({ issuer: root, now: test.now(), revoked: revokedOnes, filler: 3000 }))
    const bad = job({ crl: [url] })
    ;(revokedOnes as unknown[]).push(bad)
    expect(await test.ask(bad)).toEqual(revoked)
    expect(test.told()).toMatchObject({ received: 'revoked', x5t: bad.x5t, clientId: 'job' })
    expect(await test.ask(job({ crl: [url] }))).toBe(200)
  })

  it('MTLS-2.1-01: one for clients alone, for this very place, or with words that are not critical', async () => {
    expect(await test.ask(job({ crl: [listed({ more: [scope(flag(0x81))] })] }))).toBe(200)
    expect(await test.ask(job({ crl: [listed((url) => ({ more: [scope(place(url))] }))] }))).toBe(200)
    expect(await test.ask(job({ crl: [listed({ more: [extension('1.3.6.1.4.1.99999.2', octets())] })] }))).toBe(200)
  })

  it('MTLS-2.1-01: an authority between that stands on the list of the one above it takes its certificates along', async () => {
    const gone: unknown[] = []
    const url = test.place('crl', () => craftList({ issuer: root, now: test.now(), revoked: gone as [] }))
    const middle = craftCertificate({ ...named('middle'), ca: true, by: root, crl: [url] })
    const deep = job({ by: middle })
    gone.push(middle)
    expect(await test.ask(deep, [middle])).toEqual(revoked)
  })
})

describe('a list that does not count is silence', () => {
  it.each<[string, string, Change]>([
    ['with a wrong signature', 'answer-is-signed', { damaged: true }],
    ['signed over SHA-1', 'answer-is-signed', { digest: 'sha1' }],
    ['signed by another authority of the same name', 'answer-is-signed', { signer: elsewhere }],
    ['of another authority', 'answer-is-of-the-authority', { issuer: craftCertificate({ ...named('elsewhere'), ca: true }) }],
    ['whose successor was due a second ago', 'answer-is-current', () => ({ nextUpdate: test.now() - 1 })],
    ['from the future', 'answer-is-current', () => ({ thisUpdate: test.now() + 61 })],
    ['without an end, an hour old', 'answer-is-current', () => ({ nextUpdate: null, thisUpdate: test.now() - 3601 })],
    ['of changes alone', 'answer-is-about-this-certificate', { more: [extension('2.5.29.27', der(0x02, Buffer.from([1])), true)] }],
    ['of authorities alone', 'answer-is-about-this-certificate', { more: [scope(flag(0x82))] }],
    ['of attributes alone', 'answer-is-about-this-certificate', { more: [scope(flag(0x85))] }],
    ['of several authorities', 'answer-is-about-this-certificate', { more: [scope(flag(0x84))] }],
    ['of some reasons alone', 'answer-is-about-this-certificate', { more: [scope(der(0x83, Buffer.from([1, 0x40])))] }],
    ['for another place', 'answer-is-about-this-certificate', { more: [scope(place('http://127.0.0.1/other.crl'))] }],
    ['with something critical that nobody knows', 'answer-is-about-this-certificate', { more: [extension('1.2.3', octets(), true)] }],
    [
      'with entries of somebody else',
      'answer-is-about-this-certificate',
      { filler: 1, inEntries: [extension('2.5.29.29', sequence(), true)] },
    ],
  ])('MTLS-2.1-01: %s: %s', async (_what, rule, change) => {
    expect(await test.ask(job({ crl: [listed(change)] }))).toEqual(silent)
    expect(why()).toMatchObject({ source: 'crl', rule: `certificate-status.${rule}` })
  })

  it('MTLS-2.1-01: nor does one of an authority that may not sign lists, noise, or one longer than any', async () => {
    const mute = craftCertificate({ ...named('mute'), ca: true, by: root, usages: 0x04 })
    expect(await test.ask(job({ by: mute, crl: [listed({ issuer: mute })] }), [mute])).toEqual(silent)
    expect(why()).toMatchObject({ rule: 'certificate-status.answer-is-of-the-authority' })
    expect(await test.ask(job({ crl: [test.place('crl', () => Buffer.from('noise'))] }))).toEqual(silent)
    expect(why()).toMatchObject({ rule: 'certificate-status.answer-is-readable' })
    expect(await test.ask(job({ crl: [test.place('crl', () => Buffer.alloc(2_097_153))] }))).toEqual(silent)
    expect(why()).toMatchObject({ rule: 'outbound.body-is-bounded' })
  })
})

describe('a certificate that names both', () => {
  const both = (ocsp: (about: ReturnType<typeof job>) => Buffer, change: Change) => {
    const responder: string = test.place('ocsp', () => ocsp(certificate))
    const url = listed(change)
    const certificate: ReturnType<typeof job> = job({ ocsp: [responder], crl: [url] })
    return { certificate, url, responder }
  }

  it('MTLS-2.1-01: is asked about by OCSP first, and the list is not fetched', async () => {
    const { certificate, url } = both((about) => craftOcsp({ issuer: root, about, now: test.now() }), { damaged: true })
    expect([await test.ask(certificate), test.asked(url)]).toEqual([200, 0])
  })

  it('MTLS-2.1-01: where the responder is silent the list decides; where both are, nobody gets in and the log names both', async () => {
    const noise = () => Buffer.from('noise')
    expect(await test.ask(both(noise, {}).certificate)).toBe(200)
    expect(await test.ask(both(noise, { damaged: true }).certificate)).toEqual(silent)
    expect([why(0)?.source, why(1)?.source]).toEqual(['ocsp', 'crl'])
  })
})

describe('what the operator chooses', () => {
  const with_ = async (revocation: object, use: (other: RevocationTest) => Promise<void>) => {
    const other = await startRevocationTest(revocation)
    try {
      await use(other)
    } finally {
      await other.close()
    }
  }

  it('MTLS-2.1-01: dangerouslyAcceptSilent lets silence pass, each time told; a revoked one stays out', () =>
    with_({ dangerouslyAcceptSilent: true }, async (other) => {
      const certificate = job({ crl: [listed({ damaged: true }, other)] })
      expect(await other.ask(certificate)).toBe(200)
      expect(other.kit.audit.at(-2)).toMatchObject({
        event: 'certificate_unchecked',
        x5t: certificate.x5t,
        received: [{ source: 'crl', rule: 'certificate-status.answer-is-signed' }],
      })
      const gone: unknown[] = []
      const bad = job({ crl: [other.place('crl', () => craftList({ issuer: root, now: other.now(), revoked: gone as [] }))] })
      gone.push(bad)
      expect(await other.ask(bad)).toEqual(revoked)
    }))

  it('MTLS-2.1-01: dangerouslyNeverAsk asks nobody', () =>
    with_({ dangerouslyNeverAsk: true }, async (other) => {
      const url = listed({ damaged: true }, other)
      expect([await other.ask(job({ crl: [url] })), other.asked(url)]).toEqual([200, 0])
    }))

  it('MTLS-2.1-01: unnamed: refuse keeps certificates out that name nobody; by default they come in', async () => {
    expect(await test.ask(job({}))).toBe(200)
    await with_({ unnamed: 'refuse' }, async (other) => {
      expect(await other.ask(job({}))).toEqual([401, 'invalid_client', 'client-certificate.names-who-tells'])
      expect(await other.ask(job({ crl: [listed({}, other)] }))).toBe(200)
    })
  })

  it('MTLS-2.1-01: sources: [crl] never asks a responder, and a place that was not listed is not reached', async () => {
    await with_({ sources: ['crl'] }, async (other) => {
      const responder = other.place('ocsp', () => Buffer.alloc(0))
      expect([await other.ask(job({ ocsp: [responder], crl: [listed({}, other)] })), other.asked(responder)]).toEqual([200, 0])
    })
    const unlisted = await startRevocationTest({}, { listed: false })
    const url = listed({}, unlisted)
    expect([await unlisted.ask(job({ crl: [url] })), unlisted.asked(url)]).toEqual([silent, 0])
    await unlisted.close()
  })
})
