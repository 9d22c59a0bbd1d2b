// The issuer behind a TLS terminator: who authenticates by a certificate that is told in a header, and whose header is nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IssuerConfigInput, listenSocket } from '@kimei/server'
import { type RawAnswer, rawRequest, readAnswer, selfSigned, wireKey, wireProof } from 'testkit'
import { type IssuerKit, kitApi, startIssuerKit } from 'testkit/issuer'
import { afterEach, describe, expect, it } from 'vitest'

const [job, stranger] = [selfSigned('job'), selfSigned('stranger')]
const key = wireKey()
const secret = 'correct-horse-battery-staple-0123456789'
const proven = `Kimei-Hop-Secret: ${secret}`
const host = 'mtls.localhost:8443'
const shared = { by: 'shared-secret', peers: ['127.0.0.1'], secret } as const
const cert = `Client-Cert: :${job.der}:`

let kit: IssuerKit | undefined
afterEach(async () => {
  await kit?.close()
  kit = undefined
})

async function start(certificates: object, more: Partial<IssuerConfigInput> = {}): Promise<IssuerKit> {
  const x5c = { kty: 'EC', crv: 'P-256', x: 'unused', y: 'unused', kid: 'job', x5c: [job.der] }
  const client = {
    clientId: 'job',
    kind: 'server',
    name: 'Job',
    authentication: 'self_signed_tls_client_auth',
    jwks: { keys: [x5c] },
  } as const
  const mtls = { url: `https://${host}`, certificates: { from: 'header', hop: shared, ...certificates } }
  const clients = [{ ...client, scopes: ['notes:read'], apis: [kitApi] }]
  kit = await startIssuerKit({ config: { mtls, clients, ...more } as Partial<IssuerConfigInput> })
  return kit
}

function requestLines(at: string, lines: readonly string[], now: number): { readonly lines: string[]; readonly form: string } {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'job', resource: kitApi }).toString()
  const proof = wireProof(key, { method: 'POST', url: `https://${host}/token`, now })
  const own = ['POST /token HTTP/1.1', `Host: ${at}`, `DPoP: ${proof}`, 'Content-Type: application/x-www-form-urlencoded']
  return { lines: [...own, `Content-Length: ${form.length}`, ...lines], form }
}

function ask(issuer: IssuerKit, lines: readonly string[], at = host): Promise<RawAnswer> {
  const whole = requestLines(at, lines, issuer.now())
  return rawRequest(Number(new URL(issuer.issuer).port), whole.lines, whole.form)
}

const errorOf = (answer: RawAnswer): unknown =>
  (JSON.parse(answer.body.slice(answer.body.indexOf('{'), answer.body.lastIndexOf('}') + 1)) as { error?: unknown }).error

describe('an issuer behind a terminator', () => {
  it('CERT-4-01 MTLS-2-01: a client authenticates by the certificate that the terminator tells', async () => {
    const issuer = await start({})
    expect((await ask(issuer, [cert, proven])).status).toBe(200)
    const answer = await ask(issuer, [`Client-Cert: :${stranger.der}:`, proven])
    expect([answer.status, errorOf(answer)]).toEqual([401, 'invalid_client'])
    expect(issuer.audit.at(-1)).toMatchObject({ rule: 'client-certificate.is-registered', x5t: stranger.x5t })
  })

  it('CERT-4-01: nobody else’s header is heard, and the log says that there was one', async () => {
    const issuer = await start({})
    for (const lines of [[cert], [cert, 'Kimei-Hop-Secret: guessed-guessed-guessed-guessed-guessed']]) {
      const answer = await ask(issuer, lines)
      expect([answer.status, errorOf(answer)]).toEqual([401, 'invalid_client'])
      expect(issuer.audit.at(-1)).toMatchObject({
        rule: 'client-certificate.is-presented',
        ignoredCertificate: { rule: 'certificate-header.comes-from-the-terminator', expected: 'shared-secret' },
      })
    }
  })

  it('CERT-4-01: the right secret from an unlisted address is nothing', async () => {
    const issuer = await start({ hop: { ...shared, peers: ['192.0.2.0/24'] } })
    expect((await ask(issuer, [cert, proven])).status).toBe(401)
    expect(issuer.audit.at(-1)).toMatchObject({ ignoredCertificate: { expected: 'a listed peer' } })
  })

  it('MTLS-6.1-01: at the origin of browsers no certificate is heard', async () => {
    const issuer = await start({})
    expect((await ask(issuer, [cert, proven], new URL(issuer.issuer).host)).status).toBe(401)
  })

  it('CERT-4-01: the terminator is known by its own address, whatever it says of its caller', async () => {
    const issuer = await start({}, { forwarded: { peers: ['127.0.0.1'] } })
    expect((await ask(issuer, [cert, proven, 'X-Forwarded-For: 203.0.113.9'])).status).toBe(200)
    expect((await ask(issuer, [cert, 'X-Forwarded-For: 127.0.0.1'])).status).toBe(401)
  })

  it('CERT-2.1-01: what cannot be read is 400 by the name of its rule, and nothing is issued', async () => {
    const issuer = await start({})
    const cases: [lines: string[], rule: string][] = [
      [[cert, cert], 'is-sent-once'],
      [[`Client-Cert: ${encodeURIComponent(job.cert)}`], 'is-in-the-configured-format'],
      [['Client-Cert: :\xff\xfe:'], 'is-in-the-configured-format'],
      [['Client-Cert: :AAAA:'], 'holds-one-certificate'],
      [[`Client-Cert-Chain: :${job.der}:`], 'chain-comes-with-its-certificate'],
    ]
    for (const [lines, rule] of cases) {
      const answer = await ask(issuer, [...lines, proven])
      expect([answer.status, errorOf(answer)], rule).toEqual([400, 'invalid_request'])
      expect(issuer.audit.at(-1)).toMatchObject({ event: 'token_refused', rule: `certificate-header.${rule}` })
    }
  })

  it('CERT-3.2-01: 20 kB of chain are 431', async () => {
    const issuer = await start({})
    const chain = Array.from({ length: 45 }, () => `:${stranger.der}:`).join(', ')
    expect((await ask(issuer, [cert, `Client-Cert-Chain: ${chain}`, proven])).status).toBe(431)
  })

  it('MTLS-2-01: a digest alone authenticates nobody', async () => {
    const issuer = await start({ format: 'cloudfront' })
    const digest = `CloudFront-Viewer-Cert-Sha256: ${Buffer.from(job.x5t, 'base64url').toString('hex')}`
    expect((await ask(issuer, [digest, proven])).status).toBe(401)
    expect(issuer.audit.at(-1)).toMatchObject({ rule: 'client-certificate.is-readable' })
    expect((await ask(issuer, [digest, `CloudFront-Viewer-Cert-Pem: ${encodeURIComponent(job.cert)}`, proven])).status).toBe(200)
  })

  it('a certificate that the terminator did not verify is none, where that is demanded', async () => {
    const issuer = await start({ format: 'nginx', verified: { header: 'ssl-client-verify' } })
    const told = `ssl-client-cert: ${encodeURIComponent(job.cert)}`
    expect((await ask(issuer, [told, proven, 'ssl-client-verify: SUCCESS'])).status).toBe(200)
    const answer = await ask(issuer, [told, proven, 'ssl-client-verify: FAILED:certificate has expired'])
    expect([answer.status, errorOf(answer)]).toEqual([401, 'invalid_client'])
    expect(issuer.audit.at(-1)).toMatchObject({ rule: 'certificate-header.was-verified' })
  })

  it('CERT-4-01: over a Unix socket, and not over the port beside it', async () => {
    const issuer = await start({ hop: { by: 'unix-socket' } })
    const folder = mkdtempSync(join(tmpdir(), 'kimei-issuer-'))
    const path = join(folder, 'issuer.sock')
    const door = await listenSocket(issuer.server, { path, mode: 0o600 })
    const { lines, form } = requestLines(host, [cert], issuer.now())
    expect((await overSocket(path, `${[...lines, 'Connection: close', '', ''].join('\r\n')}${form}`)).status).toBe(200)
    expect((await ask(issuer, [cert])).status).toBe(401)
    expect(issuer.audit.at(-1)).toMatchObject({ ignoredCertificate: { expected: 'the Unix socket' } })
    await door.close()
    rmSync(folder, { recursive: true })
  })
})

function overSocket(path: string, bytes: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(bytes))
    let text = ''
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part
    })
    socket.on('error', reject).on('close', () => resolve(readAnswer(text)))
  })
}
