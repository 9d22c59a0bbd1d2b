// The guard behind real nginx, HAProxy and Apache, each with the configuration of docs/operate: certificates told in a header,
// forgeries through every listener and past the terminator.
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { createGuard } from '@kimei/guard'
import { createProxy, type Listening, listenProxy, parseGuardFile } from '@kimei/guard/proxy'
import type { AuditEvent } from '@kimei/protocol'
import { createMemoryReplay } from '@kimei/storage/memory'
import { rawRequest, selfSigned, type TestCertificate, wireJwt, wireKey, wireProof } from 'testkit'
import { craftCertificate } from 'testkit/crafted'
import { type RunningTerminator, startTerminator, type TerminatorName, terminatorFolder } from 'testkit/terminators'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { withGuardTexts } from '../src/serve/pem-files.ts'
import { blockOf, withChanges } from './operate-page.ts'
import { freePort } from './serve-kit.ts'

const named = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })
const authority = craftCertificate({ ...named('authority'), ca: true })
const [one, two] = [craftCertificate({ ...named('one'), by: authority }), craftCertificate({ ...named('two'), by: authority })]
const [serving, hop, inner] = [selfSigned('notes'), selfSigned('hop'), selfSigned('guard', 'guard.internal')]
const secret = 'correct-horse-battery-staple-0123456789'
const [signing, holder] = [wireKey('ES256', 'issuer-1'), wireKey()]
const resource = 'https://notes.example/'
const now = (): number => Math.floor(Date.now() / 1000)
const listed = JSON.stringify({ ...signing.publicJwk, kid: signing.kid, alg: 'ES256', use: 'sig' })

interface Place {
  readonly name: TerminatorName
  readonly heading: string
  readonly language: string
  readonly socket?: true
  readonly format: (certificate: TestCertificate) => Readonly<Record<string, string>>
  /** What of the terminator's configuration is of the machine it runs on. */
  readonly changes: (place: { folder: string; browsers: number; clients: number; guard: number }) => Readonly<Record<string, string>>
}

const places: readonly Place[] = [
  {
    name: 'nginx',
    heading: 'nginx',
    language: 'nginx',
    format: ({ cert }) => ({ 'ssl-client-cert': encodeURIComponent(cert) }),
    changes: ({ folder, browsers, clients, guard }) => ({
      'listen 443 ssl': `listen 127.0.0.1:${browsers} ssl`,
      'listen 9443 ssl': `listen 127.0.0.1:${clients} ssl`,
      '127.0.0.1:8443': `127.0.0.1:${guard}`,
      '/etc/nginx/tls': folder,
      'the secret of hop-secret.txt': secret,
    }),
  },
  {
    name: 'haproxy',
    heading: 'HAProxy',
    language: 'haproxy',
    format: ({ der }) => ({ 'client-cert': `:${der}:` }),
    changes: ({ folder, browsers, clients, guard }) => ({
      'bind :443': `bind 127.0.0.1:${browsers}`,
      'bind :9443': `bind 127.0.0.1:${clients}`,
      '127.0.0.1:8443': `127.0.0.1:${guard}`,
      '/etc/haproxy/tls/server.pem': join(folder, 'server-and-key.pem'),
      '/etc/haproxy/tls/hop.pem': join(folder, 'hop-and-key.pem'),
      '/etc/haproxy/tls/guard-ca.pem': join(folder, 'guard.pem'),
      '/etc/haproxy/tls/clients-ca.pem': join(folder, 'clients-ca.pem'),
    }),
  },
  {
    name: 'apache2',
    heading: 'Apache',
    language: 'apache',
    socket: true,
    format: ({ cert }) => ({ 'x-ssl-client-cert': cert.trim().replaceAll('\n', ' ') }),
    changes: ({ folder, browsers, clients }) => ({
      'Listen 443': `Listen 127.0.0.1:${browsers}`,
      'Listen 9443': `Listen 127.0.0.1:${clients}`,
      '*:443': `127.0.0.1:${browsers}`,
      '*:9443': `127.0.0.1:${clients}`,
      '/etc/apache2/tls': folder,
      '/run/kimei': folder,
    }),
  },
]

const files = (): Record<string, string> => ({
  'server.pem': serving.cert,
  'server.key': serving.key,
  'server-and-key.pem': serving.cert + serving.key,
  'hop.pem': hop.cert,
  'hop-and-key.pem': hop.cert + hop.key,
  'guard.pem': inner.cert,
  'guard.key': inner.key,
  'clients-ca.pem': authority.cert,
  'hop-secret.txt': `${secret}\n`,
})

describe.each(places)('$heading', ({ name, heading, language, socket, changes, format }) => {
  const events: AuditEvent[] = []
  const reached: string[][] = []
  const behind = createServer((asked, response) => {
    reached.push(asked.rawHeaders.filter((_, at) => at % 2 === 0).map((each) => each.toLowerCase()))
    response.end('ok')
  })
  const folder = terminatorFolder()
  const last = () => events.at(-1)!
  let [browsers, clients, guardPort] = [0, 0, 0]
  let door: Listening | undefined
  let terminator: RunningTerminator | undefined

  beforeAll(async () => {
    for (const [file, text] of Object.entries(files())) writeFileSync(join(folder, file), text)
    await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve))
    ;[browsers, clients, guardPort] = [await freePort(), await freePort(), await freePort()]
    const text = withChanges(blockOf(heading, 'yaml'), {
      ...(socket ? { '/run/kimei/guard.sock': join(folder, 'guard.sock') } : { 'port: 8443': `port: ${guardPort}` }),
      'issuer: https://id.example': `issuer: https://id.example\n  keys: { from: static, jwks: { keys: [${listed}] } }`,
      'http://127.0.0.1:8080': `http://127.0.0.1:${(behind.address() as AddressInfo).port}`,
    })
    const file = parseGuardFile(withGuardTexts(parse(text), folder))
    const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))
    const audit = (event: AuditEvent) => void events.push(event)
    const guard = createGuard(file.guard, { replay: createMemoryReplay(), clock: now, random, audit })
    const proxy = await createProxy(guard, file.proxy, { clock: now, random })
    const { host, port, tls } = file.listen
    door = await listenProxy(proxy, {
      host,
      port,
      ...(tls && { tls: { cert: inner.cert, key: inner.key, clientCertificates: tls.clientCertificates } }),
      // Open to the account that Apache changes to.
      ...(file.listen.socket && { socket: { path: file.listen.socket.path, mode: 0o666 } }),
    })
    const config = withChanges(blockOf(heading, language), changes({ folder, browsers, clients, guard: guardPort }))
    terminator = await startTerminator(name, { folder, port: clients, config, files: {} })
  })
  afterAll(async () => {
    await terminator?.close()
    await door?.close()
    await new Promise<void>((resolve) => behind.close(() => resolve()))
  })

  const bound = (certificate: TestCertificate) => token({ 'x5t#S256': certificate.x5t })
  const call = (port: number, shown?: TestCertificate, headers: Record<string, string | string[]> = {}, accessToken = bound(one)) =>
    callTls({ port, shown, headers: { authorization: `Bearer ${accessToken}`, ...headers } })

  it('CERT-4-01 MTLS-3-02: the right certificate passes', async () => {
    expect((await call(clients, one)).status).toBe(200)
    expect(last()).toMatchObject({ event: 'api_access', mode: 'mtls', x5t: one.x5t })
    expect(reached.at(-1)!.filter((each) => /cert|secret/.test(each))).toEqual([])
  })

  it('MTLS-6.2-01: a self-signed one as well', async () => {
    expect((await call(clients, hop, {}, bound(hop))).status).toBe(200)
  })

  it('MTLS-3-04: none is 401, another of the same authority is 401', async () => {
    expect((await call(clients)).status).toBe(401)
    expect(last()).toMatchObject({ event: 'mtls_missing' })
    expect((await call(clients, two)).status).toBe(401)
    expect(last()).toMatchObject({ event: 'binding_mismatch' })
  })

  it('CERT-2.4-01: a forged header goes no further, on the listener that asks and on the one that does not', async () => {
    const forged = format(one)
    const doubled = Object.fromEntries(Object.entries(forged).map(([each, value]) => [each, [value, value]]))
    for (const headers of [forged, doubled]) {
      expect((await call(clients, undefined, headers)).status).toBe(401)
      expect(last()).toMatchObject({ event: 'mtls_missing' })
      expect((await call(clients, two, headers)).status).toBe(401)
      expect(last()).toMatchObject({ event: 'binding_mismatch' })
      expect((await call(browsers, undefined, headers)).status).toBe(401)
      expect(last()).toMatchObject({ event: 'mtls_missing' })
      expect((await call(browsers, one, headers)).status).toBe(401)
      expect(last()).toMatchObject({ event: 'mtls_missing' })
      expect((await call(clients, one, headers)).status).toBe(200)
    }
    expect(events.filter((event) => 'ignoredCertificate' in event)).toEqual([])
  })

  it('CERT-2.4-01: forged headers of every other format and spelling are nothing', async () => {
    const others = places.flatMap((place) => Object.entries(place.format(one)))
    const spellings = others.flatMap(([each, value]) => [[each, value] as const, [each.replaceAll('-', '_'), value] as const])
    for (const [each, value] of spellings) {
      expect((await call(clients, undefined, { [each]: value })).status, each).toBe(401)
      expect((await call(browsers, undefined, { [each]: value })).status, each).toBe(401)
    }
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('CERT-3.3-01: a resumed session still tells its certificate (%s)', async (version) => {
    const agent = new Agent({ ca: serving.cert, cert: one.cert, key: one.key, minVersion: version, maxVersion: version, keepAlive: false })
    const answers = []
    for (let each = 0; each < 3; each += 1)
      answers.push(await callTls({ port: clients, agent, headers: { authorization: `Bearer ${bound(one)}`, connection: 'close' } }))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers.at(-1)!.resumed).toBe(true)
    agent.destroy()
  })

  it('DPOP-4.3-09: a proof names the public address, on both listeners', async () => {
    const accessToken = token({ jkt: holder.jkt })
    for (const [port, origin] of [
      [browsers, 'https://notes.example'],
      [clients, 'https://notes.example:9443'],
    ] as const) {
      const dpop = wireProof(holder, { url: `${origin}/notes`, now: now(), accessToken })
      expect((await callTls({ port, headers: { authorization: `DPoP ${accessToken}`, dpop } })).status).toBe(200)
    }
  })

  it('CERT-4-01: past the terminator nobody is heard', async () => {
    if (socket) return expect(door!.url).toBe(`unix:${join(folder, 'guard.sock')}`)
    const [[header, value]] = Object.entries(format(one)) as [[string, string]]
    const credential = `Bearer ${bound(one)}`
    if (name === 'haproxy') {
      for (const shown of [undefined, two]) {
        const answer = await callTls({
          port: guardPort,
          shown,
          ca: inner.cert,
          servername: 'guard.internal',
          headers: { authorization: credential, [header]: value },
        })
        expect(answer.status).toBe(401)
        expect(last()).toMatchObject({ event: 'mtls_missing', ignoredCertificate: { expected: 'mutual-tls' } })
      }
      return undefined
    }
    const answer = await rawRequest(guardPort, [
      'GET /notes HTTP/1.1',
      'Host: notes.example',
      `Authorization: ${credential}`,
      `${header}: ${value}`,
    ])
    expect(answer.status).toBe(401)
    return expect(last()).toMatchObject({ event: 'mtls_missing', ignoredCertificate: { expected: 'shared-secret' } })
  })
})

function token(cnf: object): string {
  const at = now()
  const claims = {
    iss: 'https://id.example',
    aud: resource,
    sub: 'u',
    client_id: 'c',
    jti: crypto.randomUUID(),
    iat: at,
    exp: at + 300,
    cnf,
  }
  return wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: signing.kid }, claims, signing)
}

interface TlsCall {
  readonly port: number
  readonly shown?: TestCertificate | undefined
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly agent?: Agent
  readonly ca?: string
  readonly servername?: string
}

function callTls({
  port,
  shown,
  headers,
  agent,
  ca = serving.cert,
  servername = 'localhost',
}: TlsCall): Promise<{ status: number; resumed: boolean }> {
  const certificate = shown && { cert: shown.cert, key: shown.key }
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        servername,
        port,
        path: '/notes',
        agent: agent ?? false,
        ca,
        ...certificate,
        headers: { host: 'notes.example', ...headers },
      },
      (answer) => {
        const resumed = (answer.socket as TLSSocket).isSessionReused()
        answer.resume().on('end', () => resolve({ status: answer.statusCode!, resumed }))
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}
