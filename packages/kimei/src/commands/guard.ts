// `kimei guard`: the guard as a reverse proxy in front of an API in any language.
import { randomBytes } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { GuardFile, GuardProxy, ProxyDeps } from '@kimei/guard/proxy'
import type { ReplayGuard } from '@kimei/storage'
import { columns } from 'look'
import { type Command, type ExitCode, readFlags, readPort, Trouble } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { untilStopped } from '../command/until-stopped.ts'

const help = `Run the guard as a reverse proxy: only named tickets reach the API behind it.

Usage: kimei guard --config kimei-guard.yaml [--port <n>]

  --config <file>  issuer, API, its routes with their policies, the API behind
  --port <n>       listen on another port than the file says
  --routes         print the route table that would be in force, and stop

Every route has a policy; a path without one is refused. The API gets no token:
it gets a signed statement of who came in, valid for seconds (Kimei-Hop). Audit
events are printed as JSON lines. Used proofs are kept in storage.sqlite, so
that none of them works again after a restart.

Examples:
  kimei guard --config kimei-guard.yaml --routes
  kimei guard --config kimei-guard.yaml

Tickets bound to certificates need listen.tls with
clientCertificates: requested, or a TLS terminator in front:
docs/operate/behind-a-terminator.md.

A complete file to begin with: examples/config/kimei-guard.yaml. Its keys:
docs/reference/kimei-guard.schema.json, or kimei config schema guard.`

const options = { config: { type: 'string' }, port: { type: 'string' }, routes: { type: 'boolean', default: false } } as const

export const guard: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = readFlags(args, options)
  const path = values.config ?? 'kimei-guard.yaml'
  const [{ inFile, readYaml }, { createGuard, makeAuditLines }, { createProxy, parseGuardFile }, { withGuardTexts }] = await Promise.all([
    import('../files/read-yaml.ts'),
    import('@kimei/guard'),
    import('@kimei/guard/proxy'),
    import('../serve/pem-files.ts'),
  ])
  const folder = dirname(resolve(path))
  const file = inFile(path, () => parseGuardFile(withGuardTexts(readYaml(path), folder)))
  const clock = (): number => Math.floor(Date.now() / 1000)
  const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes))
  const lines = makeAuditLines((text) => terminal.say(text.trimEnd()))
  const memory = values.routes ? await forgetful() : await openMemory(file, folder, clock)
  const made = createGuard(file.guard, { replay: memory.replay, clock, random, audit: lines.audit })
  if (values.routes) {
    sayRoutes(made.routes(), terminal)
    return 0
  }
  // Also where the process ends for another reason: what was decided is told.
  process.once('exit', lines.flush)
  const statement = file.statement && (await statementOf(file, dirname(resolve(path))))
  const proxy = await createProxy(made, file.proxy, { clock, random, ...(statement && { statement }) })
  const port = values.port === undefined ? file.listen.port : readPort(values.port, '--port')
  const { door, following } = await openDoor(proxy, { ...file.listen, port }, folder, terminal)
  const stopped = untilStopped()
  terminal.note(`guard of ${file.guard.resource} listens on ${door.url}, in front of ${file.proxy.upstream}`)
  await stopped
  following?.close()
  await door.close()
  lines.flush()
  await memory.close()
  return 0
}

/** Certificate files that change are read again. */
async function openDoor(proxy: GuardProxy, listen: GuardFile['listen'], folder: string, terminal: Terminal) {
  const [{ listenProxy }, { followCertificateFiles, readCertificateFiles }] = await Promise.all([
    import('@kimei/guard/proxy'),
    import('../serve/certificate-files.ts'),
  ])
  const { host, port, tls, socket } = listen
  const files = tls && { certFile: resolve(folder, tls.certFile), keyFile: resolve(folder, tls.keyFile) }
  const path = socket && resolve(folder, socket.path)
  const door = await listenProxy(proxy, {
    host,
    port,
    ...(tls && files && { tls: { ...readCertificateFiles(files), clientCertificates: tls.clientCertificates } }),
    ...(socket && path && { socket: { path, mode: socket.access === 'group' ? 0o660 : 0o600 } }),
  }).catch((error: NodeJS.ErrnoException) => {
    const where = path ?? `${host}:${port}`
    if (error.code === 'EADDRINUSE') throw new Trouble(`${where} is taken: stop what runs there, or choose another --port`)
    throw error
  })
  const following = files && followCertificateFiles(files, door.reload, (sentence) => terminal.note(sentence))
  if (following) process.on('SIGHUP', following.look)
  return { door, following }
}

/** @throws Misuse where the key is none. */
async function statementOf({ statement, guard, dangerouslyForgetUsedProofs }: GuardFile, folder: string): Promise<ProxyDeps['statement']> {
  const { keyFile, lifetimeSeconds } = statement!
  const { readStatementKey } = await import('../serve/statement-key.ts')
  return {
    key: await readStatementKey(resolve(folder, keyFile), keyFile),
    lifetimeSeconds,
    policy: { issuer: guard.issuer, replicas: guard.replicas, usedProofs: dangerouslyForgetUsedProofs ? 'process' : 'shared' },
  }
}

interface ProofMemory {
  readonly replay: ReplayGuard
  close(): Promise<void>
}

const sweepEveryMs = 60_000

async function forgetful(): Promise<ProofMemory> {
  const { createMemoryReplay } = await import('@kimei/storage/memory')
  return { replay: createMemoryReplay(), close: async () => undefined }
}

async function openMemory(file: GuardFile, folder: string, clock: () => number): Promise<ProofMemory> {
  if (file.dangerouslyForgetUsedProofs) return forgetful()
  const { openSqlite } = await import('@kimei/storage/sqlite')
  const storage = openSqlite({ file: resolve(folder, file.storage.sqlite) })
  const timer = setInterval(() => void storage.sweep(clock()).catch(() => undefined), sweepEveryMs).unref()
  return {
    replay: storage.replay,
    close: () => {
      clearInterval(timer)
      return storage.close()
    },
  }
}

const boundBy = { dpop: 'key', mtls: 'certificate', either: 'key or certificate', both: 'key and certificate' } as const

interface RouteRow {
  readonly methods: readonly string[]
  readonly path: string
  readonly policy: string
  readonly constraint: keyof typeof boundBy
  readonly unbound: string
  readonly nonce: string
  readonly scopes: readonly string[]
}

function sayRoutes(routes: readonly RouteRow[], terminal: Terminal): void {
  const head = ['methods', 'path', 'policy', 'bound by', 'unbound tokens', 'nonce', 'scopes'].map((word) => terminal.paint('dim', word))
  const rows = routes.map(({ methods, path, policy, constraint, unbound, nonce, scopes }) => [
    methods.join(' '),
    path,
    policy,
    policy === 'public' ? '' : boundBy[constraint],
    unbound,
    nonce,
    scopes.join(' '),
  ])
  terminal.say(columns([head, ...rows], 0))
  terminal.say('\nEverything else is refused.')
}
