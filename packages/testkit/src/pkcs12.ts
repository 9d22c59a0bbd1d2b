// A certificate and its key as one PKCS#12 file (RFC 7292), locked with a password as OpenSSL 3 does it.
import { AuthenticatedSafe, CertBag, Certificate, PFX, PKCS8ShroudedKeyBag, PrivateKeyInfo, SafeBag, SafeContents } from 'pkijs'
import type { TestCertificate } from './certificates.ts'

const bags = { key: '1.2.840.113549.1.12.10.1.2', certificate: '1.2.840.113549.1.12.10.1.3' }
const iterations = 2048

export async function packPkcs12({ cert, key }: Pick<TestCertificate, 'cert' | 'key'>, password: string): Promise<Uint8Array> {
  const secret = new Uint8Array(Buffer.from(password)).buffer
  const locked = new PKCS8ShroudedKeyBag({ parsedValue: PrivateKeyInfo.fromBER(derOf(key)) })
  const open = new CertBag({ parsedValue: Certificate.fromBER(derOf(cert)) })
  const safeBags = [new SafeBag({ bagId: bags.key, bagValue: locked }), new SafeBag({ bagId: bags.certificate, bagValue: open })]
  const safe = new AuthenticatedSafe({
    parsedValue: { safeContents: [{ privacyMode: 0, value: new SafeContents({ safeBags }) }] },
  })
  const pfx = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safe } })
  await locked.makeInternalValues({
    password: secret,
    contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 } as Algorithm & { length: number },
    hmacHashAlgorithm: 'SHA-256',
    iterationCount: iterations,
  } as Parameters<typeof locked.makeInternalValues>[0])
  await safe.makeInternalValues({ safeContents: [{}] })
  await pfx.makeInternalValues({ password: secret, iterations, pbkdf2HashAlgorithm: 'SHA-256', hmacHashAlgorithm: 'SHA-256' })
  return new Uint8Array(pfx.toSchema().toBER())
}

function derOf(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'))
}
