// Self-signed certificates made on the spot (RFC 5280 §4.1), so that no private key lies in the repository.
import { createHash, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'

export interface TestCertificate {
  /** PEM. */
  readonly key: string
  /** PEM. */
  readonly cert: string
  /** base64 of the DER. */
  readonly der: string
  /** base64url SHA-256 of the DER (RFC 8705 §3.1). */
  readonly x5t: string
  /** The same over the public key alone: what it must not be confused with. */
  readonly spki: string
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const short = body.length < 128
  const size = short ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts)
const text = (value: string): Buffer => der(0x0c, Buffer.from(value))
const oid = (...bytes: number[]): Buffer => der(0x06, Buffer.from(bytes))
const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const commonName = oid(0x55, 0x04, 0x03)
const subjectAltName = oid(0x55, 0x1d, 0x11)
const valid = (fromYear: number, untilYear: number): Buffer =>
  sequence(...[fromYear, untilYear].map((year) => der(0x18, Buffer.from(`${year}0101000000Z`))))

/** @param host the DNS name it stands for, beside 127.0.0.1. @param untilYear when it ends. */
export function selfSigned(name: string, host = 'localhost', untilYear = 2120): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicDer = publicKey.export({ type: 'spki', format: 'der' })
  const subject = sequence(der(0x31, sequence(commonName, text(name))))
  const names = sequence(der(0x82, Buffer.from(host)), der(0x87, Buffer.from([127, 0, 0, 1])))
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, ...createHash('sha256').update(publicDer).digest().subarray(0, 15)])),
    ecdsaWithSha256,
    subject,
    valid(2000, untilYear),
    subject,
    publicDer,
    der(0xa3, sequence(sequence(subjectAltName, der(0x04, names)))),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  const whole = sequence(body, ecdsaWithSha256, signature)
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: new X509Certificate(whole).toString(),
    der: whole.toString('base64'),
    x5t: digest(whole),
    spki: digest(publicDer),
  }
}
