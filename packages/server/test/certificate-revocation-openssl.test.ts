// Somebody else's responder and somebody else's lists: OpenSSL as the authority of clients' certificates.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Crafted, craftCertificate } from 'testkit/crafted'
import { serialOf } from 'testkit/revocation'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { job, named, type RevocationTest, revoked, root, startRevocationTest } from './revocation-parts.ts'

const folder = mkdtempSync(join(tmpdir(), 'kimei-authority-'))
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const now = Math.floor(Date.now() / 1000)
const stamp = (seconds: number) => `${new Date(seconds * 1000).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`
/** One line of the authority's books. */
const entry = (one: Crafted, gone: boolean): string =>
  [
    gone ? 'R' : 'V',
    stamp(now + 86_400),
    gone ? `${stamp(now - 60)},keyCompromise` : '',
    serialOf(one).toString('hex').toUpperCase(),
    'unknown',
    '/CN=job',
  ].join('\t')

const good = job({})
const bad = job({})
const delegate = craftCertificate({ ...named('responder'), by: root, purposes: ['1.3.6.1.5.5.7.3.9'] })
const index = file('index.txt', `${entry(good, false)}\n${entry(bad, true)}\n`)
const paths = {
  ca: file('root.pem', root.cert),
  caKey: file('root.key', root.key),
  signer: file('responder.pem', delegate.cert),
  signerKey: file('responder.key', delegate.key),
}
/** The same certificates with the URLs of whoever tells: key and name make the serial number. */
const naming = (one: Crafted, more: object): Crafted => job({ key: one.key, ...more })

let test: RevocationTest
let responder: string
beforeAll(async () => {
  test = await startRevocationTest({}, { start: now })
  responder = test.place('ocsp', answer)
})
afterAll(async () => {
  await test.close()
  rmSync(folder, { recursive: true })
})

/** What OpenSSL makes of a question. Its own server would listen on every address of the machine. */
function answer(question: Buffer): Buffer {
  const asked = join(folder, 'question.der')
  const answered = join(folder, 'answer.der')
  writeFileSync(asked, question)
  const signer = ['-rsigner', paths.signer, '-rkey', paths.signerKey, '-CA', paths.ca]
  execFileSync('openssl', ['ocsp', '-index', index, ...signer, '-nmin', '10', '-reqin', asked, '-respout', answered], { stdio: 'pipe' })
  return readFileSync(answered)
}

it('MTLS-2.1-01: OpenSSL answers by OCSP, with a responder that it appointed and the nonce that was sent', async () => {
  expect(await test.ask(naming(good, { ocsp: [responder] }))).toBe(200)
  expect(await test.ask(naming(bad, { ocsp: [responder] }))).toEqual(revoked)
  expect(test.told()).toMatchObject({ received: 'revoked', clientId: 'job' })
})

it('MTLS-2.1-01: OpenSSL signs a list, with numbers and reasons', async () => {
  const config = file(
    'ca.cnf',
    `[ca]\ndefault_ca = own\n[own]\ndatabase = ${index}\ncrlnumber = ${file('number', '1000\n')}\ndefault_md = sha256\ndefault_crl_days = 1\n`,
  )
  const pem = execFileSync('openssl', ['ca', '-config', config, '-gencrl', '-keyfile', paths.caKey, '-cert', paths.ca], { stdio: 'pipe' })
  const list = execFileSync('openssl', ['crl', '-outform', 'DER'], { input: pem })
  const url = test.place('crl', () => list)
  expect(await test.ask(naming(good, { crl: [url] }))).toBe(200)
  expect(await test.ask(naming(bad, { crl: [url] }))).toEqual(revoked)
})
