// The one name that a client's certificate must have: each kind compared as that kind is, and none with another.
import { describe, expect, it } from 'vitest'
import {
  type CertificateFacts,
  type ExpectedSubject,
  hasExpectedSubject,
  isReadableSubject,
  nameAttribute,
  parseIpAddress,
} from '../src/index.ts'

const certificate: CertificateFacts = {
  subject: [[nameAttribute('2.5.4.10', '0c0442616e6b')], [nameAttribute('2.5.4.3', `0c0b${Buffer.from('job.example').toString('hex')}`)]],
  dns: ['Job.Example', '*.wild.example'],
  uris: ['spiffe://example/Job'],
  ips: ['c0000201', '20010db8000000000000000000000001'],
  emails: ['Job@Mail.Example'],
  notBefore: 0,
  notAfter: 10,
  strength: { kind: 'ec', bits: 256 },
  spki: 'k',
}

describe('what a certificate must be named', () => {
  it.each<[ExpectedSubject]>([
    [{ subjectDn: 'CN=job.example,O=Bank' }],
    [{ sanDns: 'job.example' }],
    [{ sanUri: 'spiffe://example/Job' }],
    [{ sanIp: '192.0.2.1' }],
    [{ sanIp: '2001:db8::1' }],
    [{ sanIp: '2001:0DB8:0:0:0:0:0:1' }],
    [{ sanEmail: 'Job@mail.example' }],
  ])('MTLS-2.1-01 MTLS-2.1.2-02: %j is one of its names', (expected) => {
    expect([isReadableSubject(expected), hasExpectedSubject(expected, certificate)]).toEqual([true, true])
  })

  it.each<[string, ExpectedSubject]>([
    ['the common name is no DNS name', { sanDns: 'bank' }],
    ['a DNS name is no common name', { subjectDn: 'CN=Job.Example' }],
    ['a part of the subject is not the subject', { subjectDn: 'O=Bank' }],
    ['the subject the other way round', { subjectDn: 'O=Bank,CN=job.example' }],
    ['a wildcard is not what it stands for elsewhere', { sanDns: 'a.wild.example' }],
    ['a name below', { sanDns: 'a.job.example' }],
    ['a final dot', { sanDns: 'job.example.' }],
    ['another case of a URI', { sanUri: 'spiffe://example/job' }],
    ['a prefix of a URI', { sanUri: 'spiffe://example/' }],
    ['another address', { sanIp: '192.0.2.2' }],
    ['the mapped form of an address', { sanIp: '::ffff:192.0.2.1' }],
    ['another case of the local part', { sanEmail: 'job@mail.example' }],
    ['a mail address is no URI', { sanUri: 'mailto:Job@Mail.Example' }],
  ])('MTLS-2.1-01: %s', (_why, expected) => {
    expect(hasExpectedSubject(expected, certificate)).toBe(false)
  })

  it.each<[ExpectedSubject]>([
    [{ subjectDn: 'job' }],
    [{ subjectDn: 'CN=jo\\00b' }],
    [{ sanDns: 'https://job.example' }],
    [{ sanDns: '*.job.example' }],
    [{ sanDns: '' }],
    [{ sanUri: 'job' }],
    [{ sanUri: 'urn:a b' }],
    [{ sanIp: 'job.example' }],
    [{ sanIp: '192.0.2.1/24' }],
    [{ sanEmail: 'job' }],
    [{ sanEmail: 'a@b@c' }],
  ])('MTLS-2.1.2-01: no certificate could be named %j', (expected) => {
    expect(isReadableSubject(expected)).toBe(false)
  })
})

describe('addresses', () => {
  it.each([
    ['192.0.2.1', 'c0000201'],
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['2001:DB8:0000:0:0::1', '20010db8000000000000000000000001'],
    ['::', '0'.repeat(32)],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
  ])('MTLS-2.1.2-02: %s is read as octets', (text, hex) => {
    expect(parseIpAddress(text)).toBe(hex)
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '0x7f.1.1.1',
    '2130706433',
    '1::2::3',
    ':1::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    'fe80::1%eth0',
    '12345::',
    '1.2.3.4::',
    '::1.2.3.4:5',
  ])('MTLS-2.1.2-02: %s is no address', (text) => {
    expect(parseIpAddress(text)).toBeUndefined()
  })
})
