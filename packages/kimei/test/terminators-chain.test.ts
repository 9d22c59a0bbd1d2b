// What real HAProxy and Apache tell of a chain, with the lines of docs/operate, and what becomes of it on a resumed session.
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type ForwardedReading, isBroken, makeForwardedReader, wholeLaw } from '@kimei/protocol'
import { selfSigned } from 'testkit'
import { craftCertificate } from 'testkit/crafted'
import { startTerminator, type TerminatorName, terminatorFolder } from 'testkit/terminators'
import { expect, it, onTestFinished } from 'vitest'
import { blockOf } from './operate-page.ts'
import { freePort } from './serve-kit.ts'

const named = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })
const root = craftCertificate({ ...named('root'), ca: true })
const between = craftCertificate({ ...named('between'), ca: true, by: root })
const client = craftCertificate({ ...named('client'), by: between })
const serving = selfSigned('localhost')

const around: Readonly<Record<'haproxy' | 'apache2', (lines: string, folder: string, port: number, api: number) => string>> = {
  haproxy: (lines, folder, port, api) => `frontend clients
  bind 127.0.0.1:${port} ssl crt ${folder}/both.pem verify optional ca-file ${folder}/root.pem ca-ignore-err all crt-ignore-err all
${lines}
  default_backend api
backend api
  server api 127.0.0.1:${api}`,
  apache2: (lines, folder, port, api) => `Listen 127.0.0.1:${port}
<VirtualHost *:${port}>
  SSLEngine on
  SSLCertificateFile ${folder}/server.pem
  SSLCertificateKeyFile ${folder}/server.key
  SSLVerifyClient optional_no_ca
${lines}
  ProxyPass / http://127.0.0.1:${api}/
</VirtualHost>`,
}

async function start(name: TerminatorName & keyof typeof around, lines: string) {
  let told: readonly string[] = []
  const api = createServer((asked, response) => {
    told = asked.rawHeaders
    response.end()
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void api.close())
  const [folder, port] = [terminatorFolder(), await freePort()]
  const files = { 'both.pem': serving.cert + serving.key, 'server.pem': serving.cert, 'server.key': serving.key, 'root.pem': root.cert }
  const config = around[name](lines, folder, port, (api.address() as AddressInfo).port)
  const running = await startTerminator(name, { folder, port, config, files })
  onTestFinished(() => running.close())
  const valuesOf = (header: string): string[] => told.filter((_, at) => at % 2 === 1 && told[at - 1]!.toLowerCase() === header)
  return { port, valuesOf }
}

const call = (port: number, agent: Agent) =>
  new Promise<boolean>((resolve, reject) => {
    const sent = request({ host: 'localhost', port, agent, headers: { connection: 'close' } }, (answer) => {
      const resumed = (answer.socket as TLSSocket).isSessionReused()
      answer.resume().on('end', () => resolve(resumed))
    })
    sent.on('error', reject).end()
  })

it.each([
  ['haproxy', 'haproxy'],
  ['apache2', 'apache'],
] as const)(
  'CERT-3.3-01: %s tells the chain after a full handshake, and the certificate alone on a resumed session',
  async (name, format) => {
    const { port, valuesOf } = await start(name, blockOf('Chains', format))
    const how: ForwardedReading = { format, chainHeader: 'X-SSL-Client-Chain' }
    const reader = makeForwardedReader(how)
    const chains: (readonly string[])[] = []
    const agent = new Agent({ cert: client.cert + between.cert, key: client.key, ca: serving.cert })
    const resumed: boolean[] = []
    for (let each = 0; each < 2; each += 1) {
      resumed.push(await call(port, agent))
      const shown = await reader.read(valuesOf, wholeLaw)
      if (shown === undefined || isBroken(shown)) throw new Error(JSON.stringify(shown))
      expect(shown.x5t).toBe(client.x5t)
      chains.push(shown.chain.map((der) => Buffer.from(der).toString('base64')))
    }
    expect(resumed).toEqual([false, true])
    expect(chains).toEqual([[between.der], []])
    agent.destroy()
  },
)
