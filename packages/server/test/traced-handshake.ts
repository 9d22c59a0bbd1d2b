// One TLS handshake with every message named, made by a process of its own: the trace goes to its standard error.
import { spawn } from 'node:child_process'

const script = `
const { connect } = require('node:tls')
const [port, version] = process.argv.slice(1)
const socket = connect({ host: '127.0.0.1', port: Number(port), servername: 'localhost', rejectUnauthorized: false,
  minVersion: version, maxVersion: version, enableTrace: true }, () =>
  socket.write('GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n'))
socket.on('data', () => undefined)
socket.on('error', () => process.exit(1))
`

/** The messages of the handshake and of what follows it. */
export function tracedHandshake(port: number, version: 'TLSv1.2' | 'TLSv1.3'): Promise<string> {
  const child = spawn(process.execPath, ['-e', script, String(port), version], { stdio: ['ignore', 'ignore', 'pipe'] })
  let trace = ''
  child.stderr.setEncoding('latin1').on('data', (part: string) => {
    trace += part
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => (trace.includes('ServerHello') ? resolve(trace) : reject(new Error(`no handshake: ${trace.slice(0, 200)}`))))
  })
}
