// Certificates whose authority answers by OCSP (RFC 6960): what is believed, what is not, and what silence means. The responder is a real one.
import { craftCertificate } from 'testkit/crafted'
import { craftOcsp, craftOcspError, nonceOf, type OcspParts } from 'testkit/revocation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { job, named, type RevocationTest, revoked, root, type Says, silent, startRevocationTest } from './revocation-parts.ts'

let test: RevocationTest
beforeAll(async () => {
  test = await startRevocationTest({ answerSeconds: 1 })
})
afterAll(() => test.close())

const forOthers = '1.3.6.1.5.5.7.3.9'
const appointed = craftCertificate({ ...named('responder'), by: root, purposes: [forOthers] })
const elsewhere = craftCertificate({ ...named('root'), ca: true })

/** A certificate and its responder, which answers soundly but for what is changed. */
function certified(change: Partial<OcspParts> | ((question: Buffer) => Partial<OcspParts>) = {}, more: object = {}) {
  const says: Says = (question) => {
    const changed = typeof change === 'function' ? change(question) : change
    return craftOcsp({ issuer: root, about: certificate, now: test.now(), nonce: nonceOf(question), ...changed })
  }
  const url = test.place('ocsp', says)
  const certificate = job({ ocsp: [url], ...more })
  return { certificate, url }
}
/** What the log says of whoever did not answer. */
const why = () => (test.told()['received'] as { source: string; target: string; rule: string }[])[0]

describe('an answer that counts', () => {
  it('MTLS-2.1-01: good: the client gets in; the answer serves until the next one', async () => {
    const { certificate, url } = certified()
    expect([await test.ask(certificate), await test.ask(certificate), test.asked(url)]).toEqual([200, 200, 1])
    test.pass(3600)
    expect([await test.ask(certificate), test.asked(url)]).toEqual([200, 1])
    test.pass(1)
    expect([await test.ask(certificate), test.asked(url)]).toEqual([200, 2])
  })

  it('MTLS-2.1-01: revoked: 401, and the log says since when and by whom', async () => {
    const { certificate } = certified({ status: 'revoked' })
    expect(await test.ask(certificate)).toEqual(revoked)
    expect(test.told()).toMatchObject({ expected: 'good', received: 'revoked', clientId: 'job', x5t: certificate.x5t })
    expect(await test.ask(certificate)).toEqual(revoked)
  })

  it('MTLS-2.1-01: of a responder that the authority appointed, with or without a nonce', async () => {
    expect(await test.ask(certified({ signer: appointed, enclosed: [appointed] }).certificate)).toBe(200)
    expect(await test.ask(certified({ nonce: undefined }).certificate)).toBe(200)
    expect(await test.ask(certified({ signer: appointed, enclosed: [appointed], status: 'revoked' }).certificate)).toEqual(revoked)
  })

  it('MTLS-2.1-01: many requests at once ask once', async () => {
    const { certificate, url } = certified()
    expect(await Promise.all(Array.from({ length: 8 }, () => test.ask(certificate)))).toEqual(Array(8).fill(200))
    expect(test.asked(url)).toBe(1)
  })

  it('MTLS-2.1-01: an authority between is asked about as well', async () => {
    const { certificate: middle } = certified({ status: 'revoked' }, { ...named('middle'), ca: true })
    const deep = job({ by: middle })
    expect(await test.ask(deep, [middle])).toEqual(revoked)
  })
})

describe('an answer that does not count is silence', () => {
  const unfit = craftCertificate({ ...named('unfit'), by: root })
  const foreign = craftCertificate({ ...named('foreign'), by: elsewhere, purposes: [forOthers] })
  const expired = craftCertificate({ ...named('expired'), by: root, purposes: [forOthers], notAfter: 1_700_000_000 })
  const stranger = craftCertificate({ ...named('job'), by: root })
  it.each<[string, string, () => Partial<OcspParts>]>([
    ['with a wrong signature', 'answer-is-signed', () => ({ damaged: true })],
    ['signed over SHA-1', 'answer-is-signed', () => ({ digest: 'sha1' })],
    ['signed by another authority of the same name', 'answer-is-signed', () => ({ signer: elsewhere })],
    ['the same, enclosed', 'answer-is-of-the-authority', () => ({ signer: elsewhere, enclosed: [elsewhere] })],
    ['of a client of the authority', 'answer-is-of-the-authority', () => ({ signer: unfit, enclosed: [unfit] })],
    [
      'of a responder that another authority appointed',
      'answer-is-of-the-authority',
      () => ({ signer: foreign, enclosed: [foreign, elsewhere] }),
    ],
    ['of a responder whose time is over', 'answer-is-of-the-authority', () => ({ signer: expired, enclosed: [expired] })],
    ['about another certificate', 'answer-is-about-this-certificate', () => ({ about: stranger })],
    ['about another authority', 'answer-is-about-this-certificate', () => ({ named: elsewhere })],
    ['whose successor was due a second ago', 'answer-is-current', () => ({ nextUpdate: test.now() - 1 })],
    ['from the future', 'answer-is-current', () => ({ thisUpdate: test.now() + 61 })],
    ['without an end, an hour old', 'answer-is-current', () => ({ nextUpdate: null, thisUpdate: test.now() - 3601 })],
    ['to the question of somebody else', 'nonce-is-ours', () => ({ nonce: Buffer.alloc(32, 7) })],
    ['that knows nothing', 'status-is-known', () => ({ status: 'unknown' })],
  ])('MTLS-2.1-01: %s: %s', async (_what, rule, change) => {
    const { certificate, url } = certified(change)
    expect(await test.ask(certificate)).toEqual(silent)
    expect(why()).toEqual({ source: 'ocsp', target: test.responder.origin, rule: `certificate-status.${rule}` })
    expect(test.asked(url)).toBe(1)
  })

  it('MTLS-2.1-01: a revoked certificate is not saved by a good answer about another beside it', async () => {
    const { certificate } = certified({ status: 'revoked', thisUpdate: test.now() })
    expect(await test.ask(certificate)).toEqual(revoked)
  })

  const html =
    (status: number, headers: Record<string, string> = {}): Says =>
    () =>
    (response) =>
      response.writeHead(status, { 'content-type': 'text/html', ...headers }).end('<p>')
  it.each<[string, string, Says]>([
    ['that says to try later', 'certificate-status.answer-is-readable', () => craftOcspError(3)],
    ['that says so to strangers', 'certificate-status.answer-is-readable', () => craftOcspError(6)],
    ['of nothing', 'certificate-status.answer-is-readable', () => Buffer.alloc(0)],
    ['of noise', 'certificate-status.answer-is-readable', () => Buffer.from('3080'.repeat(2000), 'hex')],
    ['nested without end', 'certificate-status.answer-is-readable', () => Buffer.from('30'.repeat(60_000), 'hex')],
    ['longer than any', 'outbound.body-is-bounded', () => Buffer.alloc(65_537)],
    ['of another type', 'outbound.content-type-is-asked-for', html(200)],
    ['of a broken server', 'outbound.status-is-success', html(500)],
    ['from elsewhere', 'outbound.is-not-redirected', html(302, { location: 'http://127.0.0.1:1/' })],
    ['of a line that drops', 'outbound.connection-holds', () => (response) => response.socket?.destroy()],
    ['that never comes', 'outbound.answers-in-time', () => 'hang'],
  ])('MTLS-2.1-01: one %s: %s', async (_what, rule, says) => {
    const certificate = job({ ocsp: [test.place('ocsp', says)] })
    expect(await test.ask(certificate)).toEqual(silent)
    expect(why()).toMatchObject({ source: 'ocsp', rule })
  })

  it('MTLS-2.1-01: nobody is asked again for ten seconds, then once more', async () => {
    let damaged = true
    const { certificate, url } = certified(() => ({ damaged }))
    expect([await test.ask(certificate), await test.ask(certificate), test.asked(url)]).toEqual([silent, silent, 1])
    damaged = false
    test.pass(11)
    expect([await test.ask(certificate), test.asked(url)]).toEqual([200, 2])
  })

  it('MTLS-2.1-01: while one responder hangs, the clients of others are served', async () => {
    const hanging = job({ ocsp: [test.place('ocsp', () => 'hang')] })
    const order: string[] = []
    const waits = test.ask(hanging).then((answer) => order.push(`hanging ${JSON.stringify(answer)}`))
    expect(await test.ask(certified().certificate)).toBe(200)
    order.push('served')
    await waits
    expect(order).toEqual(['served', `hanging ${JSON.stringify(silent)}`])
  })

  it('MTLS-2.1-01: a URL that is not http, and one that leads inside, are not asked', async () => {
    expect(await test.ask(job({ ocsp: ['ldap://127.0.0.1/x'] }))).toEqual(silent)
    expect(why()).toMatchObject({ rule: 'certificate-status.url-is-http' })
    expect(await test.ask(job({ ocsp: ['http://127.0.0.1/inside'] }))).toEqual(silent)
    expect(why()).toMatchObject({ rule: 'outbound.addresses-are-public' })
  })
})

describe('who is asked about', () => {
  it('MTLS-2.1-01: nobody whose name or authority is not the registered one: an outsider makes no errands', async () => {
    const { certificate, url } = certified()
    expect(await test.ask(certificate, [], 'other')).toEqual([401, 'invalid_client', 'client-certificate.subject-is-the-registered-one'])
    const forged = craftCertificate({ ...named('job'), by: elsewhere, ocsp: [url] })
    expect(await test.ask(forged)).toEqual([401, 'invalid_client', 'client-certificate.chain-is-trusted'])
    expect(test.asked(url)).toBe(0)
  })
})
