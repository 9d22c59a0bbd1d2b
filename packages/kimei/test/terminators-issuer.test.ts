// `kimei serve` behind a real nginx, both with the configuration of docs/operate: a client authenticates and gets a ticket that names
// its certificate, and nobody else does.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned, wireKey } from 'testkit'
import { claimsOfJwt, type KitAnswer } from 'testkit/issuer'
import { callOverTls } from 'testkit/mtls'
import { startTerminator, terminatorFolder } from 'testkit/terminators'
import { expect, it, onTestFinished } from 'vitest'
import { blockOf, withChanges } from './operate-page.ts'
import { emptyFolder, kimeiRunning } from './run-kimei.ts'
import { freePort } from './serve-kit.ts'

const [serving, job, stranger] = [selfSigned('id'), selfSigned('job'), selfSigned('stranger')]
const secret = 'correct-horse-battery-staple-0123456789'
const api = 'https://api.example/'

async function start(): Promise<{ readonly browsers: string; readonly clients: string; readonly told: () => string }> {
  const [cwd, folder] = [emptyFolder(), terminatorFolder()]
  const [browsers, clients, inner] = [await freePort(), await freePort(), await freePort()]
  const x5c = JSON.stringify({ ...wireKey().publicJwk, kid: 'job', x5c: [job.der] })
  const file = withChanges(blockOf('The issuer behind a terminator', 'yaml'), {
    'https://id.example:9443': `https://localhost:${clients}`,
    'https://id.example': `https://localhost:${browsers}`,
    'port: 4444': `port: ${inner}`,
  })
  writeFileSync(join(cwd, 'hop-secret.txt'), `${secret}\n`)
  writeFileSync(
    join(cwd, 'kimei.yaml'),
    `${file}
apis: [{ identifier: '${api}', name: Numbers, scopes: [numbers] }]
scopes: [{ scope: numbers, description: Read numbers }]
clients:
  - clientId: job
    kind: server
    name: Job
    authentication: self_signed_tls_client_auth
    jwks: { keys: [${x5c}] }
    binding: { kind: required, by: certificate }
    scopes: [numbers]
    apis: ['${api}']
`,
  )
  const serve = kimeiRunning(['serve'], { cwd })
  await serve.until(/listens on/)
  writeFileSync(join(folder, 'server.pem'), serving.cert)
  writeFileSync(join(folder, 'server.key'), serving.key)
  const config = withChanges(blockOf('nginx', 'nginx'), {
    'listen 443 ssl': `listen 127.0.0.1:${browsers} ssl`,
    'listen 9443 ssl': `listen 127.0.0.1:${clients} ssl`,
    '127.0.0.1:8443': `127.0.0.1:${inner}`,
    '/etc/nginx/tls': folder,
    'the secret of hop-secret.txt': secret,
  })
  const nginx = await startTerminator('nginx', { folder, port: clients, config, files: {} })
  onTestFinished(() => nginx.close())
  return { browsers: `https://localhost:${browsers}`, clients: `https://localhost:${clients}`, told: serve.text }
}

const form = { grant_type: 'client_credentials', client_id: 'job' }
const forged = { 'ssl-client-cert': encodeURIComponent(job.cert), 'client-cert': `:${job.der}:` }

it('MTLS-3-01 CERT-4-01 CERT-2.4-01: an issuer behind nginx names the certificate that nginx saw, and hears of no other', async () => {
  const { browsers, clients, told } = await start()
  const ask = (origin: string, certificate?: typeof job, headers = {}): Promise<KitAnswer> =>
    callOverTls(`${origin}/token`, serving.cert, { form, headers, ...(certificate && { certificate }) })
  const metadata = await callOverTls(`${browsers}/.well-known/openid-configuration`, serving.cert)
  expect(metadata.json).toMatchObject({ issuer: browsers, mtls_endpoint_aliases: { token_endpoint: `${clients}/token` } })

  const answer = await ask(clients, job)
  expect([answer.status, answer.json['token_type']], answer.text).toEqual([200, 'Bearer'])
  expect(claimsOfJwt(answer.json['access_token'])).toMatchObject({ iss: browsers, cnf: { 'x5t#S256': job.x5t } })
  expect((await ask(clients, job, forged)).status).toBe(200)
  for (const [origin, certificate] of [
    [clients, undefined],
    [clients, stranger],
    [browsers, undefined],
    [browsers, job],
  ] as const) {
    const refused = await ask(origin, certificate, forged)
    expect([refused.status, refused.json['error']]).toEqual([401, 'invalid_client'])
  }
  expect(told()).toContain(`"x5t":"${job.x5t}"`)
  expect(told()).not.toContain(secret)
})
