// `kimei serve` and `kimei guard` from their files: what a wrong file says, and the two together in front of an API.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { emptyFolder, kimei, kimeiRunning, printed } from './run-kimei.ts'
import { freePort, issuerFile } from './serve-kit.ts'

/** Files for an issuer, a guard before an API, and a client's key; the API notes what reaches it. */
async function layOut(cwd: string) {
  const seen: { authorization: string | undefined; hop: string | undefined }[] = []
  const behind = createServer((request, response) => {
    seen.push({ authorization: request.headers.authorization, hop: request.headers['kimei-hop'] as string | undefined })
    response.end('[1,2,3]\n')
  })
  await once(behind.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void behind.close())
  const [issuer, api] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`]
  const made = await kimei(['config', 'make-key'], { cwd })
  writeFileSync(join(cwd, 'job.jwk.json'), made.out, { mode: 0o600 })
  writeFileSync(join(cwd, 'kimei.yaml'), issuerFile(issuer, api, printed<Record<string, string>>(made)))
  writeFileSync(
    join(cwd, 'kimei-guard.yaml'),
    `listen: { port: ${new URL(api).port} }
guard:
  issuer: ${issuer}
  resource: ${api}/
  routes: [{ path: /numbers, policy: required, scopes: [numbers] }]
proxy: { upstream: 'http://127.0.0.1:${(behind.address() as { port: number }).port}' }
`,
  )
  return { issuer, api, seen }
}

describe('together', () => {
  it('an issuer and a guard from their files let a named ticket through to an API in another program', async () => {
    const cwd = emptyFolder()
    const { issuer, api, seen } = await layOut(cwd)
    const serving = kimeiRunning(['serve', '--config', 'kimei.yaml'], { cwd })
    await serving.until(/listens on/)
    const guarding = kimeiRunning(['guard', '--config', 'kimei-guard.yaml'], { cwd })
    await guarding.until(/listens on/)

    const order = [
      '--issuer',
      issuer,
      '--client',
      'job',
      '--key',
      'job.jwk.json',
      '--scope',
      'numbers',
      '--resource',
      `${api}/`,
      '--dir',
      'wallet',
    ]
    expect((await kimei(['token', ...order], { cwd })).code).toBe(0)
    const called = await kimei(['call', '--dir', 'wallet', `${api}/numbers`], { cwd })
    expect([called.code, called.out]).toEqual([0, '[1,2,3]\n'])
    expect(seen).toHaveLength(1)
    expect(seen[0]?.authorization).toBeUndefined()
    expect(seen[0]?.hop).toMatch(/^eyJ/)
    expect((await fetch(`${api}/numbers`)).status).toBe(401)
    expect(seen).toHaveLength(1)

    const stopped = await serving.stop()
    expect(stopped.code).toBe(0)
    const events = stopped.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; mode?: string })
    expect(events.find((event) => event.event === 'token_issued')).toMatchObject({ mode: 'dpop' })
    expect((await guarding.stop('SIGTERM')).out).toContain('"event":"api_access"')
    expect(stopped.out).not.toMatch(/eyJ\w{10}/)
  })
})

describe('a wrong file', () => {
  it('of an issuer: every mistake at once, with the file’s name', async () => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 'kimei.yaml'), 'issuer: http://id.example\nlisten: { host: 0.0.0.0 }\nclientz: []\nstorage: { sqlite: 3 }\n')
    for (const args of [['serve'], ['config', 'check', 'kimei.yaml']]) {
      const { code, err } = await kimei(args, { cwd })
      expect(code).toBe(2)
      expect(err).toMatch(/kimei\.yaml:3: .*"clientz" is not a known key/)
      expect(err).toMatch(/kimei\.yaml:4: storage\.sqlite: /)
    }
  })

  it('OIDC-16.17-1: plain HTTP beyond loopback needs a TLS proxy that is named', async () => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 'kimei.yaml'), 'issuer: https://id.example\nlisten: { host: 0.0.0.0 }\n')
    const { code, err } = await kimei(['config', 'check', 'kimei.yaml'], { cwd })
    expect(err).toContain('put a TLS proxy in front and say listen.tlsEndsAtProxy: true')
    expect(code).toBe(2)
    writeFileSync(join(cwd, 'kimei.yaml'), 'issuer: https://id.example\nlisten: { host: 0.0.0.0, tlsEndsAtProxy: true }\n')
    expect((await kimei(['config', 'check', 'kimei.yaml'], { cwd })).code).toBe(0)
  })

  it('that is no YAML says line and column, and a repeated key is a mistake', async () => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 'a.yaml'), 'issuer: https://id.example\nlisten: { port: 1\n')
    expect((await kimei(['config', 'check', 'a.yaml'], { cwd })).err).toMatch(/a\.yaml:\d+:\d+ /)
    writeFileSync(join(cwd, 'b.yaml'), 'issuer: https://id.example\nissuer: https://other.example\n')
    expect((await kimei(['config', 'check', 'b.yaml'], { cwd })).err).toMatch(/b\.yaml:2:1 .*unique/i)
    writeFileSync(join(cwd, 'c.yaml'), '')
    expect((await kimei(['config', 'check', 'c.yaml'], { cwd })).err).toContain('c.yaml is empty')
  })

  it('of a guard: a route without a policy is refused, with the others', async () => {
    const cwd = emptyFolder()
    writeFileSync(
      join(cwd, 'kimei-guard.yaml'),
      'guard: { issuer: https://id.example, resource: https://a.example/, routes: [{ path: /a }] }\nproxy: { upstream: x }\n',
    )
    const { code, err } = await kimei(['guard'], { cwd })
    expect(err).toMatch(/routes\[0\]\.policy \(\/a\): every route needs a policy/)
    expect(err).toMatch(/proxy\.upstream/)
    expect(code).toBe(2)
  })
})

describe('kimei config', () => {
  it('prints JSON Schemas for editors', async () => {
    const cwd = emptyFolder()
    for (const kind of ['issuer', 'guard', 'inventory']) {
      const { out, code } = await kimei(['config', 'schema', kind], { cwd })
      expect(JSON.parse(out)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', additionalProperties: false })
      expect(code).toBe(0)
    }
  })

  it('makes what the files need: password hashes, secrets, keys', async () => {
    const cwd = emptyFolder()
    const hash = await kimei(['config', 'hash-password'], { cwd, input: 'correct horse' })
    expect(hash.out).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$\S+\$\S+\n$/)
    const secret = await kimei(['config', 'make-secret'], { cwd })
    const [, value, digest] = /^secret {2}(\S{43})\nhash {4}(\S{43})\n$/.exec(secret.out)!
    const { createHash } = await import('node:crypto')
    expect(createHash('sha256').update(value!).digest('base64url')).toBe(digest)
    expect((await kimei(['config', 'make-server-key'], { cwd })).out).toMatch(/^[\w-]{43}\n$/)
  })
})

it('the database belongs to one: a second kimei serve on it is refused', async () => {
  const cwd = emptyFolder()
  const port = await freePort()
  writeFileSync(join(cwd, 'kimei.yaml'), `issuer: http://127.0.0.1:${port}\nlisten: { port: ${port} }\naudit: table-only\n`)
  await kimeiRunning(['serve'], { cwd }).until(/listens on/)
  const second = await kimei(['serve', '--port', '0'], { cwd })
  expect(second.code).toBe(2)
  const listed = await kimei(['keys', 'list'], { cwd })
  expect(listed.out).toMatch(/ES256 +\S+ +signs now/)
})
