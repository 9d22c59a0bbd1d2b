// Header values as specifications and manuals print them, letter by letter: the certificate of RFC 9440 appendix A, the examples of
// Envoy, AWS and CloudFront.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ForwardedFormatName } from '../src/index.ts'
import { evidence, rule, ruleNames } from './terminator-headers.ts'

/** RFC 9440 appendix A, figure 2. */
const rfcCertificate = [
  'MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBB',
  'dXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAx',
  'MTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZI',
  'zj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p',
  '5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIw',
  'ADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMC',
  'BsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1w',
  'bGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMje',
  'SkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=',
]
const der = Buffer.from(rfcCertificate.join(''), 'base64')
const x5t = createHash('sha256').update(der).digest('base64url')
/** As AWS prints it: spaces and line ends escaped, + = and / left. */
const escaped = `-----BEGIN%20CERTIFICATE-----%0A${rfcCertificate.join('%0A')}%0A-----END%20CERTIFICATE-----%0A`

const read = (format: ForwardedFormatName, header: string, value: string) => evidence({ format }, [[header, value]])
const hexOf = (thumbprint: string) => Buffer.from(thumbprint, 'base64url').toString('hex')

describe('values as they are printed', () => {
  it('CERT-2.1-01: RFC 9440 appendix A', async () => {
    const shown = await read('rfc9440', 'Client-Cert', `:${rfcCertificate.join('')}:`)
    expect([shown.x5t, Buffer.from(shown.der!).equals(der)]).toEqual([x5t, true])
  })

  it('AWS ALB: passthrough and verify', async () => {
    expect((await read('alb-passthrough', 'X-Amzn-Mtls-Clientcert', escaped)).x5t).toBe(x5t)
    expect((await read('alb-verify', 'X-Amzn-Mtls-Clientcert-Leaf', escaped)).x5t).toBe(x5t)
  })

  it('CloudFront: the digest, and the PEM beside it', async () => {
    const printed = '01fbf94fef5569753420c349f49adbfd80af5275377816e3ab1fb371b29cb586'
    expect(hexOf((await read('cloudfront', 'CloudFront-Viewer-Cert-Sha256', printed)).x5t)).toBe(printed)
    const both = [
      ['CloudFront-Viewer-Cert-Sha256', hexOf(x5t)],
      ['CloudFront-Viewer-Cert-Pem', escaped],
    ] as const
    expect((await evidence({ format: 'cloudfront' }, both)).der).toBeDefined()
  })

  it('Traefik: base64 alone', async () => {
    expect((await read('traefik', 'X-Forwarded-Tls-Client-Cert', rfcCertificate.join(''))).x5t).toBe(x5t)
  })

  it('Envoy: its three examples, the second of which has two elements', async () => {
    const first = '468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688'
    const second = '9ba61d6425303443c0748a02dd8de688468ed33be74eee6556d90c0149c1309e'
    const subject = 'Subject="/C=US/ST=CA/L=San Francisco/OU=Lyft/CN=Test Client"'
    const one = `By=http://frontend.lyft.com;Hash=${first};${subject};URI=http://testclient.lyft.com`
    const two = `By=http://frontend.lyft.com;Hash=${first};URI=http://testclient.lyft.com,By=http://backend.lyft.com;Hash=${second};URI=http://frontend.lyft.com`
    const header = 'x-forwarded-client-cert'
    expect(hexOf((await read('envoy', header, one)).x5t)).toBe(first)
    expect(hexOf((await read('envoy', header, `${one};DNS=lyft.com;DNS=www.lyft.com`)).x5t)).toBe(first)
    expect(await rule({ format: 'envoy' }, [[header, two]])).toBe(ruleNames.once)
    expect(hexOf((await evidence({ format: 'envoy', element: 'last' }, [[header, two]])).x5t)).toBe(second)
  })
})
