// Certificates read into facts: names entry by entry, alternative names by kind, nothing taken from a text that somebody else made.
import { X509Certificate } from 'node:crypto'
import { canonicalName, hasExpectedSubject, parseSubjectName } from '@kimei/protocol'
import { type CraftedParts, craftCertificate } from 'testkit/crafted'
import { describe, expect, it } from 'vitest'
import { readCertificate } from '../src/certificates/read-certificate.ts'

const read = (parts: CraftedParts) => readCertificate(Buffer.from(craftCertificate(parts).der, 'base64'))
const [cn, ou, o] = ['2.5.4.3', '2.5.4.11', '2.5.4.10']
const job = [[{ type: o, value: 'Bank' }], [{ type: cn, value: 'job' }]]

describe('facts of a certificate', () => {
  it('MTLS-2.1.2-02: the subject keeps its entries, and which attributes stand together', async () => {
    const facts = await read({
      subject: [
        [{ type: o, value: 'Bank' }],
        [
          { type: cn, value: 'job' },
          { type: ou, value: 'ops', tag: 0x13 },
        ],
      ],
    })
    expect(facts && hasExpectedSubject({ subjectDn: 'OU=ops+CN=job,O=Bank' }, facts)).toBe(true)
    expect(facts && hasExpectedSubject({ subjectDn: 'CN=job,OU=ops,O=Bank' }, facts)).toBe(false)
  })

  it('MTLS-2.1-01: alternative names by kind, addresses in octets, times and key', async () => {
    const made = craftCertificate({
      subject: job,
      dns: ['job.example', '*.job.example'],
      uris: ['spiffe://example/job'],
      emails: ['job@example.test'],
      ips: [Uint8Array.from([192, 0, 2, 1]), Uint8Array.from([0x20, 1, 0x0d, 0xb8, ...Array(11).fill(0), 1])],
      notBefore: 1_700_000_000,
      notAfter: 1_800_000_000,
    })
    const facts = await readCertificate(Buffer.from(made.der, 'base64'))
    expect(facts).toMatchObject({
      dns: ['job.example', '*.job.example'],
      uris: ['spiffe://example/job'],
      emails: ['job@example.test'],
      ips: ['c0000201', '20010db8000000000000000000000001'],
      notBefore: 1_700_000_000,
      notAfter: 1_800_000_000,
      spki: made.spki,
      key: new X509Certificate(made.cert).publicKey.export({ format: 'jwk' }),
    })
  })

  it('MTLS-2.1.2-02: a value that spells more names, and an entry that spells more entries, are each one', async () => {
    const facts = await read({
      subject: [[{ type: cn, value: 'job,O=Bank' }]],
      dns: ['job.example, DNS:bank.example', 'a\0.example'],
      uris: ['urn:a'],
    })
    expect(facts && canonicalName(facts.subject)).toBe(canonicalName(parseSubjectName('CN=job\\,O=Bank') ?? []))
    expect(facts && hasExpectedSubject({ subjectDn: 'CN=job,O=Bank' }, facts)).toBe(false)
    expect(facts && hasExpectedSubject({ sanDns: 'bank.example' }, facts)).toBe(false)
    expect(facts?.dns).toEqual([])
  })

  it('MTLS-2.1-01: a certificate that says its alternative names twice says nothing', async () => {
    expect(await read({ subject: job, dns: ['job.example'], alternatives: 2 })).toBeUndefined()
  })

  it('MTLS-2-01: junk, a cut certificate, one with more behind it and one of 40 kB are not read, and nothing is thrown', async () => {
    const sound = Buffer.from(craftCertificate({ subject: job }).der, 'base64')
    const long = craftCertificate({ subject: job, uris: Array.from({ length: 20 }, (_, at) => `urn:${at}:${'a'.repeat(2000)}`) })
    const all = [
      Buffer.from('junk'),
      Buffer.alloc(0),
      sound.subarray(0, -1),
      Buffer.concat([sound, Buffer.from([0])]),
      Buffer.from(long.der, 'base64'),
    ]
    for (const bytes of all) expect(await readCertificate(bytes)).toBeUndefined()
    expect(await readCertificate(sound)).toBeDefined()
  })

  it('MTLS-2.1.2-02: an empty subject, and one of a type that nobody reads, match no name', async () => {
    const empty = await read({ subject: [], dns: ['job.example'] })
    expect(empty && hasExpectedSubject({ subjectDn: 'CN=job' }, empty)).toBe(false)
    expect(empty && hasExpectedSubject({ sanDns: 'job.example' }, empty)).toBe(true)
    const odd = await read({ subject: [[{ type: cn, value: Uint8Array.from([0xff]), tag: 0x14 }]] })
    expect(odd && hasExpectedSubject({ subjectDn: 'CN=\\FF' }, odd)).toBe(false)
    expect(odd && hasExpectedSubject({ subjectDn: 'CN=#1401ff' }, odd)).toBe(true)
  })
})
