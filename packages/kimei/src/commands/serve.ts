// `kimei serve`: an issuer from its configuration file, until it is told to stop.
import { appendFileSync, closeSync, openSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { AuditEvent } from '@kimei/protocol'
import { type Command, type ExitCode, readFlags, readPort } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { untilStopped } from '../command/until-stopped.ts'
import { expiryLine } from '../serve/expiry-line.ts'
import { makeSilenceLine } from '../serve/silence-line.ts'

const help = `Run an issuer, or several, from a configuration file.

Usage: kimei serve --config kimei.yaml [--port <n>]

  --config <file>  issuer, clients, APIs, scopes, users, where to listen
  --port <n>       listen on another port than the file says

It speaks plain HTTP on loopback or behind a TLS proxy (listen.tlsEndsAtProxy,
listen.socket), or TLS itself (listen.tls). Clients with certificates have a
listener of their own (listen.mtls). Certificate files that change are read
again, at once with SIGHUP. Audit events are printed as JSON lines and kept in
the database. kimei keys lists and rotates its keys while it runs.

Several issuers share a process under issuers, or with one file each under
issuersFolder: told apart by host and path, each read when it is first asked.

Examples:
  kimei config check kimei.yaml
  kimei serve --config kimei.yaml

A complete file to begin with: examples/config/kimei.yaml. Its keys:
docs/reference/kimei.schema.json, or kimei config schema issuer.`

const options = { config: { type: 'string' }, port: { type: 'string' } } as const

export const serve: Command = { help, run }

const sweepEveryMs = 60_000

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = readFlags(args, options)
  const path = values.config ?? 'kimei.yaml'
  const { readServeConfig } = await import('../serve/serve-config.ts')
  const config = readServeConfig(path)
  const port = values.port === undefined ? config.listen.port : readPort(values.port, '--port')

  const [{ createIssuer, createIssuers, jsonLines }, { openDoors }, { openSqlite }, { openControl }, control] = await Promise.all([
    import('@kimei/server'),
    import('../serve/open-doors.ts'),
    import('@kimei/storage/sqlite'),
    import('../control/control-socket.ts'),
    import('../control/key-control.ts'),
  ])
  const sink = openSink(config.audit, terminal)
  const storage = openSqlite({ file: config.databaseFile })
  const writeLine = jsonLines(sink.write)
  const silenceLine = makeSilenceLine()
  const onAudit = (event: AuditEvent) => {
    writeLine(event)
    const says = expiryLine(event) ?? silenceLine(event)
    if (says !== undefined) terminal.note(says)
  }
  const { served } = config
  const start = async () => {
    if (served.kind === 'many') {
      const many = createIssuers({ source: served.source, warm: served.warm, storage, onAudit })
      return { app: many, find: control.oneOf(many), limits: {}, says: served.says }
    }
    const one = await createIssuer({ config: served.issuer, storage, onAudit })
    const { headerBytes, requestSeconds } = served.issuer.limits
    return { app: one, find: control.theOne(one), limits: { headerBytes, requestSeconds }, says: `issuer ${served.issuer.issuer}` }
  }
  const { app, find, limits, says } = await start()
  const doors = await openDoors(
    app,
    { ...config.listen, port },
    { folder: dirname(resolve(path)), limits, tell: (sentence) => terminal.note(sentence) },
  )
  const socket = await openControl(controlPath(config.databaseFile), control.answerControl(find))
  const timer = setInterval(() => void app.sweep().catch(() => undefined), sweepEveryMs).unref()
  const stopped = untilStopped()
  terminal.note(`${says} listens on ${doors.says} (ready in ${Math.round(performance.now())} ms)`)
  await stopped
  clearInterval(timer)
  await doors.close()
  await socket?.close()
  await storage.close()
  sink.close()
  return 0
}

/** Beside the database: whoever may open that folder may ask. */
export function controlPath(databaseFile: string): string {
  return join(dirname(databaseFile), 'control')
}

interface Sink {
  write(line: string): void
  close(): void
}

function openSink(audit: 'stdout' | 'table-only' | { readonly file: string }, terminal: Terminal): Sink {
  if (audit === 'table-only') return { write: () => undefined, close: () => undefined }
  if (audit === 'stdout') return { write: (line) => terminal.say(line.trimEnd()), close: () => undefined }
  const file = openSync(audit.file, 'a', 0o600)
  return { write: (line) => appendFileSync(file, line), close: () => closeSync(file) }
}
