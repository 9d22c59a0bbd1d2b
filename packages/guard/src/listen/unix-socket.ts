// A Unix socket to listen on, for a TLS terminator on this machine: who may open the file decides who may speak.
import { chmodSync, existsSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'

export interface UnixSocket {
  readonly path: string
  /** 0o600: our own account alone; 0o660: its group, too. */
  readonly mode: number
}

/** Takes the place of a socket that nobody listens on any more. Rejects where somebody does, or where something else is there. */
export async function openUnixSocket(server: Server, { path, mode }: UnixSocket): Promise<void> {
  await clearSocket(path)
  // Never open to others, not even for a moment.
  const before = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ path }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } finally {
    process.umask(before)
  }
  chmodSync(path, mode)
}

/** What a process left that did not end well. One that answers is left alone, and so is what is no socket. */
async function clearSocket(path: string): Promise<void> {
  if (!existsSync(path) || !lstatSync(path).isSocket()) return
  const answers = await new Promise<boolean>((resolve) => {
    const asked = connect(path, () => resolve(true))
    asked.on('error', () => resolve(false))
    asked.on('connect', () => asked.destroy())
  })
  if (!answers) unlinkSync(path)
}
