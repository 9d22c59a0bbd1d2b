// Handshakes of real terminators: nginx in each of its modes, HAProxy, and Apache, which can also ask late, for one path alone.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcp } from 'node:net'
import { startTerminator, type TerminatorName, terminatorFolder } from 'testkit/terminators'
import { afterEach, describe, expect, it } from 'vitest'
import { makeCertificate, type TlsSeen } from '../src/index.ts'
import { surveyTls } from '../src/tls/index.ts'
import { lineTo } from './line-to.ts'

const authority = makeCertificate({ name: 'Acme authority', authority: true })
const serving = makeCertificate({ name: 'terminator', hosts: ['127.0.0.1', 'localhost'] })
const machine = makeCertificate({ name: 'machine', by: authority })

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function freePort(): Promise<number> {
  const probe = createTcp()
  const port = await new Promise<number>((ready) => probe.listen(0, '127.0.0.1', () => ready((probe.address() as AddressInfo).port)))
  await new Promise((closed) => probe.close(closed))
  return port
}

async function behind(): Promise<number> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'application/json').end('{}'))
  const port = await new Promise<number>((ready) => server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port)))
  open.push(() => new Promise((closed) => server.close(() => closed())))
  return port
}

/** @param config of the terminator, given its port, its folder and the port of the API behind. */
async function seenAt(name: TerminatorName, config: (own: number, folder: string, api: number) => string, path = '/'): Promise<TlsSeen> {
  const [port, api, folder] = [await freePort(), await behind(), terminatorFolder()]
  const files = {
    'server.pem': serving.cert,
    'server.key': serving.key,
    'both.pem': `${serving.cert}${serving.key}`,
    'authority.pem': authority.cert,
  }
  const running = await startTerminator(name, { folder, port, config: config(port, folder, api), files })
  open.push(running.close)
  const url = `https://localhost:${port}${path}`
  const { line, close } = lineTo([url], [serving.cert])
  const seen = await surveyTls({ target: 'api', method: 'GET', url, identity: machine }, line)
  close()
  return seen!
}

const nginx = (verify: string) => (own: number, folder: string, api: number) =>
  `
  server {
    listen 127.0.0.1:${own} ssl;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate ${folder}/server.pem;
    ssl_certificate_key ${folder}/server.key;
    ssl_client_certificate ${folder}/authority.pem;
    ssl_verify_client ${verify};
    location / { proxy_pass http://127.0.0.1:${api}; }
  }`

const haproxy = (verify: string) => (own: number, folder: string, api: number) =>
  `
frontend tls
  bind 127.0.0.1:${own} ssl crt ${folder}/both.pem ca-file ${folder}/authority.pem verify ${verify}
  default_backend api
backend api
  server api 127.0.0.1:${api}`

const apache =
  (inside: string, late = '') =>
  (own: number, folder: string, api: number) =>
    `
Listen 127.0.0.1:${own}
<VirtualHost 127.0.0.1:${own}>
  SSLEngine on
  SSLCertificateFile ${folder}/server.pem
  SSLCertificateKeyFile ${folder}/server.key
  SSLCACertificateFile ${folder}/authority.pem
  ${inside}
  ProxyPass / http://127.0.0.1:${api}/
  ${late}
</VirtualHost>`

describe('handshakes of real terminators', { timeout: 60_000 }, () => {
  it.each([
    ['off', 'not-requested'],
    ['optional', 'optional'],
    ['optional_no_ca', 'optional'],
    // The handshake is whole, and a page says 400: a scanner that looks at alerts alone calls it optional.
    ['on', 'required-in-http'],
  ] as const)('SEED-TB-60: nginx, ssl_verify_client %s: %s', async (verify, mode) => {
    const seen = await seenAt('nginx', nginx(verify))
    expect(seen.versions.map((one) => [one.version, one.mode])).toEqual([
      ['TLSv1.2', mode],
      ['TLSv1.3', mode],
    ])
    if (mode !== 'not-requested') expect(seen.versions[1]!.authorities).toEqual(['CN=Acme authority'])
    if (verify === 'on') expect(seen.versions[0]!.withoutCertificate).toBe('HTTP 400')
  })

  it.each([
    ['none', 'not-requested'],
    ['optional', 'optional'],
    ['required', 'required-in-tls'],
  ] as const)('SEED-TB-60: HAProxy, verify %s: %s', async (verify, mode) => {
    const seen = await seenAt('haproxy', haproxy(verify))
    expect(seen.versions.map((one) => one.mode)).toEqual([mode, mode])
  })

  it.each([
    ['none', 'not-requested'],
    ['optional', 'optional'],
    ['require', 'required-in-tls'],
  ] as const)('SEED-TB-60: Apache, SSLVerifyClient %s: %s', async (verify, mode) => {
    const seen = await seenAt('apache2', apache(`SSLVerifyClient ${verify}`))
    expect(seen.versions.map((one) => one.mode)).toEqual([mode, mode])
  })

  it('SEED-TB-60: Apache that asks for one path alone: a second handshake is seen in TLS 1.2, and TLS 1.3 is said to be out of sight', async () => {
    const seen = await seenAt('apache2', apache('SSLVerifyClient none', '<Location /late>\n SSLVerifyClient require\n</Location>'), '/late')
    const [old, current] = seen.versions
    expect(old).toMatchObject({ asked: 'not-requested', renegotiates: true, mode: 'not-observable' })
    expect(current).toMatchObject({ asked: 'not-requested', mode: 'not-observable' })
    expect(current!.reason).toContain('post-handshake authentication')
    expect(seen.mode).toBe('not-observable')
    const elsewhere = await seenAt('apache2', apache('SSLVerifyClient none', '<Location /late>\n SSLVerifyClient require\n</Location>'))
    expect(elsewhere.mode).toBe('not-requested')
  })
})
