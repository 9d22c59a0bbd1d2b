// `kimei token` and `kimei call` with a certificate, beside a running `kimei dev`: PEM, PKCS#12, passwords, and thieves.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from 'testkit'
import { packPkcs12 } from 'testkit/pkcs12'
import { describe, expect, it } from 'vitest'
import { emptyFolder, kimei, printed, signInWithToken, startDev } from './run-kimei.ts'

const refused = [
  ['no-certificate', 'binding.certificate-comes-along'],
  ['other-certificate', 'binding.certificate-is-named-certificate'],
  ['certificate-in-a-header', 'binding.certificate-comes-along'],
  ['own-proof', 'binding.certificate-comes-along'],
  ['plain-http', null],
]

describe('beside kimei dev', () => {
  it('SEED-TB-28, MTLS-5-01: the demo’s machine gets a ticket of its certificate, uses it, and a thief cannot', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    const notes = `${ready.mtls}/notes`
    const got = await kimei(['token', '--client', 'demo-machine', '--json'], { cwd })
    const ticket = printed(got)
    expect(ticket).toMatchObject({ clientId: 'demo-machine', scopes: ['notes:read', 'notes:write'], renewable: false })
    expect(ticket['x5t']).toMatch(/^[\w-]{43}$/)
    expect(ticket['jkt']).toBeUndefined()
    const written = await kimei(['call', '-v', '-d', '{"text":"milk"}', notes], { cwd })
    expect(written.out).toContain('milk')
    expect(written.err).toMatch(/> POST https:\S+\/notes\n> \(over TLS, with the certificate \S{4} \S{4}\)\n/)
    expect(written.err).not.toMatch(/eyJ\w{10}/)

    // The order names places and the thumbprint, the saved ticket the thumbprint: neither a key.
    const wallet = join(cwd, '.kimei/tickets')
    const saved = readdirSync(wallet, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => readFileSync(join(one.parentPath, one.name), 'utf8'))
    expect(saved.filter((text) => text.includes(String(ticket['x5t']))).length).toBeGreaterThan(1)
    const key = readFileSync(join(cwd, '.kimei/demo-machine.key'), 'utf8').split('\n')[1] as string
    for (const text of saved) expect(text.includes(key) || text.includes('PRIVATE KEY')).toBe(false)
  })

  it('SEED-TB-28: a thief cannot use it; of two clients each has its own ticket, and the place that is called says whose is meant', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    const notes = `${ready.mtls}/notes`
    expect((await kimei(['token', '--client', 'demo-machine'], { cwd })).code).toBe(0)
    const theft = printed(await kimei(['call', '--as-thief', '--json', notes], { cwd }))
    expect(theft).toMatchObject({ stolen: false, before: 200, after: 200 })
    const attempts = theft['attempts'] as { id: string; rule: string | null; verdict: string }[]
    expect(attempts.map(({ id, rule }) => [id, rule])).toEqual(refused)
    expect(attempts.every(({ verdict }) => verdict === 'refused')).toBe(true)
    const shown = await kimei(['call', '--as-thief', notes], { cwd })
    expect(shown.out).toContain('Nothing was stolen: without your certificate')
    expect(shown.out.split('\n').filter((line) => [...line].length > 100)).toEqual([])

    expect((await signInWithToken(cwd, ready)).code).toBe(0)
    for (const url of [notes, `${ready.api}/notes`]) expect((await kimei(['call', url], { cwd })).code, url).toBe(0)
  })

  it('takes PKCS#12 with a password from a variable or a file, and never one from the command line', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    const pair = {
      cert: readFileSync(join(cwd, '.kimei/demo-machine.pem'), 'utf8'),
      key: readFileSync(join(cwd, '.kimei/demo-machine.key'), 'utf8'),
    }
    writeFileSync(join(cwd, 'machine.p12'), await packPkcs12(pair, 'open sesame'))
    writeFileSync(join(cwd, 'password'), 'open sesame\n', { mode: 0o600 })
    const base = ['token', '--issuer', ready.issuer, '--client', 'demo-machine', '--ca', '.kimei/demo-ca.pem', '--dir', 'wallet']
    const asked = [...base, '--pkcs12', 'machine.p12', '--resource', ready.certifiedResource, '--scope', 'notes:read', '--json']
    const fromFile = printed(await kimei([...asked, '--password-file', 'password'], { cwd }))
    const fromEnv = printed(await kimei([...asked, '--password-env', 'PW'], { cwd, env: { PW: 'open sesame' } }))
    expect(fromFile['x5t']).toBe(fromEnv['x5t'])
    const called = await kimei(['call', '--dir', 'wallet', '--json', `${ready.mtls}/notes`], { cwd, env: { PW: 'open sesame' } })
    expect(printed(called)).toMatchObject({ status: 200 })
    for (const [more, says] of [
      [['--password-env', 'PW'], 'PW is not set'],
      [['--password-file', 'none'], /there is no password file \S+none/],
      [['--password', 'open sesame'], /Unknown option '--password'/],
      [[], 'it is locked with a password, and none was given'],
    ] as const) {
      const { err, code } = await kimei([...asked, ...more], { cwd })
      expect(err.replaceAll(/\s+/g, ' ')).toMatch(says)
      expect(code).toBeGreaterThan(1)
    }
    const wrong = await kimei([...asked, '--password-env', 'PW'], { cwd, env: { PW: 'shut' } })
    expect(wrong.err).toContain('the password does not open it')
    expect(wrong.err).not.toContain('shut')
  })

  it('says in plain words what is wrong with a certificate, its key or the server’s', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    const other = selfSigned('other')
    writeFileSync(join(cwd, 'other.pem'), other.cert)
    writeFileSync(join(cwd, 'other.key'), other.key)
    const [cert, key] = ['.kimei/demo-machine.pem', '.kimei/demo-machine.key']
    const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [['--cert', cert, '--key', 'other.key', '--ca', '.kimei/demo-ca.pem'], /the key is not the key of the certificate/],
      [
        ['--cert', cert, '--key', key, '--ca', 'other.pem'],
        /comes from an authority that is not known here: name that authority with a CA file/,
      ],
      [['--cert', cert, '--key', key], /comes from an authority that is not known here/],
      [['--cert', 'other.pem', '--key', 'other.key', '--ca', '.kimei/demo-ca.pem'], /401 invalid_client/],
      [['--cert', cert], /--cert needs --key/],
      [['--key', key], /is the key of a certificate: name that with --cert/],
      [['--cert', cert, '--key', key, '--pkcs12', 'x.p12'], /exclude each other/],
      [['--bind', 'certificate'], /--bind certificate needs a certificate/],
    ]
    for (const [args, says] of cases) {
      const base = ['token', '--issuer', ready.issuer, '--client', 'demo-server', '--resource', ready.certifiedResource]
      const asked = args.includes('--bind') ? base : base.map((one) => (one === 'demo-server' ? 'demo-machine' : one))
      const { err, code } = await kimei([...asked, '--dir', 'wallet', ...args], { cwd })
      expect(err.replaceAll(/\s+/g, ' '), args.join(' ')).toMatch(says)
      expect(code).toBeGreaterThan(1)
    }
    expect(existsSync(join(cwd, 'wallet/tickets/latest.json'))).toBe(false)
  })

  it('CERT-2.4-03: no header of the command line becomes Client-Cert, and no variable turns off the check of servers', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    expect((await kimei(['token', '--client', 'demo-machine'], { cwd })).code).toBe(0)
    const headed = await kimei(['call', '-H', 'Client-Cert: :AAAA:', `${ready.mtls}/notes`], { cwd })
    expect(headed.err).toContain('"Client-Cert" is never sent by a client')
    const off = { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    const blind = await kimei(['call', `${ready.mtls}/notes`], { cwd, env: off })
    expect(blind.err.replaceAll(/\s+/g, ' ')).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0 would take anybody for')
    expect([headed.code, blind.code]).toEqual([2, 3])
  })
})
