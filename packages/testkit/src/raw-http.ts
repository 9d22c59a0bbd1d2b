// HTTP by hand over a socket: two header lines of one name, broken framing, targets that no client library would send.
import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** Every line in order; nothing joined. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly text: string
}

/** Sends the bytes as they are and reads until the peer closes, or for at most `wait` milliseconds. */
export function sendRaw(port: number, bytes: string | Uint8Array, wait = 5000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const timer = setTimeout(() => socket.destroy(), wait)
    socket.setEncoding('latin1')
    socket.on('connect', () => socket.write(bytes))
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    // A peer that refuses may reset the connection while we still write: what it said before counts.
    socket.on('error', (error) => (text === '' ? reject(error) : undefined))
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
  })
}

/** One request whose lines are exactly these, on a connection of its own. */
export async function rawRequest(port: number, lines: readonly string[], body = ''): Promise<RawAnswer> {
  const head = [...lines, 'Connection: close', '', ''].join('\r\n')
  return readAnswer(await sendRaw(port, Buffer.from(head + body, 'latin1')))
}

export function readAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...rest] = (end < 0 ? text : text.slice(0, end)).split('\r\n')
  const headers = rest.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: end < 0 ? '' : text.slice(end + 4), text }
}

/** Values of all lines of one name, its case aside. */
export function linesOf(answer: Pick<RawAnswer, 'headers'>, name: string): string[] {
  return answer.headers.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}
