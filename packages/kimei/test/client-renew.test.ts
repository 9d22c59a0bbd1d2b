// `kimei client renew`: what it says of two certificates, whom it asks, and how it changes over.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from 'testkit'
import { type Crafted, craftCertificate } from 'testkit/crafted'
import { describe, expect, it } from 'vitest'
import { issueCertificate } from '../src/demo/demo-authority.ts'
import { emptyFolder, kimei, kimeiRunning, printed, startDev } from './run-kimei.ts'
import { freePort } from './serve-kit.ts'

interface Told {
  readonly old: { x5t: string }
  readonly new: { x5t: string }
  readonly steps: { id: string; state: string; says: string }[]
  readonly ready: boolean
  readonly changed: boolean
  readonly ticket?: { x5t: string }
  readonly toPublish?: { x5c: string[] }
}

const now = Math.floor(Date.now() / 1000)
const stateOf = ({ steps }: Told, id: string): string | undefined => steps.find((step) => step.id === id)?.state

function writePair(cwd: string, name: string, { cert, key }: { cert: string; key: string }): readonly string[] {
  writeFileSync(join(cwd, `${name}.pem`), cert)
  writeFileSync(join(cwd, `${name}.key`), key, { mode: 0o600 })
  return ['--cert', `${name}.pem`, '--key', `${name}.key`]
}

describe('beside kimei dev', () => {
  it('MTLS-6.3-01: shows both, asks the issuer over both, changes over in order, and the next call works', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    const notes = `${ready.mtls}/notes`
    const first = printed(await kimei(['token', '--client', 'demo-machine', '--json'], { cwd }))
    const read = (file: string): string => readFileSync(join(cwd, '.kimei', file), 'utf8')
    const authority = { cert: read('demo-clients-ca.pem'), key: read('demo-clients-ca.key') }
    const fresh = await issueCertificate(authority, { commonName: 'Demo machine', usage: 'client', now })
    const flags = writePair(cwd, 'new', fresh)

    const looked = printed<Told>(await kimei(['client', 'renew', ...flags, '--json'], { cwd }))
    expect(looked.old.x5t).toBe(first['x5t'])
    expect(looked.steps.map(({ id, state }) => [id, state])).toEqual([
      ['dates', looked.steps[0]?.state],
      ['overlap', 'ok'],
      ['key', 'ok'],
      ['usage', 'ok'],
      ['names', 'ok'],
      ['issuer-knows-old', 'ok'],
      ['issuer-knows-new', 'ok'],
    ])
    expect([looked.ready, looked.changed]).toEqual([true, false])
    expect(printed(await kimei(['call', '--json', notes], { cwd }))).toMatchObject({ status: 200 })

    const walked = await kimei(['client', 'renew', ...flags, '--switch'], { cwd })
    expect(walked.code).toBe(0)
    expect(walked.out).toContain(looked.old.x5t)
    expect(walked.out).toContain(looked.new.x5t)
    expect(walked.out).toMatch(/Changed: (npx )?kimei call shows the new certificate, with a ticket of its own/)
    expect(walked.out.split('\n').filter((line) => [...line].length > 100)).toEqual([])
    const theft = printed(await kimei(['call', '--as-thief', '--json', notes], { cwd }))
    expect(theft).toMatchObject({ stolen: false, before: 200, after: 200 })
    const again = printed<Told>(await kimei(['client', 'renew', ...flags, '--json'], { cwd }))
    expect([again.old.x5t, stateOf(again, 'dates')]).toEqual([looked.new.x5t, 'failed'])
  })

  it('goes on from a certificate that has expired', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    expect((await kimei(['token', '--client', 'demo-machine'], { cwd })).code).toBe(0)
    const read = (file: string): string => readFileSync(join(cwd, '.kimei', file), 'utf8')
    const authority = { cert: read('demo-clients-ca.pem'), key: read('demo-clients-ca.key') }
    const fresh = await issueCertificate(authority, { commonName: 'Demo machine', usage: 'client', now })
    const over = craftCertificate({ subject: [[{ type: '2.5.4.3', value: 'Demo machine' }]], notAfter: now - 60 })
    writeFileSync(join(cwd, '.kimei/demo-machine.pem'), over.cert)
    writeFileSync(join(cwd, '.kimei/demo-machine.key'), over.key)
    const refused = await kimei(['call', `${ready.mtls}/notes`], { cwd })
    expect(refused.err).toContain('the certificate of CN=Demo machine expired on')
    const told = printed<Told>(await kimei(['client', 'renew', ...writePair(cwd, 'new', fresh), '--switch', '--json'], { cwd }))
    expect([stateOf(told, 'overlap'), stateOf(told, 'issuer-knows-old'), stateOf(told, 'issuer-knows-new')]).toEqual([
      'unclear',
      'unclear',
      'ok',
    ])
    expect(told.changed).toBe(true)
    expect(printed(await kimei(['call', '--json', `${ready.mtls}/notes`], { cwd }))).toMatchObject({ status: 200 })
  })

  it('says what stands in the way before anything is asked, and changes nothing', async () => {
    const cwd = emptyFolder()
    const { ready } = await startDev(cwd)
    expect((await kimei(['token', '--client', 'demo-machine'], { cwd })).code).toBe(0)
    const named = { subject: [[{ type: '2.5.4.3', value: 'Demo machine' }]] }
    const cases: readonly (readonly [name: string, pair: { cert: string; key: string }, step: string, says: RegExp])[] = [
      ['over', craftCertificate({ ...named, notAfter: now - 60 }), 'dates', /has expired on/],
      ['early', craftCertificate({ ...named, notBefore: now + 86_400 }), 'dates', /is not in force before/],
      ['stranger', craftCertificate(named), 'issuer-knows-new', /does not take the new one: 401 invalid_client/],
    ]
    for (const [name, pair, step, says] of cases) {
      const ran = await kimei(['client', 'renew', ...writePair(cwd, name, pair), '--switch', '--json'], { cwd })
      const told = printed<Told>(ran)
      const found = told.steps.find(({ id }) => id === step)
      expect([found?.state, found?.says], name).toEqual(['failed', expect.stringMatching(says)])
      expect([told.ready, told.changed, ran.code]).toEqual([false, false, 1])
    }
    const mixed = writePair(cwd, 'mixed', { cert: craftCertificate(named).cert, key: selfSigned('x').key })
    const wrong = await kimei(['client', 'renew', ...mixed], { cwd })
    expect(wrong.err).toContain('the key is not the key of the certificate')
    expect((await kimei(['client', 'renew'], { cwd })).err).toContain('the new certificate is missing')
    expect(printed(await kimei(['call', '--json', `${ready.mtls}/notes`], { cwd }))).toMatchObject({ status: 200 })
  })
})

describe('a certificate that vouches for itself', () => {
  const before = craftCertificate({ subject: [[{ type: '2.5.4.3', value: 'job' }]], notAfter: now + 5 * 86_400 })
  const after = craftCertificate({ subject: [[{ type: '2.5.4.3', value: 'job' }]], key: before.key })
  const serving = selfSigned('localhost')
  let cwd: string
  let issuer: string
  let mtlsUrl: string

  /** The client's document as the issuer is given it. */
  const serve = async (keys: readonly object[]): Promise<void> => {
    const [port, mtlsPort] = [await freePort(), await freePort()]
    issuer = `http://127.0.0.1:${port}`
    mtlsUrl = `https://localhost:${mtlsPort}`
    writeFileSync(
      join(cwd, 'kimei.yaml'),
      JSON.stringify({
        issuer,
        mtls: { url: mtlsUrl },
        listen: { port, mtls: { port: mtlsPort, certFile: 'cert.pem', keyFile: 'key.pem' } },
        storage: { sqlite: `data-${port}.sqlite` },
        audit: 'table-only',
        apis: [{ identifier: 'https://api.example/', name: 'Numbers', scopes: ['numbers'] }],
        scopes: [{ scope: 'numbers', description: 'Read numbers' }],
        clients: [
          {
            clientId: 'job',
            kind: 'server',
            name: 'Job',
            authentication: 'self_signed_tls_client_auth',
            jwks: { keys },
            binding: { kind: 'required', by: 'certificate' },
            scopes: ['numbers'],
            apis: ['https://api.example/'],
          },
        ],
      }),
    )
    await kimeiRunning(['serve'], { cwd }).until(/listens on/)
  }
  const keyOf = ({ x5t, der }: Crafted): object => {
    // The members beside x5c are not what counts: any key will do.
    return { kty: 'EC', crv: 'P-256', x: x5t, y: x5t, kid: x5t, x5c: [der] }
  }
  it('MTLS-2.2-02: is told to be published first; the file is written, and with both in force the change goes through', async () => {
    cwd = emptyFolder()
    writeFileSync(join(cwd, 'cert.pem'), serving.cert)
    writeFileSync(join(cwd, 'key.pem'), serving.key, { mode: 0o600 })
    writeFileSync(join(cwd, 'keys.json'), JSON.stringify({ keys: [keyOf(before)] }))
    await serve([keyOf(before)])
    const wallet = ['--dir', 'wallet']
    const ask = (): Promise<{ code: number }> =>
      kimei(
        [
          'token',
          '--issuer',
          issuer,
          '--client',
          'job',
          ...writePair(cwd, 'old', before),
          '--ca',
          'cert.pem',
          '--scope',
          'numbers',
          ...wallet,
        ],
        { cwd },
      )
    expect((await ask()).code).toBe(0)
    const flags = [...writePair(cwd, 'new', after), '--keys', 'keys.json', ...wallet, '--json']

    const unknown = printed<Told>(await kimei(['client', 'renew', ...flags], { cwd }))
    expect([stateOf(unknown, 'published-new'), stateOf(unknown, 'issuer-knows-old'), stateOf(unknown, 'issuer-knows-new')]).toEqual([
      'failed',
      'ok',
      'failed',
    ])
    expect(unknown.steps.find(({ id }) => id === 'key')?.says).toContain(
      'the key is the old one; its name (thumbprint) is new all the same',
    )
    expect(unknown.toPublish?.x5c).toEqual([after.der])

    const published = printed<Told>(await kimei(['client', 'renew', ...flags, '--publish'], { cwd }))
    expect([stateOf(published, 'published-new'), stateOf(published, 'published-old')]).toEqual(['ok', 'ok'])
    const { keys } = JSON.parse(readFileSync(join(cwd, 'keys.json'), 'utf8')) as { keys: { x5c: string[] }[] }
    expect(keys.map(({ x5c }) => x5c[0])).toEqual([after.der, before.der])
    // The operator takes over what was published; with both known, the client changes over.
    await serve(keys)
    expect((await ask()).code).toBe(0)
    const changed = printed<Told>(await kimei(['client', 'renew', ...flags, '--switch'], { cwd }))
    expect(changed).toMatchObject({ ready: true, changed: true, ticket: { x5t: after.x5t } })
  })
})
