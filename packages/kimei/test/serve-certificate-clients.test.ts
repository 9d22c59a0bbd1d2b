// `kimei serve` with clients that authenticate by certificate: authorities from a file, and a word before a certificate expires.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned, wireKey, wireProof } from 'testkit'
import { type Crafted, craftCertificate } from 'testkit/crafted'
import { callOverTls } from 'testkit/mtls'
import { expect, it } from 'vitest'
import { emptyFolder, kimei, kimeiRunning } from './run-kimei.ts'
import { freePort } from './serve-kit.ts'

const named = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })
const serving = selfSigned('localhost')
const tenDays = Math.floor(Date.now() / 1000) + 10 * 86_400
const other = craftCertificate({ ...named('other authority'), ca: true })
const authority = craftCertificate({ ...named('authority'), ca: true })
const job = craftCertificate({ ...named('job'), by: authority, notAfter: tenDays })

async function write(cwd: string, anchors: string): Promise<{ issuer: string; mtlsUrl: string }> {
  const [port, mtlsPort] = [await freePort(), await freePort()]
  mkdirSync(cwd, { recursive: true })
  writeFileSync(join(cwd, 'cert.pem'), serving.cert)
  writeFileSync(join(cwd, 'key.pem'), serving.key, { mode: 0o600 })
  writeFileSync(join(cwd, 'clients-ca.pem'), anchors)
  writeFileSync(
    join(cwd, 'kimei.yaml'),
    `issuer: http://127.0.0.1:${port}
mtls: { url: 'https://localhost:${mtlsPort}', trustAnchors: [{ file: clients-ca.pem }] }
listen: { port: ${port}, mtls: { port: ${mtlsPort}, certFile: cert.pem, keyFile: key.pem } }
audit: table-only
apis: [{ identifier: 'https://api.example/', name: Numbers, scopes: [numbers] }]
scopes: [{ scope: numbers, description: Read numbers }]
clients:
  - clientId: job
    kind: server
    name: Job
    authentication: tls_client_auth
    tlsClientAuth: { subjectDn: CN=job }
    scopes: [numbers]
    apis: ['https://api.example/']
`,
  )
  return { issuer: `http://127.0.0.1:${port}`, mtlsUrl: `https://localhost:${mtlsPort}` }
}

const ask = (mtlsUrl: string, certificate: Crafted) => {
  const dpop = wireProof(wireKey(), { method: 'POST', url: `${mtlsUrl}/token`, now: Math.floor(Date.now() / 1000) })
  const form = { grant_type: 'client_credentials', client_id: 'job' }
  return callOverTls(`${mtlsUrl}/token`, serving.cert, { certificate, form, headers: { dpop } })
}

it('MTLS-2.1-01: authorities come from a file, several in one; a certificate about to expire is told of in a line', async () => {
  const cwd = emptyFolder()
  const { mtlsUrl } = await write(cwd, `${other.cert}\n${authority.cert}`)
  const running = kimeiRunning(['serve'], { cwd })
  await running.until(/listens on/)
  expect((await ask(mtlsUrl, craftCertificate({ ...named('job'), by: job }))).status).toBe(401)
  const answer = await ask(mtlsUrl, job)
  expect(answer.status, answer.text).toBe(200)
  const day = new Date(tenDays * 1000).toISOString().slice(0, 10)
  const [line] = await running.until(/the certificate .*\n/)
  expect(line).toContain(`the certificate ${job.x5t} of client job at`)
  expect(line).toContain(`expires on ${day}`)
  expect((await running.stop()).code).toBe(0)
})

it('MTLS-2.1-01: where nobody tells whether a certificate was revoked its client is refused, and a line says who was asked', async () => {
  const cwd = emptyFolder()
  const { mtlsUrl } = await write(cwd, authority.cert)
  const running = kimeiRunning(['serve'], { cwd })
  await running.until(/listens on/)
  const unsure = craftCertificate({ ...named('job'), by: authority, crl: ['http://127.0.0.1/clients.crl'] })
  for (let turn = 0; turn < 2; turn += 1) expect((await ask(mtlsUrl, unsure)).status).toBe(503)
  const [lines] = await running.until(/nobody tells [^\n]*\n[^\n]*\n/)
  expect(lines).toMatch(/client job at \S+ was revoked: refused\n +crl at http:\/\/127\.0\.0\.1: outbound\.addresses-are-public/)
  expect((await running.stop()).code).toBe(0)
})

it('MTLS-2.1-01: kimei config check tells what is no authority', async () => {
  const cwd = emptyFolder()
  await write(cwd, `${authority.cert}\n${job.cert}`)
  const check = await kimei(['config', 'check', 'kimei.yaml'], { cwd })
  expect(check.code).not.toBe(0)
  expect(check.err).toContain('mtls.trustAnchors[0] holds the certificate of "CN=job", which is no authority')
  await write(cwd, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  expect((await kimei(['config', 'check', 'kimei.yaml'], { cwd })).err).toContain('mtls.trustAnchors[0] is no certificate that can be read')
})
