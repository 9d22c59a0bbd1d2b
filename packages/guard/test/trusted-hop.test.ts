// Who is believed to be the TLS terminator, what the configuration of it may say, and what the proxy passes on.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@kimei/protocol'
import { type RawAnswer, readAnswer } from 'testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { parseGuardConfig } from '../src/index.ts'
import {
  boundToOne,
  type Certified,
  callTls,
  certifiedGuard,
  credentials,
  one,
  routes,
  serving,
  startCertified,
  startCertifiedProxy,
  token,
  two,
} from './certified-api.ts'
import { echoFrameworks } from './echo-frameworks.ts'
import { issuer } from './guarded-api.ts'
import { call, cert, type Hop, ofBody, peers, proven, shared, told } from './terminator-calls.ts'

let running: Certified | undefined
afterEach(async () => {
  await running?.close()
  running = undefined
})

const onNode = echoFrameworks[0]![1]

describe('who is the terminator', () => {
  it('CERT-4-01: the right secret from an unlisted peer is nothing', async () => {
    running = await startCertified(onNode, { plain: true, guard: told({ ...shared, peers: ['192.0.2.0/24', '2001:db8::/32'] } as Hop) })
    expect((await call(running.port, '/mtls', [cert, proven])).status).toBe(401)
    expect(running.last()).toMatchObject({
      event: 'mtls_missing',
      ignoredCertificate: { expected: 'a listed peer', received: '127.0.0.1' },
    })
  })

  it('CERT-4-01: by a certificate of its own on the connection, and nobody else’s', async () => {
    const hop: Hop = { by: 'mutual-tls', peers, certificates: [two.cert] }
    running = await startCertified(onNode, { guard: told(hop) })
    const headers = { 'client-cert': `:${one.der}:` }
    expect((await callTls(running.port, '/mtls', { certificate: two, headers })).body.mode).toBe('mtls')
    expect((await callTls(running.port, '/mtls', { certificate: serving, headers })).status).toBe(401)
    expect(running.last()).toMatchObject({ event: 'mtls_missing', ignoredCertificate: { expected: 'mutual-tls' } })
    expect((await callTls(running.port, '/mtls', { headers })).status).toBe(401)
    // The terminator's own certificate is no client's.
    expect((await callTls(running.port, '/mtls', { certificate: two, cnf: { 'x5t#S256': two.x5t } })).status).toBe(401)
    expect(running.last().event).toBe('mtls_missing')
  })

  it('CERT-4-01: over a Unix socket, and not over the port beside it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kimei-hop-'))
    const path = join(folder, 'guard.sock')
    running = await startCertified(onNode, { plain: true, guard: told({ by: 'unix-socket' }) })
    const events: AuditEvent[] = []
    const listener = await onNode(certifiedGuard(events, told({ by: 'unix-socket' })))
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const { authorization } = credentials('/mtls', token(boundToOne))
    const lines = ['GET /mtls HTTP/1.1', 'Host: api.example', `Authorization: ${authorization}`, cert]
    expect((await overSocket(path, lines)).status).toBe(200)
    expect((await call(running.port, '/mtls', [cert])).status).toBe(401)
    expect(running.last()).toMatchObject({ ignoredCertificate: { expected: 'the Unix socket' } })
    await new Promise<void>((resolve) => server.close(() => resolve()))
    rmSync(folder, { recursive: true })
  })

  it('CERT-4-01: by its address alone only where somebody wrote down why', async () => {
    const why = 'the load balancer can prove itself in no way; its security group is the only way in'
    running = await startCertified(onNode, { plain: true, guard: told({ by: 'address', peers, dangerouslyTrustTheAddressAlone: why }) })
    expect((await call(running.port, '/mtls', [cert])).status).toBe(200)
  })

  it('CERT-4-01: forgeries are counted', () => {
    const guard = certifiedGuard([], told(shared))
    const facts = (headers: [string, string][]) =>
      guard.verify({ method: 'GET', target: '/open', headers, connection: { encrypted: false, remoteAddress: '192.0.2.1' } })
    return Promise.all([facts([]), facts([['Client-Cert', 'x']]), facts([['client-cert-chain', 'x']])]).then((verdicts) => {
      expect(verdicts.map((verdict) => verdict.admitted && verdict.withheld)).toEqual([undefined, ['client-cert'], ['client-cert-chain']])
      expect(guard.counts()).toMatchObject({ admitted: 3, ignoredCertificates: 2 })
    })
  })

  it('CERT-4-01: by default nobody', async () => {
    running = await startCertified(onNode, { plain: true })
    for (const line of [
      cert,
      `ssl-client-cert: ${encodeURIComponent(one.cert)}`,
      `X-Forwarded-Tls-Client-Cert: ${one.der}`,
      `X-SSL-Client-Cert: ${one.der}`,
    ])
      expect((await call(running.port, '/mtls', [line, proven])).status).toBe(401)
  })
})

function overSocket(path: string, lines: readonly string[]): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write([...lines, 'Connection: close', '', ''].join('\r\n')))
    let text = ''
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part
    })
    socket.on('error', reject).on('close', () => resolve(readAnswer(text)))
  })
}

describe('configuration', () => {
  const parse = (certificates: unknown) => parseGuardConfig({ issuer, resource: 'https://api.example/', routes, certificates })
  const mistakesOf = (certificates: unknown): string => {
    try {
      parse(certificates)
      return ''
    } catch (error) {
      return String((error as Error).message)
    }
  }

  it('RFC 9440 is the format where none is named', () => {
    expect(parse({ from: 'header', hop: shared }).certificates).toMatchObject({ format: 'rfc9440' })
  })

  it('every mistake is named', () => {
    for (const [wrong, says] of [
      [{ from: 'header' }, /certificates\.hop/],
      [{ from: 'header', hop: { by: 'nothing' } }, /certificates\.hop/],
      [{ from: 'header', hop: { ...shared, secret: 'short' } }, /32 to 256/],
      [{ from: 'header', hop: { ...shared, peers: [] } }, /certificates\.hop\.peers/],
      [{ from: 'header', hop: { ...shared, peers: ['proxy.internal'] } }, /neither an address nor a CIDR range/],
      [{ from: 'header', hop: { ...shared, peers: ['0.0.0.0/0'] } }, /trusts the whole internet/],
      [{ from: 'header', hop: { by: 'mutual-tls', peers, certificates: ['-----BEGIN CERTIFICATE-----\nx'] } }, /PEM that can be read/],
      [{ from: 'header', hop: { by: 'address', peers } }, /dangerouslyTrustTheAddressAlone/],
      [{ from: 'header', hop: { by: 'address', peers, dangerouslyTrustTheAddressAlone: 'why' } }, /say the reason/],
      [{ from: 'header', hop: shared, format: 'guess' }, /certificates\.format/],
      [{ from: 'header', hop: shared, format: 'nginx', chainHeader: 'X-Chain' }, /no chain of its own/],
      [{ from: 'header', hop: shared, element: 'last' }, /only envoy/],
      [{ from: 'header', hop: shared, header: 'Authorization' }, /means something else/],
      [{ from: 'header', hop: shared, trust: 'everybody' }, /trust/],
      [{ from: 'header', hop: shared, header: 'kimei-hop-secret' }, /the same name/],
      [{ from: 'header', hop: shared, verified: { header: 'Client-Cert' } }, /the same name/],
      [{ from: 'connection', hop: shared }, /hop/],
    ] as const) {
      expect(mistakesOf(wrong), JSON.stringify(wrong)).toMatch(says)
    }
  })
})

describe('the proxy', () => {
  const families = [
    'Client-Cert',
    'Client-Cert-Chain',
    'client_cert',
    'X-Forwarded-Client-Cert',
    'X-Forwarded-Tls-Client-Cert',
    'X-SSL-Client-Cert',
    'SSL_CLIENT_CERT',
    'ssl-client-verify',
    'X-Amzn-Mtls-Clientcert',
    'X-Amzn-Mtls-Clientcert-Leaf',
    'CloudFront-Viewer-Cert-Sha256',
    'X-Client-Certificate',
    'X-Client-Verify',
    'X-ARR-ClientCert',
    'Cf-Client-Cert-Der-Base64',
    'Kimei-X5t',
  ]

  it('CERT-2.4-01: passes on no header of certificates in any spelling, and none of a name that was chosen', async () => {
    running = await startCertifiedProxy({ plain: true, guard: told(shared, { header: 'X-Whoever', verified: { header: 'X_Checked' } }) })
    const answer = await call(
      running.port,
      '/open',
      [...families, 'X-Whoever', 'X_Whoever', 'X-Checked', 'Kimei-Hop-Secret']
        .map((name) => `${name}: x`)
        .concat('X-Other: 1', 'X-Client-Version: 3'),
    )
    expect(answer.status).toBe(200)
    const { headers } = ofBody(answer)
    expect(headers).toEqual(expect.arrayContaining(['x-other', 'x-client-version']))
    const folded = new Set(
      [...families, 'X-Whoever', 'X-Checked', 'Kimei-Hop-Secret'].map((name) => name.toLowerCase().replaceAll('_', '-')),
    )
    expect(headers.filter((name) => folded.has(name.replaceAll('_', '-')))).toEqual([])
  })

  it('CERT-2.1-01: writes Client-Cert itself where it is asked to, as RFC 9440 says, and over whatever came', async () => {
    running = await startCertifiedProxy({ clientCert: 'rfc9440' })
    const forged = { 'client-cert': `:${two.der}:` }
    expect((await callTls(running.port, '/mtls', { certificate: one, headers: forged })).body.clientCert).toBe(`:${one.der}:`)
    expect((await callTls(running.port, '/open', { certificate: one, headers: forged })).body.clientCert).toBeUndefined()
  })
})
