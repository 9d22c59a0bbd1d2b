// Our TLS listeners as strangers meet them: what they speak, whom they ask for certificates, what they remember of a session.
import { createHash } from 'node:crypto'
import { connect as connectPlain } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { Misuse } from '@kimei/protocol'
import { type Connection, type FetchApp, type Listening, listen } from '@kimei/server'
import { selfSigned, sendRaw } from 'testkit'
import { callOverTls } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tracedHandshake } from './traced-handshake.ts'

const [serving, client, other, issuing] = [selfSigned('localhost'), selfSigned('client'), selfSigned('other'), selfSigned('issuing')]
const versions = ['TLSv1.2', 'TLSv1.3'] as const
const digest = (der: Uint8Array): string => createHash('sha256').update(der).digest('base64url')

/** Answers what the app was told of the connection. */
const echo: FetchApp = {
  fetch: (_request, connection) =>
    Response.json({
      encrypted: connection?.encrypted,
      door: connection?.door,
      leaf: connection?.peerCertificate && digest(connection.peerCertificate),
      chain: connection?.peerChain?.map(digest),
    }),
}
interface Told extends Pick<Connection, 'encrypted' | 'door'> {
  readonly leaf?: string
  readonly chain?: readonly string[]
}

let [asking, silent, plain]: Listening[] = []
beforeAll(async () => {
  asking = await listen(echo, { host: '127.0.0.1', port: 0, tls: serving, clientCertificates: 'requested' })
  silent = await listen(echo, { host: '127.0.0.1', port: 0, tls: serving })
  plain = await listen(echo, { host: '127.0.0.1', port: 0 })
})
afterAll(() => Promise.all([asking, silent, plain].map((one) => one!.close())))

const shown = { cert: client.cert, key: client.key }
const withChain = { cert: client.cert + other.cert + issuing.cert, key: client.key }

interface Met {
  readonly told: Told
  readonly reused: boolean
  readonly session: Buffer | undefined
}

/** One request on a connection of its own; `session`: to go on with. */
function meet(port: number, options: ConnectionOptions = {}): Promise<Met> {
  return new Promise((resolve, reject) => {
    let session: Buffer | undefined
    let reused = false
    let text = ''
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca: serving.cert, servername: 'localhost', ...options }, () => {
      reused = socket.isSessionReused()
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    })
    socket.on('session', (given: Buffer) => {
      session = given
    })
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    socket.on('error', reject)
    socket.on('close', () => {
      const told = /\{.*\}/.exec(text)?.[0]
      if (told) resolve({ told: JSON.parse(told) as Told, reused, session })
      else reject(new Error(`no answer: ${text.slice(0, 100)}`))
    })
  })
}

describe('whom a listener asks', () => {
  it.each(versions)(
    'MTLS-6.1-01, MTLS-3-03: over %s a CertificateRequest is sent by the listener for it, and by no other',
    async (version) => {
      expect(await tracedHandshake(asking!.port, version)).toContain('CertificateRequest')
      expect(await tracedHandshake(silent!.port, version)).not.toContain('CertificateRequest')
    },
  )

  it('MTLS-3-03: one that does not ask hears of no certificate, whatever the client holds', async () => {
    expect((await meet(silent!.port, shown)).told).toEqual({ encrypted: true })
    expect((await meet(asking!.port, shown)).told).toEqual({ encrypted: true, door: 'mtls', leaf: client.x5t, chain: [] })
  })

  it('MTLS-6.2-01: one that asks takes whoever issued the certificate, and who shows none', async () => {
    expect((await meet(asking!.port)).told).toEqual({ encrypted: true, door: 'mtls' })
    expect((await meet(asking!.port, { cert: other.cert, key: other.key })).told.leaf).toBe(other.x5t)
  })

  it('tells the further certificates in the order in which they came', async () => {
    expect((await meet(asking!.port, withChain)).told.chain).toEqual([other.x5t, issuing.x5t])
  })
})

describe('what it speaks', () => {
  const fails = (options: ConnectionOptions) => expect(meet(silent!.port, options)).rejects.toThrow()

  it('OIDC-16.17-1 OIDC-16.17-2: neither TLS 1.0 nor 1.1, nor suites without encryption, forward secrecy or authenticated encryption', async () => {
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      await fails({ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' })
    }
    await fails({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-NULL-SHA:NULL-SHA256@SECLEVEL=0' })
    await fails({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:AES128-GCM-SHA256:AES128-SHA' })
    for (const ciphers of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305']) {
      expect((await meet(silent!.port, { maxVersion: 'TLSv1.2', ciphers })).told.encrypted).toBe(true)
    }
  })

  it('nothing but HTTP/1.1', async () => {
    await fails({ ALPNProtocols: ['h2'] })
    expect((await meet(silent!.port, { ALPNProtocols: ['h2', 'http/1.1'] })).told.encrypted).toBe(true)
  })

  it('no renegotiation', async () => {
    const socket = connect({ host: '127.0.0.1', port: asking!.port, ca: serving.cert, servername: 'localhost', maxVersion: 'TLSv1.2' })
    const refused = new Promise<boolean>((resolve) => {
      socket.on('secureConnect', () => socket.renegotiate({}, (error) => resolve(error !== null)))
      socket.on('error', () => resolve(true))
      socket.on('close', () => resolve(true))
    })
    expect(await refused).toBe(true)
    socket.destroy()
  })

  it('MTLS-3-03: its tickets allow no early data', async () => {
    const trace = await tracedHandshake(asking!.port, 'TLSv1.3')
    expect(trace).toContain('NewSessionTicket')
    expect(trace).not.toMatch(/early_data|max_early/i)
  })
})

describe('a resumed session', () => {
  it.each(versions)('CERT-3.3-01: of %s brings the certificate of its handshake, and what came with it', async (version) => {
    const pinned = { minVersion: version, maxVersion: version }
    const first = await meet(asking!.port, { ...pinned, ...withChain })
    const again = await meet(asking!.port, { ...pinned, ...withChain, session: first.session! })
    expect([first.reused, again.reused]).toEqual([false, true])
    expect(again.told).toEqual(first.told)
    const oneMore = await meet(asking!.port, { ...pinned, ...withChain, session: (again.session ?? first.session)! })
    expect(oneMore.told).toEqual(first.told)
  })

  it.each(versions)(
    'CERT-3.3-01: of %s has the certificate of its handshake, whatever is in the hand of whoever resumes it',
    async (version) => {
      const pinned = { minVersion: version, maxVersion: version }
      const { session } = await meet(asking!.port, { ...pinned, ...shown })
      const resumed = await meet(asking!.port, { ...pinned, cert: other.cert, key: other.key, session: session! })
      expect(resumed.reused).toBe(true)
      expect(resumed.told.leaf).toBe(client.x5t)
    },
  )

  it.each(versions)('CERT-3.3-01: of %s without a certificate stays without one', async (version) => {
    const pinned = { minVersion: version, maxVersion: version }
    const { session } = await meet(asking!.port, pinned)
    const resumed = await meet(asking!.port, { ...pinned, ...shown, session: session! })
    expect([resumed.reused, resumed.told.leaf]).toEqual([true, undefined])
  })

  it.each(versions)('of %s is none under another name, nor at another listener', async (version) => {
    const pinned = { minVersion: version, maxVersion: version, ...shown }
    const { session } = await meet(asking!.port, pinned)
    const renamed = await meet(asking!.port, {
      ...pinned,
      session: session!,
      servername: 'other.example',
      checkServerIdentity: () => undefined,
    })
    expect([renamed.reused, renamed.told.leaf]).toEqual([false, client.x5t])
    const elsewhere = await meet(silent!.port, { ...pinned, session: session! })
    expect([elsewhere.reused, elsewhere.told]).toEqual([false, { encrypted: true }])
    const further = await listen(echo, { host: '127.0.0.1', port: 0, tls: serving, clientCertificates: 'requested' })
    expect((await meet(further.port, { ...pinned, session: session! })).reused).toBe(false)
    await further.close()
  })
})

describe('strange peers', () => {
  const isUp = async (): Promise<void> => {
    expect((await meet(asking!.port, shown)).told.leaf).toBe(client.x5t)
    expect(((await (await fetch(plain!.url)).json()) as Told).encrypted).toBe(false)
  }

  it('OIDC-16.17-1: plain HTTP at the TLS port gets no answer, and nothing of the app', async () => {
    expect(await sendRaw(asking!.port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n').catch(() => '')).not.toContain('encrypted')
    await isUp()
  })

  it('TLS at the plain port is refused', async () => {
    await expect(meet(plain!.port)).rejects.toThrow()
    await isUp()
  })

  it('garbage instead of a handshake closes that connection alone', async () => {
    const record = Buffer.concat([Buffer.from([22, 3, 1, 0x40, 0]), Buffer.alloc(0x4000, 0x2a)])
    for (const bytes of [record, Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0]), Buffer.from([0x80, 0x2e, 1, 0, 2]), Buffer.alloc(5000, 0xff)]) {
      await sendRaw(asking!.port, bytes, 300).catch(() => '')
    }
    await isUp()
  })

  it('half-open handshakes keep nobody else out', async () => {
    const hello = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])
    const open = Array.from({ length: 60 }, () => {
      const socket = connectPlain(asking!.port, '127.0.0.1', () => socket.write(hello))
      return socket.on('error', () => undefined)
    })
    await isUp()
    for (const socket of open) socket.destroy()
    await isUp()
  })

  it('chains of more than 20 kB come in; no more than twenty of their certificates are told', async () => {
    const many = Array.from({ length: 60 }, (_, at) => selfSigned(`further ${at} ${'x'.repeat(40)}`))
    expect(many.reduce((sum, { der }) => sum + Buffer.from(der, 'base64').length, 0)).toBeGreaterThan(20_000)
    const long = { cert: client.cert + many.map(({ cert }) => cert).join(''), key: client.key }
    expect((await meet(asking!.port, long)).told).toMatchObject({
      leaf: client.x5t,
      chain: many.slice(0, 20).map(({ x5t }) => x5t),
    })
    await isUp()
  })

  it('two chains in one message are one leaf with strangers behind it', async () => {
    const two = { cert: client.cert + issuing.cert + other.cert + issuing.cert, key: client.key }
    expect((await meet(asking!.port, two)).told).toMatchObject({ leaf: client.x5t, chain: [issuing.x5t, other.x5t, issuing.x5t] })
  })

  it('a chain that no TLS library would take ends that handshake alone', async () => {
    const huge = Array.from({ length: 1000 }, () => other.cert).join('')
    await expect(meet(asking!.port, { cert: client.cert + huge, key: client.key, maxVersion: 'TLSv1.2' })).rejects.toThrow()
    await isUp()
  })
})

describe('another certificate of the server', () => {
  it('is seen by handshakes from then on, while connections and sessions go on', async () => {
    const door = await listen(echo, { host: '127.0.0.1', port: 0, tls: serving, clientCertificates: 'requested' })
    const before = await meet(door.port, withChain)
    const renewed = selfSigned('localhost, renewed')
    door.reload(renewed)
    await expect(meet(door.port)).rejects.toThrow()
    expect((await meet(door.port, { ca: renewed.cert })).told.encrypted).toBe(true)
    const resumed = await meet(door.port, { ...withChain, ca: renewed.cert, session: before.session! })
    expect(resumed.told).toEqual(before.told)
    await door.close()
  })

  it('that cannot serve is refused with its reason, and the old one stays', async () => {
    const door = await listen(echo, { host: '127.0.0.1', port: 0, tls: serving })
    expect(() => door.reload({ cert: serving.cert, key: other.key })).toThrow(/the key is not that of the certificate/)
    expect(() => door.reload({ cert: 'not a certificate', key: other.key })).toThrow(Misuse)
    expect((await callOverTls(`https://localhost:${door.port}/`, serving.cert)).status).toBe(200)
    await door.close()
    await expect(listen(echo, { host: '127.0.0.1', port: 0, tls: { cert: serving.cert, key: other.key } })).rejects.toThrow(Misuse)
  })
})
