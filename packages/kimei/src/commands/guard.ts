// `kimei guard`: the guard as a reverse proxy in front of an API in any language.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { AuditEvent } from '@kimei/protocol'
import { columns } from 'look'
import { type Command, type ExitCode, readFlags, readPort, Trouble, UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { untilStopped } from '../command/until-stopped.ts'

const help = `Run the guard as a reverse proxy: only named tickets reach the API behind it.

Usage: kimei guard --config kimei-guard.yaml [--port <n>]

  --config <file>  issuer, API, its routes with their policies, the API behind
  --port <n>       listen on another port than the file says
  --routes         print the route table that would be in force, and stop

Every route has a policy; a path without one is refused. The API gets no token:
it gets a signed statement of who came in, valid for seconds (Kimei-Hop). Audit
events are printed as JSON lines.

Examples:
  kimei guard --config kimei-guard.yaml --routes
  kimei guard --config kimei-guard.yaml

A complete file to begin with: examples/config/kimei-guard.yaml. Its keys:
docs/reference/kimei-guard.schema.json, or kimei config schema guard.`

const options = { config: { type: 'string' }, port: { type: 'string' }, routes: { type: 'boolean', default: false } } as const

export const guard: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = readFlags(args, options)
  const path = values.config ?? 'kimei-guard.yaml'
  const [{ inFile, readYaml }, { createGuard }, { createProxy, listenProxy, parseGuardFile }, { createMemoryReplay }] = await Promise.all([
    import('../files/read-yaml.ts'),
    import('@kimei/guard'),
    import('@kimei/guard/proxy'),
    import('@kimei/storage/memory'),
  ])
  const file = inFile(path, () => parseGuardFile(readYaml(path)))
  const clock = (): number => Math.floor(Date.now() / 1000)
  const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes))
  const audit = (event: AuditEvent): void => terminal.say(JSON.stringify(event))
  const made = createGuard(file.guard, { replay: createMemoryReplay(), clock, random, audit })
  if (values.routes) {
    sayRoutes(made.routes(), terminal)
    return 0
  }
  const proxy = await createProxy(made, file.proxy, { clock, random })
  const { host, tls } = file.listen
  const port = values.port === undefined ? file.listen.port : readPort(values.port, '--port')
  const pem = (name: string): string => readPem(resolve(dirname(path), name))
  const door = await listenProxy(proxy, {
    host,
    port,
    ...(tls && { tls: { cert: pem(tls.certFile), key: pem(tls.keyFile), clientCertificates: tls.clientCertificates } }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') throw new Trouble(`${host}:${port} is taken: stop what runs there, or choose another --port`)
    throw error
  })
  const stopped = untilStopped()
  terminal.note(`guard of ${file.guard.resource} listens on ${door.url}, in front of ${file.proxy.upstream}`)
  await stopped
  await door.close()
  return 0
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new UsageError(`there is no file ${path}`)
  }
}

interface RouteRow {
  readonly methods: readonly string[]
  readonly path: string
  readonly policy: string
  readonly unbound: string
  readonly nonce: string
  readonly scopes: readonly string[]
}

function sayRoutes(routes: readonly RouteRow[], terminal: Terminal): void {
  const head = ['methods', 'path', 'policy', 'unbound tokens', 'nonce', 'scopes'].map((word) => terminal.paint('dim', word))
  const rows = routes.map(({ methods, path, policy, unbound, nonce, scopes }) => [
    methods.join(' '),
    path,
    policy,
    unbound,
    nonce,
    scopes.join(' '),
  ])
  terminal.say(columns([head, ...rows], 0))
  terminal.say('\nEverything else is refused.')
}
