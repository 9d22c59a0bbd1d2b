// `kimei serve` over TLS: two listeners, certificate files that change while it runs, a Unix socket for a terminator.
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { selfSigned, wireKey, wireProof } from 'testkit'
import { callOverTls } from 'testkit/mtls'
import { describe, expect, it } from 'vitest'
import { emptyFolder, kimei, kimeiRunning } from './run-kimei.ts'
import { freePort } from './serve-kit.ts'

const serving = selfSigned('localhost')

function write(cwd: string, lines: string, certificate = serving): void {
  writeFileSync(join(cwd, 'cert.pem'), certificate.cert)
  writeFileSync(join(cwd, 'key.pem'), certificate.key, { mode: 0o600 })
  writeFileSync(join(cwd, 'kimei.yaml'), `${lines}\naudit: table-only\n`)
}

const tls = '{ certFile: cert.pem, keyFile: key.pem }'

async function serveBoth(cwd: string) {
  const [port, mtlsPort] = [await freePort(), await freePort()]
  const [issuer, mtlsUrl] = [`https://localhost:${port}`, `https://localhost:${mtlsPort}`]
  write(
    cwd,
    `issuer: ${issuer}
mtls: { url: '${mtlsUrl}' }
listen:
  port: ${port}
  tls: ${tls}
  mtls: { port: ${mtlsPort}, certFile: cert.pem, keyFile: key.pem }`,
  )
  const running = kimeiRunning(['serve'], { cwd })
  const [said] = await running.until(/.*listens on.*\n/)
  return { running, said, issuer, mtlsUrl }
}

describe('kimei serve over TLS', () => {
  it('MTLS-5-01: listens twice, says so, and each origin serves its own', async () => {
    const { running, said, issuer, mtlsUrl } = await serveBoth(emptyFolder())
    const ports = [issuer, mtlsUrl].map((url) => new URL(url).port)
    expect(said).toContain(
      `issuer ${issuer} listens on https://127.0.0.1:${ports[0]}, for clients with certificates on https://127.0.0.1:${ports[1]} (ready`,
    )
    const metadata = await callOverTls(`${issuer}/.well-known/openid-configuration`, serving.cert)
    expect(metadata.json).toMatchObject({ mtls_endpoint_aliases: { token_endpoint: `${mtlsUrl}/token` } })
    expect((await callOverTls(`${mtlsUrl}/authorize`, serving.cert)).status).toBe(404)
    const proof = wireProof(wireKey(), { method: 'POST', url: `${mtlsUrl}/token`, now: Math.floor(Date.now() / 1000) })
    const asked = { form: { grant_type: 'client_credentials', client_id: 'nobody' }, headers: { dpop: proof } }
    expect((await callOverTls(`${mtlsUrl}/token`, serving.cert, asked)).json['error']).toBe('invalid_client')
    expect((await running.stop()).code).toBe(0)
  })

  it('reads certificate files again when they change, both at once or one after the other, and at SIGHUP', async () => {
    const cwd = emptyFolder()
    const { running, issuer, mtlsUrl } = await serveBoth(cwd)
    const renewed = selfSigned('localhost, renewed')
    writeFileSync(join(cwd, 'cert.pem'), renewed.cert)
    writeFileSync(join(cwd, 'key.pem'), renewed.key)
    await running.until(/cert\.pem was read again[\s\S]*cert\.pem was read again/)
    for (const url of [issuer, mtlsUrl]) {
      expect((await callOverTls(`${url}/token`, renewed.cert)).status).toBe(405)
      await expect(callOverTls(`${url}/token`, serving.cert)).rejects.toThrow()
    }
    writeFileSync(join(cwd, 'key.pem'), serving.key)
    running.signal('SIGHUP')
    await running.until(/the old certificate stays: .*the key is not that of the certificate/)
    expect((await callOverTls(`${issuer}/token`, renewed.cert)).status).toBe(405)
    expect((await running.stop()).code).toBe(0)
  })

  it('tells every mistake of its listeners at once', async () => {
    const cwd = emptyFolder()
    const other = selfSigned('other', 'other.example')
    write(
      cwd,
      `issuer: https://id.example
mtls: { url: 'https://id.example' }
listen:
  host: 0.0.0.0
  tls: ${tls}
  tlsEndsAtProxy: true
  mtls: { host: 0.0.0.0, port: 4444, certFile: nowhere.pem, keyFile: key.pem }
  socket: { path: s.sock, access: everybody }`,
      other,
    )
    const first = await kimei(['config', 'check', 'kimei.yaml'], { cwd })
    expect(first.err).toContain('listen.socket.access')
    expect(first.err).toContain('browsers would be asked for certificates there')
    write(
      cwd,
      `issuer: https://id.example
mtls: { url: 'https://mtls.id.example' }
listen:
  host: 0.0.0.0
  tls: ${tls}
  tlsEndsAtProxy: true
  mtls: { host: 0.0.0.0, port: 4444, certFile: nowhere.pem, keyFile: key.pem }`,
      other,
    )
    const { code, err } = await kimei(['config', 'check', 'kimei.yaml'], { cwd })
    expect(err).toContain('listen.tls and listen.tlsEndsAtProxy exclude each other')
    expect(err).toContain('listen.mtls has the port of listen, 4444')
    expect(err).toMatch(/listen\.tls: .*cert\.pem is not for id\.example/)
    expect(err).toMatch(/listen\.mtls: there is no file .*nowhere\.pem/)
    expect(code).toBe(2)
  })

  it('an origin that is declared needs a listener, and a listener an origin', async () => {
    const cwd = emptyFolder()
    write(cwd, `issuer: http://localhost:4444\nmtls: { url: 'https://localhost:4443' }`)
    expect((await kimei(['config', 'check', 'kimei.yaml'], { cwd })).err).toContain('nothing listens for it: add listen.mtls')
    write(cwd, `issuer: http://localhost:4444\nlisten: { mtls: ${tls} }`)
    expect((await kimei(['config', 'check', 'kimei.yaml'], { cwd })).err).toContain('no issuer says mtls.url')
  })

  it('a key that is not the certificate’s is refused without a word of what is in it', async () => {
    const cwd = emptyFolder()
    write(cwd, `issuer: https://localhost:4444\nlisten: { tls: ${tls} }`)
    writeFileSync(join(cwd, 'key.pem'), selfSigned('other').key)
    const { code, err } = await kimei(['serve'], { cwd })
    expect(err).toContain('listen.tls: TLS: the key is not that of the certificate')
    expect(err).not.toContain('PRIVATE')
    expect(code).toBe(2)
  })
})

describe('kimei serve with a folder of issuers', () => {
  it('MTLS-5-01: finds them by the hosts for certificates that it was told of, and loads none whose host it does not know', async () => {
    const cwd = emptyFolder()
    const [port, mtlsPort] = [await freePort(), await freePort()]
    const listeners = `issuersFolder: issuers\nlisten: { port: ${port}, mtls: { port: ${mtlsPort}, certFile: cert.pem, keyFile: key.pem } }`
    mkdirSync(join(cwd, 'issuers', `localhost_${port}`), { recursive: true })
    const declared = `issuer: http://localhost:${port}/sales\nmtls: { url: 'https://localhost:${mtlsPort}/sales' }\n`
    writeFileSync(join(cwd, 'issuers', `localhost_${port}`, 'sales.yaml'), declared)
    const jwks = async () => (await fetch(`http://localhost:${port}/sales/jwks`)).status

    write(cwd, listeners)
    const untold = kimeiRunning(['serve'], { cwd })
    await untold.until(/listens on/)
    expect(await jwks()).toBe(503)
    await untold.stop()

    write(cwd, `${listeners}\nmtlsHosts: { 'localhost:${mtlsPort}': 'localhost:${port}' }`)
    const running = kimeiRunning(['serve'], { cwd })
    await running.until(/listens on/)
    expect(await jwks()).toBe(200)
    expect((await callOverTls(`https://localhost:${mtlsPort}/sales/token`, serving.cert)).status).toBe(405)
    expect((await callOverTls(`https://localhost:${mtlsPort}/token`, serving.cert)).status).toBe(404)
    await running.stop()
  })
})

describe('kimei serve on a Unix socket', () => {
  const ask = (socketPath: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request({ socketPath, path: '/jwks', headers: { host: 'id.example' } }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      asked.on('error', reject)
      asked.end()
    })

  it.each([
    ['owner', 0o600],
    ['group', 0o660],
  ])('that its %s may open, and nobody else', async (access, mode) => {
    const cwd = emptyFolder()
    const path = join(cwd, 'kimei.sock')
    write(cwd, `issuer: https://id.example\nlisten: { socket: { path: kimei.sock, access: ${access} } }`)
    const running = kimeiRunning(['serve'], { cwd })
    expect((await running.until(/listens on unix:\S+/))[0]).toContain(path)
    expect(statSync(path).mode & 0o777).toBe(mode)
    expect(await ask(path)).toBe(200)
    expect((await running.stop()).code).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  it('takes the place of one that was left behind, and not of one that somebody listens on', async () => {
    const cwd = emptyFolder()
    const path = join(cwd, 'kimei.sock')
    write(cwd, 'issuer: https://id.example\nlisten: { socket: { path: kimei.sock } }')
    const running = kimeiRunning(['serve'], { cwd })
    await running.until(/listens on/)
    const second = await kimei(['serve'], { cwd })
    expect(second.code).not.toBe(0)
    expect(await ask(path)).toBe(200)
    await running.stop('SIGKILL')
    expect(existsSync(path)).toBe(true)
    const again = kimeiRunning(['serve'], { cwd })
    await again.until(/listens on/)
    expect(await ask(path)).toBe(200)
    await again.stop()
    const foreign = createServer().listen(path)
    await new Promise((resolve) => foreign.once('listening', resolve))
    chmodSync(path, 0o600)
    expect((await kimei(['serve'], { cwd })).err).toMatch(/kimei\.sock is taken/)
    await new Promise((resolve) => foreign.close(resolve))
  })
})
