// How `kimei keys` reaches a running issuer: a socket in its folder, which only the folder's owner can open.
// One line of JSON each way. The database itself has one owner, the running process.
import { existsSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server } from 'node:net'
import { Trouble } from '../command/command.ts'

/** What may be asked of a running issuer. */
export type ControlAsk = ({ readonly do: 'list-keys' } | { readonly do: 'rotate-keys'; readonly force: boolean }) & {
  /** Which one, where several are served. */
  readonly issuer?: string
}
type ControlReply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly says: string }

const longestLine = 4096
/** Platforms end the path of a socket at about this many bytes. */
const longestPath = 100

export interface ControlSocket {
  close(): Promise<void>
}

/** Listens in the folder; `undefined` where its path is too long for a socket. */
export async function openControl(path: string, answer: (ask: ControlAsk) => Promise<unknown>): Promise<ControlSocket | undefined> {
  if (process.platform === 'win32' || Buffer.byteLength(path) > longestPath) return undefined
  // Left by a process that died: whoever holds the database may take its place.
  rmSync(path, { force: true })
  const server = createServer((socket) => {
    let text = ''
    socket.setEncoding('utf8').on('error', () => socket.destroy())
    socket.on('data', (part: string) => {
      text += part
      if (text.length > longestLine) socket.destroy()
      else if (text.endsWith('\n')) void reply(text, answer).then((line) => socket.end(`${JSON.stringify(line)}\n`))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  server.unref()
  return { close: () => closeServer(server) }
}

async function reply(line: string, answer: (ask: ControlAsk) => Promise<unknown>): Promise<ControlReply> {
  try {
    const ask = JSON.parse(line) as ControlAsk
    if (ask.do !== 'list-keys' && ask.do !== 'rotate-keys') return { ok: false, says: 'this issuer does not know that request' }
    return { ok: true, value: await answer(ask) }
  } catch (error) {
    return { ok: false, says: (error as Error).message }
  }
}

/** Asks a running issuer; `undefined` where none listens. */
export async function askControl(path: string, ask: ControlAsk): Promise<unknown> {
  if (!existsSync(path)) return undefined
  const text = await new Promise<string | undefined>((resolve, reject) => {
    let received = ''
    const socket = createConnection(path, () => socket.write(`${JSON.stringify(ask)}\n`))
    socket.setEncoding('utf8')
    socket.on('data', (part: string) => {
      received += part
    })
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNREFUSED' ? resolve(undefined) : reject(error)))
    socket.on('end', () => resolve(received))
  })
  if (text === undefined) return undefined
  const reply = JSON.parse(text) as ControlReply
  if (!reply.ok) throw new Trouble(reply.says)
  return reply.value
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
