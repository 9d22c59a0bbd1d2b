// Answers about revocation as octets: whatever becomes of them on the way, a revoked certificate is never good, and nothing is thrown.

import { isBroken } from '@kimei/protocol'
import fc from 'fast-check'
import { type Crafted, craftCertificate } from 'testkit/crafted'
import { craftList, craftOcsp } from 'testkit/revocation'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ParsedCertificate, parseCertificate } from '../src/certificates/parsed-certificate.ts'
import { readList, statusIn } from '../src/certificates/revocation/crl.ts'
import { blockAt, timeOf } from '../src/certificates/revocation/der-cursor.ts'
import { readOcspAnswer } from '../src/certificates/revocation/ocsp.ts'

const now = 1_790_000_000
const named = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })
const root = craftCertificate({ ...named('root'), ca: true })
const job = craftCertificate({ ...named('job'), by: root })
const nonce = Buffer.alloc(32, 1)
const ocsp = craftOcsp({ issuer: root, about: job, now, status: 'revoked', nonce })
const list = craftList({ issuer: root, now, revoked: [job], filler: 3 })
const parse = async ({ der }: Crafted): Promise<ParsedCertificate> => {
  const parsed = await parseCertificate(Buffer.from(der, 'base64'))
  if (!parsed) throw new Error('a crafted certificate cannot be read')
  return parsed
}
let certificate: ParsedCertificate
let issuer: ParsedCertificate
beforeAll(async () => {
  certificate = await parse(job)
  issuer = await parse(root)
})

const byOcsp = async (bytes: Uint8Array) => {
  const told = await readOcspAnswer(bytes, { certificate, issuer, now }, nonce)
  return isBroken(told) ? 'silent' : told.status
}
const byList = async (bytes: Uint8Array) => {
  const read = await readList(bytes, { issuer, url: 'http://lists.example/a', now })
  const told = isBroken(read) ? read : statusIn(read, { certificate, issuer, now })
  return isBroken(told) ? 'silent' : told.status
}
const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  copy[at % copy.length] = value
  return copy
}

describe.each([
  ['an OCSP answer', ocsp, byOcsp],
  ['a list', list, byList],
] as const)('%s', (_what, sound, status) => {
  it('MTLS-2.1-01: as it came', async () => {
    expect(await status(sound)).toBe('revoked')
  })

  it('property MTLS-2.1-01: with one octet changed it says revoked, or nothing', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 255 }), async (at, value) => {
        expect(['revoked', 'silent']).toContain(await status(changed(sound, at, value)))
      }),
      { numRuns: 400 },
    ))

  it('property MTLS-2.1-01: cut short, made longer or made of noise it says nothing', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(sound.length - 1), fc.uint8Array({ minLength: 1, maxLength: 300 }), async (end, noise) => {
        expect(await status(sound.subarray(0, end))).toBe('silent')
        expect(await status(noise)).toBe('silent')
      }),
      { numRuns: 200 },
    ))
})

describe('blocks of DER', () => {
  const at = (hex: string) => {
    const bytes = Buffer.from(hex, 'hex')
    return blockAt(bytes, 0, bytes.length)
  }
  it('are taken with every definite length, and with no other', () => {
    expect(at('0500')).toEqual({ tag: 5, start: 0, content: 2, end: 2 })
    expect(at('04810100')).toMatchObject({ content: 3, end: 4 })
    expect(at('0482000100')).toMatchObject({ content: 4, end: 5 })
    for (const hex of ['', '30', '3080', '3081', '300100'.slice(0, 4), '30850000000000', '1f0100', '3082ffff00'])
      expect(() => at(hex)).toThrow(RangeError)
  })

  it('hold times of both forms, in whole seconds of UTC alone', () => {
    const time = (tag: number, text: string) => {
      const bytes = Buffer.concat([Buffer.from([tag, text.length]), Buffer.from(text)])
      return timeOf(bytes, blockAt(bytes, 0, bytes.length)).toISOString()
    }
    expect(time(0x17, '491231235959Z')).toBe('2049-12-31T23:59:59.000Z')
    expect(time(0x17, '500101000000Z')).toBe('1950-01-01T00:00:00.000Z')
    expect(time(0x18, '20500101000000Z')).toBe('2050-01-01T00:00:00.000Z')
    for (const text of ['500101000000+0900', '5001010000Z', '20500101000000.5Z']) expect(() => time(0x18, text)).toThrow(RangeError)
  })
})
