// `kimei token` and `kimei call` against a running `kimei dev`: sign in, use, renew, and try to steal.
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { emptyFolder, kimei, kimeiRunning, printed, signInWithToken, startDev } from './run-kimei.ts'
import { freePort, issuerFile } from './serve-kit.ts'

/** Everything under a folder, as one text: to look for what must not be there. */
function allText(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n')
}

describe('a person', () => {
  it('signs in through the printed address, uses the ticket, and a thief cannot', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    const notes = `${ready.api}/notes`
    const got = await signInWithToken(cwd, ready)
    expect(got.code).toBe(0)
    expect(got.err).toContain('Sign in here, in a browser on this machine:')
    expect(got.out).toMatch(/^\[ named {3}\S{4} \S{4} \] {2}a named ticket/)
    expect(got.out).toContain(`kimei call ${notes}`)

    expect((await kimei(['call', '-d', '{"text":"milk"}', notes], { cwd })).out).toContain('"text":"milk"')
    const shown = await kimei(['call', '-v', '-i', notes], { cwd })
    expect(shown.out).toMatch(/^200 OK\n[\s\S]*"text":"milk"/)
    expect(shown.err).toMatch(/> GET http:\/\/localhost:\d+\/notes\n/)
    expect(shown.err).toMatch(/> {3}htm {4}GET\n> {3}htu {4}http:\/\/localhost:\d+\/notes\n/)
    expect(shown.err).not.toMatch(/eyJ\w{10}/)

    const theft = await kimei(['call', '--as-thief', notes], { cwd })
    expect(theft.out).toContain('Nothing was stolen')
    expect(theft.out.match(/✓ refused {2}401/g)).toHaveLength(6)
    expect(theft.out.split('\n').filter((line) => [...line].length > 100)).toEqual([])
    expect(theft.code).toBe(0)
    const told = printed(await kimei(['call', '--as-thief', '--json', '-X', 'HEAD', notes], { cwd }))
    expect(told).toMatchObject({ stolen: false, before: 200, after: 200 })
    expect((told['attempts'] as { rule: string }[]).map(({ rule }) => rule)).toEqual([
      'binding.named-token-is-not-bearer',
      'dpop.proof-is-present',
      'binding.proof-key-is-named-key',
      'dpop.jti-is-first-use',
      'dpop.htm-is-request-method',
      'binding.named-token-is-not-bearer',
    ])

    const observed = await kimei(['observe', '--json', '--only', 'B1,K1'], { cwd })
    expect(printed(observed)).toMatchObject({ format: 'kimei-observation/1' })
    const elsewhere = mkdtempSync(join(cwd, 'elsewhere-'))
    copyFileSync(join(cwd, '.kimei/inventory.yaml'), join(elsewhere, 'inventory.yaml'))
    rmSync(join(cwd, '.kimei/demo-server.jwk.json'))
    const keyless = await kimei(['observe', join(elsewhere, 'inventory.yaml'), '--only', 'B1'], { cwd })
    expect(keyless).toMatchObject({ code: 3, out: '' })
    expect(keyless.err).toMatch(/the file \S+\/\.kimei\/demo-server\.jwk\.json that \S+inventory\.yaml names is not there/)
  })

  it('gets a ticket only for what it was made for: other places and other scopes say so', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    expect((await signInWithToken(cwd, ready, ['--scope', 'notes:read', '--json'])).code).toBe(0)
    const elsewhere = await kimei(['call', `${ready.app}/`], { cwd })
    expect(elsewhere.err).toMatch(/your ticket is for http:\/\/localhost:\d+\/, not for/)
    expect(elsewhere.code).toBe(2)
    const refused = await kimei(['call', '-d', '{"text":"x"}', `${ready.api}/notes`], { cwd })
    expect(refused.err).toMatch(/403 Forbidden\nwww-authenticate: DPoP error="insufficient_scope"/)
    expect(refused.code).toBe(1)
  })
})

describe('a program', () => {
  it('gets a ticket with its key, by client credentials, and keeps no secret in the order', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    const key = join(cwd, '.kimei/demo-server.jwk.json')
    const args = ['token', '--client', 'demo-server', '--key', key, '--scope', 'admin', '--resource', ready.resource, '--dir', 'wallet']
    const got = await kimei([...args, '--issuer', ready.issuer, '--json'], { cwd })
    expect(got.code).toBe(0)
    const ticket = printed(got)
    expect(ticket).toMatchObject({ issuer: ready.issuer, clientId: 'demo-server', scopes: ['admin'], renewable: false })
    expect(JSON.stringify(ticket)).not.toMatch(/eyJ\w{10}/)
    const called = await kimei(['call', '--dir', 'wallet', '--json', `${ready.api}/admin/users`], { cwd })
    expect(printed(called)).toMatchObject({ status: 200, body: '{"users":["demo"]}\n' })
    const secret = (JSON.parse(readFileSync(key, 'utf8')) as { d: string }).d
    expect(allText(join(cwd, 'wallet'))).not.toContain(secret)
  })
})

describe('--as-thief keeps its promises before anything is sent', () => {
  const refusals: readonly (readonly [args: string[], says: RegExp])[] = [
    [['-X', 'POST', 'http://localhost:1/'], /only reads: GET or HEAD/],
    [['-d', 'x', 'http://localhost:1/'], /only reads: GET or HEAD/],
    [['http://localhost:1/?access_token=x'], /never puts a token into a query string/],
    [['https://api.example/'], /stays on this machine: api.example needs an inventory with its owner's consent/],
    [['--inventory', 'other.yaml', 'https://api.example/'], /api.example is not among the consenting hosts/],
    [['--inventory', 'over.yaml', 'https://id.example/'], /the consent in over.yaml ended on 2020-01-31/],
  ]
  it.each(refusals)('%j', async (args, says) => {
    const cwd = emptyFolder()
    mkdirSync(join(cwd, '.kimei'), { mode: 0o700 })
    writeFileSync(join(cwd, 'other.yaml'), inventory('2099-01-31'))
    writeFileSync(join(cwd, 'over.yaml'), inventory('2020-01-31'))
    const { code, err } = await kimei(['call', '--as-thief', ...args], { cwd })
    expect(err).toMatch(says)
    expect(code).toBe(2)
    expect(existsSync(join(cwd, '.kimei/tickets'))).toBe(false)
  })
})

function inventory(until: string): string {
  return `version: 1
contact: test@example
consent: { grantedBy: me, until: ${until}, hosts: [id.example] }
issuers: [{ id: a, url: 'https://id.example', tokenEndpoint: 'https://id.example/token' }]
clients: [{ id: c, clientId: c, ticket: { from: client-credentials } }]
apis: [{ id: n, url: 'https://id.example/notes', privilege: low }]
`
}

describe('an API that checks nothing', () => {
  it('lets a thief in, and is told so with exit code 1', async () => {
    const cwd = emptyFolder()
    const open = createServer((_, response) => response.end('[1,2,3]\n'))
    await once(open.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void open.close())
    const api = `http://127.0.0.1:${(open.address() as { port: number }).port}`
    const issuer = `http://127.0.0.1:${await freePort()}`
    const made = await kimei(['config', 'make-key'], { cwd })
    writeFileSync(join(cwd, 'job.jwk.json'), made.out, { mode: 0o600 })
    writeFileSync(join(cwd, 'kimei.yaml'), issuerFile(issuer, api, printed<Record<string, string>>(made)))
    await kimeiRunning(['serve'], { cwd }).until(/listens on/)
    const asked = ['token', '--issuer', issuer, '--client', 'job', '--key', 'job.jwk.json', '--scope', 'numbers', '--dir', 'wallet']
    expect((await kimei(asked, { cwd })).code).toBe(0)

    const theft = await kimei(['call', '--as-thief', '--dir', 'wallet', `${api}/numbers`], { cwd })
    expect(theft.out.match(/✗ let in +200/g)).toHaveLength(6)
    expect(theft.out).toContain('STOLEN: this API lets a thief in.')
    expect(theft.code).toBe(1)
  })
})
