// Certificates of the holder as files hold them: what they are called, and what is said of those that cannot be used.
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from 'testkit'
import { craftCertificate } from 'testkit/crafted'
import { packPkcs12 } from 'testkit/pkcs12'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type CertificateMaterial, createCertificate, openCertificate } from '../src/node.ts'

const own = selfSigned('payroll')
const other = selfSigned('payroll')
const password = 'open sesame'
const locked = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: password },
}).privateKey
const pkcs12 = await packPkcs12(own, password)
const named = { subject: [[{ type: '2.5.4.3', value: 'payroll' }]] }
const now = 1_800_000_000

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'kimei-certificate-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

describe('a certificate with its key', () => {
  it('MTLS-3.1-01: is named by the digest of its DER, out of PEM and out of PKCS#12', () => {
    expect(createCertificate({ cert: own.cert, key: own.key }).current()).toMatchObject({ x5t: own.x5t, subject: 'CN=payroll' })
    expect(createCertificate({ pkcs12, password }).current().x5t).toBe(own.x5t)
  })

  const refusals: readonly (readonly [what: string, material: CertificateMaterial, says: string])[] = [
    ['a key of another certificate', { cert: own.cert, key: other.key }, 'the key is not the key of the certificate'],
    ['a locked key without its password', { cert: own.cert, key: locked }, 'it is locked with a password, and none was given'],
    ['a locked key with another password', { cert: own.cert, key: locked, password: 'shut' }, 'the password does not open it'],
    ['PKCS#12 with another password', { pkcs12, password: 'shut' }, 'the password does not open it'],
    ['PKCS#12 without its password', { pkcs12 }, 'it is locked with a password, and none was given'],
    ['something that is no PKCS#12', { pkcs12: Buffer.from('junk') }, 'the file is no PKCS#12 file that can be read'],
    ['a certificate that is none', { cert: 'junk', key: own.key }, 'certificate and key are not PEM texts that can be read'],
    ['a key that is none', { cert: own.cert, key: 'junk' }, 'the key is not in PEM, or of a kind that is not supported'],
    ['authorities that are none', { cert: own.cert, key: own.key, ca: 'junk' }, 'the file of authorities holds no certificate in PEM'],
  ]
  it.each(refusals)('is refused in plain words: %s', (_what, material, says) => {
    expect(() => createCertificate(material)).toThrow(expect.objectContaining({ code: 'holder.certificate-is-usable' }))
    expect(() => createCertificate(material)).toThrow(says)
    // Nothing of what was given stands in what is said.
    expect(() => createCertificate(material)).not.toThrow(/PRIVATE KEY|shut|sesame/)
  })

  it('is refused outside of its dates, also when they end while it is in use', () => {
    const short = craftCertificate({ ...named, notBefore: now, notAfter: now + 60 })
    const at = (moment: number) => () => createCertificate(short, () => moment)
    expect(at(now + 61)).toThrow('the certificate of CN=payroll expired on 2027-01-15')
    expect(at(now - 1)).toThrow('is not in force before 2027-01-15')
    let clock = now + 60
    const held = createCertificate(short, () => clock)
    expect(held.current().notAfter).toBe(now + 60)
    clock += 1
    expect(() => held.current()).toThrow('expired')
  })
})

describe('its files', () => {
  it('are followed: a renewed pair is taken up, half of one is not', () => {
    const at = folder()
    const files = { certFile: join(at, 'cert.pem'), keyFile: join(at, 'key.pem') }
    const write = (file: string, text: string): void => {
      writeFileSync(`${file}.new`, text)
      renameSync(`${file}.new`, file)
    }
    write(files.certFile, own.cert)
    write(files.keyFile, own.key)
    let clock = now
    const unfit: string[] = []
    const held = openCertificate(files, { clock: () => clock, onUnfit: (sentence) => unfit.push(sentence) })
    expect(held.current().x5t).toBe(own.x5t)
    write(files.certFile, other.cert)
    clock += 5
    expect(held.current().x5t).toBe(own.x5t)
    expect(unfit).toHaveLength(1)
    write(files.keyFile, other.key)
    clock += 5
    expect(held.current().x5t).toBe(other.x5t)
    rmSync(files.keyFile)
    clock += 5
    expect(held.current().x5t).toBe(other.x5t)
  })

  it('that are not there are named', () => {
    const at = folder()
    expect(() => openCertificate({ pkcs12File: join(at, 'none.p12') })).toThrow(`there is no file ${join(at, 'none.p12')}`)
  })
})
