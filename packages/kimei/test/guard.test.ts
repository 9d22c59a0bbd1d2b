// `kimei guard` over a restart: a used proof stays used, and every decision was told.
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { join } from 'node:path'
import { selfSigned, wireJwt, wireKey, wireProof } from 'testkit'
import { expect, it, onTestFinished } from 'vitest'
import { emptyFolder, kimei, kimeiRunning } from './run-kimei.ts'
import { freePort } from './serve-kit.ts'

async function layOut(cwd: string, more = '') {
  const behind = createServer((_request, response) => response.end('ok'))
  await once(behind.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void behind.close())
  const [signing, holder] = [wireKey('ES256', 'issuer-1'), wireKey()]
  const api = `http://127.0.0.1:${await freePort()}`
  const jwk = JSON.stringify({ ...signing.publicJwk, kid: signing.kid, alg: 'ES256', use: 'sig' })
  writeFileSync(
    join(cwd, 'kimei-guard.yaml'),
    `listen: { port: ${new URL(api).port} }
${more}
guard:
  issuer: https://id.example
  resource: ${api}/
  keys: { from: static, jwks: { keys: [${jwk}] } }
  routes: [{ path: /numbers, policy: required }]
proxy: { upstream: 'http://127.0.0.1:${(behind.address() as { port: number }).port}' }
`,
  )
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: 'https://id.example',
    aud: `${api}/`,
    sub: 'u',
    client_id: 'c',
    jti: 'j',
    iat: now,
    exp: now + 300,
    cnf: { jkt: holder.jkt },
  }
  const token = wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: signing.kid }, claims, signing)
  const proof = wireProof(holder, { url: `${api}/numbers`, now, accessToken: token })
  const call = () => fetch(`${api}/numbers`, { headers: { authorization: `DPoP ${token}`, dpop: proof } }).then(({ status }) => status)
  const start = async () => {
    const guarding = kimeiRunning(['guard'], { cwd })
    await guarding.until(/listens on/)
    return guarding
  }
  return { call, start }
}

it('DPOP-11.1-01: a proof that was used before a restart is used after it, and everything decided was told', async () => {
  const cwd = emptyFolder()
  const { call, start } = await layOut(cwd)
  const first = await start()
  expect(await call()).toBe(200)
  // At once, while lines may still wait to be written.
  expect((await first.stop('SIGTERM')).out).toContain('"event":"api_access"')
  const second = await start()
  expect(await call()).toBe(401)
  const told = await second.stop()
  expect([told.code, told.out]).toEqual([0, expect.stringContaining('"rule":"dpop.jti-is-first-use"')])
  expect(existsSync(join(cwd, 'kimei-guard.sqlite'))).toBe(true)
})

it('DPOP-11.1-01: forgetting has to be asked for by a word that says so', async () => {
  const cwd = emptyFolder()
  const { call, start } = await layOut(cwd, 'dangerouslyForgetUsedProofs: true')
  const first = await start()
  expect([await call(), await call()]).toEqual([200, 401])
  await first.stop()
  const second = await start()
  expect(await call()).toBe(200)
  await second.stop()
  expect(existsSync(join(cwd, 'kimei-guard.sqlite'))).toBe(false)
})

it('a second guard over the same memory is refused; its routes can be looked at', async () => {
  const cwd = emptyFolder()
  const { start } = await layOut(cwd)
  const first = await start()
  const second = await kimei(['guard', '--port', '0'], { cwd })
  expect([second.code, second.err]).toEqual([2, expect.stringContaining('kimei-guard.sqlite')])
  expect((await kimei(['guard', '--routes'], { cwd })).code).toBe(0)
  await first.stop()
})

it('a wrong key beside the guard’s is told with the rest', async () => {
  const cwd = emptyFolder()
  await layOut(cwd, 'storage: { postgres: x }\ncolour: red')
  const { code, err } = await kimei(['config', 'check', 'kimei-guard.yaml'], { cwd })
  expect([code, err]).toEqual([2, expect.stringContaining('colour')])
})

it('CERT-4-01: over a Unix socket the terminator’s certificate counts; the secret of a hop stands in a file of its own', async () => {
  const cwd = emptyFolder()
  const certificate = selfSigned('job')
  const signing = wireKey('ES256', 'issuer-1')
  const jwk = JSON.stringify({ ...signing.publicJwk, kid: signing.kid, alg: 'ES256', use: 'sig' })
  const write = (listen: string, hop: string) =>
    writeFileSync(
      join(cwd, 'kimei-guard.yaml'),
      `listen: ${listen}
guard:
  issuer: https://id.example
  resource: https://api.example/
  keys: { from: static, jwks: { keys: [${jwk}] } }
  certificates: { from: header, hop: ${hop} }
  routes: [{ path: /numbers, policy: required, constraint: mtls }]
proxy: { upstream: 'http://127.0.0.1:1' }
`,
    )
  const check = () => kimei(['config', 'check', 'kimei-guard.yaml'], { cwd })
  const shared = '{ by: shared-secret, peers: [127.0.0.1], secret: { file: secret.txt } }'
  write('{ port: 0 }', shared)
  expect((await check()).err).toContain('guard.certificates.hop.secret: there is no file')
  writeFileSync(join(cwd, 'secret.txt'), 'correct-horse-battery-staple-0123456789\n')
  expect((await check()).code).toBe(0)
  write('{ socket: { path: guard.sock } }', '{ by: unix-socket }')
  const running = kimeiRunning(['guard'], { cwd })
  await running.until(/listens on unix:/)
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://id.example', aud: 'https://api.example/', sub: 'u', client_id: 'c', jti: 'j', iat: now, exp: now + 300 }
  const cnf = { 'x5t#S256': certificate.x5t }
  const token = wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: signing.kid }, { ...claims, cnf }, signing)
  const ask = (headers: object) =>
    new Promise((resolve, reject) => {
      const options = { socketPath: join(cwd, 'guard.sock'), path: '/numbers', headers: { authorization: `Bearer ${token}`, ...headers } }
      get(options, (answer) => resolve(answer.resume().statusCode)).on('error', reject)
    })
  expect(await ask({})).toBe(401)
  // Let in, to an API that is not there.
  expect(await ask({ 'client-cert': `:${certificate.der}:` })).toBe(502)
  expect((await running.stop()).code).toBe(0)
})
