// The guard behind a TLS terminator, in every framework and as the proxy: what is heard, what is refused, what the application gets to see.
import { linesOf, rawRequest } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundToOne, type Certified, everywhere, holder, one, two } from './certified-api.ts'
import { call, cert, ofBody, previousSecret, proven, secret, shared, told } from './terminator-calls.ts'

describe.each(everywhere)('%s', (_name, start) => {
  let api: Certified
  beforeAll(async () => {
    api = await start({ plain: true, guard: told(shared) })
  })
  afterAll(() => api.close())

  it('CERT-4-01 MTLS-3-02: the certificate that the terminator tells binds as that of a connection does', async () => {
    const answer = await call(api.port, '/mtls', [cert, proven])
    expect(answer.status).toBe(200)
    expect(api.last()).toMatchObject({ event: 'api_access', mode: 'mtls', x5t: one.x5t })
    expect(api.last()).not.toHaveProperty('ignoredCertificate')
    expect(linesOf(answer, 'vary').join()).toContain('*')
    expect((await call(api.port, '/mtls', [`Client-Cert: :${two.der}:`, proven])).status).toBe(401)
    expect(api.last()).toMatchObject({ event: 'binding_mismatch' })
    expect((await call(api.port, '/mtls', [proven])).status).toBe(401)
    expect(api.last()).toMatchObject({ event: 'mtls_missing' })
  })

  it('CERT-4-01: without the secret, or with another, or with two, the header is ignored and the log says so', async () => {
    for (const lines of [
      [],
      ['Kimei-Hop-Secret: guessed-guessed-guessed-guessed-guessed'],
      [proven, proven],
      ['Kimei-Hop-Secret: '],
      [`Kimei-Hop-Secret: ${secret}x`],
    ]) {
      const answer = await call(api.port, '/mtls', [cert, ...lines])
      expect(answer.status).toBe(401)
      expect(linesOf(answer, 'www-authenticate')[0]).toMatch(/^Bearer error="invalid_token"/)
      expect(api.last()).toMatchObject({
        event: 'mtls_missing',
        ignoredCertificate: { rule: 'certificate-header.comes-from-the-terminator', expected: 'shared-secret' },
      })
    }
    expect(JSON.stringify(api.events)).not.toContain(secret)
  })

  it('CERT-4-01: the previous secret is taken as well', async () => {
    expect((await call(api.port, '/mtls', [cert, `kimei-hop-secret: ${previousSecret}`])).status).toBe(200)
  })

  it('CERT-2.4-01: what a stranger says reaches no application, on no route, and is logged on each', async () => {
    const forged = [cert, `Client-Cert-Chain: :${two.der}:`, 'Kimei-Hop-Secret: guessed-guessed-guessed-guessed-guessed', 'X-Other: 1']
    for (const [path, cnf] of [
      ['/open', boundToOne],
      ['/dpop', { jkt: holder.jkt }],
    ] as const) {
      const answer = await call(api.port, path, forged, cnf)
      expect(answer.status, path).toBe(200)
      const { headers } = ofBody(answer)
      expect(headers).toContain('x-other')
      expect(headers.filter((name) => name.startsWith('client-cert') || name.includes('secret'))).toEqual([])
      expect(api.last()).toMatchObject({
        event: 'api_access',
        ignoredCertificate: { rule: 'certificate-header.comes-from-the-terminator' },
      })
    }
  })

  it('CERT-2.4-01: a body comes along with the request that is left', async () => {
    const lines = ['POST /open HTTP/1.1', 'Host: api.example', cert, 'Content-Type: text/plain', 'Content-Length: 5']
    const answer = await rawRequest(api.port, lines, 'hello')
    expect(answer.status).toBe(200)
    expect(ofBody(answer).body ?? 'hello').toBe('hello')
    expect(ofBody(answer).headers).not.toContain('client-cert')
  })

  it('the secret of the terminator reaches no application', async () => {
    const { headers } = ofBody(await call(api.port, '/mtls', [cert, proven]))
    expect(headers.filter((name) => name.includes('secret'))).toEqual([])
  })

  it('CERT-2.1-01: what cannot be read is 400 by the name of its rule, and the token is not bound', async () => {
    const pem = encodeURIComponent(one.cert)
    const cases: [lines: string[], rule: string][] = [
      [[cert, cert], 'is-sent-once'],
      [[cert, `Client-Cert: :${two.der}:`], 'is-sent-once'],
      [[`Client-Cert: ${pem}`], 'is-in-the-configured-format'],
      [[`Client-Cert: ${one.der}`], 'is-in-the-configured-format'],
      [['Client-Cert: :!!!!:'], 'is-in-the-configured-format'],
      [['Client-Cert: ::'], 'is-in-the-configured-format'],
      [['Client-Cert: :\xff\xfe\xfd\xfc:'], 'is-in-the-configured-format'],
      [[`Client-Cert: :${Buffer.concat([Buffer.from(one.der, 'base64'), Buffer.from([0])]).toString('base64')}:`], 'holds-one-certificate'],
      [['Client-Cert: :AAAA:'], 'holds-one-certificate'],
      [[`Client-Cert-Chain: :${two.der}:`], 'chain-comes-with-its-certificate'],
    ]
    for (const [lines, rule] of cases) {
      const answer = await call(api.port, '/mtls', [...lines, proven])
      // A web Request has joined the lines already: there it is the format that is broken.
      const found = String(api.last().rule).replace('certificate-header.', '')
      expect(
        [answer.status, found === rule || (rule === 'is-sent-once' && found === 'is-in-the-configured-format')],
        `${rule} ${found}`,
      ).toEqual([400, true])
      expect(api.last().event).toBe('api_refused')
    }
  })

  it('CERT-2.1-01: a folded header is no header', async () => {
    const answer = await call(api.port, '/mtls', [`Client-Cert: :${one.der.slice(0, 40)}`, ` ${one.der.slice(40)}:`, proven])
    expect([400, 401]).toContain(answer.status)
  })

  it('an empty value is no certificate', async () => {
    expect((await call(api.port, '/mtls', ['Client-Cert: ', proven])).status).toBe(401)
    expect(api.last().event).toBe('mtls_missing')
  })

  it('CERT-3.2-01: 20 kB of chain are 431, not a part of them', async () => {
    const chain = Array.from({ length: 45 }, () => `:${two.der}:`).join(', ')
    expect((await call(api.port, '/mtls', [cert, `Client-Cert-Chain: ${chain}`, proven])).status).toBe(431)
  })

  it('who needs no certificate is not bothered by a wrong one', async () => {
    expect((await call(api.port, '/dpop', ['Client-Cert: junk', proven], { jkt: holder.jkt })).status).toBe(200)
  })
})
