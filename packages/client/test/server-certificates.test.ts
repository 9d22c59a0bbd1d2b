// Whom a holder believes: the server's certificate is always checked, and nothing turns that off.
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { selfSigned, type TestCertificate } from 'testkit'
import { craftCertificate } from 'testkit/crafted'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClientCredentials, createSession } from '../src/index.ts'
import { type CertificateMaterial, createCertificate } from '../src/node.ts'
import { explainTlsFailure } from '../src/tls-failure.ts'

const own = selfSigned('payroll')
const named = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })
const authority = craftCertificate({ ...named('authority'), ca: true })
const good = craftCertificate({ ...named('server'), dns: ['localhost'], by: authority })

/** Answers where it stands, and how many requests it has heard. */
async function serve({ cert, key }: Pick<TestCertificate, 'cert' | 'key'>): Promise<{ origin: string; heard: () => number }> {
  let heard = 0
  const server = createServer({ cert, key }, (_request, response) => {
    heard += 1
    response.end('yes')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { origin: `https://localhost:${(server.address() as AddressInfo).port}`, heard: () => heard }
}

function open(more: object = {}): ReturnType<typeof createCertificate> {
  const made = createCertificate({ cert: own.cert, key: own.key, ca: authority.cert, ...more } as CertificateMaterial)
  onTestFinished(() => made.close())
  return made
}

const refused = { code: 'holder.server-proves-its-name' }

describe('a server', () => {
  it('of an authority that was named is believed, with and without our certificate', async () => {
    const { origin } = await serve(good)
    expect(await (await open().current().fetch(origin)).text()).toBe('yes')
    expect(await (await open().plainFetch(origin)).text()).toBe('yes')
  })

  const strangers: readonly (readonly [what: string, shown: Pick<TestCertificate, 'cert' | 'key'>, says: RegExp])[] = [
    ['an authority that was not named', selfSigned('localhost'), /comes from an authority that is not known here: name that authority/],
    ['another name', craftCertificate({ ...named('s'), dns: ['elsewhere.example'], by: authority }), /is for another name/],
    ['last year', craftCertificate({ ...named('s'), dns: ['localhost'], by: authority, notAfter: 1_700_000_000 }), /is expired/],
    [
      'next century',
      craftCertificate({ ...named('s'), dns: ['localhost'], by: authority, notBefore: 3_999_999_999 }),
      /is not in force yet/,
    ],
  ]
  it.each(strangers)('of %s is not, and hears nothing', async (_what, shown, says) => {
    const { origin, heard } = await serve(shown)
    for (const send of [open().current().fetch, open().plainFetch]) {
      await expect(send(origin)).rejects.toMatchObject({ ...refused, message: expect.stringMatching(says) })
    }
    expect(heard()).toBe(0)
  })

  it('of another authority is believed when that is exchanged, and the one before no longer', async () => {
    const elsewhere = craftCertificate({ ...named('elsewhere'), ca: true })
    const { origin } = await serve(craftCertificate({ ...named('server'), dns: ['localhost'], by: elsewhere }))
    const held = open()
    held.exchange({ cert: own.cert, key: own.key, ca: elsewhere.cert })
    for (const send of [held.current().fetch, held.plainFetch]) expect(await (await send(origin)).text()).toBe('yes')
    await expect(held.plainFetch((await serve(good)).origin)).rejects.toMatchObject(refused)
  })

  it('with no authority named, those of the platform count', async () => {
    const { origin } = await serve(good)
    await expect(open({ ca: undefined }).current().fetch(origin)).rejects.toMatchObject(refused)
  })
})

describe('no switch turns the check off', () => {
  it('neither an option that other libraries have', async () => {
    const { origin, heard } = await serve(selfSigned('localhost'))
    for (const off of [{ rejectUnauthorized: false }, { insecure: true }, { checkServerIdentity: () => undefined }, { ca: '' }]) {
      const tried = async () => open(off).current().fetch(origin)
      await expect(tried()).rejects.toMatchObject({ name: 'HolderError' })
    }
    expect(heard()).toBe(0)
    const session = { issuer: origin, clientId: 'a', redirectUri: 'http://127.0.0.1/callback', rejectUnauthorized: false }
    expect(() => createSession(session)).toThrow('"rejectUnauthorized" is not an option')
  })

  it('nor the variable that Node has for it: with a certificate it does nothing, without one nothing is sent', async () => {
    const { origin, heard } = await serve(selfSigned('localhost'))
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    onTestFinished(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    })
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    await expect(open().current().fetch(origin)).rejects.toMatchObject(refused)
    await expect(open().plainFetch(origin)).rejects.toMatchObject(refused)
    expect(() => createClientCredentials({ issuer: origin, clientId: 'a' })).toThrow(expect.objectContaining(refused))
    expect(heard()).toBe(0)
  })

  it('nor anything in the source', () => {
    const root = join(import.meta.dirname, '../src')
    const texts = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(root, path), 'utf8'))
    const lines = texts.flatMap((text) => text.split('\n').filter((line) => /rejectUnauthorized|checkServerIdentity|insecure/i.test(line)))
    expect(lines.map((line) => line.trim()).filter((line) => !/allowInsecureRequests/.test(line))).toEqual([
      "const connect = { ...secure, ...(ca !== undefined && { ca }), rejectUnauthorized: true, minVersion: 'TLSv1.2' as const }",
    ])
  })
})

it('a handshake that the server ends after our certificate says so; other failures of the network pass through', () => {
  const failed = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code }) })
  for (const code of [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  ]) {
    expect(explainTlsFailure(failed(code), 'https://a.example')).toMatchObject({ code: 'holder.certificate-is-taken' })
  }
  const reset = failed('ECONNRESET')
  expect(explainTlsFailure(reset, 'https://a.example')).toBe(reset)
})
